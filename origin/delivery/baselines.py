"""`bl_<name>`: a named transformation's result, kept as a derived asset and worked on from then on (§10)."""

from attrs import asdict, evolve, frozen

from origin.catalogue import Asset, Derived
from origin.delivery.chains import ChainReader
from origin.delivery.derive import Derivatives, of_row
from origin.delivery.documents import Document, Documents
from origin.delivery.planning import Planner, Wish
from origin.render.pool import RenderPool
from origin.store.interface import ObjectMissing, ObjectStore
from origin.transform.canonical import canonical
from origin.transform.params.output import check_baseline
from origin.transform.plan import SourceFacts
from origin.transform.sight import UNMARKED
from wire.negotiation import NOTHING


@frozen
class Base:
    """What a chain without its baseline works on: the asset, its bytes those of the baseline."""

    asset: Asset
    row: Derived | None = None  # None: the stored original itself
    layers: tuple[Asset, ...] = ()  # what was laid on it

    @property
    def layer_keys(self) -> tuple[str, ...]:
        """The surrogate keys that changes of the layers purge."""
        return tuple(key for asset in self.layers for key in asset.identity.surrogate_keys)

    def wished(self, wish: Wish) -> Wish:
        """The wish, of this picture: nothing that was seen or marked on the original is where it was."""
        if self.row is None:
            return wish
        picture = evolve(self.asset, revision=self.row.derived_key)
        return evolve(wish, picture=picture, beneath=self.layers, about=evolve(wish.about, marks=UNMARKED))

    @property
    def key(self) -> str:
        """What tells derivatives of this baseline from those of the original."""
        return "" if self.row is None else self.row.derived_key


@frozen(kw_only=True)
class Baselines:
    """Makes baselines, each once."""

    chains: ChainReader
    planner: Planner
    derivatives: Derivatives
    documents: Documents
    renders: RenderPool
    store: ObjectStore

    async def under(self, asset: Asset, wish: Wish, name: str | None) -> Base:
        """The asset as the named baseline leaves it; as it is without one."""
        if name is None or asset.facts is None:
            return Base(asset)
        chain = self.chains.read(wish.cloud, f"t_{name}")
        planned = await self.planner.plan(evolve(wish, chain=chain, negotiated=NOTHING), asset.facts)
        check_baseline(name, planned.chain.settings)
        if planned.plan.passthrough:
            return Base(asset, layers=planned.layers)
        written = f"t_{name}"
        row = await self.derivatives.derived(asset, chain, planned, written=written)
        try:
            await self.store.stat(row.store_key)
        except ObjectMissing:  # a row whose bytes are lost is none
            await self.derivatives.lost(of_row(row))
            row = await self.derivatives.derived(asset, chain, planned, written=written)

        async def document() -> Document:
            async with self.store.local(row.store_key) as path:
                return asdict(await self.renders.probe(path))

        known = await self.documents.kept(asset, (row.derived_key, "facts"), canonical(chain), document)
        made = evolve(
            asset,
            store_key=row.store_key,
            bytes=row.bytes,
            etag=row.etag,
            format=row.format,
            facts=SourceFacts(**known.details),
        )
        return Base(made, row, planned.layers)
