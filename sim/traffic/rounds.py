"""The nodes while traffic runs: once a second each is asked how it is, for all who want to know."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from typing import Any

from attrs import define, field
from twisted.internet.defer import CancelledError, Deferred, gatherResults
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.web.client import Agent

from sim.scaling.load import Load
from sim.supervise.ready import get
from sim.topology.scaling import pool_of
from sim.traffic.linkbytes import LinkBytes

EVERY_SECONDS = 1.0


@define
class Rounds:
    """From `begin` to `end`. Who does not answer is not there, and is asked again; nobody waits for him but the other
    instances of his pool, which are told as one."""

    agent: Agent
    clock: IReactorTime
    controls: Mapping[str, str]
    """Node → the base URL of its control port."""
    origins: Collection[str]
    """Those of them that are instances of a pool."""
    links: LinkBytes
    """Told what links have carried."""
    seen: Callable[[str, float, Load], None]
    """Told of a pool, seconds since the begin, and its load."""
    _begun_at: float | None = None
    _loops: list[LoopingCall] = field(factory=list)
    _asking: dict[tuple[str, ...], Deferred[None]] = field(factory=dict)

    async def begin(self) -> None:
        """Count from what they say now."""
        groups = self._groups()
        await gatherResults([self._ask(group) for group in groups])
        self._begun_at = self.clock.seconds()
        for group in groups:
            loop = LoopingCall(self._ask, group)
            loop.clock = self.clock
            loop.start(EVERY_SECONDS, now=False)
            self._loops.append(loop)

    async def end(self) -> None:
        """Up to what they say now. A question that is under way is given up."""
        for loop in self._loops:
            loop.stop()
        for asking in self._asking.values():
            asking.cancel()
        await gatherResults([self._ask(group) for group in self._groups()])

    def _groups(self) -> list[tuple[str, ...]]:
        """The instances of each pool, and every other node by itself."""
        pools: defaultdict[str, list[str]] = defaultdict(list)
        for name in self.controls:
            pools[f"pool {pool_of(name)}" if name in self.origins else name].append(name)
        return [tuple(group) for group in pools.values()]

    def _ask(self, group: tuple[str, ...]) -> Deferred[None]:
        asking = Deferred.fromCoroutine(self._ask_all(group))
        self._asking[group] = asking
        return asking.addErrback(lambda failure: failure.trap(CancelledError) and None)

    async def _ask_all(self, group: tuple[str, ...]) -> None:
        at = self._now()
        asking = [Deferred.fromCoroutine(self._ask_one(name)) for name in group]
        answers = await gatherResults(asking, consumeErrors=True)
        there = [status for status in answers if status is not None]
        if there and group[0] in self.origins:
            self.seen(pool_of(group[0]), at, Load.of(there))

    async def _ask_one(self, name: str) -> Mapping[str, Any] | None:
        code, status = await get(self.agent, self.clock, f"{self.controls[name]}/status")
        if code != 200 or not isinstance(status, dict):
            return None
        self.links.note(name, status.get("links", {}), self._now())
        return status

    def _now(self) -> float:
        return 0.0 if self._begun_at is None else self.clock.seconds() - self._begun_at
