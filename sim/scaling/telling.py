"""Tells those who ask a pool which of its instances are there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import define, field, frozen
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.web.iweb import IAgent

from sim.supervise.ready import SILENCE
from sim.topology.settle import Node
from wire.web.agent import post_json

log = Logger()

PATIENCE_SECONDS = 1.5
AGAIN_SECONDS = 5.0  # one that was started anew begins with what its document says

Members = Mapping[str, bool]  # an instance's base URL → whether it is there


@frozen
class Asker:
    """A node that asks the pool."""

    name: str
    url: str
    """Of its command."""


def askers_of(nodes: Iterable[Node], members: Iterable[str]) -> tuple[Asker, ...]:
    """All of these nodes that have one of the members for an upstream."""
    urls = frozenset(members)
    return tuple(
        Asker(node.name, f"{node.control.url}/members") for node in nodes if urls & _upstreams_of(node)
    )


def _upstreams_of(node: Node) -> frozenset[str]:
    if node.kind == "balancer":
        return frozenset(origin["url"] for origin in node.settings["origins"])
    secondary = node.settings.get("secondary", {})
    return frozenset((*node.settings.get("upstreams", ()), *secondary.get("upstreams", ())))


@define
class Telling:
    """What each of them was told last, and when."""

    askers: tuple[Asker, ...]
    agent: IAgent
    clock: IReactorTime
    _told: dict[str, tuple[Members, float]] = field(factory=dict, init=False)

    async def tell(self, members: Members) -> bool:
        """Tell whoever does not know; whether all know now. Who does not answer is told the next time."""
        now = self.clock.seconds()
        unsure = [asker for asker in self.askers if not self._knows(asker, members, now)]
        await gatherResults([Deferred.fromCoroutine(self._tell(asker, members)) for asker in unsure])
        return all(self._knows(asker, members, now) for asker in self.askers)

    def _knows(self, asker: Asker, members: Members, now: float) -> bool:
        told, at = self._told.get(asker.name, ({}, 0.0))
        return told == members and now - at < AGAIN_SECONDS

    async def _tell(self, asker: Asker, members: Members) -> None:
        posting = Deferred.fromCoroutine(post_json(self.agent, asker.url, members))
        try:
            status, body = await posting.addTimeout(PATIENCE_SECONDS, self.clock)
        except SILENCE:
            self._told.pop(asker.name, None)
            return
        if status == 200:
            self._told[asker.name] = members, self.clock.seconds()
        else:
            self._told.pop(asker.name, None)
            log.warn(
                "{node} was not told of the pool: {said}",
                node=asker.name,
                said=body.decode("utf-8", "replace"),
            )
