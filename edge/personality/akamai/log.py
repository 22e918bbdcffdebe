"""Akamai's DataStream 2: a JSON object a line (cdn-vendors §17)."""

from __future__ import annotations

import json
from string import punctuation
from urllib.parse import quote

from edge.control.lines import Line, Manner
from edge.core.outcome import Verdict
from edge.personality.akamai.settings import Property
from edge.personality.geography import NOWHERE, Geography, Locality
from wire.http.asker import Asker
from wire.http.cache_control import parse_cache_control
from wire.http.fields import Fields
from wire.http.ranges import Part, parse_content_range
from wire.tokens.masked import OF_ORIGINS, masked, masked_cookies, masked_url

_HITS = (Verdict.HIT, Verdict.STALE)
_HELD = (*_HITS, Verdict.REVALIDATED)
_BUCKETS = (
    *((1 << 10, "0-1KB"), (10 << 10, "1KB-10KB"), (100 << 10, "10KB-100KB"), (1 << 20, "100KB-1MB")),
    *((10 << 20, "1MB-10MB"), (100 << 20, "10MB-100MB"), (1 << 30, "100MB-1GB")),
)
_NOT_PLAYED = dict.fromkeys(
    (
        *("dnsLookupTimeMSec", "billingRegion", "brotliStatus", "cmcd", "customField"),
        *("securityRules", "ewUsageInfo", "ewExecutionInfo"),
    ),
    "-",
)
"""docs/vendors.md says why."""


def secret_of(told: Property) -> frozenset[str]:
    """The parameters and cookies that let a viewer in."""
    return frozenset(each.name for each in told.tokens) | OF_ORIGINS


def datastream(told: Property, geography: Geography, place: Locality = NOWHERE) -> Manner:
    """How a property's edges log; `place` is where this one stands."""
    secret = secret_of(told)

    def written(line: Line, _node: str, _pop: str) -> str:
        viewer = geography.home_of(Asker(line.asked.viewer, region=line.asked.region))
        times = _timed(line)
        found = _asked(line) | _answered(line) | _cached(line) | times | _placed(line, viewer, place)
        found["breadcrumbs"] = _breadcrumbs(line, times, place)
        plain = {name: _plain(value) for name, value in found.items()} | _NOT_PLAYED
        plain["queryStr"] = masked(_plain(line.asked.target.partition("?")[2]), secret)
        plain["referer"] = masked_url(_plain(line.asked.referer), secret)
        plain["cookie"] = masked_cookies(line.asked.cookies, secret, _plain) if told.log_cookies else ""
        ids = {"version": 2, "streamId": str(told.stream), "cp": str(told.cpcode)}
        return json.dumps(ids | {name: value or "-" for name, value in plain.items()}, ensure_ascii=False)

    return Manner(written)


def _asked(line: Line) -> dict[str, str]:
    asked = line.asked
    host, _, port = asked.host.rpartition(":")
    if not port.isdecimal():  # an address of IPv6 has colons of its own
        host, port = asked.host, ""
    return {
        "reqId": line.request_id,
        "reqTimeSec": f"{line.outcome.started_at:.3f}",
        "cliIP": asked.viewer,
        "statusCode": str(line.outcome.status),
        "proto": asked.scheme.upper(),
        "reqHost": host,
        "reqMethod": asked.method,
        "reqPath": asked.target.partition("?")[0].removeprefix("/"),
        "reqPort": port or {"http": "80", "https": "443"}[asked.scheme],
        "UA": asked.user_agent,
        "range": asked.range,
        "accLang": asked.accept_language,
        "xForwardedFor": asked.forwarded_for,
    }


def _answered(line: Line) -> dict[str, str]:
    answer, is_whole = line.answer, line.outcome.complete and line.has_asked and not line.has_left
    named = parse_content_range(answer.get("content-range") or "")
    size = _object_bytes(line, named)
    return {
        "bytes": str(line.sent_bytes),
        "rspContentLen": answer.get("content-length") or "",
        "rspContentType": answer.get("content-type") or "",
        "objSize": size,
        "uncompressedSize": "" if "content-encoding" in answer else size,
        "overheadBytes": str(line.answer_bytes - line.sent_bytes),
        "totalBytes": str(line.answer_bytes),
        "fileSizeBucket": next((name for most, name in _BUCKETS if line.sent_bytes < most), "1GB+"),
        "lastByte": _flag(is_whole and (named is None or named[0][1] == named[1])),
        "maxAgeSec": _max_age(answer),
    }


def _object_bytes(line: Line, named: tuple[Part, int | None] | None) -> str:
    """Of the whole object: a part says of how much it is one, and a whole how long it is."""
    if named is not None:
        return "" if named[1] is None else str(named[1])
    if line.outcome.status in (206, 304):
        return ""
    told = line.answer.get("content-length")
    return told or ("" if line.asked.method == "HEAD" else str(line.sent_bytes))


def _cached(line: Line) -> dict[str, str]:
    outcome = line.outcome
    is_hit = outcome.verdict in _HITS or outcome.collapsed
    return {
        "cacheStatus": _flag(is_hit),
        "cacheable": _flag(is_hit or outcome.stored or outcome.verdict in _HELD),
        "errorCode": line.kind or _error_code(line.undressed),
    }


def _timed(line: Line) -> dict[str, str]:
    outcome = line.outcome
    first = outcome.answered_at - outcome.started_at
    return {
        "reqEndTimeMSec": _milliseconds(line.request_seconds),
        "turnAroundTimeMSec": _milliseconds(first - line.request_seconds),
        "transferTimeMSec": _milliseconds(line.ended - outcome.answered_at),
        "timeToFirstByte": _milliseconds(first),
        "tlsOverheadTimeMSec": "0" if line.asked.scheme == "http" else "",
        "tlsVersion": line.asked.secured.protocol if line.asked.secured is not None else "",
    }


def _placed(line: Line, viewer: Locality, place: Locality) -> dict[str, str]:
    return {
        "edgeIP": line.asked.edge,
        "country": viewer.country,
        "state": viewer.subdivision,
        "city": viewer.city,
        "asn": _number(viewer.asn),
        "serverCountry": place.country,
    }


def _breadcrumbs(line: Line, times: dict[str, str], place: Locality) -> str:
    """What this edge had to do with it: its address, that it is an edge, its times and where it stands."""
    told = {
        "a": line.asked.edge,
        "c": "g",
        "k": times["reqEndTimeMSec"],
        "l": times["turnAroundTimeMSec"],
        "n": place.country,
        "o": _number(place.asn),
    }
    return f"//BC/%5B{','.join(f'{name}={value}' for name, value in told.items() if value)}%5D"


def _max_age(fields: Fields) -> str:
    """How long viewers may keep it, as they were told."""
    seconds = parse_cache_control(fields.joined("cache-control")).seconds("max-age")
    return "" if seconds is None else str(max(0, seconds))


def _error_code(fields: Fields) -> str:
    """Why the edge made an error itself, in the words of RFC 9209."""
    return (fields.get("proxy-status") or "").partition("error=")[2].partition(";")[0]


def _flag(is_so: bool) -> str:
    return "1" if is_so else "0"


def _number(number: int | None) -> str:
    return "" if number is None else str(number)


def _milliseconds(seconds: float) -> str:
    return str(max(0, round(1000 * seconds)))


def _plain(text: str) -> str:
    """Of printable ASCII alone, without white space."""
    return (
        text if text.isascii() and text.isprintable() and " " not in text else quote(text, safe=punctuation)
    )
