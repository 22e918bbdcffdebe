"""What the header section of an HTTP/2 request says, once it is held to RFC 9113 §8.2 and §8.3. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from attrs import frozen

Line = tuple[bytes, bytes]

_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9a-z]+")
_BAD_IN_VALUE = re.compile(rb"[\x00\r\n]|\A[ \t]|[ \t]\Z")
_LENGTH = re.compile(rb"[0-9]{1,18}")
PSEUDO = (b":method", b":scheme", b":authority", b":path")
OF_CONNECTIONS = frozenset(
    {b"connection", b"proxy-connection", b"keep-alive", b"transfer-encoding", b"upgrade", b"http2-settings"}
)
OVERHEAD = 32
"""What a line counts beyond its bytes (§6.5.2)."""
_sound: set[bytes] = set()
"""Names seen to be well made: they are always the same few."""


class Malformed(Exception):
    """A request that breaks the rules: what is wrong with it (§8.1.1)."""


@frozen
class Asked:
    """A well-formed request. `fields` have a Host, one Cookie line at most, and no pseudo-header."""

    method: bytes
    target: bytes
    fields: tuple[Line, ...]
    length: int | None
    """What Content-Length says; None without one."""


def size_of(lines: Iterable[Line]) -> int:
    """A header list's size as SETTINGS_MAX_HEADER_LIST_SIZE counts it."""
    return sum(len(name) + len(value) + OVERHEAD for name, value in lines)


def read(lines: Iterable[Line]) -> Asked:
    """The request these lines make. Raises `Malformed`."""
    pseudo: dict[bytes, bytes] = {}
    fields: list[Line] = []
    cookies: list[bytes] = []
    for name, value in lines:
        if _BAD_IN_VALUE.search(value):
            raise Malformed("a field value with control characters, or with white space around it")
        if name[:1] == b":":
            if fields or cookies or name in pseudo or name not in PSEUDO:
                raise Malformed(f"{_shown(name)} is unknown, repeated or late")
            pseudo[name] = value
            continue
        if name not in _sound:
            _check(name)
        if name == b"te" and value.lower() != b"trailers":
            raise Malformed("te may say trailers and nothing else")
        if name == b"cookie":
            cookies.append(value)
        else:
            fields.append((name, value))
    if cookies:
        fields.append((b"cookie", b"; ".join(cookies)))  # §8.2.3
    return _asked(pseudo, fields)


def check_trailers(lines: Iterable[Line]) -> None:
    """Raise `Malformed` for trailers that no message may have (§8.1)."""
    for name, value in lines:
        if name[:1] == b":" or _BAD_IN_VALUE.search(value):
            raise Malformed("trailers with a pseudo-header or a bad value")
        _check(name)


def _asked(pseudo: dict[bytes, bytes], fields: list[Line]) -> Asked:
    method, authority = pseudo.get(b":method", b""), pseudo.get(b":authority")
    if not _NAME.fullmatch(method.lower()):
        raise Malformed("exactly one :method is needed")
    if method == b"CONNECT":  # §8.5
        if b":path" in pseudo or b":scheme" in pseudo or not authority:
            raise Malformed("CONNECT has an :authority, and no :path nor :scheme")
        target = authority
    else:
        target = pseudo.get(b":path", b"")
        if b":scheme" not in pseudo:
            raise Malformed("exactly one :scheme is needed")
        if target[:1] != b"/" and (target, method) != (b"*", b"OPTIONS"):
            raise Malformed("a :path begins with a slash")
    return Asked(method, target, (_host(authority, fields), *_without_host(fields)), _length(fields))


def _host(authority: bytes | None, fields: list[Line]) -> Line:
    """One name for the host, whichever way it came: two that differ could be read in two ways (§8.3.1)."""
    hosts = [value for name, value in fields if name == b"host"]
    if len(hosts) > 1 or (hosts and authority and hosts[0].lower() != authority.lower()):
        raise Malformed("Host and :authority are not one")
    found = authority or (hosts[0] if hosts else b"")
    if not found or b"@" in found:
        raise Malformed("an :authority is needed, a host without a user")
    return b"host", found


def _without_host(fields: list[Line]) -> list[Line]:
    return [line for line in fields if line[0] != b"host"]


def _length(fields: list[Line]) -> int | None:
    lengths = {value for name, value in fields if name == b"content-length"}
    if not lengths:
        return None
    if len(lengths) > 1 or not _LENGTH.fullmatch(written := lengths.pop()):
        raise Malformed("Content-Length is one number")
    return int(written)


def _check(name: bytes) -> None:
    if not _NAME.fullmatch(name):
        raise Malformed(f"{_shown(name)} is no field name in lower case")
    if name in OF_CONNECTIONS:
        raise Malformed(f"{_shown(name)} is of HTTP/1 connections")  # §8.2.2
    if len(_sound) < 512 and len(name) < 40:
        _sound.add(name)


def _shown(name: bytes) -> str:
    return ascii(name.decode("latin-1"))[1:-1][:40]
