"""A viewer's request as CloudFront hands it on (cdn-vendors §3.3, §4.2)."""

from __future__ import annotations

from math import inf
from urllib.parse import quote

from attrs import evolve

from edge.personality.cloudfront.behavior import CacheBehavior
from edge.personality.geography import Locality
from wire.http.asker import Asker
from wire.http.fields import Fields, Pair, RequestHead
from wire.http.ranges import parse_ranges
from wire.http.secured import Secured
from wire.tokens.cloudfront.signed import without_cookies, without_reserved

AGENT = "Amazon CloudFront"
_UNLESS_WANTED = frozenset(
    {"accept", "accept-charset", "accept-language", "referer", "cookie", "user-agent", "x-forwarded-proto"}
)
_NEVER = frozenset({"expect", "forwarded", "x-real-ip", "cache-control", "pragma", "x-amz-cf-id"})
_DEVICES = {"tablet": ("ipad", "tablet"), "mobile": ("mobile", "iphone", "android")}


def handed_on(
    head: RequestHead,
    behavior: CacheBehavior,
    asker: Asker,
    home: Locality,
    request: str,
    *,
    is_signed: bool,
    is_told: bool = False,
) -> RequestHead:
    """The request for the core: less what signs it, and with the headers that the behaviour lets through.
    `home` is where who asks lives. `is_told`: an edge asks, and has written down what there is to say of the viewer."""
    named = behavior.named_headers
    takes_no_coding = (asker.version or head.version) == "1.0" or (
        behavior.may_compress and _wants_part(head)
    )
    lines: list[Pair] = []
    for name, value in head.fields:
        lower = name.lower()
        if lower == "cookie":
            value = _cookies(without_cookies(value), behavior)
            if not value:
                continue
        elif (
            lower in _NEVER
            or lower.startswith(("x-edge-", "proxy-"))
            or (lower.startswith("cloudfront-") and not (is_told and lower in named))
            or (lower in _UNLESS_WANTED and not behavior.passes_header(lower))
            or (
                lower == "authorization"
                and behavior.caches(head.method)
                and not behavior.passes_header(lower)
            )
            or _is_left_out(lower, behavior)
            or (lower == "range" and not _ascend(value))
            or (lower == "accept-encoding" and takes_no_coding)
        ):
            continue
        lines.append((name, value))
    if not behavior.passes_header("user-agent"):
        lines.append(("User-Agent", AGENT))
    told = {} if is_told else _told_of(head, asker, home)
    lines += [(name, told[name.lower()]) for name in sorted(named & told.keys())]
    lines.append(("X-Amz-Cf-Id", request))
    target = unsigned(head.target) if is_signed else head.target
    return evolve(head, target=target, fields=Fields(lines))


def unsigned(target: str) -> str:
    """A raw target less the parameters that sign it; the question mark goes with the last of them."""
    path, _, query = target.partition("?")
    rest = without_reserved(query)
    return f"{path}?{rest}" if rest else path


def _wants_part(head: RequestHead) -> bool:
    """Whether a part may answer it. That is not compressed (§6.3: of what has 200, 403 or 404), so it is one of the
    plain bytes."""
    ranges = head.fields.joined("range") if head.method == "GET" else None
    return ranges is not None and bool(parse_ranges(ranges)) and _ascend(ranges)


def _ascend(ranges: str) -> bool:
    """Whether each of several ranges lies behind the one before; else the whole is answered (§6.1)."""
    end = -1.0
    for each in parse_ranges(ranges):
        first = max(end + 1, 0) if each.first is None else each.first  # the last bytes, wherever they begin
        if first <= end or end == inf:
            return False
        end = inf if each.last is None else each.last
    return True


def _is_left_out(name: str, behavior: CacheBehavior) -> bool:
    """Whether the owner keeps a header from the origin that goes there unless he does."""
    told = behavior.origin_request
    return told.header_rule == "except" and name != "host" and not behavior.passes_header(name)


def _cookies(line: str, behavior: CacheBehavior) -> str:
    """The cookies that go on, sorted by name."""
    pairs = (pair.strip() for pair in line.split(";"))
    return "; ".join(
        sorted(pair for pair in pairs if pair and behavior.passes_cookie(pair.partition("=")[0]))
    )


def _told_of(head: RequestHead, asker: Asker, home: Locality) -> dict[str, str]:
    """What CloudFront can say of a viewer, by header in lower case."""
    agent = (head.fields.get("user-agent") or "").lower()
    device = next(
        (kind for kind, words in _DEVICES.items() if any(word in agent for word in words)), "desktop"
    )
    version = asker.version or head.version
    told = {f"cloudfront-is-{kind}-viewer": _flag(kind == device) for kind in ("mobile", "tablet", "desktop")}
    return (
        told
        | _whereabouts(home)
        | ({} if asker.secured is None else {"cloudfront-viewer-tls": _tls(asker.secured)})
        | {
            "cloudfront-is-smarttv-viewer": _flag("smarttv" in agent or "smart-tv" in agent),
            "cloudfront-is-android-viewer": _flag("android" in agent),
            "cloudfront-is-ios-viewer": _flag("iphone" in agent or "ipad" in agent),
            "cloudfront-forwarded-proto": head.scheme,
            "cloudfront-viewer-address": f"{asker.address}:{asker.port}" if asker.port else asker.address,
            "cloudfront-viewer-http-version": version if "." in version else f"{version}.0",
        }
    )


def _whereabouts(place: Locality) -> dict[str, str]:
    """What is known of the place; nothing is said of what is not."""
    latitude, longitude = place.at if place.at is not None else (None, None)
    told = {
        "country": place.country,
        "country-region": place.subdivision,
        "city": quote(place.city, safe=" ,'"),
        "time-zone": place.time_zone,
        "latitude": "" if latitude is None else f"{latitude:.5f}",
        "longitude": "" if longitude is None else f"{longitude:.5f}",
        "asn": "" if place.asn is None else str(place.asn),
    }
    return {f"cloudfront-viewer-{name}": value for name, value in told.items() if value}


def _tls(secured: Secured) -> str:
    """Protocol and cipher; of the handshake OpenSSL tells too little to say what kind it was."""
    return f"{secured.protocol}:{secured.cipher}"


def _flag(holds: bool) -> str:
    return "true" if holds else "false"
