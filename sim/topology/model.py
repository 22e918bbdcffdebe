"""What `topology.yaml` may say: regions, clouds, origins, PoPs, a balancer and the links between regions."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Any, Literal

from attrs import Factory, field, frozen
from attrs.validators import and_, ge, gt, le, matches_re

from edge.tls.settings import Pair
from edge.vendors.akamai.edgegrid import Client
from edge.vendors.akamai.rates import Rates
from edge.vendors.cloudfront.records import Limits as InProgress
from edge.vendors.cloudfront.sigv4 import AccessKey
from sim.topology.balancing import Balancer
from sim.topology.quantities import Address, Duration, Network, Rate, Share, Size, Skew
from sim.topology.scaling import Instances, Scaling

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
class Fetch:
    """What remote files a cloud may load, and where its notifications may go: the public internet, and the networks
    it allows."""

    allow: tuple[Network, ...] = ()
    timeout: Duration = Factory(lambda: Duration(10.0))
    size: Size = Factory(lambda: Size(10_000_000))
    upload_timeout: Duration = Factory(lambda: Duration(60.0))  # of files that uploads name by URL
    upload_size: Size = Factory(lambda: Size(100_000_000))
    keep: Duration = Factory(lambda: Duration(30 * 24 * 3600.0))  # a copy nobody was shown; 0s: for ever
    quota: Size = Factory(lambda: Size(1_000_000_000))  # of all copies together; 0: without bound
    buckets: tuple[str, ...] = ()  # of the storage's server, that uploads may name as s3://bucket/key


@frozen
class Key:
    """A key pair that signs and authenticates, while it is not disabled."""

    api_key: str
    api_secret: str
    disabled: bool = False
    sha256_only: bool = False


@frozen
class OwnStorage:
    """Where one cloud's objects are, and no others': what is not said is as the world's `storage` says.

    `{bucket: acme}` is a bucket for this cloud alone; with `endpoint` and keys of its own it is a private one.
    """

    kind: Literal["filesystem", "memory", "minio"] | None = None
    path: str | None = None
    endpoint: str | None = None
    access_key: str | None = None
    secret_key: str | None = None
    bucket: str | None = None
    region: str | None = None
    secure: bool | None = None


@frozen
class Cloud:
    """One customer of the origin: `api_key` and `api_secret`, or several `keys` while they are rotated."""

    api_key: str = ""
    api_secret: str = ""
    keys: tuple[Key, ...] = ()
    sha256_only: bool = False  # API signatures must be SHA-256
    token_keys: dict[str, str] = Factory(dict)  # by name, in hexadecimal: what signs viewers' tokens
    details_in_chains: bool = True  # conditions and variables may ask for tags, context and metadata
    rate_limit: int = field(default=500, validator=ge(1))  # Admin API calls in an hour
    strict: bool = False  # an unsigned URL shows allowed transformations only
    signature_version_1: bool = True  # API signatures may leave `&` in values unescaped
    folder_mode: Literal["dynamic", "fixed"] = "dynamic"
    upload_preset: str = ""  # of signed uploads that name none
    backup: bool = False  # every original stored is kept, unless an upload says otherwise
    auto_create_folders: bool = True  # fixed mode: uploads create the folders of their public ids
    retain_on_overwrite: bool = False  # an overwritten asset keeps tags, context and metadata
    transformations: dict[str, str] = Factory(dict)  # named ones: `t_<name>` stands for the chain
    restricted: tuple[str, ...] = ("list",)  # delivery types whose URLs must be signed
    disabled: bool = False
    fetch: Fetch = Factory(Fetch)
    resolvers: dict[str, str] = Factory(dict)  # gravatar, … → URL of a picture there, with {id} in it
    notification_url: str = ""  # told of what no request names another URL for; poll://<channel> too
    storage: OwnStorage | None = None

    @property
    def every_key(self) -> tuple[Key, ...]:
        """The plain pair first."""
        plain = (Key(self.api_key, self.api_secret),) if self.api_key else ()
        return (*plain, *self.keys)

    @property
    def key(self) -> Key:
        """The pair that we ourselves use: the first that is not disabled."""
        return next(key for key in self.every_key if not key.disabled)


@frozen
class Storage:
    """Where originals and derived files are kept. Only `filesystem` reads `path`; the rest is for `minio`."""

    kind: Literal["filesystem", "memory", "minio"] = "filesystem"
    path: str = "media"
    start: bool = False  # run a `minio server` at `endpoint` as part of this world
    endpoint: str = "127.0.0.1:9000"
    # a minio of this world's own, on loopback, needs no keys of the user's
    access_key: str = Factory(lambda self: "pixeledge" if self.start else "", takes_self=True)
    secret_key: str = Factory(lambda self: "pixeledge-on-this-laptop" if self.start else "", takes_self=True)
    bucket: str = "pixeledge"
    region: str = "us-east-1"
    secure: bool = False


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
class Region:
    """A part of the world: where it lies, the source addresses of the viewers who live there, and by which line each of
    them is online."""

    at: Place
    viewers: tuple[Network, ...] = ()
    access: Terms | None = None  # on top of the link to whoever answers
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
class Limits:
    """How much one request may ask of an origin (delivery-urls.md §8.2); a refusal names the limit it met."""

    input_megapixels: float = field(default=25.0, validator=gt(0))
    output_megapixels: float = field(default=25.0, validator=gt(0))
    frames_megapixels: float = field(default=50.0, validator=gt(0))  # all frames of an animation together
    output_side: int = field(default=10_000, validator=ge(1))  # pixels
    chain_length: int = field(default=60, validator=ge(1))  # components
    layers: int = field(default=40, validator=ge(0))
    layer_depth: int = field(default=4, validator=ge(1))
    text_characters: int = field(default=10_000, validator=ge(1))
    font_pixels: int = field(default=5_000, validator=ge(1))
    looks: int = field(default=8, validator=ge(1))
    providers: int = field(default=4, validator=ge(0))  # runs of them
    expression_terms: int = field(default=100, validator=ge(1))
    named_depth: int = field(default=10, validator=ge(1))  # named transformations that name others
    sheet_images: int = field(default=100, validator=ge(1))  # of one sprite or animation by tag
    loads: int = field(default=16, validator=ge(1))  # remote files loaded at once; four times as many wait
    render_memory: Size = Factory(lambda: Size(1024 * 1024 * 1024))  # address space of one worker
    render_time: Duration = Factory(lambda: Duration(20.0))  # of one render, then it is given up
    render_queue: int = field(default=64, validator=ge(1))  # renders running and waiting; more: 503


@frozen
class Provider:
    """Who paints an effect that needs a model (docs/providers.md): a program, or a stand-in of our own."""

    command: tuple[str, ...] = ()
    builtin: Literal["lanczos", "blurred", "improve"] | None = None
    version: str = "1"
    timeout: Duration = Factory(lambda: Duration(10.0))
    memory: Size = Factory(lambda: Size(4 << 30))
    signed_only: bool = False


@frozen
class Webhooks:
    """How an origin delivers notifications (docs/notifications.md)."""

    pauses: tuple[Duration, ...] = (
        Duration(180.0),
        Duration(360.0),
        Duration(540.0),
    )  # before further attempts
    timeout: Duration = Factory(lambda: Duration(10.0))
    running: int = field(default=64, validator=ge(1))
    per_receiver: int = field(default=8, validator=ge(1))
    keep: Duration = Factory(lambda: Duration(86_400.0))  # of what nobody reads from a channel


@frozen
class Origin:
    """A pool of origin instances in one region. Instance n listens n - 1 ports above the first."""

    region: str
    instances: Instances = Factory(Instances)
    scaling: Scaling = Factory(Scaling)  # of instances that are not always as many
    host: str = ""  # the machine they stand on, where there are several; unless said, the first
    workers: int = field(default=1, validator=and_(ge(1), le(64)))  # rendering processes of each instance
    listen: Address | None = None
    control: Address | None = None
    max_upload: Size = Factory(lambda: Size(100_000_000))  # of one request
    max_file: Size = Factory(lambda: Size(2_000_000_000))  # of a file in several requests
    limits: Limits = Factory(Limits)
    webhooks: Webhooks = Factory(Webhooks)
    providers: dict[str, Provider] = Factory(dict)  # by effect: background_removal, upscale, gen_fill …


@frozen
class Pop:
    """A caching node. It asks its parent (another PoP) or its upstream (an origin)."""

    region: str
    role: Literal["edge", "shield"] = "edge"
    host: str = ""  # the machine it stands on, where there are several; unless said, the first
    parent: str | None = None
    upstream: str | None = None
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

    def origin_of(self, pop: str) -> str | None:
        """The origin that answers what `pop` and its parents do not hold."""
        *_, last = (pop, *self.rank(pop))
        return self.pops[last].upstream
