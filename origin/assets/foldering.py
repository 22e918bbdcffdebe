"""Folders that people make, move and remove, and who is told of it."""

from collections.abc import Callable, Sequence

from attrs import frozen

from origin.assets.editing import purges
from origin.assets.purging import purge_of
from origin.catalogue import Catalogue, Folder, Message, Moved
from origin.notifications.changes import tell_changes
from origin.notifications.notifier import Notifier


@frozen
class Foldering:
    """Changes folders."""

    catalogue: Catalogue
    now: Callable[[], float]

    async def create(self, cloud: str, path: str, notifier: Notifier) -> Folder:
        """A new folder; `Conflict` if it is there."""
        told = notifier.tell("create_folder", {"folder_path": path, "folder_name": path.rpartition("/")[2]})
        return await self.catalogue.folders.create(cloud, path, now=self.now(), tell=told)

    async def rename(self, cloud: str, source: str, target: str, notifier: Notifier) -> Moved | None:
        """The folder at its new place, None if there is none."""
        return await self.catalogue.folders.rename(
            cloud, source, target, now=self.now(), tell=lambda moved: _told(source, moved, notifier)
        )

    async def delete(self, cloud: str, path: str, notifier: Notifier) -> Sequence[str]:
        """The paths of the folders that went, none if there was none."""
        return await self.catalogue.folders.delete(
            cloud,
            path,
            now=self.now(),
            tell=lambda paths: notifier.tell("delete_folder", {"folder_path": path, "deleted": list(paths)}),
        )


def _told(source: str, moved: Moved, notifier: Notifier) -> tuple[Message, ...]:
    """Lists that show moved assets end at once, and so does whatever had a name that is another's now."""
    renamed = [old.identity for old, new in moved.assets if old.identity != new.identity]
    body = {"from_path": source, "to_path": moved.folder.path}
    return (
        *purges(moved.assets),
        *(purge_of(*renamed) if renamed else ()),
        *notifier.tell("move_or_rename_asset_folder", body),
        *tell_changes(notifier, moved.assets),
    )
