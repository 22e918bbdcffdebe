"""Assets go: their rows, their derived assets, their objects, and (when asked) what caches hold of them."""

from collections.abc import Callable, Collection, Mapping, Sequence

from attrs import frozen

from origin.assets.eager import Eager
from origin.assets.purging import purge_of, purge_of_lists
from origin.catalogue import Asset, Catalogue, Gone, Identity, Message
from origin.catalogue.assets import tell_nothing
from origin.catalogue.leaving import TellDeleted, TellGone
from origin.transform.canonical import canonical
from origin.transform.language.named import without_baseline

MadeBy = Collection[tuple[str, str | None]]
"""Transformations in their canonical spelling, each with the format of what it made, or None for any."""

PURGED_AT_ONCE = 500  # assets told of in one message


@frozen(kw_only=True)
class Destroy:
    """Removes assets. The catalogue queues the removal of their objects in the same transaction."""

    catalogue: Catalogue
    eager: Eager
    now: Callable[[], float]

    async def one(
        self, identity: Identity, *, invalidate: bool, tell: TellDeleted = tell_nothing
    ) -> Asset | None:
        """Forget one asset; returns what it was, None if there was none. `tell`: what else is told of it."""
        return await self.catalogue.assets.delete(
            identity,
            now=self.now(),
            tell=lambda asset: (*_purges([asset], invalidate=invalidate), *tell(asset)),
        )

    async def by_id(
        self, cloud: str, asset_id: str, *, invalidate: bool, tell: TellDeleted = tell_nothing
    ) -> Asset | None:
        """The same by its immutable id, whatever it is called by now."""
        gone = await self.catalogue.assets.delete_all(
            cloud,
            (asset_id,),
            now=self.now(),
            tell=lambda leaving: (*_purges(leaving, invalidate=invalidate), *tell(leaving[0])),
        )
        return gone[0].asset if gone else None

    async def all(self, leaving: Sequence[Asset], *, invalidate: bool, tell: TellGone) -> tuple[Gone, ...]:
        """Forget assets of one cloud, as many as fit into a transaction; returns those that were still there."""
        if not leaving:
            return ()
        return await self.catalogue.assets.delete_all(
            leaving[0].identity.cloud,
            [each.asset_id for each in leaving],
            now=self.now(),
            tell=lambda assets: (*_purges(assets, invalidate=invalidate), *tell(assets)),
        )

    def made_by(self, cloud: str, transformations: str | None) -> MadeBy | None:
        """What `c_fill,w_1|w_2/png` means, as derived assets have it; 400 for a chain that makes no picture."""
        if transformations is None:
            return None
        chains = self.eager.making.chains
        return frozenset(
            (canonical(chains.read(cloud, without_baseline(wish.chain)[1])), wish.extension)
            for wish in self.eager.parse(cloud, transformations)
        )

    async def derived_of(
        self, originals: Sequence[Asset], made_by: MadeBy | None, *, invalidate: bool
    ) -> Mapping[str, int]:
        """Forget what was derived of assets of one cloud, or made by some transformations; how many of each."""
        if not originals:
            return {}
        return await self.catalogue.derived.drop_shown(
            originals[0].identity.cloud,
            [each.asset_id for each in originals],
            made_by,
            now=self.now(),
            tell=lambda identities: _purge(identities) if invalidate else (),
        )

    async def derived(self, cloud: str, derived_ids: Sequence[str], *, invalidate: bool) -> frozenset[str]:
        """Forget derived assets by their ids; returns those that were there."""
        return await self.catalogue.derived.drop_by_ids(
            cloud,
            derived_ids,
            now=self.now(),
            tell=lambda identities: _purge(identities) if invalidate else (),
        )


def _purges(assets: Sequence[Asset], *, invalidate: bool) -> list[Message]:
    """What shows all that bear a tag ends at once, the assets themselves when asked to."""
    told = [*purge_of_lists(assets)]
    return told + (_purge([each.identity for each in assets]) if invalidate else [])


def _purge(identities: Sequence[Identity]) -> list[Message]:
    starts = range(0, len(identities), PURGED_AT_ONCE)
    return [message for start in starts for message in purge_of(*identities[start : start + PURGED_AT_ONCE])]
