"""Cache behaviours: what a distribution does with the requests for some of its paths (cdn-vendors §1.1, §4, §6)."""

from __future__ import annotations

import re
from typing import Any, Literal

from attrs import Attribute, field, frozen
from attrs.validators import ge, in_, max_len

from edge.core.key import counts
from edge.core.policy import QueryRule
from wire.tokens.glob import Parts, parts_of

MOST_NAMES = 10
MOST_LETTERS = 1024
MOST_GROUPS = 4
_PATTERN = re.compile("[!-~]{1,255}")
RULES: tuple[QueryRule, ...] = ("all", "none", "only", "except")

METHODS = {
    "read": frozenset({"GET", "HEAD"}),
    "read-options": frozenset({"GET", "HEAD", "OPTIONS"}),
    "all": frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}),
}
Methods = Literal["read", "read-options", "all"]
CachedMethods = Literal["read", "read-options"]
Protocol = Literal["allow-all", "redirect-to-https", "https-only"]


@frozen
class Ttl:
    """How long what an origin says is taken for, in seconds (§4.1)."""

    least: float = field(default=0.0, validator=ge(0))
    """Above 0 it breaks HTTP on purpose: what is `private` or `no-store` is kept for so long, for everybody."""
    default: float = field(default=86_400.0, validator=ge(0))
    most: float = field(default=31_536_000.0, validator=ge(0))


MANAGED: dict[str, Ttl] = {
    "CachingOptimized": Ttl(1, 86_400, 31_536_000),
    "CachingDisabled": Ttl(0, 0, 0),
    "CachingOptimizedForUncompressedObjects": Ttl(1, 86_400, 31_536_000),
    "Amplify": Ttl(2, 2, 600),
    "Elemental-MediaPackage": Ttl(0, 86_400, 31_536_000),
}
"""CloudFront's own cache policies, by name and by id."""

IDS = {
    "658327ea-f89d-4fab-a63d-7e88639e58f6": "CachingOptimized",
    "4135ea2d-6df8-44a3-9df3-4b5a84be39ad": "CachingDisabled",
    "b2884449-e4de-46a7-ac36-70bc7f1ddd6d": "CachingOptimizedForUncompressedObjects",
    "2e54312d-136d-493c-8eb9-b001f22f67d2": "Amplify",
    "08627262-05a9-4f76-9ded-b50ca2e3a84f": "Elemental-MediaPackage",
}
MANAGED |= {written: MANAGED[name] for written, name in IDS.items()}
_UNCODED = ("CachingDisabled", "CachingOptimizedForUncompressedObjects")


@frozen
class OriginRequest:
    """What goes to the origin besides what is in the key: an origin request policy (§4.2). What shapes an answer and is
    in no key may be served to the wrong viewer: that is for the owner to know."""

    query: QueryRule = field(default="none", validator=in_(RULES))
    parameters: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    """`CloudFront-…` ones among them, which only CloudFront can write."""
    header_rule: QueryRule = field(default="only", validator=in_(RULES))
    """Of a viewer's headers those that are named `only`, `all`, `none`, or all `except` those named."""
    cookies: tuple[str, ...] = ()
    cookie_rule: QueryRule = field(default="only", validator=in_(RULES))


def _are_few(instance: object, attribute: Attribute[Any], names: tuple[str, ...]) -> None:
    """A validator: no more names than a cache policy has room for (§4.2)."""
    if len(names) > MOST_NAMES:
        raise ValueError(f"'{attribute.name}' names {len(names)}: a cache policy has {MOST_NAMES} at most")


def _is_pattern(_: object, __: Attribute[str], written: str) -> None:
    """A validator: of some paths."""
    if written in ("*", "/*"):
        raise ValueError(f'"{written}" is every path: what holds for all of them is the distribution\'s own')
    if not _PATTERN.fullmatch(written):
        raise ValueError(f'"{written}" is no path pattern: 1 to 255 letters of ASCII, without spaces')


@frozen(kw_only=True)
class CacheBehavior:
    """How requests are answered, whatever their path: a distribution's default, or that of some paths."""

    trusted_key_groups: tuple[str, ...] = field(default=(), validator=max_len(MOST_GROUPS))
    """Whose signed URLs and cookies let viewers in; none: everybody may look."""
    cache_policy: str = field(default="", validator=in_(("", *MANAGED)))
    """One of CloudFront's own, by name or id, in place of `ttl`."""
    ttl: Ttl = field(factory=Ttl)
    query: QueryRule = field(default="none", validator=in_(RULES))
    """The query in the key, and towards the origin."""
    parameters: tuple[str, ...] = field(default=(), validator=_are_few)
    headers: tuple[str, ...] = field(default=(), validator=_are_few)
    """Headers in the key, and towards the origin."""
    cookies: tuple[str, ...] = field(default=(), validator=_are_few)
    """Cookies in the key, and towards the origin."""
    cookie_rule: QueryRule = field(default="only", validator=in_(RULES))
    """Those that are named `only`, `all`, `none`, or all `except` those named."""
    origin_request: OriginRequest = field(factory=OriginRequest)
    methods: Methods = field(default="all", validator=in_(tuple(METHODS)))
    cached_methods: CachedMethods = field(default="read", validator=in_(("read", "read-options")))
    """Those whose answers are stored (§6.2)."""
    protocol: Protocol = field(
        default="allow-all", validator=in_(("allow-all", "redirect-to-https", "https-only"))
    )
    compress: bool = False

    def __attrs_post_init__(self) -> None:
        if not METHODS[self.cached_methods] <= METHODS[self.methods]:
            raise ValueError(f"'cached_methods' are among 'methods': {self.methods} has no OPTIONS")
        letters = sum(map(len, (*self.parameters, *self.headers, *self.cookies)))
        if letters > MOST_LETTERS:
            raise ValueError(
                f"the names of parameters, headers and cookies have {letters} letters together: "
                f"a cache policy has room for {MOST_LETTERS}"
            )

    @property
    def lifetimes(self) -> Ttl:
        """Those of the cache policy, or its own."""
        return MANAGED.get(self.cache_policy, self.ttl)

    def caches(self, method: str) -> bool:
        """Whether its answers may be stored."""
        return method in METHODS[self.cached_methods]

    @property
    def may_compress(self) -> bool:
        """Whether `compress` has its effect: not where the cache policy does not know codings apart (§4.1)."""
        return self.compress and IDS.get(self.cache_policy, self.cache_policy) not in _UNCODED

    @property
    def keeps_anything(self) -> bool:
        """Not under CachingDisabled."""
        return self.lifetimes.most > 0

    @property
    def keyed_headers(self) -> frozenset[str]:
        """In lower case."""
        return frozenset(map(str.lower, self.headers))

    @property
    def named_headers(self) -> frozenset[str]:
        """Headers that go to the origin by name, in lower case."""
        asked = self.origin_request
        told = asked.headers if asked.header_rule in ("only", "all") else ()
        return self.keyed_headers | frozenset(map(str.lower, told))

    def passes_header(self, name: str) -> bool:
        """Whether a viewer's header, in lower case, goes to the origin though none does unless it is asked for."""
        told = self.origin_request
        return name in self.keyed_headers or counts(
            told.header_rule, tuple(map(str.lower, told.headers)), name
        )

    def passes_cookie(self, name: str) -> bool:
        """Whether a viewer's cookie goes to the origin."""
        told = self.origin_request
        return (
            counts(self.cookie_rule, self.cookies, name)
            or counts(told.cookie_rule, told.cookies, name)
            or "cookie" in self.named_headers
        )

    @property
    def forwards_cookies(self) -> bool:
        """Whether the origin sees any; else viewers see none of its own (§4.2)."""
        rules = (self, self.origin_request)
        some = any(
            each.cookie_rule in ("all", "except") or (each.cookie_rule == "only" and each.cookies)
            for each in rules
        )
        return some or self.passes_header("cookie")


@frozen(kw_only=True)
class PathBehavior(CacheBehavior):
    """That of the paths which a pattern fits. What it does not say is as CloudFront has it, not as the distribution."""

    path_pattern: str = field(validator=_is_pattern)
    """`*` is any text, `?` any letter; it need not be written with a slash in front."""

    @property
    def pattern(self) -> Parts:
        """Of the paths it is about."""
        return pattern_of(self.path_pattern)


def pattern_of(written: str) -> Parts:
    """A path pattern as paths are held against it."""
    return parts_of(written if written.startswith(("/", "*")) else f"/{written}")
