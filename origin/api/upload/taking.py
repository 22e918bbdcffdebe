"""What becomes of a file once all of it is here: the asset, its eager files, the answer (upload-api §3.5, §6)."""

from attrs import evolve, frozen

from origin.api.answers import Answers
from origin.api.credentials import Caller
from origin.api.endpoint import Json
from origin.api.params import alternatives, flag
from origin.api.spooling import SpooledFile
from origin.api.upload.answering import Answered
from origin.api.upload.submission import Submission
from origin.api.wishes import upload_wish
from origin.assets.analyses import Analyses
from origin.assets.deletetokens import delete_token
from origin.assets.drafting import Received
from origin.assets.eager import Eager, EagerWish
from origin.assets.ingest import Ingest, Upload
from origin.assets.outbox import Courier
from origin.assets.purging import are_listed, is_shown_to_others
from origin.assets.responsive import Responsive
from origin.assets.suiting import Suiting
from origin.catalogue import Asset, Outbox, Outcome, Stored
from origin.catalogue.messages import HELD_EVENT
from origin.counters import Counters
from wire.errors import MediaError


@frozen
class Taking:
    """Takes files in."""

    answers: Answers
    ingest: Ingest
    eager: Eager
    analyses: Analyses
    responsive: Responsive
    courier: Courier
    counters: Counters
    outbox: Outbox

    def wishes(self, submission: Submission, filename: str | None) -> tuple[Upload, tuple[EagerWish, ...]]:
        """What is asked for, every value checked: the earlier the better."""
        cloud = submission.caller.cloud
        wish = upload_wish(
            cloud,
            submission.resource_type,
            submission.params,
            filename,
            fixed_folders=cloud in self.answers.fixed_folders,
        )
        self.responsive.check(cloud, wish.suitings)
        wish = evolve(wish, revision=submission.revision, by=submission.caller.author)
        return wish, self.eager.parse(cloud, alternatives(submission.params, "eager"))

    async def take(self, submission: Submission, file: SpooledFile) -> Json:
        """The answer. The file is consumed, whatever comes of it."""
        try:
            wish, eager = self.wishes(submission, file.filename)
            answered = Answered(
                answers=self.answers,
                submission=submission,
                eager=eager,
                is_later=flag(submission.params, "eager_async"),
                analyses=wish.analyses,
                suitings=wish.suitings,
                extracts_text=wish.extracts_text,
            )
            received = Received(file.path, file.size, file.md5)
            stored = await self.ingest.take(wish, received, answered.messages)
        finally:
            file.path.unlink(missing_ok=True)
        self.counters.uploads += 1
        old = stored.replaced
        is_shown = old is not None and is_shown_to_others(old, stored.asset)
        if wish.invalidate or is_shown or are_listed(old, stored.asset):
            await self.courier.purge_now()
        # Last, for the caller alone: whoever is notified gets no leave to remove anything.
        return {**await self.completed(answered, stored), **_leave(submission, stored)}

    async def completed(self, answered: Answered, stored: Stored) -> Json:
        """The answer with all that had to be made for it; so is the notification then, if it waited for that."""
        asset, submission = answered.shown(stored.asset), answered.submission
        answer = answered.answer(stored) | await self.analyses.of(asset, answered.analyses)
        if answered.eager and not answered.is_later:
            answer["eager"] = [await self.derived(asset, each, submission.caller) for each in answered.eager]
        answer |= await self.suited(asset, answered.suitings, submission.caller)
        if answered.is_held(stored.asset):
            notifier = submission.notifier
            whole = notifier.tell("upload", answer)
            await self.outbox.instead(HELD_EVENT, notifier.request_id, whole, now=notifier.at)
        return answer

    async def derived(self, asset: Asset, wish: EagerWish, caller: Caller) -> Json:
        """An eager file as answers list it; made if it is not there yet."""
        try:
            derived = await self.eager.derive(asset, wish)
        except MediaError as error:
            # The asset is stored and answered for: one bad derivation is told in its own place.
            return {"transformation": wish.shown, "status": "failed", "reason": error.public}
        return self.answers.eager(asset, wish, derived, caller.api_secret)

    async def suited(self, asset: Asset, wanted: tuple[Suiting, ...], caller: Caller) -> Json:
        """`responsive_breakpoints`, an entry for each request; nothing where there is no picture to scale."""
        if asset.facts is None or not wanted:
            return {}
        return {"responsive_breakpoints": [await self._breakpoints(asset, each, caller) for each in wanted]}

    async def _breakpoints(self, asset: Asset, wanted: Suiting, caller: Caller) -> Json:
        try:
            found = await self.responsive.of(asset, wanted)
        except MediaError as error:
            return {"transformation": wanted.transformation, "status": "failed", "reason": error.public}
        return self.answers.breakpoints(asset, found, caller.api_secret)


def _leave(submission: Submission, stored: Stored) -> Json:
    """The token by which a fresh upload may be removed, if it is asked for (signing §7)."""
    if not flag(submission.params, "return_delete_token") or stored.outcome is Outcome.EXISTING:
        return {}
    token = delete_token(stored.asset, submission.caller.api_secret, submission.notifier.at)
    return {"delete_token": token}


def so_far(wish: Upload, resource_type: str, received: int, public_id: str | None) -> Json:
    """The answer to a part that is not the last: no name but the one the asset will have (upload-api §5)."""
    name = f"{wish.prefix}/{public_id}" if wish.prefix and public_id else public_id
    return {
        "done": False,
        "bytes": received,
        "kind": wish.type,
        **({"resource_type": resource_type} if resource_type != "auto" else {}),
        **({"public_id": name} if name else {}),
    }
