"""`POST [<resource_type>/]upload`: a file comes in, whole or in parts (upload-api §3, §5)."""

from attrs import evolve, frozen

from origin.api.endpoint import Access, Call, Endpoint, Json, Reply
from origin.api.notifying import Notifiers
from origin.api.params import flag, text
from origin.api.spooling import RemoteFile, SpooledFile
from origin.api.upload.background import Later
from origin.api.upload.callback import checked_callback, sent_on
from origin.api.upload.parameters import UPLOAD_PARAMS
from origin.api.upload.submission import Submission
from origin.api.upload.taking import Taking, so_far
from origin.assets.assembly import Assembly
from origin.assets.jobs import Jobs
from origin.catalogue import Progress, UploadDraft, upload_key
from origin.catalogue.spans import Span, checked_upload_id, span_of
from origin.remote.sources import Sources
from origin.store.interface import ObjectMissing
from wire.errors import InvalidRequest, MediaError

UPLOAD_ID = "X-Unique-Upload-Id"


@frozen
class UploadFile:
    """Takes one file in."""

    taking: Taking
    sources: Sources
    assembly: Assembly
    notifiers: Notifiers
    later: Later
    jobs: Jobs

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The type may be left to us: `auto`, or none at all. `upload_chunked` is the same under another name."""
        return tuple(
            Endpoint(
                "POST",
                pattern.format(action),
                self.one,
                access=Access.UNSIGNED,
                takes=UPLOAD_PARAMS,
                summary="Upload a file, or a part of one",
                answer="UploadAnswer",
                statuses=(200, 302),
                action="upload",
            )
            for action in ("upload", "upload_chunked")
            for pattern in ("{}", "auto/{}", "{{resource_type}}/{}")
        )

    async def one(self, call: Call) -> Json | Reply:
        """The asset that came of it, how much of it is there, or that it will be; to a plain form, a redirect."""
        callback = checked_callback(text(call.params, "callback"))
        answer = await self._answer(call)
        if callback is None or (call.header("X-Requested-With") or "").lower() == "xmlhttprequest":
            return answer
        return sent_on(callback, answer)

    async def _answer(self, call: Call) -> Json:
        resource_type = call.path.get("resource_type", "auto")
        submission = self._submission(call, resource_type)
        wish, _ = self.taking.wishes(submission, None)  # what is wrong is told before a file is fetched
        span = _span(call)
        if span is None and isinstance(call.file, RemoteFile) and flag(call.params, "async"):
            answer = await self.later.put(submission, wish, call.file)
        else:
            file = await self.sources.file(call.file, call.cloud, resource_type)
            if span is None:
                answer = await self._settled(submission, file)
            else:
                answer = await self._part(call, submission, span, file)
        if flag(call.params, "async") or flag(call.params, "eager_async"):
            self.jobs.soon()
        return answer

    def _submission(self, call: Call, resource_type: str) -> Submission:
        batch_id = text(call.params, "batch_id") or self.assembly.new_id()
        return Submission(
            caller=call.caller,
            resource_type=resource_type,
            params=call.params,
            notifier=self.notifiers.of(call),
            eager_notifier=self.notifiers.of(call, "eager_notification_url", "notification_url"),
            batch_id=batch_id,
            revision=self.assembly.new_id(),
        )

    async def _settled(self, submission: Submission, file: SpooledFile) -> Json:
        """A whole file taken in, now or later."""
        if not flag(submission.params, "async"):
            return await self.taking.take(submission, file)
        wish, _ = self.taking.wishes(submission, file.filename)
        return await self.later.put(submission, wish, file)

    async def _part(self, call: Call, submission: Submission, span: Span, file: SpooledFile) -> Json:
        if call.header(UPLOAD_ID) is None and span.is_all:
            return {**await self._settled(submission, file), "done": True}
        wish, _ = self.taking.wishes(submission, file.filename)
        progress = await self.assembly.receive(
            UploadDraft(
                upload_key=upload_key(
                    call.cloud, call.caller.api_key, checked_upload_id(call.header(UPLOAD_ID))
                ),
                cloud=call.cloud,
                revision=submission.revision or self.assembly.new_id(),
                public_id=wish.public_id,
            ),
            span,
            file,
        )
        if not progress.is_whole:
            name = progress.upload.public_id
            return {**so_far(wish, submission.resource_type, progress.received, name)}
        return dict(progress.answer or await self._finished(submission, progress, file.filename))

    async def _finished(self, submission: Submission, progress: Progress, filename: str | None) -> Json:
        """The parts as an asset. What can never be one is forgotten, what failed on our side may be tried again."""
        uploads, upload = self.assembly.catalogue.uploads, progress.upload
        try:
            whole = await self.assembly.whole(progress, filename)
            asked = evolve(submission.named(upload.public_id), revision=upload.revision)
            answer = {**await self._settled(asked, whole), "done": True}
        except ObjectMissing as error:
            return await self._of_another(upload.upload_key, error)
        except MediaError as error:
            if error.status < 500:
                await uploads.drop(upload.upload_key, now=self.assembly.now())
            raise
        await uploads.finish(upload.upload_key, answer, now=self.assembly.now())
        return answer

    async def _of_another(self, key: str, missing: ObjectMissing) -> Json:
        """Whoever assembled the same upload meanwhile has removed its parts."""
        standing = await self.assembly.catalogue.uploads.get(key)
        if standing is None or standing.answer is None:
            raise InvalidRequest("Parts of this upload are gone: send the file again") from missing
        return dict(standing.answer)


def _span(call: Call) -> Span | None:
    return span_of(
        call.header("Content-Range"),
        call.header("X-Upload-Part-Number"),
        call.header("X-Upload-Total-Parts"),
    )
