"""Who may see an asset: viewers with a token, everybody for a while, or everybody (signing.md §5)."""

from collections.abc import Callable, Mapping
from datetime import datetime

from attrs import frozen

from origin.catalogue import Asset
from origin.settings import Cloud
from wire.errors import Unauthorized
from wire.http.fields import Fields
from wire.http.forwarded import client_address
from wire.http.hops import is_own_load
from wire.tokens.cloudinary import Asked, Token, presented, without_token

REFUSED = "deny or ACL failure"


ACCESS_CONTROL = "access_control"
"""Where an asset's details keep its rules (`origin.assets.access`). None: everybody may see it, always."""


@frozen
class AccessRule:
    """Who may see an asset in a window of time."""

    access_type: str  # anonymous or token
    key: str | None = None  # the name of the key that signs its tokens; None: any of the cloud's
    start: str | None = None  # UTC, ISO 8601
    end: str | None = None

    def is_valid(self, now: float) -> bool:
        """Whether the window is open."""
        start, end = _seconds(self.start), _seconds(self.end)
        return (start is None or start <= now) and (end is None or now < end)

    @property
    def ends(self) -> float | None:
        """When the window closes, in unix seconds."""
        return _seconds(self.end)


def rules_of(asset: Asset) -> tuple[AccessRule, ...]:
    """The rules of an asset."""
    return tuple(AccessRule(**each) for each in asset.details.get(ACCESS_CONTROL) or ())


def _seconds(moment: str | None) -> float | None:
    return None if moment is None else datetime.fromisoformat(moment).timestamp()


@frozen
class Bearer:
    """A viewer as tokens see it."""

    tokens: tuple[str, ...] = ()  # as presented
    path: str = ""  # raw, with the slash in front
    query: str = ""  # raw
    address: str = ""
    is_loader: bool = False  # an origin of ours, which would wait for itself

    @classmethod
    def of(cls, target: bytes, fields: Fields, peer: str, trusted: tuple[str, ...]) -> "Bearer":
        """The viewer behind a request, which may have come through nodes whose word we take."""
        path, _, query = target.decode("utf-8", "replace").partition("?")
        tokens = presented(query, fields.all("cookie"))
        if not tokens:
            return cls(is_loader=is_own_load(fields))
        address = client_address(fields.members("x-forwarded-for"), peer, trusted)
        return cls(tokens, path, query, address, is_own_load(fields))

    def paths(self, cloud: str) -> tuple[str, ...]:
        """Spellings of the path that a token's maker may have had in mind: with the query, without the cloud."""
        query = without_token(self.query)
        whole = (self.path, f"{self.path}?{query}") if query else (self.path,)
        inside = [each.removeprefix(f"/{cloud}") for each in whole if each.startswith(f"/{cloud}/")]
        return (*whole, *inside)


NOBODY = Bearer()


@frozen
class Admission:
    """How an asset may be shown."""

    is_personal: bool = False  # to this viewer alone: no cache may keep it
    until: float | None = None  # and to everybody, but only for so long


EVERYBODY = Admission()


@frozen
class Gate:
    """Knows the token keys of every cloud."""

    clouds: Mapping[str, Cloud]
    now: Callable[[], float]

    def keys_shown(self, cloud: str, bearer: Bearer) -> frozenset[str]:
        """The names of the keys that a good token of the viewer was signed with."""
        if not bearer.tokens:
            return frozenset()
        asked = Asked(bearer.paths(cloud), bearer.address, self.now())
        tokens = [token for each in bearer.tokens if (token := Token.parse(each)) is not None]
        keys = self.clouds[cloud].token_keys
        return frozenset(
            name for name, key in keys.items() if any(token.admits(asked, key) for token in tokens)
        )

    def admission(self, asset: Asset, bearer: Bearer) -> Admission:
        """How the viewer may see the asset; 401 if not at all."""
        rules, now = rules_of(asset), self.now()
        if not rules:
            return EVERYBODY
        open_rules = [rule for rule in rules if rule.is_valid(now)]
        anonymous = [rule.ends for rule in open_rules if rule.access_type == "anonymous"]
        if anonymous:
            return Admission(until=anonymous[0])
        shown = self.keys_shown(asset.identity.cloud, bearer)
        if any(_opens(rule, shown) for rule in open_rules):
            return Admission(is_personal=True)
        raise Unauthorized(REFUSED)


def is_restricted(asset: Asset) -> bool:
    """Whether the asset may be hidden from anybody, now or at another time."""
    return any(rule != AccessRule("anonymous") for rule in rules_of(asset))


def _opens(rule: AccessRule, shown: frozenset[str]) -> bool:
    return rule.access_type == "token" and (bool(shown) if rule.key is None else rule.key in shown)
