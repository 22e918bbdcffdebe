"""A link as a node is told of it: whom it joins, and on which terms."""

from __future__ import annotations

from attrs import Factory, frozen

from sim.links.way import Way

ACCESS = "access"
"""The near end of viewers' own lines."""


@frozen
class Link:
    """From a node to one of those it asks; from a PoP to viewers who ask it; or by which those are online."""

    near: tuple[str, ...]
    """The names of this end: the node's own first, then of what it is part of. The PoP's, where viewers ask."""
    far: tuple[str, ...]
    """Those of the other end."""
    addresses: tuple[str, ...] = ()
    """host:port of the far end's doors; viewers have none."""
    out: Way = Factory(Way)
    back: Way = Factory(Way)
    viewers: str = ""
    """The region whose viewers ask; empty: the far end is a node."""

    @property
    def is_access(self) -> bool:
        """Whether it is each viewer's own line, which comes on top of the link to the PoP."""
        return self.near == (ACCESS,)


@frozen
class Viewers:
    """Where a node's viewers live. For an edge, which must place them itself, also by whom they are brought: who comes
    through a balancer has felt his link there."""

    ranges: dict[str, tuple[str, ...]] = Factory(dict)
    """Region → the source addresses (CIDR) of those who live there."""
    brought_by: tuple[str, ...] = ()
    """The names by which balancers call themselves in `Via`."""


VIEWERS = "viewers."


def viewers_of(region: str) -> str:
    """The name under which the viewers of a region are an end of a link."""
    return f"{VIEWERS}{region}"


def is_of_viewers(end: str) -> bool:
    """Whether an end of a link is the viewers of a region."""
    return end.startswith(VIEWERS)
