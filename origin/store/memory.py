"""The tests' store: objects in a dict, held to the same contract as the real ones."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

from attrs import define, field
from twisted.internet.interfaces import IConsumer

from origin.store.feeding import feed, span
from origin.store.interface import ObjectInfo, ObjectMissing, StoreUnavailable
from origin.store.keys import checked_key, checked_prefix


@define(eq=False)
class MemoryStore:
    """Forgets all at exit. `is_reachable = False` makes it behave like a server that went away."""

    scratch: Path
    seconds: Callable[[], float]  # unix time
    is_reachable: bool = True
    objects: dict[str, tuple[bytes, float]] = field(factory=dict)

    async def put(self, key: str, source: Path) -> None:
        """Keep the file's bytes and remove it."""
        self._reach()
        self.objects[checked_key(key)] = (source.read_bytes(), self.seconds())
        source.unlink()

    async def stat(self, key: str) -> ObjectInfo:
        """Size and time of an object, or `ObjectMissing`."""
        data, modified = self._get(key)
        return ObjectInfo(key, len(data), modified)

    async def send(self, key: str, consumer: IConsumer, start: int = 0, stop: int | None = None) -> None:
        """Write bytes `start..stop` under back-pressure."""
        data, _ = self._get(key)

        async def read(offset: int, most: int) -> bytes:
            self._reach()
            return data[offset : offset + most]

        await feed(consumer, read, *span(len(data), start, stop))

    @asynccontextmanager
    async def local(self, key: str) -> AsyncIterator[Path]:
        """A copy in the scratch folder."""
        data, _ = self._get(key)
        self.scratch.mkdir(parents=True, exist_ok=True)
        path = self.scratch / f"{uuid4().hex}{Path(key).suffix}"
        path.write_bytes(data)
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    async def delete(self, key: str) -> None:
        """Forget an object; a missing one is no error."""
        self._reach()
        self.objects.pop(checked_key(key), None)

    async def list(self, prefix: str) -> AsyncIterator[ObjectInfo]:
        """Every object whose key starts with `prefix`, in key order."""
        self._reach()
        for key in sorted(each for each in self.objects if each.startswith(checked_prefix(prefix))):
            if key in self.objects:
                data, modified = self.objects[key]
                yield ObjectInfo(key, len(data), modified)

    async def check(self) -> None:
        """Return when the store can serve."""
        self._reach()

    async def close(self) -> None:
        """Nothing to release."""

    def _reach(self) -> None:
        if not self.is_reachable:
            raise StoreUnavailable("Storage is out of reach", log="the memory store was told to be away")

    def _get(self, key: str) -> tuple[bytes, float]:
        self._reach()
        try:
            return self.objects[checked_key(key)]
        except KeyError:
            raise ObjectMissing("Resource not found", log=f"no object at {key}") from None
