"""The instances of a pool that stand on other machines: which are gone, and what of theirs is ours meanwhile."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import define, field
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.interfaces import IReactorTime
from twisted.web.client import Agent

from sim.supervise.ready import get
from sim.topology.settle import Node

PATIENCE_SECONDS = 1.5
GONE_SECONDS = 10.0  # of silence of all its instances
REMEMBERED = 5  # looks: a machine that dies may do so instance by instance


@define
class Machine:
    """One of the others. One that was never heard of is not gone: it may not have begun."""

    nodes: Sequence[Node]
    heard: float | None = None
    _served: deque[int] = field(factory=lambda: deque(maxlen=REMEMBERED), init=False)

    def note(self, now: float, serving: int) -> None:
        """So many of its instances answered."""
        if serving:
            self.heard = now
            self._served.append(serving)

    def is_there(self, now: float) -> bool:
        return self.heard is not None and now - self.heard <= GONE_SECONDS

    def is_gone(self, now: float) -> bool:
        return self.heard is not None and now - self.heard > GONE_SECONDS

    @property
    def served(self) -> int:
        """How many it ran when it was heard of last."""
        return max(self._served)


@define
class Elsewhere:
    """The other machines of one pool, asked by this one. Machines see each other only so: nobody decides for all."""

    order: Sequence[str]
    """All machines of the pool, this one among them."""
    here: str
    others: Mapping[str, Machine]
    agent: Agent
    clock: IReactorTime

    @classmethod
    def of(
        cls, here: str, nodes: Mapping[str, Sequence[Node]], agent: Agent, clock: IReactorTime
    ) -> Elsewhere:
        """By the instances of each machine, in the order in which they go round."""
        others = {name: Machine(theirs) for name, theirs in nodes.items() if name != here}
        return cls(tuple(nodes), here, others, agent, clock)

    async def look(self) -> None:
        """Ask all of them, once."""
        nodes = [node for machine in self.others.values() for node in machine.nodes]
        answers = await gatherResults([self._asks(node) for node in nodes])
        answering = {node.name for node, answers_us in zip(nodes, answers, strict=True) if answers_us}
        for machine in self.others.values():
            machine.note(self.clock.seconds(), sum(node.name in answering for node in machine.nodes))

    @property
    def gone(self) -> tuple[str, ...]:
        """The machines that none of their instances answers on."""
        now = self.clock.seconds()
        return tuple(name for name in self.order if name in self.others and self.others[name].is_gone(now))

    @property
    def ours(self) -> int:
        """How many instances of those that are gone are this machine's to stand in for: those that are left share them,
        the first ones taking one more where it does not come out even."""
        now = self.clock.seconds()
        left = [name for name in self.order if name == self.here or self.others[name].is_there(now)]
        lost = sum(self.others[name].served for name in self.gone)
        return (lost + len(left) - 1 - left.index(self.here)) // len(left)

    def _asks(self, node: Node) -> Deferred[bool]:
        asking: Deferred[Any] = Deferred.fromCoroutine(
            get(self.agent, self.clock, f"{node.control.url}/status")
        )
        asking.addTimeout(PATIENCE_SECONDS, self.clock, lambda *_: (None, None))
        return asking.addCallback(lambda told: told[0] == 200)
