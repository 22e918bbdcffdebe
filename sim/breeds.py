"""Which nodes are of one breed, and what a nursery has loaded for them."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from sim.supervise.program import Breed

if TYPE_CHECKING:
    from sim.topology.settle import Node

MAIN = "sim.node"
ALL = ("encodings.idna", "concurrent.futures.thread", *(("uvloop",) if find_spec("uvloop") else ()))
"""What every node loads on its way."""


def breed_of(node: Node) -> Breed:
    """Those alike load the same modules."""
    match node.kind:
        case "edge" | "shield" if node.settings.get("workers", 1) > 1:
            return _breed("edge", "edge.workers.service")
        case "edge" | "shield":
            return _breed("edge", "edge.service", "sim.links.roads")
        case "origin":
            return _breed("origin", "origin.service", *_stores(node), *_databases(node))
        case "balancer":
            return _breed("balancer", "edge.balancer.service", "sim.links.roads")
        case _:
            return _breed(node.kind, f"edge.{node.kind}.service")


def _breed(kind: str, *modules: str) -> Breed:
    return Breed(MAIN, (kind, *modules, *ALL))


def _stores(origin: Node) -> tuple[str, ...]:
    """Clouds with a bucket of their own load the SDK when they first need it."""
    return ("origin.store.minio",) if origin.settings["storage"]["kind"] == "minio" else ()


def _databases(origin: Node) -> tuple[str, ...]:
    if origin.settings["catalogue"].startswith("sqlite"):
        return ("sqlalchemy.dialects.sqlite",)
    return ("sqlalchemy.dialects.postgresql.psycopg", "psycopg")
