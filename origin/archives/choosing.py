"""Which assets go into an archive: the union of what every selector finds, each asset once (upload-api §9)."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from attrs import define, evolve, field, frozen

from origin.catalogue import Asset, Catalogue, Identity, Query, Term, is_rejected, is_storable
from origin.catalogue.listing import MOST
from origin.catalogue.search.order import order_of_assets
from origin.catalogue.search.searches import MOST_FOUND, Wanted
from origin.search.tree import Tree
from wire.components import printable
from wire.errors import InvalidRequest, NotFound

MOST_ASSETS = 1000
MOST_FILES = 5000
EVERYTHING = "/"
_BY_NAME = [("public_id", False)]


@frozen(kw_only=True)
class Selection:
    """What is asked for."""

    cloud: str
    resource_types: tuple[str, ...]
    type: str = "upload"
    public_ids: tuple[str, ...] = ()
    identities: Mapping[str, Identity] = field(factory=dict)  # by how they were written
    tags: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    asset_folders: tuple[str, ...] = ()
    search: Tree | None = None


@define
class Chosen:
    """The assets, and which selectors found none."""

    assets: dict[str, Asset] = field(factory=dict)  # by asset id
    missing_public_ids: list[str] = field(factory=list)
    empty_tags: list[str] = field(factory=list)
    empty_prefixes: list[str] = field(factory=list)

    def take(self, asset: Asset) -> None:
        """One asset more; 400 when it is one too many."""
        self.assets[asset.asset_id] = asset
        if len(self.assets) > MOST_ASSETS:
            raise InvalidRequest(f"Too many assets for one archive. Maximum is {MOST_ASSETS}.")

    @property
    def told(self) -> dict[str, Any]:
        """What an answer says of selectors that found nothing."""
        lists = {
            "missing_public_ids": self.missing_public_ids,
            "empty_tags": self.empty_tags,
            "empty_prefixes": self.empty_prefixes,
        }
        return {name: names for name, names in lists.items() if names}


@frozen
class Choosing:
    """Finds them."""

    catalogue: Catalogue
    now: Callable[[], float]

    async def chosen(self, wanted: Selection, *, may_miss: bool) -> Chosen:
        """The assets; 400 for a name that is unknown, unless it `may_miss`; 404 where nothing is found."""
        chosen = Chosen()
        await self._named(wanted, chosen)
        if chosen.missing_public_ids and not may_miss:
            names = ", ".join(map(printable, chosen.missing_public_ids[:20]))
            raise InvalidRequest(f"Resources not found: {names}. To leave them out set allow_missing")
        for tag in wanted.tags:
            if not await self._take(wanted, chosen, type=None, term=Term.tag(tag)):
                chosen.empty_tags.append(tag)
        for prefix in wanted.prefixes:
            if not await self._take(wanted, chosen, prefix="" if prefix == EVERYTHING else prefix):
                chosen.empty_prefixes.append(prefix)
        for folder in wanted.asset_folders:
            await self._take(wanted, chosen, asset_folder=folder)
        async for asset in self._searched(wanted):
            chosen.take(asset)
        if not chosen.assets:
            raise NotFound("No resources found for this archive: check its public_ids, tags and prefixes")
        return chosen

    async def _named(self, wanted: Selection, chosen: Chosen) -> None:
        """Those of `public_ids`, of every resource type that there is one of, and the fully qualified."""
        names = [each for each in wanted.public_ids if is_storable(each)]
        for start in range(0, len(names), MOST):
            await self._take(wanted, chosen, public_ids=tuple(names[start : start + MOST]))
        found = {asset.identity.public_id for asset in chosen.assets.values()}
        chosen.missing_public_ids += [each for each in wanted.public_ids if each not in found]
        for written, identity in wanted.identities.items():
            asset = await self.catalogue.assets.get(identity)
            if asset is None or is_rejected(asset):
                chosen.missing_public_ids.append(written)
            else:
                chosen.take(asset)

    async def _take(self, wanted: Selection, chosen: Chosen, **more: Any) -> int:
        """All that one selector finds; returns how many."""
        found = 0
        for resource_type in wanted.resource_types:
            asked = {"type": wanted.type, **more}
            query = Query(
                cloud=wanted.cloud, resource_type=resource_type, limit=MOST, direction="asc", **asked
            )
            async for asset in self._listed(query):
                chosen.take(asset)
                found += 1
        return found

    async def _listed(self, query: Query) -> AsyncIterator[Asset]:
        while True:
            page = await self.catalogue.assets.list(query)
            for asset in page.assets:
                if not is_rejected(asset):
                    yield asset
            if page.next_cursor is None:
                return
            query = evolve(query, cursor=page.next_cursor)

    async def _searched(self, wanted: Selection) -> AsyncIterator[Asset]:
        if wanted.search is None:
            return
        asked = Wanted(
            cloud=wanted.cloud, tree=wanted.search, order=order_of_assets(_BY_NAME), limit=MOST_FOUND
        )
        while True:
            found = await self.catalogue.searches.find(asked, now=self.now())
            for asset in found.assets:
                if asset.identity.resource_type in wanted.resource_types and not is_rejected(asset):
                    yield asset
            if found.next_cursor is None:
                return
            asked = evolve(asked, cursor=found.next_cursor)
