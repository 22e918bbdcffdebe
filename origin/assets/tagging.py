"""Tags of assets that are there already (upload-api §9)."""

from typing import Literal, get_args

from attrs import evolve, frozen

from origin.assets.context import unique_tags
from origin.catalogue import Asset
from wire.errors import InvalidRequest

MOST_TAGS = 1000
Command = Literal["add", "remove", "replace", "remove_all", "set_exclusive"]
COMMANDS: tuple[Command, ...] = get_args(Command)


@frozen
class Retagging:
    """A command and its tags; pure."""

    command: Command
    tags: tuple[str, ...] = ()

    @property
    def exclusive(self) -> tuple[str, ...]:
        """Tags that no other asset keeps."""
        return self.tags if self.command == "set_exclusive" else ()

    def __call__(self, asset: Asset) -> Asset:
        tags = self._applied(asset.tags)
        if len(tags) > MOST_TAGS:
            raise InvalidRequest(f"Too many tags. Maximum is {MOST_TAGS}.")
        return evolve(asset, tags=tags)

    def _applied(self, tags: tuple[str, ...]) -> tuple[str, ...]:
        match self.command:
            case "add" | "set_exclusive":
                return unique_tags((*tags, *self.tags))
            case "remove":
                return tuple(tag for tag in tags if tag not in self.tags)
            case "replace":
                return unique_tags(self.tags)
            case "remove_all":
                return ()
