"""One node of a settled world."""

from __future__ import annotations

from typing import Any

import attrs
import yaml
from attrs import frozen

from sim.links.schedule import Link
from sim.topology.quantities import Address

Settings = dict[str, Any]  # plain values under exactly the field names of the node's own `settings.py`


@frozen
class Node:
    """One process of the world: what it is told, and what we must know of it."""

    name: str
    kind: str  # origin, edge, shield or balancer
    region: str
    listen: Address
    control: Address
    settings: Settings
    links: dict[str, Link]  # host:port of an upstream → what lies between

    def document(self) -> str:
        """The node's own document, as `sim.node` reads it."""
        service = {"shield": "edge"}.get(self.kind, self.kind)
        links = {address: attrs.asdict(link) for address, link in self.links.items()}
        return yaml.safe_dump({"kind": service, "settings": self.settings, "links": links}, sort_keys=False)
