"""What becomes of a file once all of it is here: the asset, its eager files, the answer (upload-api §3.5, §6)."""

from collections.abc import Sequence

from attrs import asdict, evolve, frozen

from origin.api.answers import Answers
from origin.api.credentials import Caller
from origin.api.endpoint import Json
from origin.api.params import Params, alternatives, flag
from origin.api.spooling import SpooledFile
from origin.api.wishes import upload_wish
from origin.assets.analyses import Analyses, known_of
from origin.assets.deletetokens import delete_token
from origin.assets.drafting import Received
from origin.assets.eager import Eager, EagerWish
from origin.assets.ingest import Ingest, Upload
from origin.assets.outbox import Courier
from origin.assets.purging import are_listed, is_shown_to_others
from origin.assets.responsive import Responsive
from origin.assets.suiting import Suiting
from origin.assets.texts import TEXT_EXTRACTED
from origin.catalogue import Asset, Message, Outbox, Outcome, Stored
from origin.catalogue.messages import HELD_EVENT
from origin.counters import Counters
from origin.notifications.notifier import Notifier
from wire.errors import MediaError

PURGE_SECONDS = 2.0  # how long an answer waits for caches to be told
DERIVE = "derive"
"""Kind of the entries that owe an asset its eager files."""


@frozen(kw_only=True)
class Submission:
    """What somebody asks of a file, apart from the file."""

    caller: Caller
    resource_type: str  # image, video, raw or auto
    params: Params
    notifier: Notifier
    eager_notifier: Notifier  # who hears of files made after the answer
    batch_id: str  # by which work done after the answer is known
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
        return evolve(wish, revision=submission.revision), self.eager.parse(
            cloud, alternatives(submission.params, "eager")
        )

    async def take(self, submission: Submission, file: SpooledFile) -> Json:
        """The answer. The file is consumed, whatever comes of it."""
        try:
            wish, eager = self.wishes(submission, file.filename)
            is_later = bool(eager) and flag(submission.params, "eager_async")
            answered = _Answered(self.answers, submission, wish, eager, is_later)
            received = Received(file.path, file.size, file.md5)
            stored = await self.ingest.take(wish, received, answered.messages)
        finally:
            file.path.unlink(missing_ok=True)
        self.counters.uploads += 1
        old = stored.replaced
        is_shown = old is not None and is_shown_to_others(old, stored.asset)
        if wish.invalidate or is_shown or are_listed(old, stored.asset):
            await self.courier.purge_now(PURGE_SECONDS)
        found = await self.analyses.of(stored.asset, wish.analyses)
        answer = {**answered.answer(stored), **found}
        if eager and not is_later:
            answer["eager"] = [await self.derived(stored.asset, each, submission.caller) for each in eager]
        answer |= await self.suited(stored.asset, wish.suitings, submission.caller)
        if answered.is_held:
            notifier = submission.notifier
            whole = notifier.tell("upload", answer)
            await self.outbox.instead(HELD_EVENT, notifier.request_id, whole, now=notifier.at)
        # Last, for the caller alone: whoever is notified gets no leave to remove anything.
        return {**answer, **_leave(submission, stored)}

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


@frozen
class _Answered:
    """What the transaction that stores an upload says of it, and leaves to be done."""

    answers: Answers
    submission: Submission
    wish: Upload
    eager: tuple[EagerWish, ...]
    is_later: bool  # the eager files are made after the answer

    @property
    def is_held(self) -> bool:
        """Whether something is made between the row and the answer, which the notification shall tell."""
        return bool((self.eager and not self.is_later) or self.wish.suitings)

    def answer(self, stored: Stored) -> Json:
        """The response, but for eager files that are to be made first."""
        caller = self.submission.caller
        answer = {**self.answers.uploaded(stored, caller), **self.wish.analyses.told(known_of(stored.asset))}
        if self.wish.extracts_text and stored.outcome is not Outcome.EXISTING:
            answer["info"] = TEXT_EXTRACTED
        if self.is_later:
            answer["eager"] = promised(self.answers, self.submission, stored.asset, self.eager)
        return answer

    def messages(self, stored: Stored) -> Sequence[Message]:
        """The notification, and the job that makes eager files."""
        notifier = self.submission.notifier
        tell = notifier.hold if self.is_held else notifier.tell
        told = tell("upload", self.answer(stored))
        return (*told, derive_job(self.submission, stored.asset, self.eager)) if self.is_later else told


def promised(
    answers: Answers,
    submission: Submission,
    asset: Asset,
    eager: tuple[EagerWish, ...],
) -> list[Json]:
    """Eager files that are made after the answer, as it lists them."""
    secret = submission.caller.api_secret
    return [answers.processing(asset, each, submission.batch_id, secret) for each in eager]


def derive_job(submission: Submission, asset: Asset, eager: tuple[EagerWish, ...]) -> Message:
    """What makes them, and tells of it then."""
    payload = {
        "cloud": asset.identity.cloud,
        "api_key": submission.caller.api_key,
        "identity": asdict(asset.identity),
        "revision": asset.revision,
        "wishes": [[each.chain, each.extension] for each in eager],
        "notifier": asdict(submission.eager_notifier),
        "batch_id": submission.batch_id,
    }
    return Message(DERIVE, payload)


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
