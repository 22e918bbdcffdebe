"""A link as a node is told of it: whom it joins, and on which terms."""

from __future__ import annotations

from attrs import Factory, frozen

from sim.links.way import Way


@frozen
class Link:
    """From a node to one of those it asks."""

    near: tuple[str, ...]
    """The names of this end: the node's own first, then of what it is part of."""
    far: tuple[str, ...]
    """Those of the other end."""
    addresses: tuple[str, ...]
    """host:port of the far end's doors."""
    out: Way = Factory(Way)
    back: Way = Factory(Way)
