"""The origin pools while traffic runs: once a second, how many instances there are and how hard they are pressed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from attrs import define, field
from twisted.internet.defer import CancelledError, Deferred, gatherResults
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.web.client import Agent

from sim.scaling.load import Load
from sim.supervise.ready import get
from sim.topology.scaling import pool_of

EVERY_SECONDS = 1.0


@define
class Origins:
    """Asks every instance that there may be. Those that do not answer are not there."""

    agent: Agent
    clock: IReactorTime
    controls: Mapping[str, str]
    """Instance → the base URL of its control port."""
    seen: Callable[[str, float, Load], None]
    """Told of a pool, seconds since the start, and its load."""
    _loop: LoopingCall = field(init=False)
    _looking: Deferred[None] | None = None

    def start(self) -> None:
        """The traffic begins."""
        begun = self.clock.seconds()
        self._loop = LoopingCall(lambda: self._begin(self.clock.seconds() - begun))
        self._loop.clock = self.clock
        self._loop.start(EVERY_SECONDS).addErrback(lambda failure: failure.trap(CancelledError) and None)

    def stop(self) -> None:
        """It is over."""
        self._loop.stop()
        if self._looking is not None:
            self._looking.cancel()

    def _begin(self, at: float) -> Deferred[None]:
        self._looking = Deferred.fromCoroutine(self._look(at))
        return self._looking

    async def _look(self, at: float) -> None:
        asking = [
            Deferred.fromCoroutine(get(self.agent, self.clock, f"{url}/status"))
            for url in self.controls.values()
        ]
        answers = await gatherResults(asking, consumeErrors=True)
        pools: defaultdict[str, list[Any]] = defaultdict(list)
        for name, (code, status) in zip(self.controls, answers, strict=True):
            if code == 200 and isinstance(status, dict):
                pools[pool_of(name)].append(status)
        for name, statuses in pools.items():
            self.seen(name, at, Load.of(statuses))
