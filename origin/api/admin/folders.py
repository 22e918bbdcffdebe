"""`folders`: places for assets, as people see them (admin-api §12)."""

from attrs import frozen

from origin.api.admin.paging import PAGE, page_size
from origin.api.endpoint import Call, Endpoint, Json, Kind, Param
from origin.api.notifying import NOTIFY, Notifiers
from origin.api.params import text
from origin.assets.foldering import Foldering
from origin.assets.naming import checked_folder
from origin.assets.outbox import Courier
from origin.catalogue import Folder, is_storable
from wire.components import printable
from wire.errors import InvalidRequest, NotFound


@frozen
class Folders:
    """Lists, creates, renames and deletes folders."""

    foldering: Foldering
    courier: Courier
    notifiers: Notifiers

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Five calls."""
        one = "folders/{path...}"
        return (
            Endpoint(
                "GET",
                "folders",
                self.root,
                takes=PAGE,
                summary="List the folders of the root",
                answer="FolderPage",
            ),
            Endpoint(
                "GET",
                one,
                self.inner,
                takes=PAGE,
                summary="List the folders in a folder",
                answer="FolderPage",
            ),
            Endpoint("POST", one, self.create, takes=NOTIFY, summary="Create a folder", answer="FolderMade"),
            Endpoint(
                "PUT",
                one,
                self.rename,
                takes=(Param("to_folder", required=True), *NOTIFY),
                summary="Rename or move a folder, with all that is in it",
                answer="FolderMoved",
            ),
            Endpoint(
                "DELETE",
                one,
                self.delete,
                takes=(Param("skip_backup", Kind.FLAG), *NOTIFY),
                summary="Delete a folder without assets",
                answer="FoldersDeleted",
            ),
        )

    async def root(self, call: Call) -> Json:
        """Those in no other folder."""
        return await self._page(call, "")

    async def inner(self, call: Call) -> Json:
        """Those in a folder."""
        path = _path(call)
        if await self.foldering.catalogue.folders.get(call.cloud, path) is None:
            raise _missing(path)
        return await self._page(call, path)

    async def _page(self, call: Call, parent: str) -> Json:
        page = await self.foldering.catalogue.folders.within(
            call.cloud, parent, limit=page_size(call.params), cursor=text(call.params, "next_cursor")
        )
        return {
            "folders": [shown(each) for each in page.folders],
            "next_cursor": page.next_cursor,
            "total_count": page.total_count,
        }

    async def create(self, call: Call) -> Json:
        """A folder, and those around it."""
        folder = await self.foldering.create(
            call.cloud, checked_folder(_path(call), "folder"), self.notifiers.of(call)
        )
        return {"success": True, **shown(folder)}

    async def rename(self, call: Call) -> Json:
        """The folder at another place; where folders are paths of public ids, its assets are renamed."""
        path, target = _path(call), checked_folder(text(call.params, "to_folder") or "", "to_folder")
        if not target:
            raise InvalidRequest("to_folder (/) is invalid")
        moved = await self.foldering.rename(call.cloud, path, target, self.notifiers.of(call))
        if moved is None:
            raise _missing(path)
        await self.courier.purge_now()
        return {"from": _place(path), "to": _place(target)}

    async def delete(self, call: Call) -> Json:
        """The folder and those in it, if no asset is in any of them."""
        path = _path(call)
        deleted = await self.foldering.delete(call.cloud, path, self.notifiers.of(call))
        if not deleted:
            raise _missing(path)
        return {"deleted": list(deleted)}


def shown(folder: Folder) -> Json:
    """A folder as listings show it."""
    return {**_place(folder.path), "external_id": folder.external_id}


def _place(path: str) -> Json:
    return {"name": path.rpartition("/")[2], "path": path}


def _path(call: Call) -> str:
    path = call.path["path"].strip("/")
    if not path or not is_storable(path):
        raise _missing(call.path["path"])
    return path


def _missing(path: str) -> NotFound:
    return NotFound(f"Can't find folder with path {printable(path)}")
