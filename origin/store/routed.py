"""Clouds with a store of their own among those that share one. A key's first segment is its cloud."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from twisted.internet.interfaces import IConsumer
from twisted.logger import Logger

from origin.ordered import merged
from origin.store.interface import ObjectInfo, ObjectStore, StoreUnavailable

log = Logger()


class RoutedStore:
    """One store to those who ask; a cloud's objects are nowhere but in its own."""

    def __init__(self, shared: ObjectStore, own: Mapping[str, ObjectStore]) -> None:
        self._shared = shared
        self._own = dict(own)

    def of(self, key: str) -> ObjectStore:
        """Where the objects of a key's cloud are."""
        return self._own.get(key.partition("/")[0], self._shared)

    async def put(self, key: str, source: Path) -> None:
        """Keep the file's bytes in the cloud's store."""
        await self.of(key).put(key, source)

    async def stat(self, key: str) -> ObjectInfo:
        """Size and time of an object, or `ObjectMissing`."""
        return await self.of(key).stat(key)

    async def send(self, key: str, consumer: IConsumer, start: int = 0, stop: int | None = None) -> None:
        """Write bytes `start..stop` from the cloud's store."""
        await self.of(key).send(key, consumer, start, stop)

    def local(self, key: str) -> AbstractAsyncContextManager[Path]:
        """A local file with the object's bytes."""
        return self.of(key).local(key)

    async def delete(self, key: str) -> None:
        """Forget an object; a missing one is no error."""
        await self.of(key).delete(key)

    async def list(self, prefix: str) -> AsyncIterator[ObjectInfo]:
        """Every object whose key starts with `prefix`, in key order."""
        if "/" in prefix:
            async for each in self.of(prefix).list(prefix):
                yield each
            return
        listings = [self._listed(None, prefix)]
        listings += [self._listed(cloud, prefix) for cloud in self._own if cloud.startswith(prefix)]
        async for each in merged(listings, lambda each: each.key):
            yield each

    async def _listed(self, cloud: str | None, prefix: str) -> AsyncIterator[ObjectInfo]:
        """One store's part of a listing over clouds: what it holds for others than its own is not shown."""
        listing = self._shared.list(prefix) if cloud is None else self._own[cloud].list(f"{cloud}/")
        async for each in listing:
            owner = each.key.partition("/")[0]
            if cloud is not None or owner not in self._own:
                yield each

    async def check(self) -> None:
        """Return when the shared store can serve. One cloud's trouble is no other's: it is told, no more."""
        for cloud, store in self._own.items():
            try:
                await store.check()
            except StoreUnavailable as error:
                log.warn("storage of cloud {cloud} is out of reach: {why}", cloud=cloud, why=str(error))
        await self._shared.check()

    async def close(self) -> None:
        """Release connections and threads of all."""
        for store in (*self._own.values(), self._shared):
            await store.close()
