"""All elastic pools of a world that stand on this machine, looked at twice a second."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from attrs import define, field
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger
from twisted.web.client import Agent

from sim.scaling.decision import Scaler
from sim.scaling.elsewhere import Elsewhere
from sim.scaling.pool import ElasticPool
from sim.scaling.telling import Telling, askers_of
from sim.supervise.child import Child
from sim.topology.machines import hosts_of, machine_of
from sim.topology.scaling import Instances
from sim.topology.settle import Node
from sim.world import World

log = Logger()

LOOK_SECONDS = 0.5


@define
class Pools:
    """Keeps each pool as large as its load wants it."""

    pools: tuple[ElasticPool, ...]
    clock: IReactorTime
    _looking: list[tuple[LoopingCall, Deferred[Any]]] = field(factory=list)

    def start(self) -> None:
        """From now on. The instances that are always there run already."""
        for looked_at in self.pools:
            self._look(looked_at.name, looked_at)
            if (
                looked_at.elsewhere is not None
            ):  # who does not answer there must not hold up what is done here
                self._look(looked_at.name, looked_at.elsewhere)

    async def stop(self) -> None:
        """Start and end nothing more; returns when nothing is under way."""
        for loop, ended in self._looking:
            loop.stop()
            await ended
        self._looking.clear()

    def _look(self, pool: str, at: ElasticPool | Elsewhere) -> None:
        loop = LoopingCall(lambda: Deferred.fromCoroutine(_look(pool, at)))
        loop.clock = self.clock
        self._looking.append((loop, loop.start(LOOK_SECONDS)))

    @property
    def leaving(self) -> frozenset[str]:
        """The instances that get nothing new, and end when they have finished."""
        return frozenset(name for pool in self.pools for name in pool.draining)

    def told(self) -> list[dict[str, Any]]:
        """For the page."""
        return [pool.told() for pool in self.pools]


async def _look(pool: str, at: ElasticPool | Elsewhere) -> None:
    try:
        await at.look()
    except CancelledError:
        raise
    except Exception:  # noqa: BLE001  a look that fails must not be the last
        log.failure("while looking at the pool {pool}", pool=pool)


def pools_of(
    world: World,
    children: Mapping[str, Child],
    agent: Agent,
    clock: IReactorTime,
    say: Callable[[str], None],
) -> Pools:
    """Those of a world that are this machine's to drive: of a pool on several, its own instances."""

    def made() -> Iterator[ElasticPool]:
        for name, told in world.settlement.topology.origins.items():
            nodes = [node for node in world.own if node.pool == name]
            share = Instances(sum(not node.is_standby for node in nodes), len(nodes))
            if share.is_elastic:
                machines = hosts_of(world.settlement.topology, told)
                is_spread = len(machines) > 1
                yield ElasticPool(
                    f"{name} on {world.machine}" if is_spread else name,
                    nodes,
                    children,
                    Scaler(share, told.scaling),
                    Telling(askers_of(world.nodes, _urls(nodes)), agent, clock),
                    agent,
                    clock,
                    say,
                    Elsewhere.of(world.machine, _by_machine(world, name, machines), agent, clock)
                    if is_spread
                    else None,
                )

    return Pools(tuple(made()), clock)


def _by_machine(world: World, pool: str, machines: Iterable[str]) -> dict[str, list[Node]]:
    nodes = [node for node in world.nodes if node.pool == pool]
    topology = world.settlement.topology
    return {
        machine: [node for node in nodes if machine_of(topology, node.name) == machine]
        for machine in machines
    }


def _urls(nodes: Iterable[Node]) -> tuple[str, ...]:
    return tuple(node.listen.url for node in nodes)
