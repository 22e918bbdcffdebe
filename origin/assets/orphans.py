"""What never came to its end is swept now and then, by whichever node is up: objects without a row, and uploads in
parts of which no part comes any more; then what others have to be swept."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from origin.catalogue import Catalogue
from origin.store.interface import ObjectStore
from origin.store.keys import object_prefixes
from origin.store.sweep import sweep
from wire.errors import Unavailable

EVERY_SECONDS = 3600.0
GRACE_SECONDS = 3600.0  # longer than the longest way from object to row
IDLE_SECONDS = 24 * 3600.0  # of an upload in parts (upload-api §5)


class OrphanSweep(Service):
    """Once an hour forgets idle uploads, lists the store, and removes what no row names."""

    _log = Logger()

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        store: ObjectStore,
        clouds: Iterable[str],
        clock: IReactorTime,
        now: Callable[[], float],
        grace_seconds: float = GRACE_SECONDS,
        chores: Sequence[Callable[[], Awaitable[None]]] = (),
    ) -> None:
        self._catalogue = catalogue
        self._store = store
        # only what uploads and renders of these clouds write: the bucket may hold others' objects too
        self._prefixes = [prefix for cloud in clouds for prefix in object_prefixes(cloud)]
        self._now = now
        self._chores = chores
        self._grace_seconds = grace_seconds
        self._loop = LoopingCall(self._begin)
        self._loop.clock = clock
        self._ended: Deferred[Any] | None = None
        self._running: Deferred[None] | None = None

    def startService(self) -> None:
        super().startService()
        self._ended = self._loop.start(EVERY_SECONDS, now=False)

    def stopService(self) -> Deferred[None]:
        return Deferred.fromCoroutine(self._stop())

    async def _stop(self) -> None:
        super().stopService()
        if self._loop.running:
            self._loop.stop()
        if self._running is not None:
            self._running.cancel()
        if self._ended is not None:
            await self._ended

    async def once(self) -> None:
        """One sweep."""
        now = self._now()
        while await self._catalogue.uploads.expire(before=now - IDLE_SECONDS, now=now):
            pass
        for chore in self._chores:
            await chore()
        for prefix in self._prefixes:
            await sweep(
                self._store,
                self._catalogue.objects.named,
                prefix=prefix,
                now=now,
                grace_seconds=self._grace_seconds,
            )

    def _begin(self) -> "Deferred[None]":
        self._running = Deferred.fromCoroutine(self._swept())
        return self._running

    async def _swept(self) -> None:
        try:
            await self.once()
        except Unavailable as error:
            self._log.info("no sweep: {why}", why=str(error))
        except CancelledError:
            pass
        except Exception:  # noqa: BLE001  the border: a sweep that fails must not end the node's other work
            self._log.failure("while sweeping orphans")
