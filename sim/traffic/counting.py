"""Asks nodes, once a second, what their links have carried."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import define, field
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.task import LoopingCall
from twisted.web.client import Agent

from sim.supervise.ready import get
from sim.traffic.linkbytes import LinkBytes

EVERY_SECONDS = 1.0


@define
class Counting:
    """From `begin` to `end`. Nodes that do not answer are asked again."""

    agent: Agent
    clock: Any
    controls: Mapping[str, str]
    """Node → control URL."""
    links: LinkBytes
    _begun_at: float = 0.0
    _looking: LoopingCall = field(init=False)
    _stopped: Deferred[LoopingCall] = field(init=False)

    async def begin(self) -> None:
        """Count from what they say now."""
        self._begun_at = self.clock.seconds()
        await self._look()
        self._looking = LoopingCall(lambda: Deferred.fromCoroutine(self._look()))
        self._looking.clock = self.clock
        self._stopped = self._looking.start(EVERY_SECONDS, now=False)

    async def end(self) -> None:
        """Up to what they say now."""
        self._looking.stop()
        await self._stopped  # a look that is under way, too
        await self._look()

    async def _look(self) -> None:
        await gatherResults(
            [Deferred.fromCoroutine(self._ask(name, url)) for name, url in self.controls.items()]
        )

    async def _ask(self, name: str, url: str) -> None:
        code, status = await get(self.agent, self.clock, f"{url}/status")
        if code == 200 and isinstance(status, dict):
            self.links.note(name, status.get("links", {}), self.clock.seconds() - self._begun_at)
