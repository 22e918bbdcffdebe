"""A distribution: what its owner chose."""

from __future__ import annotations

from typing import Literal

from attrs import Attribute, field, frozen
from attrs.validators import deep_iterable, deep_mapping, ge, in_, instance_of, matches_re, optional

from edge.core.policy import QueryRule

ERROR_SECONDS = 10.0
CUSTOM_ERRORS = ("400", "403", "404", "405", "414", "416", "500", "501", "502", "503", "504")
FAILOVER = (400, 403, 404, 416, 429, 500, 502, 503, 504)


def is_public_key(_: object, __: Attribute[str], written: str) -> None:
    """A validator: a PEM that signatures can be held to."""
    from wire.tokens.cloudfront.keys import public_key  # which loads a library that no other edge needs

    public_key(written)


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

MANAGED |= {
    "658327ea-f89d-4fab-a63d-7e88639e58f6": MANAGED["CachingOptimized"],
    "4135ea2d-6df8-44a3-9df3-4b5a84be39ad": MANAGED["CachingDisabled"],
    "b2884449-e4de-46a7-ac36-70bc7f1ddd6d": MANAGED["CachingOptimizedForUncompressedObjects"],
    "2e54312d-136d-493c-8eb9-b001f22f67d2": MANAGED["Amplify"],
    "08627262-05a9-4f76-9ded-b50ca2e3a84f": MANAGED["Elemental-MediaPackage"],
}


@frozen
class Behaviour:
    """Paths that are for viewers with a signed URL or signed cookies alone."""

    path: str = "*"
    """A pattern: `*` is any text, `?` any letter."""
    key_groups: tuple[str, ...] = ()


@frozen
class Geo:
    """Countries (ISO 3166) whose viewers are served, or are not; who is nowhere known is served (§6.4)."""

    allow: tuple[str, ...] = field(default=(), validator=deep_iterable(matches_re("[A-Z]{2}")))
    block: tuple[str, ...] = field(default=(), validator=deep_iterable(matches_re("[A-Z]{2}")))

    def __attrs_post_init__(self) -> None:
        if self.allow and self.block:
            raise ValueError("countries are allowed or blocked, not both")

    def admits(self, country: str) -> bool:
        """Whether its viewers are served; empty: nobody knows which it is."""
        return not country or (country in self.allow if self.allow else country not in self.block)


@frozen
class ErrorPage:
    """What viewers see in place of an error (§4.5)."""

    path: str = field(validator=matches_re("/[^?#]*"))
    """Of the page, at the origin."""
    status: int | None = field(default=None, validator=optional(in_((200, *range(400, 600)))))
    """What the viewer is told; None: the error as it was."""


@frozen
class Distribution:
    """One distribution of an account. All edges that serve it are told the same."""

    id: str = field(default="EPIXELEDGE0001", validator=matches_re("E[A-Z0-9]{1,30}"))
    domain: str = ""
    """The domain that logs name; empty: the Host as sent."""
    bases: tuple[str, ...] = field(default=(), validator=deep_iterable(matches_re("https?://[^/?#]+")))
    """Where viewers find it when a proxy is between, like `https://cdn.example.com`: what signers sign."""
    public_keys: dict[str, str] = field(factory=dict, validator=deep_mapping(instance_of(str), is_public_key))
    """Id → PEM."""
    key_groups: dict[str, tuple[str, ...]] = field(factory=dict)
    """Name → ids of its keys; all of them are good at once."""
    signed: tuple[Behaviour, ...] = ()
    """The first that fits decides; where none does, everybody may look."""
    cache_policy: str = field(default="", validator=in_(("", *MANAGED)))
    """One of CloudFront's own, by name or id, in place of `ttl`."""
    ttl: Ttl = field(factory=Ttl)
    error_ttl: dict[str, float] = field(
        factory=dict, validator=deep_mapping(matches_re("[45][0-9]{2}"), ge(0))
    )
    """Status → seconds that an error is kept at least; 10 where nothing is said."""
    error_pages: dict[str, ErrorPage] = field(
        factory=dict, validator=deep_mapping(in_(CUSTOM_ERRORS), instance_of(ErrorPage))
    )
    """Status → the page that viewers see in its place."""
    failover: tuple[int, ...] = field(default=(), validator=deep_iterable(in_(FAILOVER)))
    """Of the first two upstreams, an origin group: answers of the first after which the second is asked (§5.3)."""
    geo: Geo = field(factory=Geo)
    query: QueryRule = field(default="none", validator=in_(("all", "none", "only", "except")))
    """The query in the key, and towards the origin."""
    parameters: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    """Headers in the key, and towards the origin."""
    cookies: tuple[str, ...] = ()
    """Cookies in the key, and towards the origin."""
    forwarded: tuple[str, ...] = ()
    """Headers towards the origin alone, `CloudFront-…` ones among them."""
    methods: Literal["read", "read-options", "all"] = field(
        default="all", validator=in_(("read", "read-options", "all"))
    )
    protocol: Literal["allow-all", "redirect-to-https", "https-only"] = field(
        default="allow-all", validator=in_(("allow-all", "redirect-to-https", "https-only"))
    )
    compress: bool = False
    tag_header: str = ""
    """The header of the origin that names an object's tags; empty: none."""

    def __attrs_post_init__(self) -> None:
        for name, ids in self.key_groups.items():
            unknown = [each for each in ids if each not in self.public_keys]
            if unknown:
                raise ValueError(f'the key group "{name}" names unknown keys: {", ".join(unknown)}')
        for behaviour in self.signed:
            strangers = [each for each in behaviour.key_groups if each not in self.key_groups]
            if strangers or not behaviour.key_groups:
                raise ValueError(
                    f'"{behaviour.path}" is signed by unknown key groups: {", ".join(strangers)}'
                )

    @property
    def lifetimes(self) -> Ttl:
        """Those of the cache policy, or its own."""
        return MANAGED.get(self.cache_policy, self.ttl)

    def error_seconds(self, status: int) -> float:
        """How long an error is kept at least (§4.5)."""
        return self.error_ttl.get(str(status), ERROR_SECONDS)

    @property
    def forwards_cookies(self) -> bool:
        """Whether the origin sees any; else viewers see none of its own (§4.2)."""
        return bool(self.cookies) or "cookie" in map(str.lower, (*self.headers, *self.forwarded))

    @property
    def keeps_errors(self) -> bool:
        """Not under CachingDisabled."""
        return self.lifetimes.most > 0
