"""Everything a balancer is told. Plain values: a node document structures straight into them."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from attrs import field, frozen
from attrs.validators import and_, deep_mapping, ge, gt, in_, instance_of, le

from edge.balancer.policies import POLICIES, Route
from edge.settings import Concurrency
from edge.tls.settings import Tls
from wire.web.limits import ConnectionLimits

Mode = Literal["proxy", "redirect", "dns"]
STALL_SECONDS = 90.0
"""Of viewers that take nothing. PoPs wait longer: one that gave up first would have the rest asked of another."""


@frozen
class Region:
    """A place where viewers live: (latitude, longitude), and the source addresses that mean "from there"."""

    at: tuple[float, float]
    viewers: tuple[str, ...] = ()
    """CIDR ranges, e.g. `127.2.0.0/16`."""


@frozen
class Pop:
    """An edge that may be given to viewers. `url` is where viewers reach it, `control` tells its health."""

    name: str
    region: str
    url: str
    control: str = ""
    """Empty: it is not probed, and only its failures tell."""
    secure_url: str = ""
    """Where viewers reach it over TLS; empty: nowhere, and viewers over TLS are not sent there but served."""
    weight: float = field(default=1.0, validator=ge(0))
    """Its share, beside the others': of viewers (`weighted`), objects (`hash`) or requests (`least-busy`). 0: a
    reserve, for when no other is up.
    """
    vendor: str = ""
    """The CDN it belongs to, where there are several."""

    introduce: bool = False
    """Whether it is told more of a viewer than the address (`Forwarded`, RFC 7239): it plays one who tells of that."""
    addresses: tuple[str, ...] = ()
    """Its IP addresses, for DNS, of both versions or one; empty: the one in its URL."""

    @property
    def reached_at(self) -> tuple[str, ...]:
        """The IP addresses at which viewers find it."""
        return self.addresses or (urlsplit(self.url).hostname or "",)


@frozen
class Dns:
    """The name server of mode `dns`."""

    listen: str
    """Where it is asked, by UDP and TCP: `127.0.0.1:8053`."""
    zone: str
    """What it is authoritative for; at this name itself viewers are given a PoP."""
    names: tuple[str, ...] = ()
    """Names below the zone, relative to it, at which they are too."""
    ttl_seconds: int = field(default=5, validator=and_(ge(0), le(86400)))
    """How long an answer, or the absence of one, may be remembered: as long as a dead PoP may cost a viewer."""
    answers: int = field(default=1, validator=and_(ge(1), le(8)))
    """PoPs in one answer, the best first."""


@frozen
class Upstream:
    """An origin instance, for API calls, which no cache has a say in."""

    name: str
    url: str
    control: str = ""
    region: str = ""
    standby: bool = False
    """It is not there until `/members` says so."""


@frozen
class Settings:
    """A balancer node."""

    name: str
    listen: str
    control: str
    pops: tuple[Pop, ...]
    tls: Tls = field(factory=Tls)
    """Where viewers ask over TLS, beside `listen`."""
    regions: dict[str, Region] = field(
        factory=dict, validator=deep_mapping(instance_of(str), instance_of(Region))
    )
    origins: tuple[Upstream, ...] = ()
    mode: Mode = field(default="proxy", validator=in_(("proxy", "redirect", "dns")))
    """How viewers come to their PoP: through here, sent there by an answer, or by a name's address. In mode `dns`
    who comes here all the same is served.
    """
    dns: Dns | None = None
    hosts: dict[str, str] = field(factory=dict)
    """Hosts that belong to one cloud (`wire.hosts`): a redirect would lose them, so their viewers are served."""
    route: Route = field(default="nearest", validator=in_(tuple(POLICIES)))
    """By which policy a PoP is chosen."""
    chain: tuple[str, ...] = ()
    """The order of `failover`: names of PoPs. Those that are not in it come after it."""
    cdns: dict[str, float] = field(factory=dict)
    """Vendors by weight: each gets its share of all questions. 0: a reserve, for when no other has a PoP that
    is up; several in this order. A vendor that is not named here has 1.
    """
    sticky: bool = False
    """Whether a viewer returns to the PoP it had, by a cookie, while that is up."""
    home: str = ""
    """Where a person who opens the front door itself is sent; empty: no such place."""
    region: str = ""
    """Where the balancer itself stands: viewers of unknown whereabouts are taken to live there, else in the
    first.
    """
    rtt_ms: dict[str, dict[str, float]] = field(factory=dict)
    """Round trips between regions; a pair that is missing both ways is estimated from the distance."""
    check_interval_seconds: float = field(default=0.5, validator=gt(0))
    check_timeout_seconds: float = field(default=1.0, validator=gt(0))
    fall: int = field(default=2, validator=ge(1))
    """Checks in a row that must fail before a PoP gets no more viewers."""
    rise: int = field(default=2, validator=ge(1))
    """Checks in a row that must pass before it gets them back."""
    slow_return_seconds: float = field(default=10.0, validator=ge(0))
    """How long until it has all of them back: first those of a few objects, then of more. 0: at once."""
    outlier_errors: int = field(default=0, validator=ge(0))
    """Answers of 500, 502, 503 or 504 in a row that count as one failure; 0: answers never do. A PoP only hands
    on the errors of the origins behind it, so this is for PoPs that have origins of their own.
    """
    retry_share: float = field(default=0.2, validator=ge(0))
    """Of all questions, those that may be put again after a PoP or origin may have begun to work on them."""
    concurrency: Concurrency = field(factory=Concurrency)
    """How much one PoP or origin is asked at once; what finds its line full is asked elsewhere, or refused."""
    connect_seconds: float = field(default=2.0, validator=gt(0))
    first_byte_seconds: float = field(default=60.0, validator=gt(0))
    between_bytes_seconds: float = field(default=30.0, validator=gt(0))
    """How long a body may pause where nobody else could go on with it."""
    resume_seconds: float = field(default=5.0, validator=gt(0))
    """How long it may where another PoP can: then that one is asked for the rest."""
    send_seconds: float = field(default=30.0, validator=gt(0))
    """How long an upstream may take nothing of a request's body."""
    viewers: ConnectionLimits = field(factory=lambda: ConnectionLimits(stall_seconds=STALL_SECONDS))
    """What the connections of viewers are held to."""
    collect_bytes: int = field(default=64 * 1024, validator=ge(0))
    """Bodies up to this size are taken in whole before the viewer is told anything: then any failure can be
    hidden.
    """
    api_body_bytes: int = field(default=2 * 1024**3, validator=ge(0))
    spool_directory: str = ""
    """Where request bodies wait for an origin; empty: the system's temporary folder."""
    grace_seconds: float = field(default=5.0, validator=ge(0))
    """How long running requests may take to end when the node stops."""

    def __attrs_post_init__(self) -> None:
        if (self.mode == "dns") != (self.dns is not None):
            raise ValueError("mode dns needs dns: {listen, zone}, and no other mode does")
