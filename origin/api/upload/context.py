"""`POST <resource_type>/context`: what is said of many assets in words (upload-api §9)."""

from attrs import evolve, frozen

from origin.api.endpoint import Access, Call, Endpoint, Json, Param
from origin.api.notifying import NOTIFY, Notifiers
from origin.api.params import text
from origin.api.upload.addressing import IDS, addressed_all
from origin.assets.context import merged_context, parse_context
from origin.assets.editing import Editing
from origin.assets.outbox import Courier
from origin.assets.purging import are_listed
from origin.catalogue import Asset
from origin.catalogue.changes import Edit
from origin.notifications.changes import tell_changes
from wire.components import printable
from wire.errors import InvalidRequest


@frozen
class Context:
    """Merges context into that of assets, or removes it."""

    editing: Editing
    courier: Courier
    notifiers: Notifiers

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """One call."""
        takes = (
            Param("command", required=True, about="add or remove_all"),
            Param("context", about="key=value pairs joined by |; an empty value deletes the key"),
            *IDS,
            *NOTIFY,
        )
        return (
            Endpoint(
                "POST",
                "{resource_type}/context",
                self.some,
                access=Access.SIGNED,
                takes=takes,
                summary="Change the context of assets",
                answer="PublicIds",
                action="context",
            ),
        )

    async def some(self, call: Call) -> Json:
        """The ids of those assets that there are."""
        edit = _edit(call)
        identities = addressed_all(call)
        notifier = self.notifiers.of(call)
        found = await self.editing.several(
            identities, edit, tell=lambda edited: tell_changes(notifier, edited)
        )
        if are_listed(*found):
            await self.courier.purge_now()
        return {"public_ids": [each.identity.public_id for each in found]}


def _edit(call: Call) -> Edit:
    match text(call.params, "command"):
        case "remove_all":
            return lambda asset: evolve(asset, context={})
        case "add":
            given = text(call.params, "context")
            if given is None:
                raise InvalidRequest("Missing required parameter - context")
            said = parse_context(given)

            def add(asset: Asset) -> Asset:
                return evolve(asset, context=merged_context(asset.context, said))

            return add
        case other:
            raise InvalidRequest(
                f"Invalid command - {printable(other or '')}. Must be one of: add, remove_all"
            )
