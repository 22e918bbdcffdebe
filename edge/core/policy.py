"""Every knob of the cache core, as one frozen value. The defaults are the sheet's decisions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from attrs import evolve, field, frozen
from attrs.validators import deep_iterable, ge, in_, lt, optional

from edge.core.ruling import Reading
from wire.http.fields import Fields
from wire.tokens import glob

QueryRule = Literal["all", "none", "only", "except"]


@frozen
class KeyPolicy:
    """What of a request names the stored response, beyond scheme, host and path (sheet 2.3).

    What is left out of the key is left out of the forwarded request too, or it would be an unkeyed input
    (22.2); but for what `passed` names.
    """

    query: QueryRule = field(default="all", validator=in_(("all", "none", "only", "except")))
    """The query in the key: all of it, none, only the named `parameters`, or all except them (`utm_*`
    matches)."""
    parameters: tuple[str, ...] = ()
    sort: bool = False
    """Sort the parameters, so that `?a=1&b=2` and `?b=2&a=1` share one entry."""
    passed: QueryRule = field(default="none", validator=in_(("all", "none", "only", "except")))
    """What of the query goes upstream besides what is in the key, at the site's own risk: the same four, of
    `passed_parameters`."""
    passed_parameters: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    """Request headers whose values join the key."""
    cookies: tuple[str, ...] = ()
    """Request cookies whose values join the key."""
    cookie_rule: QueryRule = field(default="only", validator=in_(("all", "none", "only", "except")))
    """Whether the key has the named cookies `only`, `all`, `none`, or all `except` those named."""
    options: bool = False
    """Answers to OPTIONS are stored like those to GET, under keys of their own: against RFC 9110 §9.3.7, as vendors
    do where they are told to."""
    site: str = ""
    """One name in place of scheme and host, for hosts that are aliases of one site. Empty: scheme and host
    count."""
    hosts: dict[str, str] = field(factory=dict)
    """Hosts whose paths mean something of their own (`wire.hosts`): each cloud's are a site beside `site`."""

    @property
    def counts_cookies(self) -> bool:
        """Whether the key may have any."""
        return self.cookie_rule in ("all", "except") or (self.cookie_rule == "only" and bool(self.cookies))

    @property
    def adds_to_urls(self) -> bool:
        """Whether a URL may have several keys."""
        return bool(self.headers) or self.counts_cookies or self.options

    def knows(self, method: str) -> bool:
        """Whether what is stored may answer requests with a method."""
        return method in ("GET", "HEAD") or (method == "OPTIONS" and self.options)


@frozen
class Compression:
    """What of an upstream's plain answers is coded for viewers that accept it."""

    codings: tuple[str, ...] = field(default=(), validator=deep_iterable(in_(("br", "gzip", "zstd"))))
    """In order of preference, among those a viewer likes best; none: answers pass as they came."""
    types: tuple[str, ...] = (
        *("text/*", "application/javascript", "application/json", "application/*+json", "application/xml"),
        *("application/*+xml", "application/wasm", "font/ttf", "font/otf", "application/vnd.ms-fontobject"),
    )
    """Media types; `*` stands for any characters but a slash. Pictures and films are compressed already."""
    least_bytes: int = field(default=1024, validator=ge(0))
    """A smaller body is left alone, where its length is known."""
    most_bytes: int | None = field(default=None, validator=optional(ge(0)))
    """A larger one too, and one of unknown length; None: there is no such bound."""
    statuses: tuple[int, ...] = (200, 203, 403, 404, 410)


@frozen
class TtlRule:
    """How long a site wants some of its answers fresh, whatever their origin says (sheet 5.8)."""

    seconds: float = field(validator=ge(0))
    path: str = "*"
    """A pattern of the path, without its query: `*` is any text, `?` any letter."""
    statuses: tuple[int, ...] = (200,)
    even_private: bool = False
    """Also what its origin forbids to store, by no-store or private."""

    def fits(self, target: str, status: int) -> bool:
        """Whether it is about this answer."""
        return status in self.statuses and glob.fits(glob.parts_of(self.path), target.partition("?")[0])


@frozen
class Shapes:
    """What of a site is shown in other shapes than its own."""

    source_of: Callable[[str], str | None]
    """Path and query → those of what is shown there in another shape, whose purge finds it too; None: of nothing."""
    without_choice: Callable[[str], str]
    """Path and query of a viewer's URL → the same less what chooses a shape there: what its purge means as well."""


@frozen
class Policy:
    """How one cache node decides. A value: two nodes with equal policies decide alike."""

    node: str = "edge"
    """The name in Via, Cache-Status, X-PoP and CDN-Loop."""
    via: str = ""
    """Another name in Via; empty: the same."""
    reading: Reading | None = None
    """How an origin's word on caching is read, where it is not as RFC 9111 and RFC 9213 have it."""
    stores: bool = True
    """Whether anything may be stored, as far as a request tells."""
    coalesces: bool = True
    """Whether who misses may be answered by what another is fetching."""
    ignores_vary: bool = False
    """Whatever an answer varies on, it is everybody's."""
    tagging: Callable[[Fields], tuple[str, ...]] | None = None
    """Further tags of a response, by which a purge may find it."""
    shapes: Shapes | None = None
    """None: what a URL shows is that URL's alone."""
    kept_fields: tuple[str, ...] = ()
    """Fields, in lower case, that no 304 changes."""
    key: KeyPolicy = field(factory=KeyPolicy)
    purges_any_host: bool = False
    """Whether a purge of a URL means its path whatever the host: who asks may do so by another Host than viewers do."""
    upstream_host: str = ""
    """The Host to send upstream; empty: as `forwards_host` says."""
    forwards_host: bool = True
    """Whether the viewer's goes on; else whoever is asked is asked by its own, but where the Host says which site of
    several is meant (`key.hosts`)."""
    tells_scheme: bool = True
    """Write X-Forwarded-Proto, where the key tells schemes apart."""
    client_cc: Literal["honour", "ignore"] = field(default="honour", validator=in_(("honour", "ignore")))
    """`ignore`: viewers cannot force origin traffic by no-cache, max-age, min-fresh or Pragma (7.2)."""
    targeted_fields: tuple[str, ...] = ("Pixeledge-CDN-Cache-Control", "CDN-Cache-Control")
    """RFC 9213 target list, most specific first; Surrogate-Control comes after them (15.1)."""
    surrogate_control: bool = True
    strip_targeted: bool = False
    """Take CDN-Cache-Control off what viewers see; product-specific fields and Surrogate-Control always go
    (15.5)."""
    rebase_age: bool = False
    """Viewers see no Age, and the Date of now: for a site that purges, and lets us keep things for longer than
    browsers may (15.5)."""
    heuristic_fraction: float = field(default=0.1, validator=ge(0))
    heuristic_limit_seconds: float = field(default=86_400.0, validator=ge(0))
    strict_age: bool = False
    conservative_age: bool = False
    ttl_rules: tuple[TtlRule, ...] = ()
    """The first that fits decides."""
    negative_ttl: Mapping[int, float] = field(factory=dict)
    """Status → seconds, only where the origin said nothing (19.2)."""
    set_cookie: Literal["replay", "strip", "bypass"] = field(
        default="replay", validator=in_(("replay", "strip", "bypass"))
    )
    stale_if_unreachable_seconds: float = field(default=3600.0, validator=ge(0))
    """How long past its lifetime a response may serve when there is no way to the origin (14.4)."""
    failure_hold_seconds: float = field(default=0.0, validator=ge(0))
    """How long a failed fetch answers, with what is stored or with an error, who asks for the same next."""
    refresh_ahead: float | None = field(default=None, validator=optional([ge(0), lt(1)]))
    """The part of a lifetime after which a hit has the object refreshed behind it, before it is stale; None: never."""
    range_fill: Literal["whole", "forward"] = field(default="whole", validator=in_(("whole", "forward")))
    range_fill_bytes: int = field(default=64 << 20, validator=ge(0))
    """A range of something larger than this is forwarded rather than filled as a whole (11.6)."""
    always_cuts_ranges: bool = False
    """A range is cut out even of what may not be kept, and of what has no length once all of it is here; else the whole
    is sent at once."""
    reply_head_bytes: int | None = None
    """Of an answer's fields together: what has more is no answer. None: there is no such bound."""
    head_fill: bool = False
    """Ask upstream with GET for a HEAD that finds nothing stored: it fills the cache like any other miss."""
    object_bytes: int = field(default=1 << 30, validator=ge(0))
    """A larger body streams through and is not stored (12.7)."""
    finish_abandoned_bytes: int = field(default=1 << 20, validator=ge(0))
    """A fill whose viewer left is finished when it is no larger than this, or more than half done (12.6)."""
    compression: Compression = field(factory=Compression)
    """Accept-Encoding is reduced to the one of its codings that the viewer gets (8.6), upstream too."""
    accept_classes: tuple[str, ...] = ()
    """Reduce Accept to the listed types a viewer names (such as image/avif) and `*/*`; empty leaves it
    alone."""
    debug: bool = False
    """Show the cache key and the reasons, in Cache-Status, and an answer's tags (22.4, 20.2)."""
    pop_fields: bool = True
    """Write X-PoP, X-Cache and Server-Timing."""
    paths: tuple[PathPolicy, ...] = ()
    """Paths for which it is another policy that decides: the first that fits."""

    @property
    def pseudonym(self) -> str:
        """The name in Via."""
        return self.via or self.node

    def with_tagging(self, tagging: Callable[[Fields], tuple[str, ...]] | None) -> Policy:
        """The same, and of all its paths, with these tags."""
        paths = tuple(evolve(each, policy=each.policy.with_tagging(tagging)) for each in self.paths)
        return evolve(self, tagging=tagging, paths=paths)

    def with_shapes(self, shapes: Shapes | None) -> Policy:
        """The same, and all its paths, where purges find what was made of something."""
        paths = tuple(evolve(each, policy=each.policy.with_shapes(shapes)) for each in self.paths)
        return evolve(self, shapes=shapes, paths=paths)

    @property
    def finds_by_url(self) -> bool:
        """Whether a URL may stand for more than the one key."""
        return self.key.adds_to_urls or self.shapes is not None

    def ttl_rule(self, target: str, status: int) -> TtlRule | None:
        """The site's rule for an answer."""
        return next((rule for rule in self.ttl_rules if rule.fits(target, status)), None)


@frozen
class PathPolicy:
    """A policy for the paths that a pattern fits, in their normal spelling and without a query."""

    pattern: glob.Parts
    policy: Policy


@frozen
class FlightPolicy:
    """The limits of coalescing (18)."""

    wait_seconds: float = field(default=5.0, validator=ge(0))
    """A follower that saw no head by then fetches for itself."""
    waiters: int = field(default=10_000, validator=ge(0))
    """Followers before the head, per flight; one more fetches for itself."""
    hit_for_miss_seconds: float = field(default=120.0, validator=ge(0))
    """How long "not shareable" is remembered, so that such requests do not queue behind each other."""
    hit_for_miss_entries: int = field(default=100_000, validator=ge(0))
    refresh_retry_seconds: float = field(default=1.0, validator=ge(0))
    refresh_retry_limit_seconds: float = field(default=30.0, validator=ge(0))
    """Back-off of background refreshes that failed (14.6)."""
