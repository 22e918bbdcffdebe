"""The bytes a chain comes to: the original, a derived asset made before, or one rendered now, once."""

from attrs import evolve, frozen

from origin.catalogue import Asset, Derived, derived_key
from origin.catalogue.derived import WRITTEN
from origin.counters import Counters
from origin.delivery.flights import Flights
from origin.delivery.heads import Delivered
from origin.delivery.mezzanines import Mezzanines
from origin.delivery.planning import Planned, files_of
from origin.delivery.shelf import NewFile, Shelf
from origin.meter import TRANSFORMATIONS, Meter
from origin.render.pool import Rendered, RenderPool
from origin.store.interface import ObjectMissing, ObjectStore
from origin.transform.canonical import canonical
from origin.transform.mezzanine import facts_of, through
from origin.transform.parse import Chain
from origin.transform.plan import Plan, SourceFacts

RENDERER_VERSION = "2"
"""Raised whenever a plan gives other pixels than before: derived assets of old are then not found again."""


@frozen
class Outcome:
    """A derived asset, and how long it was painted if it was not there yet."""

    row: Derived
    seconds: float | None = None


class Derivatives:
    """Derived assets by plan. A plan is resolved integers: equal plans share a file, whatever their URLs."""

    def __init__(
        self,
        *,
        shelf: Shelf,
        store: ObjectStore,
        renders: RenderPool,
        mezzanines: Mezzanines,
        counters: Counters,
        meter: Meter,
    ) -> None:
        self._shelf = shelf
        self._store = store
        self._renders = renders
        self._mezzanines = mezzanines
        self._counters = counters
        self._meter = meter
        self._flights: Flights[Outcome] = Flights()

    async def derived(self, asset: Asset, chain: Chain, planned: Planned, *, written: str = "") -> Derived:
        """The derived asset of that plan; rendered if it was not yet, once however many ask meanwhile.

        `written`: the chain as it was asked for, which listings show; its canonical text where that is empty.
        """
        return (await self.found_or_made(asset, chain, planned, written=written)).row

    async def found_or_made(
        self, asset: Asset, chain: Chain, planned: Planned, *, written: str = ""
    ) -> Outcome:
        """The same, and whether that took a render."""
        key = derived_key(asset, *planned.parts, RENDERER_VERSION)
        return await self._flights.join(
            key, lambda: self._found_or_rendered(key, asset, chain, planned, written)
        )

    async def lost(self, delivered: Delivered) -> None:
        """The store has no such object (any more): if a derived asset's row names it, there is no such row."""
        await self._shelf.lost(delivered.key)

    async def _found_or_rendered(
        self, key: str, asset: Asset, chain: Chain, planned: Planned, written: str
    ) -> Outcome:
        found = await self._shelf.found(key)
        if found is not None:
            return Outcome(found)
        return await self._rendered(key, asset, chain, planned, written)

    async def _rendered(
        self, key: str, asset: Asset, chain: Chain, planned: Planned, written: str
    ) -> Outcome:
        assert asset.facts is not None
        self._counters.renders += 1
        # a mezzanine is the original's, not its baseline's
        smaller = None if planned.base else through(planned.plan, asset.facts)
        rendered = None
        if smaller is not None and (mezzanine := await self._mezzanines.of(asset)) is not None:
            rendered = await self._painted_from(mezzanine, smaller, planned, asset.facts)
        is_from_source = rendered is None
        if rendered is None:
            async with (
                self._store.local(asset.store_key) as source,
                files_of(self._store, planned.layers) as layers,
            ):
                rendered = await self._renders.render(planned.plan, source, asset.facts, layers)
        transformation = canonical(chain)
        details = {WRITTEN: written} if written not in ("", transformation) else {}
        file = evolve(NewFile.of(rendered), details=details)
        row = await self._shelf.keep(asset, key, transformation, file)
        self._counters.renders_stored += 1
        self._meter.count(asset.identity.cloud, TRANSFORMATIONS)
        if smaller is not None and is_from_source:
            self._mezzanines.make_soon(asset)
        return Outcome(row, rendered.seconds)

    async def _painted_from(
        self, mezzanine: Derived, plan: Plan, planned: Planned, source: SourceFacts
    ) -> Rendered | None:
        """The plan painted from the mezzanine; None if its bytes are lost."""
        try:
            async with (
                self._store.local(mezzanine.store_key) as path,
                files_of(self._store, planned.layers) as layers,
            ):
                rendered = await self._renders.render(plan, path, facts_of(source), layers)
        except ObjectMissing:  # a layer's, perhaps: that will be told when all is opened again
            await self._shelf.lost(mezzanine.store_key)
            return None
        self._counters.renders_from_mezzanine += 1
        return rendered


def original(asset: Asset) -> Delivered:
    """The stored bytes as they are."""
    return Delivered(
        key=asset.store_key,
        size=asset.bytes,
        md5=asset.etag,
        format=asset.format or "",
        modified=asset.uploaded_at,
        width=asset.width,
        height=asset.height,
        name=asset.identity.public_id if asset.format is None else "",
    )


def of_row(row: Derived) -> Delivered:
    """A derived asset's bytes."""
    return Delivered(
        key=row.store_key,
        size=row.bytes,
        md5=row.etag,
        format=row.format,
        modified=row.created_at,
        width=row.width,
        height=row.height,
    )
