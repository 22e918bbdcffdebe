"""The node of the vendors' control APIs, settled: all it is told before it starts."""

from __future__ import annotations

from typing import Literal

from attrs import field, frozen
from attrs.validators import ge, gt, in_

from edge.vendors.akamai.edgegrid import Client
from edge.vendors.akamai.rates import Rates
from edge.vendors.akamai.wanted import Owned
from edge.vendors.cloudfront.records import Limits
from edge.vendors.cloudfront.sigv4 import AccessKey


@frozen
class Distribution:
    """One distribution: who serves it."""

    pops: dict[str, str]
    """Its edges, and those that they ask: name → control URL."""
    has_tags: bool = False


@frozen
class Property:
    """One property: who serves it, and what of it may be purged."""

    pops: dict[str, str]
    """Its edges, and those that they ask: name → control URL."""
    cpcode: int = 12345
    hostnames: tuple[str, ...] = ()
    network: Literal["production", "staging"] = field(
        default="production", validator=in_(("production", "staging"))
    )

    @property
    def owned(self) -> Owned:
        """What a client may name of it."""
        return Owned(self.cpcode, self.hostnames)


@frozen
class Settings:
    """What makes one such node."""

    name: str = "vendors"
    listen: str = "127.0.0.1:0"
    control: str = "127.0.0.1:0"
    state: str = ""
    """A folder for what must outlive the process; empty: nothing does."""
    distributions: dict[str, Distribution] = field(factory=dict)
    """By id."""
    properties: dict[str, Property] = field(factory=dict)
    """By name."""
    access_keys: dict[str, AccessKey] = field(factory=dict)
    """AWS's, by id."""
    clients: dict[str, Client] = field(factory=dict)
    """EdgeGrid's, by client token."""
    limits: Limits = field(factory=Limits)
    rates: Rates = field(factory=Rates)
    sigv4_skew_seconds: float = field(default=300.0, validator=gt(0))
    edgegrid_skew_seconds: float = field(default=60.0, validator=gt(0))
    least_seconds: float = field(default=1.0, validator=ge(0))
    """From an invalidation's creation to its completion, so that clients see it in progress."""
    patience_seconds: float = field(default=20.0, validator=gt(0))
    """An edge that is silent for longer holds no invalidation up; it is told when it is back."""
    purge_seconds: float = field(default=2.0, validator=gt(0))
    """How long an edge may take to confirm."""

    @property
    def controls(self) -> dict[str, str]:
        """Every PoP of a vendor's, and where it is told what to forget."""
        served: list[Distribution | Property] = [*self.distributions.values(), *self.properties.values()]
        return {pop: url for each in served for pop, url in each.pops.items()}
