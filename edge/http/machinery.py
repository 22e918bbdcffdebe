"""What all conversations of one node share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path

from attrs import define, field
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from edge.cache.banfile import BanFile
from edge.cache.interface import CacheUnavailable
from edge.cache.tiered import TieredCache
from edge.control.access_log import AccessLog
from edge.control.tally import Tally
from edge.core.bans import Ban, Bans, covers
from edge.core.entry import Entry
from edge.core.events import Event
from edge.core.flights import Flights, Notice
from edge.core.policy import Policy
from edge.core.purges import PurgeLog
from edge.http.express import ExpressLane
from edge.personality.interface import Personality
from edge.upstream.upstreams import Upstreams
from wire.web.draining import InFlight
from wire.web.spool import Spool

log = Logger()


class Hearer:
    """A waiter in the flight table: an exchange that can be told something."""

    def hear(self, event: Event) -> None:
        """An event from another exchange's doings."""
        raise TypeError(f"{self!r} hears nothing")


@define
class Machinery:
    """One node's cache, flights, purges and upstreams, and the clock they go by."""

    policy: Policy
    cache: TieredCache
    flights: Flights
    purges: PurgeLog
    upstreams: Upstreams
    now: Callable[[], float]
    clock: IReactorTime
    tally: Tally
    ban_file: BanFile
    personality: Personality | None = None
    access_log: AccessLog | None = None
    spool_folder: Path | None = None
    spool_fallback_bytes: int = 0
    """What memory may hold of one body that the folder cannot take."""
    tell_siblings: Callable[[Sequence[str], Sequence[str]], Awaitable[object]] | None = None
    """Where the node is several processes: have all of them forget keys and tags."""
    lanes: list[ExpressLane] = field(factory=list)
    """Those of the viewers' sites."""
    in_flight: InFlight = field(factory=InFlight)
    spools: dict[int, Spool] = field(factory=dict)
    """The growing body behind each shared prospect, by the prospect's identity."""
    _looking_up: dict[str, set[object]] = field(factory=dict, init=False)
    _alarm: IDelayedCall | None = field(default=None, init=False)

    def spool(self, *, keep: bool = True, on_disk: bool = True) -> Spool:
        """A new one, for one body."""
        folder = self.spool_folder if on_disk else None
        return Spool(folder, keep=keep, fallback_bytes=self.spool_fallback_bytes)

    @property
    def bans(self) -> Bans:
        """What was purged by generation."""
        return self.ban_file.bans

    def hand_round(self, notices: Iterable[Notice]) -> None:
        """Tell each exchange what another's step means for it."""
        for notice in notices:
            if isinstance(notice.waiter, Hearer):
                notice.waiter.hear(notice.event)

    def watch_flights(self) -> None:
        """See to it that followers who wait too long are told so."""
        deadline = self.flights.next_deadline()
        if deadline is None or (self._alarm is not None and self._alarm.active()):
            return
        self._alarm = self.clock.callLater(max(0.01, deadline - self.now()), self._tick)

    def stop(self) -> None:
        """No more alarms, nor measurements."""
        if self.upstreams.routes is not None:
            self.upstreams.routes.stop()
        if self._alarm is not None and self._alarm.active():
            self._alarm.cancel()

    def _tick(self) -> None:
        self._alarm = None
        self.hand_round(self.flights.tick(self.now()))
        self.watch_flights()

    async def variants(self, key: str) -> tuple[Entry, ...]:
        """What is stored under a key, read again if a flight for it landed meanwhile.

        Or else a viewer whose look-up began before the landing, and ended after it, would find neither.
        """
        mark = object()
        self._looking_up.setdefault(key, set()).add(mark)
        try:
            entries = await self._variants(key)
            while mark not in self._looking_up.get(key, ()):
                self._looking_up.setdefault(key, set()).add(mark)
                entries = await self._variants(key)
        finally:
            marks = self._looking_up.get(key, set())
            marks.discard(mark)
            if not marks:
                self._looking_up.pop(key, None)
        return entries

    async def _variants(self, key: str) -> tuple[Entry, ...]:
        entries = self.bans.surviving(await self.cache.variants(key))
        if self.tell_siblings is None or not entries or any(entry.is_fresh(self.now()) for entry in entries):
            return entries
        # what is remembered in this process has grown stale: another may have renewed it on disk
        return self.bans.surviving(await self.cache.variants_by_now(key))

    def stored(self, key: str) -> None:
        """A fetch has left its answer under this key: look-ups under way are outdated."""
        self._looking_up.pop(key, None)

    async def forget(self, keys: Sequence[str], tags: Sequence[str]) -> int:
        """Forget these keys and what carries these tags now, and let no fetch under way bring them back; how many
        there were. `CacheUnavailable` where they may come back."""
        self.purges.purge(keys, tags)
        self.flights.purge(keys, tags)
        removed = 0
        for key in keys:
            removed += await self.cache.remove(key)
        if tags:
            removed += await self.cache.purge_tags(tuple(tags))
        return removed

    async def invalidate(self, keys: tuple[str, ...], tags: tuple[str, ...] = ()) -> None:
        """Forget what an unsafe request made invalid, in every process of the node, as well as that can be done."""
        try:
            await self.forget(keys, tags)
            if self.tell_siblings is not None:
                await self.tell_siblings(keys, tags)
        except CacheUnavailable as error:
            log.warn("could not invalidate {keys}: {error}", keys=keys, error=error)

    async def ban(self, bans: tuple[Ban, ...], *, soft: bool, at: float | None = None) -> None:
        """Forget what these cover, or declare it stale, without looking for it; `CacheUnavailable` where it could
        come back with the next process."""
        if not soft:
            self.flights.purge(covers=lambda key: covers(bans, key))
        for lane in self.lanes:
            lane.clear()
        await self.ban_file.add(bans, self.now() if at is None else at, soft=soft)
