"""Mezzanines: made in idle moments after an asset's first derivative, kept like one, and shown to nobody.

Its row and object go when the asset is overwritten or deleted, as those of derived assets do. Which bytes a URL
gets stays the first writer's choice: a derived asset once stored is not painted again.
"""

from twisted.application.service import Service
from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from origin.catalogue import MEZZANINE, Asset, Derived, derived_key
from origin.counters import Counters
from origin.delivery.shelf import NewFile, Shelf
from origin.render.pool import RenderPool
from origin.store.interface import ObjectStore
from origin.transform.mezzanine import making
from wire.errors import MediaError

VERSION = "1"
"""Raised whenever another size or quality is made."""


class Mezzanines(Service):
    """Those of all assets. What is being made when the node stops is given up."""

    _log = Logger()

    def __init__(
        self,
        *,
        shelf: Shelf,
        store: ObjectStore,
        renders: RenderPool,
        counters: Counters,
        is_wanted: bool = True,
    ) -> None:
        self._shelf = shelf
        self._store = store
        self._renders = renders
        self._counters = counters
        self._is_wanted = is_wanted
        self._under_way: dict[str, Deferred[None]] = {}

    async def of(self, asset: Asset) -> Derived | None:
        """The mezzanine of the asset's present revision, if there is one yet."""
        return await self._shelf.found(_key(asset)) if self._is_wanted else None

    @property
    def under_way(self) -> int:
        """How many are being made."""
        return len(self._under_way)

    def make_soon(self, asset: Asset) -> None:
        """Make it when no viewer waits for a render; once, however often this is asked."""
        key = _key(asset)
        if not self._is_wanted or not self.running or key in self._under_way:
            return
        making = self._under_way[key] = Deferred.fromCoroutine(self._make(key, asset))
        making.addBoth(self._ended, key)

    def stopService(self) -> None:
        super().stopService()
        for each in list(self._under_way.values()):
            each.cancel()

    async def _make(self, key: str, asset: Asset) -> None:
        assert asset.facts is not None
        if await self._shelf.found(key) is not None:
            return  # another node was quicker
        async with self._store.local(asset.store_key) as source:
            made = await self._renders.render(making(asset.facts), source, asset.facts, is_urgent=False)
        await self._shelf.keep(asset, key, MEZZANINE, NewFile.of(made))
        self._counters.mezzanines += 1

    def _ended(self, outcome: object, key: str) -> None:
        """Nobody waits: what failed is tried again after the next derivative."""
        del self._under_way[key]
        if not isinstance(outcome, Failure):
            return
        if isinstance(outcome.value, MediaError):
            self._log.info("no mezzanine: {why}", why=str(outcome.value))
        elif not isinstance(outcome.value, CancelledError):
            self._log.failure("while making a mezzanine", outcome)


def _key(asset: Asset) -> str:
    return derived_key(asset, MEZZANINE, VERSION)
