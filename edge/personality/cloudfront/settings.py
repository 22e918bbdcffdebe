"""A distribution: what its owner chose."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import Attribute, evolve, field, frozen
from attrs.validators import deep_iterable, deep_mapping, ge, in_, instance_of, matches_re, max_len, optional

from edge.personality.cloudfront.behavior import CacheBehavior, PathBehavior

URL_BYTES = 8192
HEAD_BYTES = 32_768
"""Of a request line and its headers; 413 beyond (§9)."""
ERROR_SECONDS = 10.0
MOST_BEHAVIORS = 75
MOST_KEY_GROUPS = 10
MOST_KEYS = 5
CUSTOM_ERRORS = ("400", "403", "404", "405", "414", "416", "500", "501", "502", "503", "504")
FAILOVER = (400, 403, 404, 416, 429, 500, 502, 503, 504)


def is_public_key(_: object, __: Attribute[str], written: str) -> None:
    """A validator: a PEM that signatures can be held to."""
    from wire.tokens.cloudfront.keys import public_key  # which loads a library that no other edge needs

    public_key(written)


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


@frozen(kw_only=True)
class Distribution(CacheBehavior):
    """One distribution of an account, and its default behaviour. All edges that serve it are told the same."""

    id: str = field(default="EPIXELEDGE0001", validator=matches_re("E[A-Z0-9]{1,30}"))
    domain: str = ""
    """The domain that logs name; empty: the Host as sent."""
    bases: tuple[str, ...] = field(default=(), validator=deep_iterable(matches_re("https?://[^/?#]+")))
    """Where viewers find it when a proxy is between, like `https://cdn.example.com`: what signers sign."""
    public_keys: dict[str, str] = field(factory=dict, validator=deep_mapping(instance_of(str), is_public_key))
    """Id → PEM."""
    key_groups: dict[str, tuple[str, ...]] = field(
        factory=dict, validator=[max_len(MOST_KEY_GROUPS), deep_mapping(instance_of(str), max_len(MOST_KEYS))]
    )
    """Name → ids of its keys; all of them are good at once."""
    behaviors: tuple[PathBehavior, ...] = field(default=(), validator=max_len(MOST_BEHAVIORS))
    """The first whose path pattern fits decides; where none does, the distribution's own."""
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
    log_cookies: bool = False
    """Whether logs tell the cookies that viewers send."""
    tag_header: str = ""
    """The header of the origin that names an object's tags; empty: none."""

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        for name, ids in self.key_groups.items():
            unknown = [each for each in ids if each not in self.public_keys]
            if unknown:
                raise ValueError(f'the key group "{name}" names unknown keys: {", ".join(unknown)}')
        patterns = [each.path_pattern for each in self.behaviors]
        twice = [each for each in dict.fromkeys(patterns) if patterns.count(each) > 1]
        if twice:
            raise ValueError(
                f'two behaviors have the path pattern "{twice[0]}": the second would never decide'
            )
        for trusted, whose in self._trusted():
            strangers = [each for each in trusted if each not in self.key_groups]
            if strangers:
                raise ValueError(f"{whose} trusts unknown key groups: {', '.join(strangers)}")

    def _trusted(self) -> Iterator[tuple[tuple[str, ...], str]]:
        yield self.trusted_key_groups, "the distribution"
        for each in self.behaviors:
            yield each.trusted_key_groups, f'"{each.path_pattern}"'

    @property
    def is_signed(self) -> bool:
        """Whether any of its paths is for viewers with a signature alone."""
        return any(trusted for trusted, _ in self._trusted())

    @property
    def unsigned(self) -> Distribution:
        """The same, for everybody."""
        opened = tuple(evolve(each, trusted_key_groups=()) for each in self.behaviors)
        return evolve(self, trusted_key_groups=(), behaviors=opened)

    def error_seconds(self, status: int) -> float:
        """How long an error is kept at least (§4.5)."""
        return self.error_ttl.get(str(status), ERROR_SECONDS)
