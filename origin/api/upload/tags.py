"""`POST <resource_type>/tags`: tags of many assets at once (upload-api §9)."""

from typing import get_args

from attrs import frozen

from origin.api.describing import checked_tags
from origin.api.endpoint import Access, Call, Endpoint, Json, Kind, Param
from origin.api.notifying import NOTIFY, Notifiers
from origin.api.params import listed, text, texts
from origin.api.upload.addressing import IDS, addressed_all
from origin.assets.editing import Editing
from origin.assets.outbox import Courier
from origin.assets.tagging import COMMANDS, Command, Retagging
from origin.notifications.changes import tell_changes
from wire.components import printable
from wire.errors import InvalidRequest

MOST = 10_000
"""Tags times assets."""


@frozen
class Tags:
    """Adds, removes and replaces tags."""

    editing: Editing
    courier: Courier
    notifiers: Notifiers

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """One call."""
        takes = (
            Param("command", required=True, about=", ".join(get_args(Command))),
            Param("tag", Kind.LIST),
            Param("tags", Kind.LIST, about="The same as tag"),
            *IDS,
            *NOTIFY,
        )
        return (
            Endpoint(
                "POST",
                "{resource_type}/tags",
                self.some,
                access=Access.SIGNED,
                takes=takes,
                summary="Change the tags of assets",
                answer="PublicIds",
                action="tags",
            ),
        )

    async def some(self, call: Call) -> Json:
        """The ids of those assets that there are."""
        retagging = _retagging(call)
        identities = addressed_all(call)
        if len(retagging.tags) * len(identities) > MOST:
            raise InvalidRequest(f"Too many tags for so many public_ids. Maximum is {MOST} in all.")
        notifier = self.notifiers.of(call)
        found = await self.editing.several(
            identities,
            retagging,
            exclusive=retagging.exclusive,
            tell=lambda edited: tell_changes(notifier, edited),
        )
        await self.courier.purge_now()
        return {"public_ids": [each.identity.public_id for each in found]}


def _retagging(call: Call) -> Retagging:
    given = text(call.params, "command")
    for command in COMMANDS:
        if given == command:
            return Retagging(command, () if command == "remove_all" else _tags(call))
    raise InvalidRequest(
        f"Invalid command - {printable(given or '')}. Must be one of: add, remove, replace, remove_all"
    )


def _tags(call: Call) -> tuple[str, ...]:
    name = "tag" if text(call.params, "tag") is not None else "tags"
    if text(call.params, name) is None:
        raise InvalidRequest("Missing required parameter - tag")
    tags = listed(call.params, name)
    if not tags or (isinstance(call.params[name], tuple) and len(tags) < len(texts(call.params, name))):
        raise InvalidRequest("Invalid value for parameter tag: a tag cannot be blank")
    return checked_tags(tags)
