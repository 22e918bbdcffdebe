"""One edge or shield node, settled: all it is told before it starts."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Literal

from attrs import Attribute, evolve, field, frozen
from attrs.validators import deep_iterable, deep_mapping, ge, gt, in_, instance_of, le, matches_re, min_len

from edge.core.policy import Compression, FlightPolicy, KeyPolicy, TtlRule
from edge.personality.akamai.settings import Property
from edge.personality.cloudfront.settings import HEAD_BYTES, Distribution
from edge.personality.geography import Locality
from edge.personality.plain import Guarded
from edge.tls.settings import Tls
from wire.http.incoming import HeadLimits
from wire.web.limits import ConnectionLimits

MIB = 1 << 20

Played = Literal["plain", "cloudfront", "akamai"]
Balance = Literal["first", "hash", "round-robin"]
TagGrammar = Literal["cloudfront", "akamai"]


def is_network(_: object, __: Attribute[str], written: str) -> None:
    """A validator: an address, or a network in CIDR notation."""
    ip_network(written)


@frozen
class Limits:
    """How long upstreams and viewers may take, and how much they may send."""

    connect_seconds: float = field(default=5.0, validator=gt(0))
    first_byte_seconds: float = field(default=30.0, validator=gt(0))
    between_bytes_seconds: float = field(default=15.0, validator=gt(0))
    resume_seconds: float = field(default=15.0, validator=gt(0))
    """An upstream that is silent for so long amid a body which another may go on with is left for that one."""
    send_seconds: float = field(default=15.0, validator=gt(0))
    """How long an upstream may take nothing of a request's body that waits for it."""
    object_bytes: int = field(default=1 << 30, validator=ge(0))
    """A larger body streams through and is not stored."""
    idle_seconds: float = field(default=60.0, validator=gt(0))
    """A viewer's connection on which nothing happens is closed."""
    head_seconds: float = field(default=20.0, validator=gt(0))
    """From the first byte of a request's head to its last; 408 after that."""
    body_seconds: float = field(default=20.0, validator=gt(0))
    """In each such span a request's body must bring `body_rate` bytes a second on average; else 408."""
    body_rate: float = field(default=500.0, validator=ge(0))
    stall_seconds: float = field(default=120.0, validator=gt(0))
    """A viewer that takes none of what waits for it (some 64 KiB) for so long is cut off."""
    request_seconds: float = field(default=3600.0, validator=gt(0))
    """From a request's head to the last byte of its answer; then it is cut."""
    connection_seconds: float = field(default=3600.0, validator=gt(0))
    """A viewer's connection that is older is closed behind the answer under way."""
    connections: int = field(default=16384, validator=ge(0))
    """Of viewers at one time; one more gets 503. 0: any number."""
    connections_per_address: int = field(default=4096, validator=ge(0))
    """The same from one address: a balancer or shield before this node is one."""
    url_bytes: int = field(default=16 * 1024, validator=ge(64))
    """Of a request line; 414 beyond."""
    head_bytes: int = field(default=32 * 1024, validator=ge(64))
    """Of a request's headers together; 431 beyond."""
    head_fields: int = field(default=128, validator=ge(1))
    """Header lines of a request; 431 beyond."""
    body_bytes: int = field(default=1 << 30, validator=ge(0))
    """Of a request's body; 413 beyond."""
    drain_seconds: float = field(default=4.0, validator=ge(0))
    """What runs when the node is told to stop has this long to end."""
    purge_seconds: float = field(default=2.0, validator=gt(0))
    """How long a peer may take to confirm a purge."""
    catch_up_seconds: float = field(default=10.0, validator=gt(0))
    """How long a node that starts asks what was purged while it was away; then all that it has counts as stale."""

    def for_viewers(self, *, as_cloudfront: bool = False) -> ConnectionLimits:
        """What of it a viewer's connection is held to. CloudFront refuses in pages of its own a GET with a body, and
        what is too large (cdn-vendors §9): there is room for it, unless less is wanted here."""
        head = HeadLimits(self.url_bytes, self.head_bytes, self.head_fields, self.body_bytes)
        if as_cloudfront:
            room = self.head_bytes if self.head_bytes < HEAD_BYTES else 2 * self.head_bytes
            head = evolve(head, head_bytes=room, any_body=True, too_large=413)
        return ConnectionLimits(
            head=head,
            idle_seconds=self.idle_seconds,
            head_seconds=self.head_seconds,
            body_seconds=self.body_seconds,
            body_rate=self.body_rate,
            stall_seconds=self.stall_seconds,
            request_seconds=self.request_seconds,
            connection_seconds=self.connection_seconds,
            connections=self.connections,
            connections_per_address=self.connections_per_address,
        )


@frozen
class Caching:
    """What a site may choose where RFC 9111 leaves room."""

    ttl_rules: tuple[TtlRule, ...] = ()
    """Lifetimes of the site's own, by path and status: the first that fits decides, before what an origin says."""
    set_cookie: Literal["replay", "strip", "bypass"] = field(
        default="replay", validator=in_(("replay", "strip", "bypass"))
    )
    """Of an answer that may be stored: kept like any field, left out, or a reason not to store it."""
    rebase_age: bool = False
    """Viewers see the Date of now in place of Age: for sites that purge."""
    strip_targeted: bool = False
    """Keep CDN-Cache-Control from viewers."""
    strict_age: bool = False
    """An Age that is no number means stale, as RFC 9111 §5.1 would have it."""
    conservative_age: bool = False
    """Count the difference of Date to our clock as age."""
    heuristic_fraction: float = field(default=0.1, validator=ge(0))
    """Of the time since Last-Modified, where nothing else is said; 0: no guesses."""
    heuristic_limit_seconds: float = field(default=86_400.0, validator=ge(0))
    stale_if_unreachable_seconds: float = field(default=3600.0, validator=ge(0))
    """How long past its lifetime a response may stand in for an origin out of reach."""
    debug: bool = False
    """Show viewers the cache key and the reasons, in Cache-Status, and an answer's tags: for whoever looks for
    faults, as strangers may see them too."""


@frozen
class Concurrency:
    """How much one upstream is asked at once."""

    requests: int = field(default=512, validator=ge(1))
    """Running questions, each on a connection of its own."""
    waiting: int = field(default=1024, validator=ge(0))
    """Questions in line; one more is refused (503), or asked elsewhere."""
    waiting_seconds: float = field(default=5.0, validator=gt(0))
    """How long a question stands in line."""


@frozen
class Breaker:
    """When an upstream that gives no answers is not asked, and its viewers get 503, or what is stored, at once."""

    failures: int = field(default=10, validator=ge(0))
    """So many questions in a row without an answer (no connection, cut off, too slow); 0: it is asked all the same."""
    seconds: float = field(default=1.0, validator=gt(0))
    """One question is let by so often, to see; any answer ends it."""


@frozen
class Retries:
    """When a question that may be put twice (RFC 9110 §9.2.2) is put to the next upstream too."""

    statuses: tuple[int, ...] = field(default=(), validator=deep_iterable(in_((500, 502, 503, 504))))
    """Answers that are no answer while there is somebody else to ask; a connection that was cut never is."""
    share: float = field(default=0.2, validator=ge(0))
    """Of all questions, those that may be put again after an upstream may have begun to work on them."""


@frozen
class Checks:
    """How upstreams are asked whether they are well. Without any, only what happens to questions tells."""

    path: str = ""
    """Asked of every upstream (`/healthz`); empty: of none but those below."""
    urls: dict[str, str] = field(factory=dict)
    """Upstream → the URL to ask about it, when that is elsewhere."""
    interval_seconds: float = field(default=2.0, validator=gt(0))
    timeout_seconds: float = field(default=2.0, validator=gt(0))
    fall: int = field(default=2, validator=ge(1))
    """Misses in a row that make an upstream the last to be asked."""
    rise: int = field(default=2, validator=ge(1))

    def questions(self, upstreams: tuple[str, ...]) -> dict[str, str]:
        """Upstream → URL, for all that are checked."""
        of_all = {url: url.rstrip("/") + self.path for url in upstreams if self.path}
        return of_all | {url: asked for url, asked in self.urls.items() if url in upstreams}


@frozen
class Secondary:
    """The second member of an origin group: one origin, by however many ways and instances."""

    upstreams: tuple[str, ...] = ()
    """Base URLs, in order of preference."""
    balance: Balance = field(default="first", validator=in_(("first", "hash", "round-robin")))


@frozen
class Choices:
    """How a node does its work: what may be the same for all of a world's, wherever they stand."""

    personality: Played = field(default="plain", validator=in_(("plain", "cloudfront", "akamai")))
    """Whom it plays: what viewers see and must show (docs/vendors.md)."""
    guarded: tuple[Guarded, ...] = ()
    """Of a plain edge: paths that are for viewers with a `__cld_token__` alone."""
    cloudfront: Distribution = field(factory=Distribution)
    """What it serves as CloudFront."""
    akamai: Property = field(factory=Property)
    """What it serves as Akamai."""
    geography: dict[str, Locality] = field(factory=dict)
    """Where viewers are, by their addresses: for those whom an edge may play."""
    outlier_errors: int = field(default=5, validator=ge(0))
    """So many 500, 502, 503 or 504 in a row, and an upstream is left alone for a while; 0: never."""
    breaker: Breaker = field(factory=Breaker)
    checks: Checks = field(factory=Checks)
    concurrency: Concurrency = field(factory=Concurrency)
    retries: Retries = field(factory=Retries)
    checksums: Literal["small", "all"] = field(default="small", validator=in_(("small", "all")))
    """Which bodies from disk are held to a digest when they are opened: up to 1 MiB, or all. A longer one is then
    read twice."""
    key: KeyPolicy = field(factory=KeyPolicy)
    caching: Caching = field(factory=Caching)
    range_fill: Literal["whole", "forward"] = field(default="whole", validator=in_(("whole", "forward")))
    """What a Range that finds nothing stored asks for: the whole of objects up to `range_fill_bytes`, and of larger
    ones the range alone; or the range alone always (sheet 11.6). Ranges are kept as parts and put together."""
    range_fill_bytes: int = field(default=64 * MIB, validator=ge(0))
    client_cc: Literal["honour", "ignore"] = field(default="honour", validator=in_(("honour", "ignore")))
    """Whether a viewer's no-cache, max-age, min-fresh and Pragma may send a request upstream (sheet 7.2)."""
    head_fill: bool = True
    """A HEAD that finds nothing stored is asked upstream as GET and fills the cache."""
    accept_classes: tuple[str, ...] = ()
    """Reduce Accept to these types (`image/avif`), so that browsers share what varies on it; empty: as it is."""
    negative_ttl: dict[str, float] = field(
        factory=dict, validator=deep_mapping(matches_re("[45][0-9]{2}"), ge(0))
    )
    """Status → seconds for errors whose origin says nothing of caching (sheet 19.2); one that says `private`
    is taken at its word."""
    compression: Compression = field(factory=lambda: Compression(codings=("br", "zstd", "gzip")))
    flights: FlightPolicy = field(factory=FlightPolicy)
    limits: Limits = field(factory=Limits)
    trusted_proxies: tuple[str, ...] = field(default=(), validator=deep_iterable(is_network))
    """Addresses and networks of those whose X-Forwarded-Proto is believed: proxies that end TLS before us."""
    purge_token: str = ""
    """Who sends PURGE with it as a Bearer token may purge at the viewers' port; empty: nobody."""


@frozen(kw_only=True)
class Settings(Choices):
    """What makes one node: its place, and its choices. Plain values all the way, so that YAML can hold them."""

    upstreams: tuple[str, ...] = field(validator=min_len(1))
    """Base URLs, in order of preference."""
    secondary: Secondary = field(factory=Secondary)
    """Where the one who is played has an origin group: its second member; unless said, the first two upstreams are the
    members."""
    standby: tuple[str, ...] = field(default=())
    """Of these, those that are not there until `/members` says so."""
    parents: tuple[str, ...] = field(default=())
    """Of these, those that only what may be kept is asked of: caches before the others."""
    origin_shields: tuple[str, ...] = ()
    """Names of nodes next to the origins that everything takes: CloudFront's log has a word for what they had."""
    listen: str = "127.0.0.1:8080"
    control: str = "127.0.0.1:0"
    name: str = "edge"
    pop: str = ""
    """The place it stands in; its name when empty."""
    region: str = ""
    role: Literal["edge", "shield"] = field(default="edge", validator=in_(("edge", "shield")))
    host: str = ""
    """The Host to send upstream; empty passes the viewer's through, or, for who plays CloudFront, is the upstream's."""
    upstream_hosts: dict[str, str] = field(factory=dict)
    """Upstream → the Host it is asked by where the viewer's does not go on; its own where nothing is said."""
    workers: int = field(default=1, validator=[ge(1), le(64)])
    """Processes that share the ports and the disk tier; each has its part of `hot_bytes`."""
    cache_dir: str = ""
    """Where the disk tier lives; empty: memory only, and large bodies are not stored."""
    hot_bytes: int = field(default=64 * MIB, validator=ge(0))
    disk_bytes: int = field(default=1024 * MIB, validator=ge(0))
    eviction: Literal["lru", "s3-fifo", "sieve", "w-tinylfu"] = field(
        default="s3-fifo", validator=in_(("lru", "s3-fifo", "sieve", "w-tinylfu"))
    )
    """Who leaves memory when room is needed: lru, s3-fifo, sieve or w-tinylfu (docs/performance.md)."""
    balance: Balance = field(default="first", validator=in_(("first", "hash", "round-robin")))
    peers: tuple[str, ...] = ()
    """Control URLs that a purge is fanned out to."""
    purges: str = ""
    """The control URL of the node of the vendors' APIs, which is asked at start what was purged meanwhile."""
    tags: dict[str, TagGrammar] = field(
        factory=dict, validator=deep_mapping(instance_of(str), in_(("cloudfront", "akamai")))
    )
    """Headers that name tags for vendors whose edges ask this node, and how they are read."""
    renditions: bool = False
    """Edges that ask this node make others of pictures (Akamai's Image Manager): a purge of a picture's URL finds them
    here too."""
    tls: Tls = field(factory=Tls)
    """Where viewers ask over TLS, beside `listen`."""
    upstream_ca: str = ""
    """A PEM file of the authorities that upstreams over https must be vouched for by; empty: the system's."""
    access_log: str = ""
    """A file that gets one line per request, and is begun anew when it is moved away; empty: none."""
    access_log_format: Literal["json", "combined", "vendor"] = field(
        default="json", validator=in_(("json", "combined", "vendor"))
    )
    """`vendor`: as the one whom this edge plays would write it; of a plain edge, as JSON."""
    access_log_hourly: bool = False
    """Put away what each hour wrote, packed: `NAME.YYYY-MM-DD-HH.UNIQUE.gz` beside the file."""

    @standby.validator
    @parents.validator
    def _are_upstreams(self, told: Attribute[tuple[str, ...]], named: tuple[str, ...]) -> None:
        unknown = [url for url in named if url not in self.asked]
        if unknown:
            raise ValueError(f"'{told.name}' must name upstreams: {unknown[0]} is none of them")

    @secondary.validator
    def _are_others(self, _: object, secondary: Secondary) -> None:
        twice = [url for url in secondary.upstreams if url in self.upstreams]
        if twice:
            raise ValueError(f"'secondary' has upstreams of its own: {twice[0]} is among 'upstreams'")

    @property
    def asked(self) -> tuple[str, ...]:
        """Every upstream, of whichever member of a group."""
        return (*self.upstreams, *self.secondary.upstreams)

    def __attrs_post_init__(self) -> None:
        nameless = [way for way in self.ways if "://" not in way]
        if nameless:
            raise ValueError(f"'akamai.sure_route.through' names edges by URL: {nameless[0]} is none")

    @property
    def ways(self) -> tuple[str, ...]:
        """Other edges that some questions may be put through."""
        told = self.akamai.sure_route if self.personality == "akamai" and self.role == "edge" else None
        return told.through if told is not None else ()

    @property
    def speaks_tls(self) -> bool:
        """Whether any connection, of viewers or of its own, may be one over TLS."""
        called = (*self.asked, *self.ways, *self.checks.urls.values(), *self.peers)
        return bool(self.tls.listen) or any(url.lower().startswith("https:") for url in called)
