"""What every object store promises. `tests/contracts/test_store.py` holds each implementation to it."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

from attrs import frozen
from twisted.internet.interfaces import IConsumer

from wire.errors import NotFound, Unavailable


class ObjectMissing(NotFound):
    """No object under that key."""


class StoreUnavailable(Unavailable):
    """The store cannot be reached or cannot write. 503 with Retry-After."""


def out_of_reach(why: str) -> StoreUnavailable:
    """The one thing a caller needs to know; the rest is for the log."""
    return StoreUnavailable("Storage is out of reach", log=f"object store: {why}")


@frozen
class ObjectInfo:
    """An object as a listing shows it."""

    key: str
    size: int  # bytes
    modified: float  # unix seconds


class ObjectStore(Protocol):
    """Immutable objects under `/`-separated keys (`[A-Za-z0-9._/-]`, no empty, `.` or `..` segment).

    A key is written once and never changed in place, so a reader is never torn. Every method raises
    `StoreUnavailable` when the store is out of reach.
    """

    async def put(self, key: str, source: Path) -> None:
        """Keep the file's bytes under `key`, atomically and durably; `source` is consumed (moved or removed).

        After an error `source` may still be there, and whoever made it removes it.
        """

    async def stat(self, key: str) -> ObjectInfo:
        """Size and time of an object, or `ObjectMissing`."""

    async def send(self, key: str, consumer: IConsumer, start: int = 0, stop: int | None = None) -> None:
        """Write bytes `start..stop` (stop exclusive, None: to the end) to `consumer` under its back-pressure.

        Registers and unregisters a producer; does not finish the consumer. Raises `ObjectMissing` before
        the first byte. Cancelling the awaiting Deferred stops the transfer; a consumer that stops it makes
        this raise `CancelledError`. An object that turns out shorter than asked is `StoreUnavailable`,
        perhaps after some bytes: the caller must then break its own response off.
        """

    def local(self, key: str) -> AbstractAsyncContextManager[Path]:
        """A local file with the object's bytes, to be read inside the `async with`; or `ObjectMissing`."""

    async def delete(self, key: str) -> None:
        """Forget an object; a missing one is no error."""

    def list(self, prefix: str) -> AsyncIterator[ObjectInfo]:
        """Every object whose key starts with `prefix`, in key order."""

    async def check(self) -> None:
        """Return when it can serve (bucket or folder made if missing), else `StoreUnavailable`."""

    async def close(self) -> None:
        """Release connections and threads."""
