"""Where everything of a world is: ports and folders, and the links between them."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from attrs import evolve, frozen

from sim.links.link import ACCESS, Link, Viewers, viewers_of
from sim.topology.model import Line, Topology
from sim.topology.ports import Placement
from sim.topology.quantities import Address
from sim.topology.served import Served, plays_vendors, served_by
from sim.topology.settle.node import Settings
from sim.topology.settle.ways import access, way

BALANCER = "balancer"
LEAST_PATIENCE_SECONDS = 30.0
QUEUE_SECONDS = 10.0


@frozen
class Ground:
    """A topology with every port and folder decided."""

    topology: Topology
    placement: Placement
    state: Path
    with_links: bool = True

    @cached_property
    def served(self) -> tuple[Served, ...]:
        """What PoPs serve, and as whom; nothing where none plays a vendor."""
        return served_by(self.topology) if plays_vendors(self.topology) else ()

    def address(self, node: str, side: str = "listen") -> Address:
        return self.placement[node, side]

    def secure_url(self, node: str) -> str:
        """Where viewers reach a node over TLS; empty: nowhere."""
        address = self.placement.get((node, "tls"))
        return f"https://{address}" if address is not None else ""

    @property
    def authority(self) -> Path:
        """The folder of the local authority."""
        return self.state / "authority"

    def tls(self, node: str) -> dict[str, Settings]:
        """The `tls` of a node's settings, for one that has a port for it."""
        address = self.placement.get((node, "tls"))
        if address is None:
            return {}
        given = [
            {"cert": str(self.state / pair.cert), "key": str(self.state / pair.key)}
            for pair in self.topology.certificates
        ]
        vouching: Settings = {"certificates": given} if given else {"authority": str(self.authority)}
        return {"tls": {"listen": str(address), **vouching, "hosts": list(self.topology.secure_names)}}

    def link(
        self, near: tuple[str, ...], far: tuple[str, ...], addresses: tuple[str, ...]
    ) -> tuple[Link, ...]:
        """The link between two ends, each by its names, the narrowest first and its region last; none where the
        world has none."""
        if not self.with_links:
            return ()
        out, back = way(self.topology, near, far), way(self.topology, far, near)
        return (Link(near, far, addresses, out, back),)

    def viewers_links(self, pop: str) -> tuple[Link, ...]:
        """The links between a PoP and the viewers of each region."""
        here = (pop, self.topology.pops[pop].region)
        return tuple(
            evolve(link, viewers=region)
            for region in self.topology.regions
            for link in self.link(here, (viewers_of(region), region), ())
        )

    def access(self) -> tuple[Link, ...]:
        """How the viewers of each region are online; none where the world has no links."""
        if not self.with_links:
            return ()
        regions = self.topology.regions.items()
        ways = ((name, access(region.access or Line())) for name, region in regions)
        return tuple(
            Link((ACCESS,), (viewers_of(name),), out=way, back=way, viewers=name) for name, way in ways
        )

    def viewers(self) -> Viewers:
        """Where viewers live; nothing where the world has no links."""
        if not self.with_links:
            return Viewers()
        regions = self.topology.regions
        return Viewers(
            {name: tuple(map(str, region.viewers)) for name, region in regions.items()},
            (BALANCER,),
        )

    def changes(self, node: str) -> str:
        """The file of what becomes of a node's links."""
        return str(self.state / "nodes" / node / "links.json")

    def patience(self, origin: str | None) -> float:
        """How long an answer of an origin may take to begin: a render's whole time, and some for the queue or
        for what must be loaded first."""
        told = self.topology.origins.get(origin or "")
        render = told.limits.render_time.seconds if told is not None else 0.0
        load = max((cloud.fetch.timeout.seconds for cloud in self.topology.clouds.values()), default=0.0)
        return max(LEAST_PATIENCE_SECONDS, render + max(load, QUEUE_SECONDS))

    def controls(self, *, but: str = "") -> list[str]:
        """Where every PoP is told what to forget."""
        return [self.address(pop, "control").url for pop in self.topology.pops if pop != but]
