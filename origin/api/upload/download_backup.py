"""`GET download_backup`: a kept version's bytes, by a signed link (signing §6)."""

import re

from attrs import frozen

from origin.api.endpoint import Access, Call, Endpoint, Param, Stream
from origin.api.params import text
from origin.catalogue import Backups, Version
from origin.delivery.mediatypes import CONTENT_TYPES
from origin.store.interface import ObjectMissing, ObjectStore
from origin.transform.attachment import content_disposition
from wire.components import printable
from wire.errors import InvalidRequest, NotFound
from wire.web.site import StreamingRequest

ID = re.compile("[0-9a-f]{32}")


@frozen
class DownloadBackup:
    """Sends versions."""

    backups: Backups
    store: ObjectStore

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """One call."""
        takes = (Param("asset_id", required=True), Param("version_id", required=True))
        return (
            Endpoint(
                "GET",
                "download_backup",
                self.one,
                access=Access.SIGNED,
                takes=takes,
                summary="Download a version of an asset",
                sends=True,
                action="download_backup",
            ),
        )

    async def one(self, call: Call) -> Stream:
        """The bytes, as they were uploaded."""
        asset_id, version_id = (text(call.params, name) or "" for name in ("asset_id", "version_id"))
        if not (ID.fullmatch(asset_id) and ID.fullmatch(version_id)):
            raise InvalidRequest("Illegal id")
        version = await self.backups.get(call.cloud, asset_id, version_id)
        if version is None:
            raise _missing(asset_id)
        return Stream(lambda request: self._send(request, version))

    async def _send(self, request: StreamingRequest, version: Version) -> None:
        asset = version.asset
        try:
            await self.store.stat(asset.store_key)
        except ObjectMissing as error:
            raise _missing(asset.asset_id) from error
        stem = asset.identity.public_id.rpartition("/")[2]
        for name, value in (
            ("Content-Type", CONTENT_TYPES.get(asset.format or "", "application/octet-stream")),
            ("Content-Length", str(asset.bytes)),
            ("Content-Disposition", content_disposition(stem, asset.format or "")),
        ):
            request.setHeader(name.encode("ascii"), value.encode("latin-1", "replace"))
        await self.store.send(asset.store_key, request)


def _missing(asset_id: str) -> NotFound:
    return NotFound(f"Resource not found - {printable(asset_id)}")
