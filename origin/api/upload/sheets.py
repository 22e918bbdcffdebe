"""`multi` and `sprite`: what all images with a tag make together, and where it is delivered (upload-api §9)."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

from attrs import frozen

from origin.api.endpoint import Access, Call, Endpoint, Json, Kind, Param, Stream
from origin.api.notifying import NOTIFY, Notifiers
from origin.api.params import flag, text
from origin.api.upload.background import failure_of, payload_of, submission_of
from origin.api.upload.sending import Sending
from origin.api.upload.sheeting import Sheet, Sheeting, Verb
from origin.api.upload.submission import Submission
from origin.assets.jobs import Jobs
from origin.catalogue import Message
from origin.settings import Cloud
from origin.transform.attachment import content_disposition
from wire.components import printable
from wire.errors import InvalidRequest, MediaError

SHEET = "sheet"
"""Kind of the entries that owe a multi or a sprite."""

_TAKES = (
    Param("tag", about="Of the images, by public id"),
    Param("urls", Kind.LIST, about="Of the images, in this order, instead of a tag"),
    Param("public_id", about="What is made of URLs is called so"),
    Param("transformation"),
    Param("format"),
    Param("delay", Kind.INTEGER, about="Milliseconds a frame is shown"),
    Param("mode", about="download: the file itself"),
    Param("async", Kind.FLAG),
    Param("expires_at", Kind.INTEGER, about="Of a link to download"),
    *NOTIFY,
)


@frozen
class Sheets:
    """Makes them."""

    sheeting: Sheeting
    sending: Sending
    notifiers: Notifiers
    jobs: Jobs

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Both, by POST; by GET only to be downloaded."""
        return tuple(
            Endpoint(
                method,
                f"image/{verb}",
                getattr(self, f"{method.lower()}_{verb}"),
                access=Access.SIGNED,
                takes=_TAKES,
                summary=summary,
                answer=f"{verb.title()}Answer" if method == "POST" else "",
                sends=True,
                action=verb,
            )
            for verb, summary in (
                ("multi", "Make an animation or a document of images"),
                ("sprite", "Make one sheet of images"),
            )
            for method in ("POST", "GET")
        )

    async def post_multi(self, call: Call) -> Json | Stream:
        """Where the animation is delivered."""
        return await self._made(call, "multi")

    async def post_sprite(self, call: Call) -> Json | Stream:
        """Where the sheet is delivered, and what lies where on it."""
        return await self._made(call, "sprite")

    async def get_multi(self, call: Call) -> Json | Stream:
        """The animation."""
        return await self._linked(call, "multi")

    async def get_sprite(self, call: Call) -> Json | Stream:
        """The sheet."""
        return await self._linked(call, "sprite")

    async def _linked(self, call: Call, verb: Verb) -> Json | Stream:
        if text(call.params, "mode") != "download":
            raise InvalidRequest(f"A {verb} is made by POST; a GET needs mode=download")
        return await self._made(call, verb)

    async def _made(self, call: Call, verb: Verb) -> Json | Stream:
        sheet = self.sheeting.sheet(call.cloud, verb, call.params)
        match text(call.params, "mode"):
            case "download":
                return await self._download(sheet)
            case None | "create":
                pass
            case mode:
                raise InvalidRequest(f"Invalid mode - {printable(mode)}. Must be one of: create, download")
        notifier = self.notifiers.of(call)
        if flag(call.params, "async"):
            return await self._later(call, sheet)
        return await self.sheeting.made(sheet, lambda answer: notifier.tell(verb, answer))

    async def _download(self, sheet: Sheet) -> Stream:
        file = await self.sheeting.file(sheet)
        disposition = content_disposition(sheet.name, file.format)
        return Stream(lambda request: self.sending.send(request, file, disposition))

    async def _later(self, call: Call, sheet: Sheet) -> Json:
        submission = Submission(
            caller=call.caller,
            resource_type="image",
            params=call.params,
            notifier=self.notifiers.of(call),
            eager_notifier=self.notifiers.of(call),
            batch_id=text(call.params, "batch_id") or self.sheeting.new_id(),
        )
        await self.sheeting.queue([Message(SHEET, {**payload_of(submission), "verb": sheet.verb})])
        self.jobs.soon()
        return {
            "status": "pending",
            "resource_type": "image",
            "type": sheet.verb,
            "public_id": sheet.public_id,
            "batch_id": submission.batch_id,
        }


@frozen(kw_only=True)
class MakeSheet:
    """The job that makes one after the answer."""

    sheeting: Sheeting
    clouds: Mapping[str, Cloud]

    async def run(self, payload: Mapping[str, Any]) -> Sequence[Message]:
        """Make it, and tell of it."""
        submission = submission_of(payload, self.clouds)
        verb = cast(Literal["multi", "sprite"], payload["verb"])
        answer = await self.sheeting.made(
            self.sheeting.sheet(submission.caller.cloud, verb, submission.params)
        )
        return submission.notifier.tell(verb, {**answer, "batch_id": submission.batch_id})

    def failed(self, payload: Mapping[str, Any], error: MediaError) -> Sequence[Message]:
        """An `error` notification says why."""
        return failure_of(submission_of(payload, self.clouds), error)
