"""What the header section of an HTTP/2 request says, once it is held to RFC 9113 §8.2 and §8.3. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from wire.http.incoming import (
    DIGITS,
    HOST,
    Incoming,
    Refused,
    body_too_large,
    check_bodiless,
    expects_continue,
)
from wire.http.lines import NAME, Line
from wire.http2.limits import Limits

_LOWER_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9a-z]+")
_BAD_IN_VALUE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]|\A[ \t]|[ \t]\Z")
"""More than §8.2.1 forbids: whatever HTTP/1 refuses, since a server behind us may, too (RFC 9110 §5.5)."""
_PATH = re.compile(rb"/[\x21\x22\x24-\x7e]*")
PSEUDO = (b":method", b":scheme", b":authority", b":path")
OF_CONNECTIONS = frozenset(
    {b"connection", b"proxy-connection", b"keep-alive", b"transfer-encoding", b"upgrade", b"http2-settings"}
)
OVERHEAD = 32
"""What a line counts beyond its bytes (§6.5.2)."""
_sound: set[bytes] = set()
"""Names seen to be well made: they are always the same few."""


def size_of(lines: Iterable[Line]) -> int:
    """A header list's size as SETTINGS_MAX_HEADER_LIST_SIZE counts it."""
    return sum(len(name) + len(value) + OVERHEAD for name, value in lines)


def read(lines: list[Line], *, is_ended: bool, limits: Limits = Limits()) -> Incoming:  # noqa: B008  frozen
    """The request these lines make. Raises `Refused`. `is_ended`: there is no body."""
    if size_of(lines) > limits.header_bytes:
        raise Refused(limits.too_large or 431, f"The headers are larger than {limits.header_bytes} bytes")
    if len(lines) > limits.fields:
        raise Refused(431, f"There are more than {limits.fields} header lines")
    pseudo, fields = _sorted(lines)
    method, target = _method_and_target(pseudo)
    if len(target) > limits.target_bytes:
        raise Refused(limits.too_large or 414, f"The :path is longer than {limits.target_bytes} bytes")
    whole = (_host(pseudo.get(b":authority"), fields), *(line for line in fields if line[0] != b"host"))
    length = _length(fields, is_ended=is_ended)
    if not limits.any_body:
        check_bodiless(method, length)
    if limits.body_bytes is not None and length is not None and length > limits.body_bytes:
        raise body_too_large(limits.body_bytes)
    expects = expects_continue([value for name, value in fields if name == b"expect"], length)
    return Incoming(method, target, b"HTTP/2", whole, length, True, expects)


def _sorted(lines: Iterable[Line]) -> tuple[dict[bytes, bytes], list[Line]]:
    """Pseudo-headers and fields apart, each held to its rules; cookie crumbs as one line (§8.2.3)."""
    pseudo: dict[bytes, bytes] = {}
    fields: list[Line] = []
    cookies: list[bytes] = []
    for name, value in lines:
        if _BAD_IN_VALUE.search(value):
            raise Refused(400, "A field value has control characters, or white space around it")
        if name[:1] == b":":
            if fields or cookies or name in pseudo or name not in PSEUDO:
                raise Refused(400, f"{_shown(name)} is unknown, repeated or late")
            pseudo[name] = value
            continue
        if name not in _sound:
            _check(name)
        if name == b"te" and value.lower() != b"trailers":
            raise Refused(400, "te may say trailers and nothing else")
        if name == b"cookie":
            cookies.append(value)
        else:
            fields.append((name, value))
    if cookies:
        fields.append((b"cookie", b"; ".join(cookies)))
    return pseudo, fields


def check_trailers(lines: Iterable[Line]) -> None:
    """Raise `Refused` for trailers that no message may have (§8.1)."""
    for name, value in lines:
        if name[:1] == b":" or _BAD_IN_VALUE.search(value):
            raise Refused(400, "Trailers have a pseudo-header or a bad value")
        _check(name)


def _method_and_target(pseudo: dict[bytes, bytes]) -> tuple[bytes, bytes]:
    method, authority = pseudo.get(b":method", b""), pseudo.get(b":authority")
    if not NAME.fullmatch(method):
        raise Refused(400, "Exactly one :method is needed")
    if method == b"CONNECT":  # §8.5
        if b":path" in pseudo or b":scheme" in pseudo or not authority:
            raise Refused(400, "CONNECT has an :authority, and no :path nor :scheme")
        return method, authority
    if b":scheme" not in pseudo:
        raise Refused(400, "Exactly one :scheme is needed")
    target = pseudo.get(b":path", b"")
    if not _PATH.fullmatch(target) and (target, method) != (b"*", b"OPTIONS"):
        raise Refused(400, "The :path begins with a slash, is percent-encoded and has no fragment")
    return method, target


def _host(authority: bytes | None, fields: list[Line]) -> Line:
    """One name for the host, whichever way it came: two that differ could be read in two ways (§8.3.1)."""
    hosts = [value for name, value in fields if name == b"host"]
    if len(hosts) > 1 or (hosts and authority and hosts[0].lower() != authority.lower()):
        raise Refused(400, "Host and :authority are not one")
    found = authority or (hosts[0] if hosts else b"")
    if HOST.fullmatch(found) is None:
        raise Refused(400, "An :authority is needed, a name or address with a port at most")
    return b"host", found


def _length(fields: list[Line], *, is_ended: bool) -> int | None:
    """What the body has (§8.1.1); None where only its end will tell."""
    lengths = [value for name, value in fields if name == b"content-length"]
    if not lengths:
        return 0 if is_ended else None
    if len(lengths) > 1 or not DIGITS.fullmatch(lengths[0]):
        raise Refused(400, "Content-Length must be one plain number")
    length = int(lengths[0])
    if is_ended and length:
        raise Refused(400, "The body is shorter than its Content-Length")
    return length


def _check(name: bytes) -> None:
    if not _LOWER_NAME.fullmatch(name):
        raise Refused(400, f"{_shown(name)} is no field name in lower case")
    if name in OF_CONNECTIONS:
        raise Refused(400, f"{_shown(name)} is of HTTP/1 connections")  # §8.2.2
    if len(_sound) < 512 and len(name) < 40:
        _sound.add(name)


def _shown(name: bytes) -> str:
    return ascii(name.decode("latin-1"))[1:-1][:40]
