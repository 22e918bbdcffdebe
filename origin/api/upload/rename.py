"""`POST <resource_type>/rename`: an asset gets another name, or another delivery type (upload-api §9)."""

from attrs import evolve, frozen

from origin.api.answers import Answers
from origin.api.endpoint import Access, Call, Endpoint, Json, Kind, Param
from origin.api.notifying import NOTIFY, Notifiers
from origin.api.params import flag, text
from origin.api.wishes import DELIVERY_TYPES, delivery_type
from origin.assets.editing import Editing
from origin.assets.outbox import Courier
from origin.assets.purging import are_listed
from origin.catalogue import Asset, Identity, Message, Outcome, Renamed, Stored, is_storable
from origin.notifications.bodies import deletion_of
from origin.notifications.notifier import Notifier
from wire.components import printable
from wire.errors import InvalidRequest, NotFound
from wire.public_ids import check_public_id

_SHOWN = ("context", "metadata", "tags")


@frozen
class Rename:
    """Gives assets other names. Their files, and what was derived from them, stay their own."""

    editing: Editing
    answers: Answers
    courier: Courier
    notifiers: Notifiers

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """One call."""
        takes = (
            Param("from_public_id", required=True),
            Param("to_public_id", required=True),
            Param("type"),
            Param("to_type"),
            Param("overwrite", Kind.FLAG),
            Param("invalidate", Kind.FLAG),
            *(Param(name, Kind.FLAG, about="Whether the answer shows it") for name in _SHOWN),
            *NOTIFY,
        )
        return (
            Endpoint(
                "POST",
                "{resource_type}/rename",
                self.one,
                access=Access.SIGNED,
                takes=takes,
                summary="Rename an asset",
                answer="Uploaded",
                action="rename",
            ),
        )

    async def one(self, call: Call) -> Json:
        """The asset under its new name."""
        source, target = _names(call)
        notifier = self.notifiers.of(call)
        invalidate = flag(call.params, "invalidate")
        renamed = await self.editing.rename(
            source,
            target,
            overwrite=flag(call.params, "overwrite"),
            invalidate=invalidate,
            tell=lambda renamed: self._told(call, notifier, renamed),
        )
        if renamed is None:
            raise NotFound(f"Resource not found - {printable(source.public_id)}")
        if invalidate or are_listed(renamed.asset, renamed.replaced):
            await self.courier.purge_now()
        return self._answer(call, renamed.asset)

    def _answer(self, call: Call, asset: Asset) -> Json:
        """The asset; what is said of it only where the caller wants to see it."""
        shown = {name: flag(call.params, name) for name in _SHOWN}
        answer = self.answers.uploaded(Stored(asset, Outcome.CREATED), call.caller)
        if shown["metadata"] and asset.metadata:
            answer["metadata"] = dict(asset.metadata)
        return {name: value for name, value in answer.items() if shown.get(name, True)}

    def _told(self, call: Call, notifier: Notifier, renamed: Renamed) -> tuple[Message, ...]:
        asset, old = renamed.asset, renamed.old
        body = {
            **self._answer(call, asset),
            "from_public_id": old.identity.public_id,
            "to_public_id": asset.identity.public_id,
            "resource_type": asset.identity.resource_type,
            "type": old.identity.type,
            "to_type": asset.identity.type,
        }
        gone = renamed.replaced
        told = notifier.tell("delete", deletion_of(gone)) if gone is not None else ()
        return (*told, *notifier.tell("rename", body))


def _names(call: Call) -> tuple[Identity, Identity]:
    """Where from and where to; both of types that uploads have: the others' names are not ours to give."""
    name, wanted = text(call.params, "from_public_id") or "", text(call.params, "to_public_id") or ""
    kind = delivery_type(call.params)
    to_type = text(call.params, "to_type") or kind
    if to_type not in DELIVERY_TYPES:
        raise InvalidRequest(f"Invalid to_type {printable(to_type)}")
    if not is_storable(name):
        raise NotFound(f"Resource not found - {printable(name)}")
    source = Identity(call.cloud, call.path["resource_type"], kind, name)
    return source, evolve(source, type=to_type, public_id=check_public_id(wanted))
