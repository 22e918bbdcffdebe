"""What becomes of a file once all of it is here: the asset, its eager files, the answer (upload-api §3.5, §6)."""

from collections.abc import Mapping

from attrs import evolve, frozen

from origin.api.answers import Answers
from origin.api.credentials import Caller
from origin.api.endpoint import Json
from origin.api.params import Params, text
from origin.api.spooling import SpooledFile
from origin.api.wishes import upload_wish
from origin.assets.analyses import Analyses, known_of
from origin.assets.drafting import Received
from origin.assets.eager import Eager, EagerWish
from origin.assets.ingest import Ingest, Upload
from origin.assets.outbox import Courier
from origin.catalogue import Outbox, Stored
from origin.catalogue.messages import HELD_EVENT
from origin.counters import Counters
from origin.notifications.notifier import Notifier
from wire.errors import MediaError

PURGE_SECONDS = 2.0  # how long an answer waits for caches to be told


@frozen(kw_only=True)
class Submission:
    """What somebody asks of a file, apart from the file."""

    caller: Caller
    resource_type: str  # image, video, raw or auto
    params: Params
    notifier: Notifier
    revision: str | None = None  # of the asset it will be: told, taking it in twice changes nothing

    def named(self, public_id: str | None) -> "Submission":
        """The same under another name, if there is one."""
        return self if public_id is None else evolve(self, params={**self.params, "public_id": public_id})


@frozen
class Taking:
    """Takes files in."""

    answers: Answers
    ingest: Ingest
    eager: Eager
    analyses: Analyses
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
        return evolve(wish, revision=submission.revision), self.eager.parse(
            cloud, text(submission.params, "eager")
        )

    async def take(self, submission: Submission, file: SpooledFile) -> Json:
        """The answer. The file is consumed, whatever comes of it."""
        try:
            wish, eager = self.wishes(submission, file.filename)
            tell = submission.notifier.hold if eager else submission.notifier.tell
            stored = await self.ingest.take(
                wish,
                Received(file.path, file.size, file.md5),
                lambda stored: tell("upload", self._answer(stored, submission.caller, wish)),
            )
        finally:
            file.path.unlink(missing_ok=True)
        self.counters.uploads += 1
        if wish.invalidate:
            await self.courier.purge_now(PURGE_SECONDS)
        found = await self.analyses.of(stored.asset, wish.analyses)
        answer = {**self._answer(stored, submission.caller, wish), **found}
        if eager:
            answer["eager"] = [await self._eager(stored, each, submission.caller) for each in eager]
            notifier = submission.notifier
            whole = notifier.tell("upload", answer)
            await self.outbox.instead(HELD_EVENT, notifier.request_id, whole, now=notifier.at)
        return answer

    def _answer(self, stored: Stored, caller: Caller, wish: Upload) -> Json:
        return {**self.answers.uploaded(stored, caller), **wish.analyses.told(known_of(stored.asset))}

    async def _eager(self, stored: Stored, wish: EagerWish, caller: Caller) -> Json:
        try:
            derived = await self.eager.derive(stored.asset, wish)
        except MediaError as error:
            # The asset is stored and answered for: one bad derivation is told in its own place.
            return {"transformation": wish.chain, "status": "failed", "reason": error.public}
        return self.answers.eager(stored.asset, derived, caller.api_secret)


def so_far(wish: Upload, resource_type: str, received: int, public_id: str | None) -> Mapping[str, object]:
    """The answer to a part that is not the last: no name but the one the asset will have (upload-api §5)."""
    name = f"{wish.prefix}/{public_id}" if wish.prefix and public_id else public_id
    return {
        "done": False,
        "bytes": received,
        "kind": wish.type,
        **({"resource_type": resource_type} if resource_type != "auto" else {}),
        **({"public_id": name} if name else {}),
    }
