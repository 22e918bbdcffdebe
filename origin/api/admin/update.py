"""`POST resources/<resource_type>/<type>/<public_id>`, or PUT by asset id: what is said of an asset (admin-api §6)."""

from collections.abc import Sequence
from typing import Literal

from attrs import evolve, frozen

from origin.api.admin.addressing import BY_ID, NAMED, asset_of, missing, wanted_of
from origin.api.admin.detail import SHOWN, Detail
from origin.api.answers import DECIDED, moderation
from origin.api.describing import described, wants_unique_display_name
from origin.api.endpoint import Call, Endpoint, Json, Kind, Param
from origin.api.notifying import NOTIFY, Notifiers
from origin.api.params import Params, flag, text
from origin.api.upload.parameters import DESCRIBING_PARAMS
from origin.assets.addons import EXTRACT_TEXT, check_updated_addons
from origin.assets.addons import PARAMS as ADDON_PARAMS
from origin.assets.editing import Editing
from origin.assets.moderation import MANUAL, decided
from origin.assets.outbox import Courier
from origin.assets.purging import are_listed, is_shown_to_others, purge_of
from origin.assets.texts import TEXT_EXTRACTED, Texts
from origin.catalogue import Asset, Catalogue, Message, is_rejected
from origin.catalogue.changes import Edit
from origin.notifications.changes import tell_changes
from origin.notifications.notifier import Notifier
from wire.components import printable
from wire.errors import InvalidRequest

Decision = Literal["approved", "rejected"]
DECISIONS: tuple[Decision, ...] = ("approved", "rejected")


@frozen(kw_only=True)
class Update:
    """Edits an asset."""

    catalogue: Catalogue
    detail: Detail
    editing: Editing
    texts: Texts
    courier: Courier
    notifiers: Notifiers

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """By name and by asset id."""
        takes = (
            *DESCRIBING_PARAMS,
            Param("moderation_status", about="approved or rejected: what people say of it"),
            Param("invalidate", Kind.FLAG),
            *(Param(name, about="of add-ons") for name in ADDON_PARAMS),
            *NOTIFY,
            *SHOWN,
        )
        return (
            Endpoint(
                "POST",
                f"resources/{NAMED}",
                self.one,
                takes=takes,
                summary="Update an asset",
                answer="Detail",
            ),
            Endpoint(
                "PUT",
                f"resources/{BY_ID}",
                self.one,
                takes=takes,
                summary="Update an asset by its id",
                answer="Detail",
            ),
        )

    async def one(self, call: Call) -> Json:
        """The asset as its detail shows it afterwards."""
        params = _with_open_access(call.params)
        check_updated_addons({name: text(params, name) or "" for name in ADDON_PARAMS})
        is_fixed, notifier = call.cloud in self.detail.answers.fixed_folders, self.notifiers.of(call)
        said, decision = described(params, fixed_folders=is_fixed), _decision(params)
        asset = await asset_of(self.catalogue, call)
        edit = _deciding(await self.editing.saying(call.cloud, said), decision, self.editing.now())
        told = await self._extracted(params, asset)
        invalidate = flag(params, "invalidate")
        edited = await self.editing.one(
            asset.identity,
            edit,
            invalidate=invalidate,
            is_apart=wants_unique_display_name(params, fixed_folders=is_fixed),
            tell=lambda old, new: (
                *tell_changes(notifier, [(old, new)]),
                *_tell_decision(notifier, old, new),
            ),
        )
        if edited is None:  # renamed or deleted meanwhile
            raise missing(wanted_of(call))
        if invalidate or is_shown_to_others(asset, edited) or are_listed(asset, edited):
            await self.courier.purge_now()
        return {**await self.detail.told(call, edited), **told}

    async def _extracted(self, params: Params, asset: Asset) -> Json:
        """The words of a PDF, kept beside it, if they are asked for: what is none is refused before it is edited."""
        if text(params, "raw_convert") != EXTRACT_TEXT:
            return {}
        await self.texts.extract(asset)
        return {"info": TEXT_EXTRACTED}


def _with_open_access(params: Params) -> Params:
    """An empty JSON array takes the rules away; only here, where no signature leaves empty values out."""
    return {**params, "access_control": "[]"} if params.get("access_control") == () else params


def _deciding(edit: Edit, decision: Decision | None, now: float) -> Edit:
    """An edit, after which people have said so of the asset."""
    if decision is None:
        return edit

    def decide(asset: Asset) -> Asset:
        edited = edit(asset) or asset
        states = decided(list(edited.details.get("moderation", [])), MANUAL, decision, now)
        return evolve(edited, details={**edited.details, "moderation": states})

    return decide


def _decision(params: Params) -> Decision | None:
    told = text(params, "moderation_status")
    for each in DECISIONS:
        if told == each:
            return each
    if told is None:
        return None
    raise InvalidRequest(f"Illegal value {printable(told)} for moderation_status")


def _tell_decision(notifier: Notifier, old: Asset, new: Asset) -> tuple[Message, ...]:
    """What people have said of it; and, since nobody is shown what was rejected, the end of what caches hold."""
    purges = purge_of(new.identity) if is_rejected(old) != is_rejected(new) else ()
    before, after = (each.details.get("moderation", ()) for each in (old, new))
    if _status(after) not in DECISIONS or _status(after) == _status(before):
        return purges
    told = notifier.tell("moderation", _body(new))
    if all(each["status"] in DECIDED for each in after):  # nobody else is to look at it
        told += notifier.tell("moderation_summary", {**_body(new), "moderation": moderation(after)})
    return (*purges, *told)


def _status(states: Sequence[Json]) -> str | None:
    return next((each["status"] for each in states if each["kind"] == MANUAL), None)


def _body(asset: Asset) -> Json:
    identity = asset.identity
    return {
        "moderation_kind": MANUAL,
        "moderation_status": _status(asset.details["moderation"]),
        "asset_id": asset.asset_id,
        "public_id": identity.public_id,
        "resource_type": identity.resource_type,
        "type": identity.type,
        "version": asset.version,
    }
