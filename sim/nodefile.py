"""The document of a node: what kind it is of, its settings, its links and its clock."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Literal

from attrs import Factory, frozen

import edge
import origin
from sim.links.link import Link, Viewers
from wire import document
from wire.clock import RIGHT, Clock
from wire.document import DocumentError

if TYPE_CHECKING:
    import edge.balancer.settings
    import edge.settings
    import edge.vendors.settings
    import origin.settings


@frozen
class OriginNode:
    """The document of an origin instance."""

    kind: Literal["origin"]
    settings: origin.settings.Settings
    links: tuple[Link, ...] = ()
    changes: str = ""
    clock: Clock = RIGHT


@frozen
class EdgeNode:
    """The document of an edge or a shield."""

    kind: Literal["edge"]
    settings: edge.settings.Settings
    links: tuple[Link, ...] = ()
    changes: str = ""
    viewers: Viewers = Factory(Viewers)
    clock: Clock = RIGHT


@frozen
class BalancerNode:
    """The document of a balancer."""

    kind: Literal["balancer"]
    settings: edge.balancer.settings.Settings
    links: tuple[Link, ...] = ()
    changes: str = ""
    viewers: Viewers = Factory(Viewers)
    clock: Clock = RIGHT


@frozen
class VendorsNode:
    """The document of the node of the vendors' control APIs."""

    kind: Literal["vendors"]
    settings: edge.vendors.settings.Settings
    links: tuple[Link, ...] = ()
    changes: str = ""
    clock: Clock = RIGHT


AnyNode = OriginNode | EdgeNode | BalancerNode | VendorsNode

SHAPES: dict[str, tuple[type[AnyNode], str]] = {
    "origin": (OriginNode, "origin.settings"),
    "edge": (EdgeNode, "edge.settings"),
    "balancer": (BalancerNode, "edge.balancer.settings"),
    "vendors": (VendorsNode, "edge.vendors.settings"),
}
"""Each kind's document, and the module that its annotations speak of: a node loads its own kind's alone."""


def read(text: str) -> AnyNode:
    """The node a document describes, or DocumentError with all that is wrong with it."""
    told = document.load(text)
    kind = told.value_at("kind")
    if not isinstance(kind, str) or kind not in SHAPES:
        raise DocumentError([document.Problem(("kind",), 1, f"expected one of {', '.join(SHAPES)}")])
    shape, settings = SHAPES[kind]
    import_module(settings)
    return document.shaped(told, shape)
