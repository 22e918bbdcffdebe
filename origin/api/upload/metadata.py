"""`POST <resource_type>/metadata`: structured metadata of many assets (upload-api §9)."""

import json

from attrs import frozen

from origin.api.describing import metadata_of
from origin.api.endpoint import Access, Call, Endpoint, Json, Kind, Param
from origin.api.notifying import NOTIFY, Notifiers
from origin.api.upload.addressing import IDS, addressed_all
from origin.assets.editing import Editing
from origin.assets.outbox import Courier
from origin.assets.purging import are_listed
from origin.assets.structured import Structured
from origin.metadata.settling import Edit
from origin.notifications.changes import tell_changes
from wire.components import printable
from wire.errors import InvalidRequest


@frozen
class Metadata:
    """Merges values into those of assets; an empty one clears."""

    editing: Editing
    structured: Structured
    courier: Courier
    notifiers: Notifiers

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """One call."""
        takes = (
            Param("metadata", required=True, about="external_id=value pairs joined by |; arrays are JSON"),
            Param("clear_invalid", Kind.FLAG, about="Whether values that became invalid go"),
            *IDS,
            *NOTIFY,
        )
        return (
            Endpoint(
                "POST",
                "{resource_type}/metadata",
                self.some,
                access=Access.SIGNED,
                takes=takes,
                summary="Change the structured metadata of assets",
                answer="PublicIds",
                action="metadata",
            ),
        )

    async def some(self, call: Call) -> Json:
        """The ids of those assets that there are; where one of them cannot have the values, none is changed."""
        wanted = metadata_of(call.params) or Edit({})
        identities = addressed_all(call)
        if missing := await self.structured.missing(call.cloud, wanted):
            names = json.dumps([printable(each) for each in missing], ensure_ascii=False)
            raise InvalidRequest(f"The following metadata fields do not exist: {names}")
        edit = await self.structured.edit(call.cloud, wanted)
        notifier = self.notifiers.of(call)
        found = await self.editing.several(
            identities, edit, tell=lambda edited: tell_changes(notifier, edited)
        )
        if are_listed(*found):
            await self.courier.purge_now()
        return {"public_ids": [each.identity.public_id for each in found]}
