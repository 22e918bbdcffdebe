"""What only pixels tell of a picture, looked up once: in memory, in the catalogue, or by a render worker."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from attrs import define, field

from origin.catalogue import Asset, Catalogue
from origin.counters import Counters
from origin.delivery.known import Known
from origin.render import faces
from origin.render.pool import RenderPool
from origin.store.interface import ObjectStore
from origin.transform.composite import File
from origin.transform.plan import SourceFacts
from origin.transform.portion import WHOLE, Portion
from origin.transform.references import Margins
from origin.transform.sight import Rect, Sight

Picture = Asset | Path
"""A stored picture, or one that has just come in and is nobody's yet."""

IMPORTANCE_VERSION = "1"
"""Raised whenever the same picture would be seen otherwise: it is looked at again then."""

SIGHTS_KEPT = 500  # some ten kilobytes each
MARGINS_KEPT = 1000


@define(eq=False)
class Looks:
    """Looks at pictures for whoever plans."""

    catalogue: Catalogue
    store: ObjectStore
    renders: RenderPool
    counters: Counters
    algorithm: str = field(init=False)
    _sights: Known[Sight] = field(factory=lambda: Known(SIGHTS_KEPT), init=False)
    _margins: Known[Rect] = field(factory=lambda: Known(MARGINS_KEPT), init=False)

    def __attrs_post_init__(self) -> None:
        self.algorithm = f"{IMPORTANCE_VERSION}/{faces.name()}"

    async def sight(self, picture: Picture, facts: SourceFacts, portion: Portion = WHOLE) -> Sight:
        """What is in it. A stored picture is looked at once in its life, or once a page."""
        if isinstance(picture, Path):
            return await self._seen(picture, facts, portion)
        key = (picture.asset_id, picture.revision, portion)
        return await self._sights.get(key, lambda: self._remembered(picture, facts, portion))

    async def _remembered(self, asset: Asset, facts: SourceFacts, portion: Portion) -> Sight:
        algorithm = self.algorithm if portion == WHOLE else f"{self.algorithm}/{portion}"
        sight = await self.catalogue.sights.get(asset, algorithm)
        if sight is None:
            async with self.store.local(asset.store_key) as path:
                sight = await self._seen(path, facts, portion)
            await self.catalogue.sights.put(asset, algorithm, sight)
        return sight

    async def _seen(self, path: Path, facts: SourceFacts, portion: Portion) -> Sight:
        self.counters.looks += 1
        return await self.renders.see(path, facts, portion)

    async def margins(
        self, wanted: Margins, picture: Picture, facts: SourceFacts, layers: Sequence[Asset]
    ) -> Rect:
        """What a trim leaves of it part of the way through a chain; `layers` are those of the look's inputs."""
        source = wanted.look.source
        if isinstance(source, File):
            own: Picture | None = layers[source.input]
        else:
            own = picture if source is None else None

        async def looked() -> Rect:
            self.counters.looks += 1
            async with AsyncExitStack() as open_files:
                opened = open_files.enter_async_context
                path = await opened(_local(self.store, own)) if own is not None else None
                files = [await opened(self.store.local(each.store_key)) for each in layers]
                return await self.renders.margins(wanted, path, facts, files)

        if isinstance(own, Path):
            return await looked()
        identity = ("", "") if own is None else (own.asset_id, own.revision)
        return await self._margins.get((*identity, wanted), looked)


@asynccontextmanager
async def _local(store: ObjectStore, picture: Picture) -> AsyncIterator[Path]:
    if isinstance(picture, Path):
        yield picture
    else:
        async with store.local(picture.store_key) as path:
            yield path
