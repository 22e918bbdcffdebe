"""`POST <resource_type>/explicit`: all that an upload says of its asset, of one that is there (upload-api §9)."""

from attrs import evolve, frozen

from origin.api.answers import Answers
from origin.api.describing import described, wants_unique_display_name
from origin.api.endpoint import Access, Call, Endpoint, Json, Kind, Param
from origin.api.notifying import NOTIFY, Notifiers
from origin.api.params import flag, text
from origin.api.upload.addressing import EXPLICIT_TYPES
from origin.api.upload.parameters import ANALYSING_PARAMS, DESCRIBING_PARAMS
from origin.api.upload.taking import PURGE_SECONDS, Taking
from origin.api.wishes import addons_in, delivery_type, refuse_promises
from origin.assets.addons import EXTRACT_TEXT, check_addons
from origin.assets.analyses import AnalysisWish
from origin.assets.editing import Editing
from origin.assets.outbox import Courier
from origin.assets.suiting import parse_suitings
from origin.assets.texts import TEXT_EXTRACTED, Texts
from origin.catalogue import Asset, Identity, Outcome, Stored, is_storable
from origin.delivery.finding import Finder
from origin.notifications.changes import tell_changes
from wire.components import printable
from wire.errors import NotFound


@frozen(kw_only=True)
class Explicit:
    """Edits an asset, or fetches it first, and makes derived assets of it."""

    editing: Editing
    finder: Finder
    taking: Taking
    texts: Texts
    answers: Answers
    courier: Courier
    notifiers: Notifiers

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """One call."""
        takes = (
            Param("public_id", required=True, about="Of fetched types: a URL, or a name at the network"),
            Param("type", required=True),
            *DESCRIBING_PARAMS,
            *ANALYSING_PARAMS,
            Param("eager"),
            Param("invalidate", Kind.FLAG),
            Param("overwrite", Kind.FLAG),
            Param("backup", Kind.FLAG, about="Whether the revision is kept"),
            *NOTIFY,
        )
        return (
            Endpoint(
                "POST",
                "{resource_type}/explicit",
                self.one,
                access=Access.SIGNED,
                takes=takes,
                summary="Describe an asset, and make derived ones of it",
                action="explicit",
            ),
        )

    async def one(self, call: Call) -> Json:
        """The asset as an upload's answer shows it."""
        refuse_promises(call.params)
        check_addons(addons_in(call.params))
        analyses = AnalysisWish.of(call.params)
        suitings = parse_suitings(text(call.params, "responsive_breakpoints"))
        self.taking.responsive.check(call.cloud, suitings)
        wishes = self.taking.eager.parse(call.cloud, text(call.params, "eager"))
        notifier = self.notifiers.of(call)
        read = await self._read(call)
        asset = await self._edited(call)
        if flag(call.params, "invalidate"):
            await self.courier.purge_now(PURGE_SECONDS)
        answer = self.answers.uploaded(Stored(asset, Outcome.CREATED), call.caller)
        answer |= {**read, **await self.taking.analyses.of(asset, analyses)}
        answer |= await self.taking.suited(asset, suitings, call.caller)
        if wishes:
            answer["eager"] = [await self.taking.derived(asset, each, call.caller) for each in wishes]
        await self.editing.tell(notifier.tell("upload", answer))
        return answer

    async def _read(self, call: Call) -> Json:
        """The words of a PDF, kept beside it, if they are asked for."""
        if text(call.params, "raw_convert") != EXTRACT_TEXT:
            return {}
        name = text(call.params, "public_id") or ""
        identity, _ = await self._found(call, name)
        asset = await self.editing.catalogue.assets.get(identity)
        if asset is None:
            raise NotFound(f"Resource not found - {printable(name)}")
        await self.texts.extract(asset)
        return {"info": TEXT_EXTRACTED}

    async def _edited(self, call: Call) -> Asset:
        is_fixed = call.cloud in self.answers.fixed_folders
        said = described(call.params, fixed_folders=is_fixed)
        is_apart = wants_unique_display_name(call.params, fixed_folders=is_fixed)
        notifier = self.notifiers.of(call)
        name = text(call.params, "public_id") or ""
        identity, shown_as = await self._found(call, name)
        asset = await self.editing.one(
            identity,
            await self.editing.saying(call.cloud, said),
            invalidate=flag(call.params, "invalidate"),
            is_apart=is_apart,
            backup=flag(call.params, "backup"),
            tell=lambda old, new: tell_changes(notifier, [(old, new)]),
        )
        if asset is None:
            raise NotFound(f"Resource not found - {printable(name)}")
        return asset if shown_as is None else evolve(asset, identity=shown_as)

    async def _found(self, call: Call, name: str) -> tuple[Identity, Identity | None]:
        """The asset that is edited, and the name it is shown under if that is another: a social picture's."""
        kind, resource_type = delivery_type(call.params, EXPLICIT_TYPES), call.path["resource_type"]
        if not is_storable(name):
            raise NotFound(f"Resource not found - {printable(name)}")
        try:
            remote = await self.finder.fetched(call.cloud, resource_type, kind, name)
        except NotFound as error:
            raise NotFound(f"Resource not found - {printable(name)}", log=str(error)) from error
        if remote is None:
            return Identity(call.cloud, resource_type, kind, name), None
        if kind == remote.identity.type:
            return remote.identity, None
        return remote.identity, evolve(remote.identity, type=kind, public_id=name)
