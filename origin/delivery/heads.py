"""The header fields of delivery answers (delivery-urls §8.1, §8.2), as values."""

import re
from collections.abc import Iterable
from urllib.parse import quote

from attrs import frozen

from origin.delivery.mediatypes import CONTENT_TYPES
from origin.remote.errors import RemoteTrouble
from origin.transform.allowed import allowed
from origin.transform.values import InvalidValue
from wire.errors import MediaError, Unavailable
from wire.http.dates import format_date
from wire.public_ids import FORMATS

Heads = list[tuple[str, str]]

EDGE_SECONDS = 30 * 24 * 3600
BRIEF_SECONDS = 60
SERVER = "pixeledge"
_EXPOSED = "Content-Length,ETag,Server-Timing,Vary,X-Content-Type-Options"
_EXPOSED_ON_ERRORS = "X-Cld-Error,Content-Length,Content-Disposition,Server-Timing,Vary"
_UNQUOTABLE = re.compile(r'[^\x20-\x7e]|["\\]')
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


@frozen
class Delivered:
    """The bytes of an answer: where they lie and what they are."""

    key: str  # in the object store
    size: int
    md5: str
    format: str
    modified: float  # unix seconds
    width: int | None = None
    height: int | None = None
    name: str = ""  # of a raw file, whose extension tells its type
    made_from: "Delivered | None" = None  # the original of a derived asset
    body: bytes | None = None  # of what was written for this answer and lies in no store
    render_seconds: float | None = None  # if it was painted for this answer

    @property
    def content_type(self) -> str:
        """The media type; for raw files by their name's extension."""
        name = self.format or self.name.rpartition(".")[2].lower()
        return CONTENT_TYPES.get(FORMATS.get(name, name), "application/octet-stream")


@frozen
class Terms:
    """What the URL and the negotiation say about an answer's caching and naming."""

    negotiated: bool = False
    vary: tuple[str, ...] = ()  # field names
    is_personal: bool = False  # for a viewer with a token: no cache may keep it
    lasts_seconds: int | None = None  # then it may be hidden from some: nobody may keep it for longer
    is_brief: bool = False  # may soon be wrong: asked for a version newer than ours, or a stand-in
    disposition: str | None = None  # Content-Disposition
    edge_seconds: int = EDGE_SECONDS  # how long edges may keep it without asking
    own: tuple[tuple[str, str], ...] = ()  # fields that the asset's uploader wants delivered with it


def success(
    delivered: Delivered, terms: Terms, keys: Iterable[str], request_id: str, seconds: float = 0.0
) -> Heads:
    """Everything but the framing of a 200, 206, 304 or 416; `seconds`: that it took to find or make it."""
    fields: Heads = [
        ("Content-Type", delivered.content_type),
        ("ETag", f'"{delivered.md5}"'),
        ("Last-Modified", format_date(delivered.modified)),
        *caching(terms),
        ("Accept-Ranges", "bytes"),
        ("Surrogate-Key", " ".join(keys)),
        ("Server-Timing", _timing(delivered, seconds)),
        *everywhere(_EXPOSED, request_id),
        *terms.own,
    ]
    if terms.vary:
        fields.append(("Vary", ",".join(terms.vary)))
    if terms.disposition is not None:
        fields.append(("Content-Disposition", terms.disposition))
    if delivered.name or delivered.format == "svg":
        # Served from the host of every other picture, a script inside a file must stay inert.
        fields.append(("Content-Security-Policy", "script-src 'none'; sandbox"))
    return fields


def caching(terms: Terms) -> Heads:
    """How long browsers and edges may keep an answer."""
    if terms.is_personal:  # a shared cache would hand it to viewers without a token
        return [("Cache-Control", "private, no-transform, no-store"), ("CDN-Cache-Control", "no-store")]
    if terms.is_brief or terms.lasts_seconds is not None:
        scope = "private" if terms.negotiated else "public"
        brief = BRIEF_SECONDS if terms.is_brief else EDGE_SECONDS
        value = f"max-age={min(brief, EDGE_SECONDS if terms.lasts_seconds is None else terms.lasts_seconds)}"
        return [("Cache-Control", f"{scope}, no-transform, {value}"), ("CDN-Cache-Control", value)]
    scope = "private" if terms.negotiated else "public"
    return [
        ("Cache-Control", f"{scope}, no-transform, immutable, max-age={EDGE_SECONDS}"),
        ("CDN-Cache-Control", f"max-age={terms.edge_seconds}"),
    ]


def refusal(error: MediaError, keys: Iterable[str], request_id: str) -> Heads:
    """An error: no body, the reason in `X-Cld-Error`."""
    reason = header_text(error.public)
    fields: Heads = [
        ("Content-Type", "image/gif"),
        ("Content-Length", "0"),
        ("Content-Disposition", "inline"),
        ("Cache-Control", "private, no-transform, max-age=0, no-cache"),
        ("Pragma", "no-cache"),
        ("Vary", "Save-Data"),
        ("X-Cld-Error", reason),
        ("Server-Timing", f'cld-error;desc="{_UNQUOTABLE.sub("", reason)}"'),
        *everywhere(_EXPOSED_ON_ERRORS, request_id),
    ]
    purged_by = " ".join(keys)
    if purged_by:
        fields.append(("Surrogate-Key", purged_by))  # an upload must be able to end a cached 404
    if isinstance(error, InvalidValue) and (hint := allowed(error)):
        fields.append(("X-Cld-Error-Allowed", header_text(hint)))
    if isinstance(error, RemoteTrouble):
        fields.append(("X-Cld-Error-Reason", header_text(error.reason)))  # clients match on the sentence
    if isinstance(error, Unavailable):
        fields.append(("Retry-After", str(error.retry_after_seconds)))
    return fields


def preflight(request_id: str) -> Heads:
    """The answer to a CORS preflight of a delivery URL."""
    return [
        ("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS"),
        ("Access-Control-Allow-Headers", "Range, If-None-Match, If-Modified-Since, If-Range"),
        ("Access-Control-Max-Age", "86400"),
        ("Content-Length", "0"),
        *everywhere(_EXPOSED, request_id),
    ]


def everywhere(exposed: str, request_id: str) -> Heads:
    """The fields that every delivery answer carries."""
    return [
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Expose-Headers", exposed),
        ("Timing-Allow-Origin", "*"),
        ("X-Content-Type-Options", "nosniff"),
        ("Strict-Transport-Security", "max-age=604800"),
        ("X-Request-Id", request_id),
        ("Server", SERVER),
    ]


def header_text(text: str) -> str:
    """A sentence fit for a field value: control characters to spaces, the rest of Unicode percent-encoded."""
    plain = _UNPRINTABLE.sub(" ", text).strip()
    return "".join(each if each.isascii() else quote(each, errors="replace") for each in plain)[:1000]


def _timing(delivered: Delivered, seconds: float) -> str:
    """What the answer is, and how long it took: all of it, and what was painted for it (§8.1)."""
    told = f"{_content_info(delivered)}, origin;dur={max(seconds, 0.0) * 1000:.1f}"
    if delivered.render_seconds is None:
        return told
    return f"{told}, transformation;dur={delivered.render_seconds * 1000:.1f}"


def _content_info(delivered: Delivered) -> str:
    """What was sent, and after `o` what it was made from (§8.1)."""
    original = delivered.made_from or delivered
    parts = [*_sized(delivered, ""), *_sized(original, "o")]
    parts += [f"crt={int(delivered.modified)}", f"ocrt={int(original.modified)}"]
    return f'content-info;desc="{",".join(parts)}"'


def _sized(delivered: Delivered, mark: str) -> list[str]:
    parts = [f"{mark}bytes={delivered.size}", f'{mark}format=\\"{delivered.format}\\"']
    if delivered.width and delivered.height:
        parts[:0] = [f"{mark}width={delivered.width}", f"{mark}height={delivered.height}"]
    return parts
