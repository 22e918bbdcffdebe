"""Assets as files to take away: originals, or what transformations make of them, whose bytes are there."""

from attrs import frozen

from origin.assets.eager import Eager, EagerWish
from origin.catalogue import Asset, Catalogue
from origin.delivery.heads import Delivered
from origin.delivery.shelf import AssetChanged
from origin.store.interface import ObjectMissing, ObjectStore
from wire.components import printable
from wire.errors import InternalError, NotFound

_ATTEMPTS = 2  # an overwrite may take a file away between its row and its bytes


@frozen
class Copies:
    """Finds them, and has made what is not there yet."""

    catalogue: Catalogue
    eager: Eager
    store: ObjectStore

    async def of(self, asset: Asset, wish: EagerWish) -> Delivered:
        """The file, as the asset is now; 404 if it is gone, 500 if only its bytes are."""
        now: Asset | None = asset
        for _ in range(_ATTEMPTS):
            if now is None:
                raise NotFound(f"Resource not found - {printable(asset.identity.public_id)}")
            try:
                return await self._there(now, wish)
            except (AssetChanged, ObjectMissing):
                now = await self.catalogue.assets.by_asset_id(asset.identity.cloud, asset.asset_id)
        raise InternalError(f"The file of {printable(asset.identity.public_id)} is lost")

    async def _there(self, asset: Asset, wish: EagerWish) -> Delivered:
        file = await self.eager.delivered(asset, wish)
        try:
            await self.store.stat(file.key)
        except ObjectMissing:
            await self.eager.derivatives.lost(file)
            raise
        return file
