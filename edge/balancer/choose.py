"""Which PoPs to ask for a viewer, best first. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b

from edge.balancer.settings import Pop


def nearest(
    pops: Sequence[Pop],
    *,
    rtt_to: Callable[[str], float],
    path: str,
    is_healthy: Callable[[Pop], bool],
) -> tuple[Pop, ...]:
    """Every healthy PoP, the nearest region first; within a region by rendezvous hash of the path.

    So the edges of one region hold different objects instead of the same twice, and when one dies only its
    objects move. When none is healthy the answer is empty: a viewer is told so rather than sent into the
    dark.
    """
    return tuple(
        sorted(
            (pop for pop in pops if is_healthy(pop)),
            key=lambda pop: (rtt_to(pop.region), pop.region, -affinity(pop.name, path), pop.name),
        )
    )


def affinity(name: str, path: str) -> int:
    """How much a PoP is at home with a path: the highest wins (rendezvous hashing)."""
    digest = blake2b(f"{name}\0{path}".encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest(), "big")
