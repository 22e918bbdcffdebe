"""One node of a settled world."""

from __future__ import annotations

from typing import Any

import attrs
import yaml
from attrs import Factory, frozen

from sim.links.link import Link, Viewers
from sim.topology.quantities import Address
from wire.clock import RIGHT, Clock

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
    links: tuple[Link, ...] = ()  # to those it asks, and to viewers
    changes: str = ""  # the file of what becomes of them
    viewers: Viewers = Factory(Viewers)
    clock: Clock = RIGHT
    pool: str = ""  # of an origin: the pool it is an instance of
    is_standby: bool = False  # it is run when the pool grows

    def document(self) -> str:
        """The node's own document, as `sim.node` reads it."""
        service = {"shield": "edge"}.get(self.kind, self.kind)
        links = [attrs.asdict(link) for link in self.links]
        document = {
            "kind": service,
            "settings": self.settings,
            "links": links,
            "changes": self.changes,
            "clock": attrs.asdict(self.clock),
        }
        if self.viewers != Viewers():
            document["viewers"] = attrs.asdict(self.viewers)
        return yaml.dump(document, Dumper=_Plain, sort_keys=False)


class _Plain(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # libyaml's is ten times as fast
    """Tuples are lists."""


_Plain.add_representer(tuple, _Plain.represent_list)
