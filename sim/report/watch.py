"""A running world as others see it: every node's health and figures, asked for once a second."""

from __future__ import annotations

from typing import Any

from attrs import define, field
from twisted.internet.defer import Deferred, DeferredList
from twisted.web.client import Agent

from sim.demo.photographs import PHOTOGRAPHS
from sim.report.between import access_lines, between, viewers_links
from sim.report.flows import Flows, together
from sim.report.gather import Counted, Tally
from sim.report.places import milliseconds, place_of
from sim.report.seconds import seconds
from sim.scaling.pools import Pools
from sim.supervise.lifecycle import State
from sim.supervise.ready import get
from sim.supervise.supervisor import Supervisor
from sim.topology.settle import Node
from sim.topology.settle.ways import way
from sim.world import World


@define
class Watch:
    """The tallies of a world, and one picture of it all."""

    world: World
    supervisor: Supervisor
    agent: Agent
    clock: Any
    pools: Pools
    tallies: dict[str, Tally] = field(factory=dict)
    links: dict[str, list[dict[str, Any]]] = field(factory=dict)
    """By node, as it lists them; those of one that does not answer as they were, for so they outlive it."""
    flows: dict[str, Flows] = field(factory=dict)
    """By node: what its links carry."""
    draining: frozenset[str] = frozenset()
    """The PoPs that the balancer gives no new viewers."""

    def look(self) -> Deferred[Any]:
        """Ask every node once, all at the same time."""
        return DeferredList([Deferred.fromCoroutine(self._look_at(node)) for node in self.world.nodes])

    async def _look_at(self, node: Node) -> None:
        tally = self.tallies.setdefault(node.name, Tally())
        flows = self.flows.setdefault(node.name, Flows())
        code, status = await get(self.agent, self.clock, f"{node.control.url}/status")
        if code != 200 or not isinstance(status, dict):
            tally.lost()
            flows.lost()
            return
        tally.add(Counted.parse(status, self.clock.seconds()))
        flows.note(self.clock.seconds(), status.get("links"))
        if node.kind == "balancer":
            self.draining = frozenset(pop["name"] for pop in status["pops"] if pop["draining"])
        if node.links:
            code, listed = await get(self.agent, self.clock, f"{node.control.url}/links")
            if code == 200:
                self.links[node.name] = listed["links"]

    def health(self, name: str) -> str:
        """`ready`, `not ready` or where its life stands."""
        child = self.supervisor.children.get(name)
        if not self.world.is_here(name):
            absent = "standby" if name in self.world.standby else "no answer"
            return "ready" if self.tallies.get(name, Tally()).is_answering else absent
        if name in self.world.standby and (child is None or child.life.state in (State.NEW, State.STOPPED)):
            return "standby"
        if child is None:
            return "new"
        if child.life.state is State.READY and not child.health.is_ready:
            return "not ready" if child.health.is_answering else "no answer"
        return child.life.state.value

    def picture(self) -> dict[str, Any]:
        """Everything the page shows, as JSON."""
        topology = self.world.settlement.topology
        regions = list(topology.regions)
        listed = [link for links in self.links.values() for link in links]
        flows = together([each.now() for each in self.flows.values()])
        return {
            "front": self.world.front,
            "secure_front": self.world.secure_front,
            "cloud": self.world.cloud,
            "api_key": topology.clouds[self.world.cloud].key.api_key,
            "regions": regions,
            "places": [self._place(region) for region in regions],
            "seconds": seconds(topology),
            "links": [
                between(one, other, listed, way(topology, (one,), (other,)).rtt_seconds, flows)
                for number, one in enumerate(regions)
                for other in regions[number + 1 :]
            ],
            "viewers_links": viewers_links(regions, listed, flows),
            "access_lines": access_lines(regions, listed),
            "with_links": self.world.settlement.with_links,
            "nodes": [self._node(node.name) for node in self.world.nodes],
            "processes": {
                name: {"health": self.health(name), "pid": child.pid, "restarts": child.life.restarts}
                for name, child in self.supervisor.children.items()
            },
            "photographs": [
                {"public_id": photograph.public_id, "title": photograph.title, "credit": photograph.credit}
                for photograph in PHOTOGRAPHS
            ],
        }

    def _place(self, region: str) -> dict[str, Any]:
        here = [node for node in self.world.nodes if node.region == region]
        return place_of(
            region,
            self.world.settlement.topology.regions[region].at,
            [self.health(node.name) for node in here],
            [self.tallies.get(node.name, Tally()) for node in here if node.kind == "edge"],
        )

    def _node(self, name: str) -> dict[str, Any]:
        node = next(node for node in self.world.nodes if node.name == name)
        tally, child = self.tallies.get(name, Tally()), self.supervisor.children.get(name)
        pop = self.world.settlement.topology.pops.get(name)
        return {
            "name": name,
            "kind": node.kind,
            "region": node.region,
            "url": node.listen.url,
            "asks": (pop.parent or pop.upstream) if pop else None,
            "then": pop.secondary if pop else None,
            "health": self.health(name),
            "reasons": list(child.health.reasons) if child else [],
            "pid": child.pid if child else None,
            "restarts": child.life.restarts if child else 0,
            "requests": tally.last.requests if tally.last else 0,
            "requests_per_second": round(tally.requests_per_second, 1),
            "hit_ratio": tally.hit_ratio,
            "p50": milliseconds(tally.latency(0.5)),
            "p95": milliseconds(tally.latency(0.95)),
            "draining": name in self.draining or name in self.pools.leaving,
            "cache_fill": tally.cache_fill,
            "cache_bytes": tally.last.cache_bytes if tally.last else 0,
        }
