"""What must still be told, at least once: caches purged of what changed, objects no row names removed."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from treq import content
from treq.client import HTTPClient
from twisted.application.service import Service
from twisted.internet.defer import CancelledError, Deferred, DeferredList
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger
from twisted.web.iweb import IAgent

from origin.assets.purging import LEAD_SECONDS, PURGE
from origin.catalogue import REMOVE_OBJECT, Catalogue, Message, OutboxEntry
from origin.store.interface import ObjectStore
from wire.errors import Unavailable

LEASE_SECONDS = 60.0
POST_SECONDS = 5.0
PURGE_SECONDS = 2.0  # how long an answer waits for caches to be told
BATCH = 100
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0


class Courier(Service):
    """Delivers the outbox: several nodes may, each entry is claimed by one of them at a time.

    A purge is told to every node in two rounds. In the first, a node may be emptied before the one it asks,
    and fill itself again with the old; the second finds that. For a node that is away a message of its own
    waits; when it could be told at last, all are told once more, since it may have handed out the old.
    """

    _log = Logger()

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        store: ObjectStore,
        agent: IAgent,
        nodes: Sequence[str],
        clock: IReactorTime,
        now: Callable[[], float],
        every_seconds: float = 0.5,
    ) -> None:
        self._catalogue = catalogue
        self._store = store
        self._http = HTTPClient(agent)
        self._nodes = tuple(node.rstrip("/") for node in nodes)
        self._clock = clock
        self._now = now
        self._loop = LoopingCall(self._round)
        self._loop.clock = clock
        self._every_seconds = every_seconds
        self._looping: Deferred[Any] | None = None
        self._running: Deferred[None] | None = None
        self._telling: set[Deferred[None]] = set()
        self.purges = 0  # entries told
        self.removals = 0

    def startService(self) -> None:
        super().startService()
        self._looping = self._loop.start(self._every_seconds, now=False)

    def stopService(self) -> Deferred[None]:
        """What is under way is dropped; its lease brings it back to whoever is there then."""
        return Deferred.fromCoroutine(self._stop())

    async def _stop(self) -> None:
        super().stopService()
        if self._loop.running:
            self._loop.stop()
        for telling in (self._running, *self._telling):
            if telling is not None:
                telling.cancel()
        if self._looping is not None:
            await self._looping

    async def purge_now(self, within_seconds: float = PURGE_SECONDS) -> None:
        """Tell what is due, for a caller who would like to see it told; waits no longer than so many seconds.

        The telling itself goes on: cut short, its entries would lie claimed until their lease ends.
        """
        telling = Deferred.fromCoroutine(self._safely(self._purge_soon))
        self._telling.add(telling)
        waiting: Deferred[None] = Deferred()

        def told(_: None) -> None:
            self._telling.discard(telling)
            if not waiting.called:
                waiting.callback(None)

        telling.addCallback(told)
        waiting.addTimeout(within_seconds, self._clock, onTimeoutCancel=lambda _result, _seconds: None)
        await waiting

    def _round(self) -> "Deferred[None]":
        self._running = Deferred.fromCoroutine(self._deliver())
        return self._running

    async def _deliver(self) -> None:
        await self._safely(self._purge)
        await self._safely(self._remove)

    async def _safely(self, deliver: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await deliver()
        except Unavailable as error:
            self._log.debug("the outbox waits: {why}", why=str(error))
        except CancelledError:
            pass
        except Exception:  # noqa: BLE001  the border: one bad round must not end all rounds
            self._log.failure("while delivering the outbox")

    async def _claimed(self, kind: str, lead_seconds: float = 0.0) -> tuple[OutboxEntry, ...]:
        return await self._catalogue.outbox.claim(
            BATCH, now=self._now() + lead_seconds, lease_seconds=LEASE_SECONDS, kinds=(kind,)
        )

    async def _purge_soon(self) -> None:
        await self._purge(LEAD_SECONDS)

    async def _purge(self, lead_seconds: float = 0.0) -> None:
        groups: dict[tuple[str, ...] | None, list[OutboxEntry]] = {}
        for entry in await self._claimed(PURGE, lead_seconds):
            late = entry.payload.get("nodes")
            groups.setdefault(tuple(late) if late is not None else None, []).append(entry)
        for late_nodes, entries in groups.items():
            keys = list(dict.fromkeys(key for entry in entries for key in entry.payload["keys"]))
            if late_nodes is None:
                await self._purge_all(keys, entries)
            else:
                await self._purge_late(keys, entries, [each for each in late_nodes if each in self._nodes])

    async def _purge_all(self, keys: list[str], entries: list[OutboxEntry]) -> None:
        missed = await self._missed(keys, self._nodes) or await self._missed(keys, self._nodes)
        if missed:
            await self._add(Message(PURGE, {"keys": keys, "nodes": missed}, FIRST_PAUSE_SECONDS))
        await self._end(entries)

    async def _purge_late(self, keys: list[str], entries: list[OutboxEntry], nodes: list[str]) -> None:
        missed = await self._missed(keys, nodes)
        if missed and len(missed) == len(nodes):
            for entry in entries:
                await self._put_off(entry)
            return
        if missed:
            await self._add(Message(PURGE, {"keys": keys, "nodes": missed}, FIRST_PAUSE_SECONDS))
        elif nodes:
            await self._add(Message(PURGE, {"keys": keys}))  # others may have asked it for the old meanwhile
        await self._end(entries)

    async def _add(self, message: Message) -> None:
        await self._catalogue.outbox.add([message], now=self._now())

    async def _end(self, entries: list[OutboxEntry]) -> None:
        self.purges += len(entries)
        await self._catalogue.outbox.done(*entries)

    async def _missed(self, keys: list[str], nodes: Sequence[str]) -> list[str]:
        """The nodes that could not be told."""
        order = {"urls": [], "keys": keys, "soft": False, "fanout": False}
        outcomes = await DeferredList(
            [Deferred.fromCoroutine(self._post(node, order)) for node in nodes], consumeErrors=True
        )
        missed = []
        for (is_told, failure), node in zip(outcomes, nodes, strict=True):
            if not is_told:
                self._log.debug("{node} was not purged: {why}", node=node, why=str(failure))
                missed.append(node)
        return missed

    async def _post(self, node: str, order: dict[str, Any]) -> None:
        response = await self._http.post(f"{node}/purge", json=order).addTimeout(POST_SECONDS, self._clock)
        await content(response).addTimeout(POST_SECONDS, self._clock)
        if response.code != 200:
            raise Unavailable(f"{node} answered a purge with {response.code}")

    async def _remove(self) -> None:
        for entry in await self._claimed(REMOVE_OBJECT):
            try:
                await self._store.delete(entry.payload["key"])
            except Unavailable:
                await self._put_off(entry)
                continue
            self.removals += 1
            await self._catalogue.outbox.done(entry)

    async def _put_off(self, entry: OutboxEntry) -> None:
        pause = min(FIRST_PAUSE_SECONDS * 2 ** min(entry.attempts - 1, 10), LONGEST_PAUSE_SECONDS)
        await self._catalogue.outbox.later(entry, self._now() + pause)
