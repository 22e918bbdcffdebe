"""An asset goes: its row, its derived assets, their objects, and (when asked) what caches hold of it."""

from collections.abc import Callable

from origin.assets.purging import purge_of, purge_of_tags
from origin.catalogue import Asset, Catalogue, Identity, Message
from origin.catalogue.assets import tell_nothing
from origin.catalogue.leaving import TellDeleted


class Destroy:
    """Removes assets. The catalogue queues the removal of their objects in the same transaction."""

    def __init__(self, *, catalogue: Catalogue, now: Callable[[], float]) -> None:
        self._catalogue = catalogue
        self._now = now

    async def one(
        self, identity: Identity, *, invalidate: bool, tell: TellDeleted = tell_nothing
    ) -> Asset | None:
        """Forget one asset; returns what it was, None if there was none. `tell`: what else is told of it."""
        return await self._catalogue.assets.delete(
            identity, now=self._now(), tell=lambda asset: (*_purges(asset, invalidate), *tell(asset))
        )

    async def by_id(
        self, cloud: str, asset_id: str, *, invalidate: bool, tell: TellDeleted = tell_nothing
    ) -> Asset | None:
        """The same by its immutable id, whatever it is called by now."""
        gone = await self._catalogue.assets.delete_all(
            cloud,
            (asset_id,),
            now=self._now(),
            tell=lambda leaving: [
                message for each in leaving for message in (*_purges(each, invalidate), *tell(each))
            ],
        )
        return gone[0].asset if gone else None


def _purges(asset: Asset, invalidate: bool) -> tuple[Message, ...]:
    identity = asset.identity
    told = purge_of_tags(identity.cloud, identity.resource_type, *asset.tags)
    return (*told, *purge_of(identity)) if invalidate else told
