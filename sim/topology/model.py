"""What `topology.yaml` may say: the whole of it, and its regions, PoPs and links; clouds, origins and the balancer are
beside it."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Any, Literal

from attrs import Factory, field, frozen
from attrs.validators import and_, ge, le, matches_re, optional

from edge.tls.settings import Pair
from edge.vendors.akamai.edgegrid import Client
from edge.vendors.akamai.rates import Rates
from edge.vendors.cloudfront.records import Limits as InProgress
from edge.vendors.cloudfront.sigv4 import AccessKey
from sim.topology.balancing import Balancer
from sim.topology.clouds import Cloud
from sim.topology.origins import Origin
from sim.topology.quantities import Address, Duration, Network, Rate, Share, Size, Skew
from sim.topology.storage import Storage

BY_DISTANCE = "by-distance"
LOOPBACK = "127.0.0.1"
FIRST_EDGE = IPv4Address("127.0.1.1")


@frozen
class Place:
    """A point on the globe, in degrees."""

    latitude: float
    longitude: float

    @classmethod
    def parse(cls, written: object) -> Place:
        """`[50.1, 8.7]`."""
        match written:
            case [int() | float() as latitude, int() | float() as longitude] if (
                abs(latitude) <= 90 and abs(longitude) <= 180
            ):
                return cls(float(latitude), float(longitude))
        raise ValueError("expected [latitude, longitude] in degrees, like [50.1, 8.7]")


@frozen
class RoundTrip:
    """A round-trip time as written: a duration, or `by-distance` (seconds is None)."""

    seconds: float | None = None

    @classmethod
    def parse(cls, written: object) -> RoundTrip:
        return cls() if written == BY_DISTANCE else cls(Duration.parse(written).seconds)


@frozen
class Terms:
    """How bytes fare between two places; what is not said is as the default says (docs/links.md)."""

    rtt: RoundTrip | None = None
    rate: Rate | None = None
    loss: Share | None = None
    jitter: Duration | None = None  # more or less, each way
    stall: Duration | None = None  # nothing is sent for so long
    every: Duration | None = None  # and that is how often
    reset: Duration | None = None  # the age at which connections are reset
    slow_close: Duration | None = None  # the end of a stream comes so much later
    cut: bool | None = None


@frozen
class Line(Terms):
    """By which a viewer is online, each connection by its own."""

    kind: Literal["fixed", "mobile"] | None = None  # what is not said is as such lines are
    sigma: float | None = field(default=None, validator=optional(and_(ge(0), le(3))))  # of rtt's logarithm
    slow_start: bool | None = None


@frozen
class Region:
    """A part of the world: where it lies, the source addresses of the viewers who live there, and by which line each of
    them is online."""

    at: Place
    viewers: tuple[Network, ...] = ()
    access: Line | None = None  # on top of the link to whoever answers
    country: str = field(
        default="", validator=matches_re("|[A-Z]{2}")
    )  # ISO 3166, for edges that play a vendor
    subdivision: str = field(
        default="", validator=matches_re("|[A-Z0-9]{1,3}")
    )  # ISO 3166-2, less the country
    city: str = ""
    time_zone: str = ""  # Europe/Berlin
    asn: int | None = None  # of the network that its viewers are in


@frozen
class Pop:
    """A caching node. It asks its parent (another PoP) or its upstream (an origin)."""

    region: str
    role: Literal["edge", "shield"] = "edge"
    host: str = ""  # the machine it stands on, where there are several; unless said, the first
    parent: str | None = None
    upstream: str | None = None
    origin_shield: bool = False  # of an origin: what vendors' PoPs ask goes through it, kept or not
    secondary: str | None = None  # of its origin group the second member: an origin, or a PoP before one
    listen: Address | None = None
    control: Address | None = None
    tls: Address | None = None  # where viewers ask over TLS, HTTP/2 among it
    workers: int = field(default=1, validator=and_(ge(1), le(64)))  # processes that share ports and disk tier
    hot: Size = Factory(lambda: Size(64 * 1024 * 1024))
    eviction: Literal["lru", "s3-fifo", "sieve", "w-tinylfu"] = "s3-fifo"  # who leaves memory first
    disk: Size = Factory(lambda: Size(1024 * 1024 * 1024))
    access_log: Literal["none", "json", "combined", "vendor"] = (
        "none"  # below the state folder: log/NAME.access.log
    )
    access_log_hourly: bool = False  # what each hour wrote is put away, packed
    edge: dict[str, Any] = Factory(dict)  # settings of `edge.settings.Choices`, before those for all
    weight: float = field(default=1.0, validator=[ge(0), le(1e6)])  # at the balancer; 0: a reserve
    vendor: str = ""  # the CDN it belongs to; its personality, where it has one, unless this says otherwise


@frozen
class Vendors:
    """The vendors' own control APIs (docs/vendors.md): where they listen, and who may call them. On loopback the keys
    need not be the user's own."""

    listen: Address | None = None
    control: Address | None = None
    host: str = ""  # the machine it stands on, where there are several; unless said, the first
    access_keys: dict[str, AccessKey] = Factory(
        lambda: {"PIXELEDGE": AccessKey("pixeledge-on-this-laptop")}
    )  # AWS's, by id
    clients: dict[str, Client] = Factory(
        lambda: {"akab-pixeledge": Client("akab-pixeledge-access", "pixeledge-on-this-laptop")}
    )  # EdgeGrid's, by client token
    limits: InProgress = Factory(InProgress)  # of invalidations in progress
    rates: Rates = Factory(Rates)  # of Fast Purge
    sigv4_skew: Duration = Factory(lambda: Duration(300.0))  # between a caller's clock and ours
    edgegrid_skew: Duration = Factory(lambda: Duration(60.0))
    least: Duration = Factory(lambda: Duration(1.0))  # from an invalidation's creation to its completion
    patience: Duration = Factory(lambda: Duration(20.0))  # a silent edge holds no invalidation up for longer
    confirm: Duration = Factory(lambda: Duration(2.0))  # an edge may take so long over one purge


@frozen
class Link(Terms):
    """What lies between two places: regions, PoPs or origins."""

    toward: dict[str, Terms] = Factory(dict)  # one end → what differs on the way there


@frozen
class Topology:
    """The whole world, as its file describes it."""

    clouds: dict[str, Cloud]
    regions: dict[str, Region]
    origins: dict[str, Origin]
    pops: dict[str, Pop]
    balancer: Balancer = Factory(Balancer)
    vendors: Vendors = Factory(Vendors)
    edge: dict[str, Any] = Factory(dict)  # settings of every PoP
    machines: dict[str, str] = Factory(dict)  # name → address; none: all of it is on this one
    hosts: dict[str, str] = Factory(dict)  # host → the cloud whose own it is, or "in path"
    certificates: tuple[Pair, ...] = ()  # none: those of the local authority (`pixeledge trust`)
    page: Address | None = None
    storage: Storage = Factory(Storage)
    catalogue: str = "sqlite:///catalogue.db"
    links: dict[str, Link] = Factory(dict)
    clocks: dict[str, Skew] = Factory(dict)  # node, or pool of origins → how far its clock is wrong

    @property
    def secure_names(self) -> tuple[str, ...]:
        """The hosts and addresses that viewers may ask for over TLS."""
        places = (self.balancer.tls, *(self.listens(pop, "tls") for pop in self.pops))
        addresses = dict.fromkeys(place.host for place in places if place is not None)
        own = (each for each in addresses if each not in ("0.0.0.0", "::"))  # noqa: S104  compared, not bound
        return tuple(dict.fromkeys((*self.hosts, *self.dns_names, *own)))

    @property
    def edges(self) -> tuple[str, ...]:
        """The PoPs that viewers are given."""
        return tuple(name for name, pop in self.pops.items() if pop.role == "edge")

    @property
    def dns_names(self) -> tuple[str, ...]:
        """Where DNS leads viewers to a PoP: the zone, the names below it, and the private hosts that are in it."""
        dns = self.balancer.dns
        if dns is None:
            return ()
        hosts = (host for host in self.hosts if host.endswith(f".{dns.zone}"))
        return (dns.zone, *(f"{name}.{dns.zone}" for name in dns.names), *hosts)

    def listens(self, pop: str, side: Literal["listen", "tls"]) -> Address | None:
        """Where a PoP is to listen for viewers; None: over TLS nowhere, else anywhere.

        DNS tells an address and no port. So in mode dns every edge has an address of its own, 127.0.1.1 and
        on unless the document gives another, and all listen at the balancer's own ports.
        """
        written: Address | None = getattr(self.pops[pop], side)
        if self.balancer.mode != "dns" or pop not in self.edges:
            return written
        front: Address | None = getattr(self.balancer, side)
        if side == "tls" and front is None:
            return written
        given = (self.pops[pop].listen, written)
        host = next((each.host for each in given if each is not None and each.host != LOOPBACK), None)
        return Address(host or str(FIRST_EDGE + self.edges.index(pop)), front.port if front else 0)

    def rank(self, pop: str) -> tuple[str, ...]:
        """The PoPs between `pop` and its origin, nearest first, itself left out."""
        passed: list[str] = []
        parent = self.pops[pop].parent
        while parent is not None and parent in self.pops and parent not in passed and parent != pop:
            passed.append(parent)
            parent = self.pops[parent].parent
        return tuple(passed)

    def behind(self, pop: str) -> tuple[str, ...]:
        """Every PoP that may be asked for what `pop` does not hold, by whichever member of a group, itself left out."""
        found: dict[str, None] = {}
        waiting = [pop]
        while waiting:
            told = self.pops[waiting.pop(0)]
            asked = [
                name for name in (told.parent, told.secondary) if name in self.pops and name not in found
            ]
            found |= dict.fromkeys(filter(None, asked))
            waiting += filter(None, asked)
        return tuple(name for name in found if name != pop)

    def origin_of(self, pop: str) -> str | None:
        """The origin that answers what `pop` and its parents do not hold."""
        *_, last = (pop, *self.rank(pop))
        return self.pops[last].upstream
