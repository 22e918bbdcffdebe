"""Akamai's DataStream 2: a JSON object a line (cdn-vendors §17)."""

from __future__ import annotations

import json
from string import punctuation
from urllib.parse import quote

from edge.control.lines import Line, Manner
from edge.core.outcome import Verdict
from edge.personality.akamai.settings import Property
from edge.personality.geography import Geography, Locality
from edge.personality.masked import masked
from wire.http.asker import Asker
from wire.http.cache_control import parse_cache_control
from wire.http.fields import Fields

_HITS = (Verdict.HIT, Verdict.STALE)


def datastream(told: Property, geography: Geography) -> Manner:
    """How a property's edges log."""
    secret = frozenset(each.name for each in told.tokens)

    def written(line: Line, _node: str, _pop: str) -> str:
        ids = {"version": 2, "streamId": str(told.stream), "cp": str(told.cpcode)}
        told_of = _told(line, secret) | _whereabouts(
            geography.home_of(Asker(line.asked.viewer, region=line.asked.region))
        )
        return json.dumps(ids | told_of, ensure_ascii=False)

    return Manner(written)


def _told(line: Line, secret: frozenset[str]) -> dict[str, str]:
    asked, outcome = line.asked, line.outcome
    path, _, query = asked.uri.partition("?")
    host, _, port = asked.host.partition(":")
    first, whole = outcome.answered_at - outcome.started_at, line.ended - outcome.started_at
    told = {
        "reqId": line.request_id,
        "reqTimeSec": f"{outcome.started_at:.3f}",
        "cliIP": asked.viewer,
        "statusCode": str(outcome.status),
        "proto": f"HTTP/{asked.version}",
        "reqHost": host,
        "reqMethod": asked.method,
        "reqPath": path.removeprefix("/"),
        "reqPort": port or {"http": "80", "https": "443"}[asked.scheme],
        "UA": asked.user_agent,
        "referer": asked.referer,
        "range": asked.range,
        "accLang": asked.accept_language,
        "xForwardedFor": asked.forwarded_for,
        "rspContentType": line.answer.get("content-type") or "",
        "rspContentLen": line.answer.get("content-length") or "",
        "bytes": str(line.sent_bytes),
        "maxAgeSec": _max_age(line.answer),
        "lastByte": "1" if outcome.complete and not line.has_left else "0",
        "errorCode": _error_code(line.undressed),
        "tlsVersion": asked.secured.protocol if asked.secured is not None else "",
        "cacheStatus": "1" if outcome.verdict in _HITS or outcome.collapsed else "0",
        "cacheable": "1" if outcome.stored or outcome.verdict in _HITS else "0",
        "turnAroundTimeMSec": str(round(1000 * first)),
        "transferTimeMSec": str(round(1000 * (whole - first))),
        "timeToFirstByte": str(round(1000 * first)),
    }
    plain = {name: _plain(value) for name, value in told.items()}
    return plain | {"queryStr": masked(_plain(query), secret) if query else "-"}


def _max_age(fields: Fields) -> str:
    """How long viewers may keep it, as they were told."""
    seconds = parse_cache_control(fields.joined("cache-control")).seconds("max-age")
    return "" if seconds is None else str(max(0, seconds))


def _error_code(fields: Fields) -> str:
    """Why the edge made an error itself, in the words of RFC 9209."""
    return (fields.get("proxy-status") or "").partition("error=")[2].partition(";")[0]


def _whereabouts(place: Locality) -> dict[str, str]:
    told = {
        "country": place.country,
        "state": place.subdivision,
        "city": place.city,
        "asn": "" if place.asn is None else str(place.asn),
    }
    return {name: _plain(value) for name, value in told.items()}


def _plain(text: str) -> str:
    """ASCII; a dash for nothing."""
    return quote(text, safe=punctuation + " ") or "-"
