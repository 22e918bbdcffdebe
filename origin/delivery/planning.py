"""From a chain to a plan: what planning wants is looked up until it wants no more."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from attrs import define, evolve, field, frozen

from origin.catalogue import Asset, Catalogue, Identity, caption_of, is_rejected, is_storable, marks_of
from origin.delivery.access import REFUSED, is_restricted
from origin.delivery.known import Known
from origin.delivery.looking import Looks, Picture
from origin.delivery.remote import FETCH, RemoteAssets
from origin.render.pool import RenderPool
from origin.store.interface import ObjectStore
from origin.transform.canonical import identity as identity_of
from origin.transform.composite import Text
from origin.transform.info import NOTHING_SEEN, Insight
from origin.transform.language.about import UNKNOWN, About
from origin.transform.limits import Limits
from origin.transform.params.provided import Plugged
from origin.transform.parse import Chain
from origin.transform.plan import Input, Operation, Plan, SourceFacts
from origin.transform.providing import check_signed, check_stored
from origin.transform.references import (
    Gathered,
    Margins,
    Reference,
    Referenced,
    Seeing,
    Thing,
    UnknownReference,
    Wanted,
)
from origin.transform.resolve import plan, settle, worked
from wire.errors import MediaError, Unauthorized, Unavailable
from wire.negotiation import NOTHING, Negotiated
from wire.public_ids import split_extension

MEASURES_KEPT = 1000  # sizes of texts


@frozen(kw_only=True)
class Wish:
    """A chain asked for: whose assets it may name, for whom, and in which format."""

    cloud: str
    chain: Chain
    picture: Picture
    beneath: tuple[Asset, ...] = ()  # what a baseline laid on it
    negotiated: Negotiated = NOTHING
    extension: str | None = None
    is_signed: bool = True  # whether private and authenticated layers may be shown
    about: About = UNKNOWN


@frozen
class Planned:
    """A plan, and the assets of its layers in the order of its inputs."""

    plan: Plan
    chain: Chain  # what was planned: branches chosen, variables and arithmetic worked out
    layers: tuple[Asset, ...] = ()
    base: str = ""  # of which baseline the source is, by its derived key
    insight: Insight = NOTHING_SEEN  # of the looks at the image that planning took

    @property
    def parts(self) -> tuple[str, ...]:
        """What decides the bytes, but for the renderer."""
        return (identity_of(self.plan), *((self.base,) if self.base else ()))

    @property
    def layer_keys(self) -> tuple[str, ...]:
        """The surrogate keys that changes of the layers purge."""
        return tuple(key for asset in self.layers for key in asset.identity.surrogate_keys)


@define(eq=False)
class Planner:
    """Plans chains with what the catalogue knows of images, and the renderer of words and of pixels."""

    catalogue: Catalogue
    renders: RenderPool
    limits: Limits
    store: ObjectStore
    looks: Looks
    remotes: RemoteAssets
    providers: Mapping[str, Plugged] = field(factory=dict)
    _sizes: Known[tuple[int, int]] = field(factory=lambda: Known(MEASURES_KEPT), init=False)

    async def plan(self, wish: Wish, facts: SourceFacts) -> Planned:
        """The plan for one source. Every round finds one thing more; the chain's length bounds them."""
        assets: dict[Reference, Asset] = {}
        gathered = Gathered(providers=self.providers)
        while True:
            try:
                chain = settle(wish.chain, facts, wish.negotiated, wish.about, gathered, self.limits)
                chain = at_own_quality(chain, wish.about)
                made = plan(
                    chain, facts, wish.negotiated, wish.extension, self.limits, wish.about, gathered=gathered
                )
            except Wanted as wanted:
                gathered = await self._with(wanted.thing, gathered, assets, wish, facts)
            else:
                layers = tuple(assets[reference_of(each)] for each in made.inputs)
                self._check_provided(made.operations, wish, layers)
                insight = NOTHING_SEEN
                if chain.settings.told:
                    canvas = worked(chain, facts, wish.negotiated, self.limits, wish.about, gathered)
                    insight = canvas.view.insight()
                return Planned(made, chain, layers, insight=insight)

    def _check_provided(self, operations: Sequence[Operation], wish: Wish, layers: Sequence[Asset]) -> None:
        """Nothing, or why a provider may not be asked for it, or not be given one of these pictures."""
        if not wish.is_signed:
            check_signed(operations, self.providers)
        shown = (wish.picture, *wish.beneath, *layers)
        if any(isinstance(each, Asset) and each.identity.type == FETCH for each in shown):
            check_stored(operations)

    async def _with(
        self, thing: Thing, gathered: Gathered, assets: dict[Reference, Asset], wish: Wish, facts: SourceFacts
    ) -> Gathered:
        """What was gathered, and one thing more."""
        match thing:
            case Reference():
                assets[thing], image = await self._found(thing, wish)
                return evolve(gathered, images={**gathered.images, thing: image})
            case Text():
                size = await self._measured(thing, assets)
                return evolve(gathered, texts={**gathered.texts, thing: size})
            case Seeing(reference=None):
                sight = await self.looks.sight(wish.picture, facts, thing.portion)
            case Seeing(reference=reference):
                assert reference is not None
                own = gathered.images[reference].facts
                sight = await self.looks.sight(assets[reference], own, thing.portion)
            case Margins():
                layers = [assets[reference_of(each)] for each in thing.look.inputs]
                self._check_provided(thing.look.operations, wish, layers)
                box = await self.looks.margins(thing, wish.picture, facts, layers)
                return evolve(gathered, margins={**gathered.margins, thing: box})
        return evolve(gathered, sights={**gathered.sights, thing: sight})

    async def _measured(self, text: Text, assets: Mapping[Reference, Asset]) -> tuple[int, int]:
        async def measured() -> tuple[int, int]:
            fonts = [each for each in assets.values() if text.font and _revision(each) == text.font]
            async with files_of(self.store, fonts) as files:
                return await self.renders.measure(text, *files)

        return await self._sizes.get(text, measured)

    async def _found(self, reference: Reference, wish: Wish) -> tuple[Asset, Referenced]:
        if reference.type == FETCH:
            return await self._fetched(reference, wish)
        if reference.is_restricted and not wish.is_signed:
            raise Unauthorized(REFUSED)
        if reference.resource_type == "raw":
            return await self._raw(reference, wish)
        names = [reference.public_id]
        stem, extension = split_extension(reference.public_id)
        if extension is not None:
            names.insert(0, stem)
        identities = [
            Identity(wish.cloud, "image", reference.type, name) for name in names if is_storable(name)
        ]
        for identity in identities:
            asset = await self.catalogue.assets.get(identity)
            if asset is not None and asset.facts is not None and not is_rejected(asset):
                _check_shown(asset, wish)
                return asset, Referenced(asset.facts, _revision(asset), marks_of(asset), caption_of(asset))
        raise UnknownReference(reference, tuple(key for each in identities for key in each.surrogate_keys))

    async def _raw(self, reference: Reference, wish: Wish) -> tuple[Asset, Referenced]:
        """A colour table, or a font: authenticated as upstream wants them, else as anybody uploads them."""
        types = dict.fromkeys((reference.type, "upload"))
        identities = [Identity(wish.cloud, "raw", each, reference.public_id) for each in types]
        for identity in identities if is_storable(reference.public_id) else ():
            asset = await self.catalogue.assets.get(identity)
            if asset is not None and not is_rejected(asset):
                _check_shown(asset, wish)
                return asset, Referenced(SourceFacts(0, 0, "raw", asset.bytes), _revision(asset))
        raise UnknownReference(reference, tuple(key for each in identities for key in each.surrogate_keys))

    async def _fetched(self, reference: Reference, wish: Wish) -> tuple[Asset, Referenced]:
        self.remotes.check_access(wish.cloud, is_signed=wish.is_signed)
        try:
            asset = await self.remotes.asset(wish.cloud, "image", reference.public_id)
        except Unavailable:
            raise
        except MediaError as error:
            raise UnknownReference(reference) from error
        assert asset.facts is not None
        return asset, Referenced(asset.facts, _revision(asset))


def at_own_quality(chain: Chain, about: About) -> Chain:
    """The chain at the quality that stands for `q_auto` where the asset's owner has set one (upload-api §3.2)."""
    asked = chain.settings.quality
    if about.quality is None or asked is None or not asked.is_automatic:
        return chain
    return evolve(chain, settings=evolve(chain.settings, quality=about.quality))


@asynccontextmanager
async def files_of(store: ObjectStore, layers: Sequence[Asset]) -> AsyncIterator[tuple[Path, ...]]:
    """Local files with the layers' bytes, to be read inside the `async with`."""
    async with AsyncExitStack() as open_files:
        yield tuple([await open_files.enter_async_context(store.local(each.store_key)) for each in layers])


def reference_of(entry: Input) -> Reference:
    """What a chain called by the name of one of a plan's inputs."""
    return Reference(entry.type, entry.public_id, entry.resource_type)


def _revision(asset: Asset) -> str:
    return f"{asset.asset_id}/{asset.revision}"


def _check_shown(asset: Asset, wish: Wish) -> None:
    """Nothing, or 401 for a layer that not everybody may see: it would be seen in the whole."""
    if is_restricted(asset) and not wish.is_signed:
        raise Unauthorized(REFUSED)
