"""What `explicit` does, now or after its answer: an asset is fetched if it must be, edited, and derived from."""

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve, frozen

from origin.api.answers import Answers
from origin.api.describing import described, wants_unique_display_name
from origin.api.endpoint import Json
from origin.api.params import alternatives, flag, text
from origin.api.upload.answering import Answered
from origin.api.upload.background import failure_of, submission_of
from origin.api.upload.submission import Submission
from origin.api.upload.taking import Taking
from origin.api.wishes import STORED_TYPES, addons_in, delivery_type, refuse_promises
from origin.assets.addons import EXTRACT_TEXT, check_addons
from origin.assets.analyses import AnalysisWish
from origin.assets.description import Description
from origin.assets.eager import EagerWish
from origin.assets.editing import Editing
from origin.assets.outbox import Courier
from origin.assets.purging import are_listed
from origin.assets.suiting import Suiting, parse_suitings
from origin.assets.texts import Texts
from origin.catalogue import Asset, Identity, Message, Outcome, Stored, is_storable
from origin.delivery.finding import Finder
from origin.notifications.changes import tell_changes
from origin.settings import Cloud
from wire.components import printable
from wire.delivery import SOCIAL_TYPES
from wire.errors import MediaError, NotFound

EXPLICIT = "explicit"
"""Kind of the entries that owe an asset what an `explicit` call asked for."""

TYPES = (*STORED_TYPES, "multi", "sprite", *sorted(SOCIAL_TYPES))


@frozen
class Wish:
    """What is asked for, every value checked."""

    type: str
    name: str  # public id, URL, or a name at a social network
    said: Description
    is_apart: bool  # no other asset of the folder may bear its display name
    eager: tuple[EagerWish, ...]
    is_later: bool  # the eager files may be made after the answer
    analyses: AnalysisWish
    suitings: tuple[Suiting, ...]
    extracts_text: bool
    invalidate: bool
    backup: bool


@frozen(kw_only=True)
class Explaining:
    """Edits an asset, or fetches it first, and makes derived assets of it."""

    editing: Editing
    finder: Finder
    taking: Taking
    texts: Texts
    answers: Answers
    courier: Courier

    def wish(self, submission: Submission) -> Wish:
        """What the parameters ask for; 400 for a bad one."""
        params, cloud = submission.params, submission.caller.cloud
        refuse_promises(params)
        check_addons(addons_in(params))
        suitings = parse_suitings(text(params, "responsive_breakpoints"))
        self.taking.responsive.check(cloud, suitings)
        is_fixed = cloud in self.answers.fixed_folders
        name = text(params, "public_id") or ""
        if not is_storable(name):
            raise _missing(name)
        return Wish(
            type=delivery_type(params, TYPES),
            name=name,
            said=described(params, fixed_folders=is_fixed),
            is_apart=wants_unique_display_name(params, fixed_folders=is_fixed),
            eager=self.taking.eager.parse(cloud, alternatives(params, "eager")),
            is_later=flag(params, "eager_async"),
            analyses=AnalysisWish.of(params),
            suitings=suitings,
            extracts_text=text(params, "raw_convert") == EXTRACT_TEXT,
            invalidate=flag(params, "invalidate"),
            backup=flag(params, "backup"),
        )

    async def do(self, submission: Submission) -> Json:
        """The asset as an upload's answer shows it."""
        wish = self.wish(submission)
        identity, shown_as = await self._found(submission, wish)
        answered = Answered(
            answers=self.answers,
            submission=submission,
            eager=wish.eager,
            is_later=wish.is_later,
            analyses=wish.analyses,
            suitings=wish.suitings,
            extracts_text=wish.extracts_text,
            shown_as=shown_as,
        )
        asset = await self._edited(identity, wish, answered)
        is_shown = wish.said.access_control is not None  # others may see it than before
        if wish.invalidate or is_shown or wish.said.tags is not None or are_listed(asset):
            await self.courier.purge_now()
        return await self.taking.completed(answered, Stored(asset, Outcome.CREATED))

    async def _edited(self, identity: Identity, wish: Wish, answered: Answered) -> Asset:
        """The asset as it is afterwards; its notification is of the transaction that edits it."""
        if wish.extracts_text:
            await self._read(identity, wish)
        others = evolve(
            answered.submission.notifier, to=None
        )  # the caller himself hears of all of it in one piece
        asset = await self.editing.one(
            identity,
            await self.editing.saying(identity.cloud, wish.said),
            invalidate=wish.invalidate,
            is_apart=wish.is_apart,
            backup=wish.backup,
            tell=lambda old, new: (
                *tell_changes(others, [(old, new)]),
                *answered.messages(Stored(new, Outcome.CREATED)),
            ),
        )
        if asset is None:
            raise _missing(wish.name)
        return asset

    async def _read(self, identity: Identity, wish: Wish) -> None:
        """Keep the words of a PDF beside it."""
        asset = await self.editing.catalogue.assets.get(identity)
        if asset is None:
            raise _missing(wish.name)
        await self.texts.extract(asset)

    async def _found(self, submission: Submission, wish: Wish) -> tuple[Identity, Identity]:
        """Which asset it is, and the name it is shown under: of a social picture, the one it has there."""
        cloud, resource_type = submission.caller.cloud, submission.resource_type
        try:
            remote = await self.finder.fetched(cloud, resource_type, wish.type, wish.name)
        except NotFound as error:
            raise _missing(wish.name, str(error)) from error
        named = Identity(cloud, resource_type, wish.type, wish.name)
        if remote is None:
            return named, named
        return remote.identity, remote.identity if wish.type == remote.identity.type else named


@frozen(kw_only=True)
class Explain:
    """The job that does it after the answer. Done twice it comes to the same."""

    explaining: Explaining
    clouds: Mapping[str, Cloud]

    async def run(self, payload: Mapping[str, Any]) -> Sequence[Message]:
        """Do it; it tells of itself."""
        await self.explaining.do(submission_of(payload, self.clouds))
        return ()

    def failed(self, payload: Mapping[str, Any], error: MediaError) -> Sequence[Message]:
        """An `error` notification says why."""
        return failure_of(submission_of(payload, self.clouds), error)


def _missing(name: str, log: str | None = None) -> NotFound:
    return NotFound(f"Resource not found - {printable(name)}", log=log)
