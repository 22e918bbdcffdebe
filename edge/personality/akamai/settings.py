"""A property: what its owner chose."""

from __future__ import annotations

import re
from typing import Literal

from attrs import Attribute, field, frozen
from attrs.validators import (
    deep_iterable,
    deep_mapping,
    ge,
    gt,
    in_,
    le,
    matches_re,
    max_len,
    min_len,
    optional,
)

from edge.core.policy import QueryRule
from edge.personality.akamai.image_manager import ImageManager
from wire.tokens.edgeauth import NAME, PLACES, Lock, Place

Mode = Literal["MAX_AGE", "NO_STORE", "BYPASS_CACHE", "CACHE_CONTROL", "EXPIRES", "CACHE_CONTROL_AND_EXPIRES"]
MODES: tuple[Mode, ...] = (
    *("MAX_AGE", "NO_STORE", "BYPASS_CACHE"),
    *("CACHE_CONTROL", "EXPIRES", "CACHE_CONTROL_AND_EXPIRES"),
)
ERRORS = ("204", "305", "404", "405", "501", "502", "503", "504", "505")


_HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:\d+)?")


def _are_hosts(_: object, attribute: Attribute[tuple[str, ...]], names: tuple[str, ...]) -> None:
    for name in names:
        if not _HOST.fullmatch(name):
            raise ValueError(f"'{attribute.name}' must be whole names like img.example.com, not {name!r}")


@frozen
class VerifyToken:
    """Paths that are for viewers with a token alone (§10.2)."""

    lock: Lock
    path: str = "*"
    """A pattern: `*` is any text, `?` any letter."""
    places: tuple[Place, ...] = field(default=PLACES, validator=[min_len(1), deep_iterable(in_(PLACES))])
    """Where a token is looked for; the first that is there decides."""
    name: str = field(default=NAME, validator=min_len(1))
    """Of the parameter, cookie or header."""
    failure: Literal["deny", "report"] = field(default="deny", validator=in_(("deny", "report")))
    """`report`: everybody is let in; the token is taken away all the same."""


@frozen
class Caching:
    """Whose word counts for how long an answer is kept (§14)."""

    mode: Mode = field(default="CACHE_CONTROL_AND_EXPIRES", validator=in_(MODES))
    ttl_seconds: float = field(default=0.0, validator=ge(0))
    """Of MAX_AGE; in the modes that honour the origin, of answers that say nothing."""
    must_revalidate: bool = False
    """Nothing is served stale."""
    error_seconds: dict[str, float] = field(
        factory=lambda: dict.fromkeys(ERRORS, 10.0),
        validator=deep_mapping(matches_re("[2345][0-9]{2}"), ge(0)),
    )
    """Status → seconds that an error is kept; others are not."""
    stale_seconds: float = field(default=3600.0, validator=ge(0))
    """How long what is stored stands in for an origin that fails."""
    prefresh_percent: float | None = field(default=None, validator=optional([ge(0), le(99)]))
    """After so much of a lifetime a request has the object refreshed behind it (§15.2); Akamai suggests 90."""
    surrogate_control: bool = False
    """Read Surrogate-Control behind Edge-Control."""


@frozen
class SiteFailover:
    """What an origin that fails is made up for by, where nothing stale can stand in (§15.4)."""

    action: Literal["upstream", "redirect", "object"] = field(
        validator=in_(("upstream", "redirect", "object"))
    )
    """Ask the second upstream; send viewers to the same path elsewhere; show them another object."""
    to: str = ""
    """Of `redirect`, a base URL: `https://backup.example`; of `object`, a path at the origin: `/sorry.html`."""
    statuses: tuple[int, ...] = field(
        default=(500, 502, 503, 504), validator=[min_len(1), deep_iterable([ge(400), le(599)])]
    )
    """Answers that are failures. No connection is 503 there, no answer in time 504."""

    def __attrs_post_init__(self) -> None:
        wanted = {"upstream": "", "redirect": "https?://[^/?#]+", "object": "/[^?#]*"}[self.action]
        if not re.fullmatch(wanted, self.to):
            raise ValueError(f'site failover by "{self.action}" cannot go to "{self.to}"')


@frozen
class SureRoute:
    """What no cache keeps takes the fastest way to the origin: straight on, or through another edge (§15.3)."""

    test_object: str = field(validator=matches_re("/[^#]*"))
    """A path at the origin that is asked for by each way; one that is not kept, or the cache is what is measured."""
    through: tuple[str, ...] = field(
        validator=[min_len(1), max_len(2), deep_iterable(matches_re("https?://[^/?#]+|[^:/?#]+"))]
    )
    """Base URLs of edges of the same property; in a topology, PoPs by their names."""
    seconds: float = field(default=1800.0, validator=gt(0))
    """How long a measurement is good."""


@frozen
class Property:
    """One property of an account. All edges that serve it are told the same."""

    cpcode: int = field(default=12345, validator=ge(1))
    hostnames: tuple[str, ...] = field(default=(), validator=_are_hosts)
    """Whose URLs may be purged; empty: any."""
    network: Literal["production", "staging"] = field(
        default="production", validator=in_(("production", "staging"))
    )
    origin: str = ""
    """The origin's name in cache keys that are shown; empty: the Host as sent."""
    tokens: tuple[VerifyToken, ...] = ()
    """The first whose path fits decides; where none does, everybody may look."""
    caching: Caching = field(factory=Caching)
    site_failover: SiteFailover | None = None
    sure_route: SureRoute | None = None
    image_manager: ImageManager | None = None
    """None: pictures are served as their URLs say."""
    query: QueryRule = field(default="all", validator=in_(("all", "none", "only", "except")))
    parameters: tuple[str, ...] = ()
    sort_query: bool = False
    headers: tuple[str, ...] = ()
    cookies: tuple[str, ...] = ()
    vary: Literal["variants", "uncacheable", "ignore"] = field(
        default="variants", validator=in_(("variants", "uncacheable", "ignore"))
    )
    reply_header_bytes: int = field(default=8192, validator=ge(1))
    """An origin's answer with larger headers than that is none (§13.1)."""
    show_tags: bool = False
    """Leave Edge-Cache-Tag for every viewer to see."""
    debug: Literal["open", "off"] = field(default="open", validator=in_(("open", "off")))
    """Whether Pragma asks for debug headers."""
    stream: int = field(default=1, validator=ge(1))
    """The stream that log lines belong to."""
    log_cookies: bool = False
    """Whether they tell the cookies that viewers send."""
