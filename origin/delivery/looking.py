"""What only pixels tell of a picture, looked up once: in memory, in the catalogue, or by a render worker."""

from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Generic, TypeVar

from attrs import define, field

from origin.catalogue import Asset, Catalogue
from origin.counters import Counters
from origin.delivery.flights import Flights
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

IMPORTANCE_VERSION = "2"
"""Raised whenever the same picture would be seen otherwise: it is looked at again then."""

SIGHTS_KEPT = 500  # some ten kilobytes each
MARGINS_KEPT = 1000

K = TypeVar("K")
V = TypeVar("V")


@define(eq=False)
class _Known(Generic[K, V]):
    """The answers used last; one question asked twice at once is answered once."""

    most: int
    _answers: OrderedDict[K, V] = field(factory=OrderedDict, init=False)
    _flights: Flights[V] = field(factory=Flights, init=False)

    async def get(self, question: K, answered: Callable[[], Coroutine[Any, Any, V]]) -> V:
        if question in self._answers:
            self._answers.move_to_end(question)
            return self._answers[question]
        answer = await self._flights.join(repr(question), answered)
        self._answers[question] = answer
        if len(self._answers) > self.most:
            self._answers.popitem(last=False)
        return answer


@define(eq=False)
class Looks:
    """Looks at pictures for whoever plans."""

    catalogue: Catalogue
    store: ObjectStore
    renders: RenderPool
    counters: Counters
    algorithm: str = field(init=False)
    _sights: _Known[tuple[str, str, Portion], Sight] = field(init=False)
    _margins: _Known[tuple[str, str, Margins], Rect] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.algorithm = f"{IMPORTANCE_VERSION}/{faces.name()}"
        self._sights = _Known(SIGHTS_KEPT)
        self._margins = _Known(MARGINS_KEPT)

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
