"""One elastic pool, driven: looked at, decided on, its instances started, drained and ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import define, field
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.interfaces import IReactorTime
from twisted.web.client import Agent

from sim.scaling.decision import Scaler
from sim.scaling.elsewhere import Elsewhere
from sim.scaling.load import Load
from sim.scaling.plan import Moves, Standing, moves, running
from sim.scaling.telling import Telling
from sim.supervise.child import Child
from sim.supervise.lifecycle import State
from sim.supervise.ready import get
from sim.topology.settle import Node

PATIENCE_SECONDS = 1.5
LOST_SECONDS = 10.0  # of silence
IDLE_SECONDS = 1.0  # nothing under way for so long, after all were told: then nothing is on its way either


@define
class Draining:
    """An instance that is to end."""

    since: float
    idle_since: float | None = None


@define
class ElasticPool:
    """The instances of one pool, in their order."""

    name: str
    nodes: Sequence[Node]
    children: Mapping[str, Child]
    scaler: Scaler
    telling: Telling
    agent: Agent
    clock: IReactorTime
    say: Callable[[str], None]
    elsewhere: Elsewhere | None = None
    """The rest of a pool that stands on several machines."""
    load: Load = field(factory=lambda: Load(0))
    draining: dict[str, Draining] = field(factory=dict)
    _ended: set[str] = field(factory=set)  # by us, and not by an operator who wants them down
    _heard: dict[str, float] = field(factory=dict)  # when each answered last

    async def look(self) -> None:
        """Once around: ask, decide, act."""
        statuses = await self._statuses()
        now = self.clock.seconds()
        standings = self.standings(now)
        self.scaler.adopt(running(standings))
        self.load = Load.of(
            status for name, status in statuses.items() if standings[name] is Standing.SERVING
        )
        self._stand_in()
        before = self.scaler.wanted
        wanted = self.scaler.look(now, self.load)
        self._tell(before, self._why())
        self._move(now, moves(wanted, standings))
        all_know = await self.telling.tell(
            {node.listen.url: self._is_member(node.name) for node in self.nodes}
        )
        self._end_the_drained(now, statuses, all_know=all_know)

    def _stand_in(self) -> None:
        if self.elsewhere is None:
            return
        before = self.scaler.wanted
        self.scaler.stand_in(self.elsewhere.ours)
        self._tell(before, f"nothing is heard of {' and '.join(self.elsewhere.gone)}")

    def _tell(self, before: int, why: str) -> None:
        if self.scaler.wanted != before:
            self.say(f"{self.name}: {before} → {self.scaler.wanted} instances ({why})")

    def standings(self, now: float) -> dict[str, Standing]:
        """Where each of them stands."""
        return {node.name: self._standing(self.children[node.name], now) for node in self.nodes}

    def told(self) -> dict[str, Any]:
        """The pool, for the page."""
        return {
            "name": self.name,
            "region": self.nodes[0].region,
            "min": self.scaler.instances.min,
            "max": self.scaler.instances.max,
            "wanted": self.scaler.wanted,
            "serving": self.load.instances,
            "queue_wait_ms": round(self.load.queue_wait_seconds * 1000, 1),
            "utilisation": round(self.load.utilisation, 3),
            "stands_in_for": list(self.elsewhere.gone) if self.elsewhere is not None else [],
        }

    async def _statuses(self) -> dict[str, Mapping[str, Any]]:
        """What those that run say."""
        nodes = [node for node in self.nodes if self.children[node.name].pid is not None]
        answers = await gatherResults([self._ask(node) for node in nodes])
        found: dict[str, Mapping[str, Any]] = {}
        for node, (code, status) in zip(nodes, answers, strict=True):
            if code == 200 and isinstance(status, dict):
                found[node.name] = status
                self._heard[node.name] = self.clock.seconds()
        return found

    def _ask(self, node: Node) -> Deferred[tuple[int | None, Any]]:
        asking = Deferred.fromCoroutine(get(self.agent, self.clock, f"{node.control.url}/status"))
        return asking.addTimeout(PATIENCE_SECONDS, self.clock, lambda *_: (None, None))

    def _standing(self, child: Child, now: float) -> Standing:
        is_silent = now - self._heard.get(child.name, now) > LOST_SECONDS
        match child.life.state:
            case State.NEW:
                return Standing.ABSENT
            case State.STOPPED if child.name in self._ended:
                return Standing.ABSENT
            case _ if child.name in self.draining:
                return Standing.DRAINING
            case State.STARTING:
                return Standing.STARTING
            case State.BACKING_OFF if not is_silent:
                return Standing.STARTING
            case State.READY if not is_silent:
                return Standing.SERVING
            case _:
                return Standing.LOST

    def _is_member(self, name: str) -> bool:
        return self._standing(self.children[name], self.clock.seconds()) is Standing.SERVING

    def _why(self) -> str:
        load = self.load
        return f"renders wait {load.queue_wait_seconds * 1000:.0f} ms, workers {load.utilisation:.0%} busy"

    def _move(self, now: float, to_do: Moves) -> None:
        for name in to_do.recall:
            del self.draining[name]
        for name in to_do.start:
            self._ended.discard(name)
            self._heard.pop(name, None)
            self.children[name].start()
        for name in to_do.drain:
            self.draining[name] = Draining(now)

    def _end_the_drained(
        self, now: float, statuses: Mapping[str, Mapping[str, Any]], *, all_know: bool
    ) -> None:
        """Those that have nothing under way although all know, those whose time is up, and those that are gone."""
        for name, drained in tuple(self.draining.items()):
            status = statuses.get(name, {})
            is_idle = all_know and status.get("in_flight") == 0
            drained.idle_since = (drained.idle_since or now) if is_idle else None
            is_done = drained.idle_since is not None and now - drained.idle_since >= IDLE_SECONDS
            is_late = now - drained.since >= self.scaler.scaling.drain.seconds
            if is_done or is_late or self.children[name].life.state not in (State.STARTING, State.READY):
                del self.draining[name]
                self._ended.add(name)
                self.children[name].stop()
