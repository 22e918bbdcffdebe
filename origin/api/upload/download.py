"""`GET <resource_type>/download`, `asset/download`: an asset's file, by a signed link (signing §6)."""

from attrs import evolve, frozen

from origin.api.endpoint import Access, Call, Endpoint, Kind, Param, Stream
from origin.api.params import flag, text
from origin.api.upload.addressing import addressed
from origin.api.upload.sending import Sending
from origin.assets.copies import Copies
from origin.assets.eager import EagerWish
from origin.assets.naming import stem_and_extension
from origin.catalogue import Asset, Catalogue, is_storable
from origin.delivery.heads import Delivered
from origin.transform.attachment import content_disposition
from wire.components import printable
from wire.errors import InvalidRequest, NotFound
from wire.public_ids import FORMATS

_SHOWN = (
    Param("format", about="Another one than it is stored in"),
    Param("transformation"),
    Param("attachment", Kind.FLAG, about="To be saved, not shown"),
    Param("target_filename", about="The name it is saved under"),
    Param("expires_at", Kind.INTEGER, about="Unix seconds; without it, an hour after the timestamp"),
)


@frozen
class Download:
    """Sends assets to whoever was given a link to them."""

    catalogue: Catalogue
    copies: Copies
    sending: Sending

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """One call, two ways to name the asset."""
        ways = (
            ("{resource_type}/download", self.by_name, (Param("public_id", required=True), Param("type"))),
            ("asset/download", self.by_id, (Param("asset_id", required=True),)),
        )
        return tuple(
            Endpoint(
                "GET",
                pattern,
                call,
                access=Access.SIGNED,
                takes=(*takes, *_SHOWN),
                summary="Download an asset",
                sends=True,
                action="download",
            )
            for pattern, call, takes in ways
        )

    async def by_name(self, call: Call) -> Stream:
        """The asset of that public id. Of a raw one, `format` may be the end of its name."""
        identity = addressed(call)
        assets = self.catalogue.assets
        asset, is_raw = await assets.get(identity), identity.resource_type == "raw"
        end = text(call.params, "format")
        if asset is None and is_raw and end is not None and is_storable(end):
            asset = await assets.get(evolve(identity, public_id=f"{identity.public_id}.{end}"))
        if asset is None:
            raise _missing(identity.public_id)
        return await self._stream(call, asset, None if is_raw else _extension(call))

    async def by_id(self, call: Call) -> Stream:
        """The asset of that id."""
        asset_id = text(call.params, "asset_id") or ""
        asset = await self.catalogue.assets.by_asset_id(call.cloud, asset_id) if asset_id.isalnum() else None
        if asset is None:
            raise _missing(asset_id)
        return await self._stream(call, asset, _extension(call))

    async def _stream(self, call: Call, asset: Asset, extension: str | None) -> Stream:
        wishes = self.copies.eager.parse(call.cloud, text(call.params, "transformation"))
        if len(wishes) > 1:
            raise InvalidRequest("Invalid value for parameter transformation: one file is made of one alone")
        wish = wishes[0] if wishes else EagerWish("")
        file = await self.copies.of(asset, evolve(wish, extension=extension or wish.extension))
        disposition = _disposition(call, asset, file)
        return Stream(lambda request: self.sending.send(request, file, disposition))


def _extension(call: Call) -> str | None:
    written = text(call.params, "format")
    if written is None:
        return None
    if written.lower() not in FORMATS:
        raise InvalidRequest(f"Unsupported output format {printable(written)}")
    return FORMATS[written.lower()]


def _disposition(call: Call, asset: Asset, file: Delivered) -> str | None:
    """How it is saved: under the name asked for, or the last part of its public id."""
    name = text(call.params, "target_filename")
    if name is None and not flag(call.params, "attachment"):
        return None
    stem, extension = stem_and_extension(name or asset.identity.public_id)
    if file.format:
        is_told = FORMATS.get(extension, extension) == FORMATS.get(file.format, file.format)
        return content_disposition(stem if is_told else name or asset.identity.public_id, file.format)
    if name is not None and not extension:
        extension = stem_and_extension(asset.identity.public_id)[1]
    return content_disposition(stem, extension)


def _missing(name: str) -> NotFound:
    return NotFound(f"Resource not found - {printable(name)}")
