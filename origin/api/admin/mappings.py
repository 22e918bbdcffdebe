"""`upload_mappings`: folders whose missing assets are loaded from somewhere else (admin-api §14)."""

from collections.abc import Callable

from attrs import frozen

from origin.api.admin.paging import PAGE, page_size, place_of
from origin.api.endpoint import Call, Endpoint, Json, Param
from origin.api.params import text
from origin.catalogue import LONGEST, Catalogue, Mapping, cursor_of, is_storable
from origin.delivery.rules import Rulebook
from origin.remote.errors import RemoteTrouble
from origin.remote.urls import RemoteUrl
from wire.components import printable
from wire.errors import Conflict, InvalidRequest, NotFound
from wire.public_ids import check_public_id

FOLDER = Param("folder", required=True)


@frozen(kw_only=True)
class UploadMappings:
    """Shows and changes them."""

    catalogue: Catalogue
    rules: Rulebook
    now: Callable[[], float]
    new_id: Callable[[], str]

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """One path for all."""
        told = (FOLDER, Param("template"), Param("upload_preset_name"))
        new = (FOLDER, Param("template", required=True), Param("upload_preset_name"))
        path = "upload_mappings"
        shown = (Param("folder"), *PAGE)
        return (
            Endpoint(
                "GET",
                path,
                self.some,
                takes=shown,
                summary="List upload mappings, or show one",
                answer="MappingOrPage",
            ),
            Endpoint("POST", path, self.create, takes=new, summary="Map a folder", answer="MappingMade"),
            Endpoint(
                "PUT", path, self.update, takes=told, summary="Change an upload mapping", answer="Changed"
            ),
            Endpoint(
                "DELETE",
                path,
                self.delete,
                takes=(FOLDER,),
                summary="Delete an upload mapping",
                answer="Message",
            ),
        )

    async def some(self, call: Call) -> Json:
        """One if a folder is given, else a page of all."""
        folder = text(call.params, "folder")
        if folder is not None:
            known = await self.catalogue.mappings.get(call.cloud, _folder(folder))
            if known is None:
                raise _unknown(folder)
            return _shown(known)
        limit, after = page_size(call.params), place_of(call.params)
        page, total = await self.catalogue.mappings.page(call.cloud, limit=limit + 1, after=after)
        answer: Json = {"mappings": [_shown(each) for each in page[:limit]], "total_entries": total}
        return answer | ({"next_cursor": cursor_of(page[limit - 1].folder)} if len(page) > limit else {})

    async def create(self, call: Call) -> Json:
        """A folder that has none yet."""
        folder = _folder(text(call.params, "folder") or "")
        new = Mapping(
            cloud=call.cloud,
            folder=folder,
            template=_template(text(call.params, "template") or ""),
            external_id=self.new_id(),
            upload_preset=text(call.params, "upload_preset_name"),
            created_at=self.now(),
        )
        if not await self.catalogue.mappings.add(new):
            raise Conflict(f"Upload mapping for folder {printable(folder)} already exists")
        await self.rules.refresh()
        return {"message": "created", "folder": folder, "external_id": new.external_id}

    async def update(self, call: Call) -> Json:
        """Another template, or another preset."""
        folder, template = text(call.params, "folder") or "", text(call.params, "template")
        changed = await self.catalogue.mappings.change(
            call.cloud,
            _folder(folder),
            template=None if template is None else _template(template),
            upload_preset=text(call.params, "upload_preset_name"),
        )
        if changed is None:
            raise _unknown(folder)
        await self.rules.refresh()
        return {"message": "updated", "external_id": changed.external_id}

    async def delete(self, call: Call) -> Json:
        """Assets that were loaded stay."""
        folder = text(call.params, "folder") or ""
        if not await self.catalogue.mappings.delete(call.cloud, _folder(folder)):
            raise _unknown(folder)
        await self.rules.refresh()
        return {"message": "deleted"}


def _folder(told: str) -> str:
    """A folder's path without slashes at its ends."""
    try:
        return check_public_id(told.strip("/ "))
    except InvalidRequest as error:
        raise InvalidRequest(f"Invalid folder {printable(told)}") from error


def _template(told: str) -> str:
    try:
        RemoteUrl.parse(told)
    except RemoteTrouble as trouble:
        raise InvalidRequest(f"Invalid template {printable(told)}: {trouble.reason}") from trouble
    if not is_storable(told) or len(told) > LONGEST:
        raise InvalidRequest(f"Invalid template {printable(told)}")
    return told


def _shown(mapping: Mapping) -> Json:
    return {
        "folder": mapping.folder,
        "template": mapping.template,
        "external_id": mapping.external_id,
        "upload_preset_name": mapping.upload_preset,
    }


def _unknown(folder: str) -> NotFound:
    return NotFound(f"Can't find upload mapping for folder {printable(folder)}")
