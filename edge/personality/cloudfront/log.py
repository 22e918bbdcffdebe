"""CloudFront's standard log: W3C extended, separated by tabs (cdn-vendors §8)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from string import punctuation
from urllib.parse import quote

from edge.control.lines import Line, Manner
from edge.personality.cloudfront.marks import Place
from edge.personality.cloudfront.results import results_of
from edge.personality.cloudfront.settings import Distribution
from wire.http.ranges import parse_content_range
from wire.tokens.masked import OF_ORIGINS, masked, masked_cookies, masked_url

FIELDS = (
    "date",
    "time",
    "x-edge-location",
    "sc-bytes",
    "c-ip",
    "cs-method",
    "cs(Host)",
    "cs-uri-stem",
    "sc-status",
    "cs(Referer)",
    "cs(User-Agent)",
    "cs-uri-query",
    "cs(Cookie)",
    "x-edge-result-type",
    "x-edge-request-id",
    "x-host-header",
    "cs-protocol",
    "cs-bytes",
    "time-taken",
    "x-forwarded-for",
    "ssl-protocol",
    "ssl-cipher",
    "x-edge-response-result-type",
    "cs-protocol-version",
    "fle-status",
    "fle-encrypted-fields",
    "c-port",
    "time-to-first-byte",
    "x-edge-detailed-result-type",
    "sc-content-type",
    "sc-content-len",
    "sc-range-start",
    "sc-range-end",
)
SECRET = frozenset({"Signature", "Policy"}) | OF_ORIGINS
_SECRET_COOKIES = frozenset({"CloudFront-Signature", "CloudFront-Policy"}) | OF_ORIGINS


def standard(distribution: Distribution, pop: str, shields: Collection[str] = ()) -> Manner:
    """How a distribution's edges log; `shields` are the names of its origins'."""
    code = Place.of(pop).code

    def written(line: Line, _node: str, _pop: str) -> str:
        told = _told(line, distribution.domain, shields) | {"x-edge-location": code}
        if distribution.log_cookies:
            told["cs(Cookie)"] = masked_cookies(line.asked.cookies, _SECRET_COOKIES, _plain)
        return "\t".join(told.get(name) or "-" for name in FIELDS)

    return Manner(written, f"#Version: 1.0\n#Fields: {' '.join(FIELDS)}\n", distribution.id)


def _told(line: Line, domain: str, shields: Collection[str]) -> dict[str, str]:
    asked, outcome = line.asked, line.outcome
    at = datetime.fromtimestamp(line.ended, UTC)
    stem, _, query = asked.target.partition("?")
    results = results_of(line, shields)
    named = parse_content_range(line.answer.get("content-range") or "")
    span = named[0] if named is not None else None
    return {
        "date": f"{at:%Y-%m-%d}",
        "time": f"{at:%H:%M:%S}",
        "sc-bytes": str(line.answer_bytes),
        "c-ip": asked.viewer,
        "cs-method": asked.method,
        "cs(Host)": _plain(domain or asked.host),
        "cs-uri-stem": _plain(stem),
        "sc-status": "000" if results.is_unanswered else f"{outcome.status:03}",
        "cs(Referer)": masked_url(_plain(asked.referer), SECRET),
        "cs(User-Agent)": _plain(asked.user_agent),
        "cs-uri-query": masked(_plain(query), SECRET) if query else "",
        "x-edge-result-type": results.final,
        "x-edge-request-id": line.request_id,
        "x-host-header": _plain(asked.host),
        "cs-protocol": asked.scheme,
        "cs-bytes": str(line.request_bytes),
        "time-taken": f"{line.ended - outcome.started_at:.3f}",
        "ssl-protocol": asked.secured.protocol if asked.secured is not None else "",
        "ssl-cipher": asked.secured.cipher if asked.secured is not None else "",
        "x-edge-response-result-type": results.at_first,
        "c-port": str(asked.port or ""),
        "cs-protocol-version": f"HTTP/{asked.version}",
        "time-to-first-byte": f"{outcome.answered_at - outcome.started_at:.3f}",
        "x-edge-detailed-result-type": results.detailed,
        "x-forwarded-for": _plain(asked.forwarded_for),
        "sc-content-type": _plain(line.answer.get("content-type") or ""),
        "sc-content-len": line.answer.get("content-length") or "",
        "sc-range-start": "" if span is None else str(span[0]),
        "sc-range-end": "" if span is None else str(span[1] - 1),
    }


def _plain(text: str) -> str:
    """In which nothing that a viewer sends ends the field or the line."""
    return quote(text, safe=punctuation)
