"""An asset goes: its row, its derived assets, their objects, and (when asked) what caches hold of it."""

from collections.abc import Callable

from origin.assets.purging import purge_of, purge_of_tags
from origin.catalogue import Asset, Catalogue, Identity
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
            identity,
            now=self._now(),
            tell=lambda asset: (
                *purge_of_tags(asset.identity.cloud, asset.identity.resource_type, *asset.tags),
                *(purge_of(asset.identity) if invalidate else ()),
                *tell(asset),
            ),
        )
