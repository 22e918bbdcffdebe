"""The cache key of a request, and the target that goes upstream with it (sheet 2)."""

from __future__ import annotations

import re

from attrs import evolve, frozen

from edge.core.policy import KeyPolicy, Policy, QueryRule
from wire.hosts import Hosts
from wire.http.fields import Fields, RequestHead
from wire.http.paths import without_dots
from wire.tokens.glob import fits

DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ENCODED = re.compile("%([0-9A-Fa-f]{2})")
_BAD_IN_TARGET = re.compile(r"[\x00-\x20\x7f#]")
_AUTHORITY = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=%-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?")
_PLACE = re.compile(r"(?:https?://)?[^/]*")
_ABSOLUTE = re.compile(r"(https?)://([^/?#]*)([^#]*)", re.IGNORECASE)


class BadRequest(Exception):
    """A request that two parsers could read in two ways: 400, never a look-up."""


@frozen
class Address:
    """Where a request points: the key of what is stored, and what to ask upstream for."""

    key: str
    scheme: str
    authority: str
    target: str
    """To be forwarded: as the viewer spelled it, since signatures cover the raw text, unless it had dot
    segments or the key leaves parameters out."""
    normal: str
    """Path and query in their one normal spelling."""

    @property
    def base(self) -> str:
        """The key without what method, headers and cookies add to it."""
        return self.key.partition("\n")[0]


def address_of(request: RequestHead, policy: KeyPolicy) -> Address:
    """The address of a request; BadRequest where Host or target do not stand up (sheet 2.4)."""
    scheme, authority, raw = _split(request)
    if _BAD_IN_TARGET.search(raw):
        raise BadRequest("invalid target")
    normal, moved = _normal_path_and_query(raw)
    chosen = _chosen_query(normal, policy)
    passed = _passed_query(normal, policy) if policy.passed != "none" else chosen
    target = passed if moved or passed != normal else raw
    key = f"{place_of(scheme, authority, policy)}{_sorted_query(chosen) if policy.sort else chosen}"
    return Address(key + _extras(request, policy), scheme, authority, target, chosen)


def place_of(scheme: str, authority: str, policy: KeyPolicy) -> str:
    """What keys of a host begin with: its origin, or the name of the site; the private hosts and shards of one
    cloud share theirs."""
    if not policy.site:
        return f"{scheme}://{authority}"
    own = Hosts(policy.hosts).cloud_of(authority) if policy.hosts else None
    return policy.site if own is None else f"{policy.site}@{own}"


def split_key(key: str) -> tuple[str, str]:
    """The place of a key, and its path and query."""
    start = _PLACE.match(key)
    place = start[0] if start is not None else ""
    return place, key[len(place) :].partition("\n")[0]


def authority_of(host: str) -> str:
    """A host as keys spell it, with its port where that is not a default; BadRequest for anything else."""
    if not _AUTHORITY.fullmatch(host):
        raise BadRequest("invalid host")
    name = host.lower()
    for port in (*DEFAULT_PORTS.values(), ":"):
        name = name.removesuffix(port)
    return name


def normal_target(target: str, policy: KeyPolicy | None = None) -> str:
    """A bare path and query as keys spell them: what to hand to `path_tag` for a purge."""
    return _chosen_query(_normal_path_and_query(target)[0], policy or KeyPolicy())


def origin_form(request: RequestHead) -> RequestHead:
    """The same request with a path for its target, whichever of the two forms it came in (RFC 9112 §3.2); BadRequest
    where there is none."""
    if request.target.startswith("/"):
        return request
    scheme, authority, target = _split(request)
    return evolve(request, scheme=scheme, authority=authority, target=target)


def key_of_url(url: str, policy: KeyPolicy) -> str:
    """The key of a plain GET for an absolute URL: what to purge."""
    return address_of(RequestHead("GET", url), policy).key


def policy_for(target: str, policy: Policy) -> Policy:
    """The policy that decides about a request's target: that of the first path that fits, else the one for all."""
    if not policy.paths:
        return policy
    absolute = _ABSOLUTE.fullmatch(target)
    raw = target if absolute is None else absolute[3]
    path = _normal_path_and_query(raw.partition("?")[0] or "/")[0]
    return next((each.policy for each in policy.paths if fits(each.pattern, path)), policy)


def counts(rule: QueryRule, listed: tuple[str, ...], name: str) -> bool:
    """Whether a parameter or cookie of this name is one of those that a rule lets count."""
    return rule == "all" or (rule != "none" and _is_listed(name, listed) is (rule == "only"))


def _split(request: RequestHead) -> tuple[str, str, str]:
    """Scheme, authority and raw path of the target URI; an absolute target wins over Host (RFC 9112 §3.2)."""
    hosts = request.fields.all("host")
    if len(hosts) > 1 or (
        not hosts and not request.authority and request.version == "1.1" and request.target[:1] == "/"
    ):
        raise BadRequest("exactly one Host is wanted")
    scheme, target = request.scheme.lower(), request.target
    authority = request.authority or (hosts[0] if hosts else "")
    if not target.startswith("/"):
        absolute = _ABSOLUTE.fullmatch(target)
        if absolute is None:
            raise BadRequest("invalid target")
        scheme, authority, target = absolute[1].lower(), absolute[2], absolute[3]
        target = target if target.startswith("/") else "/" + target
    authority = authority.lower()
    if authority and not _AUTHORITY.fullmatch(authority):
        raise BadRequest("invalid Host")
    return scheme, authority.removesuffix(DEFAULT_PORTS.get(scheme, ":")).removesuffix(":"), target


def _normal_path_and_query(raw: str) -> tuple[str, bool]:
    """The normal spelling (RFC 3986 §6.2.2), and whether dot segments were taken out."""
    normal = _ENCODED.sub(_decode_unreserved, raw) if "%" in raw else raw
    if "/." not in normal:
        return normal, False
    path, mark, query = normal.partition("?")
    straight = without_dots(path)
    return straight + mark + query, straight != path


def _decode_unreserved(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return chr(code) if code in _UNRESERVED else found[0].upper()


def _chosen_query(target: str, policy: KeyPolicy) -> str:
    """The target with the parameters that the policy lets count."""
    if policy.query == "all" or "?" not in target:
        return target
    path, _, query = target.partition("?")
    if policy.query == "none":
        return path
    kept = [p for p in query.split("&") if counts(policy.query, policy.parameters, p.partition("=")[0])]
    return path + "?" + "&".join(kept) if kept else path


def _passed_query(target: str, policy: KeyPolicy) -> str:
    """The target with the parameters that count, and those that go upstream besides."""
    path, mark, query = target.partition("?")
    rules = (policy.query, policy.parameters), (policy.passed, policy.passed_parameters)
    kept = [p for p in query.split("&") if any(counts(*rule, p.partition("=")[0]) for rule in rules)]
    return path + mark + "&".join(kept) if kept else path


def _is_listed(name: str, listed: tuple[str, ...]) -> bool:
    return any(name == known or (known.endswith("*") and name.startswith(known[:-1])) for known in listed)


def _sorted_query(target: str) -> str:
    path, mark, query = target.partition("?")
    return path + mark + "&".join(sorted(query.split("&")))


def _extras(request: RequestHead, policy: KeyPolicy) -> str:
    """What method, headers and cookies add to the key; a line feed cannot occur in a target, so nothing else looks
    so."""
    if not policy.adds_to_urls:
        return ""
    fields = request.fields
    parts = ["\n!OPTIONS"] if request.method == "OPTIONS" and policy.options else []
    parts += [
        f"\n{name.lower()}:{value}" for name in policy.headers if (value := fields.joined(name)) is not None
    ]
    parts += [f"\n={name}:{value}" for name, value in counting_cookies(fields, policy)]
    return "".join(parts)


def counting_cookies(fields: Fields, policy: KeyPolicy) -> list[tuple[str, str]]:
    """Names and values of a request's cookies that count, sorted."""
    if not policy.counts_cookies:
        return []
    pairs = (pair.strip().partition("=") for line in fields.all("cookie") for pair in line.split(";"))
    held = {name: value for name, _, value in pairs if name}
    return sorted(pair for pair in held.items() if counts(policy.cookie_rule, policy.cookies, pair[0]))
