"""Requests read off one connection's bytes (RFC 9112), strictly: no I/O, no guesses.

What two parsers could read in two ways is refused, and the connection is of no use from then on: where the next
request would begin is anybody's guess (RFC 9112 §11.2, sheet 22.1). However the bytes are cut into pieces, the
same comes of them.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from functools import cached_property

from attrs import frozen

from wire.http.chunked import ChunkedBody, MalformedChunk
from wire.http.lines import STRAY_OR_FOLD, Line, MalformedLine, field_line, stray_in

REQUEST_LINE = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([\x21-\x7e]+) HTTP/([0-9])\.([0-9])")
TARGET = re.compile(rb"(?:/|https?://[^/?#])[^#]*", re.IGNORECASE)
DIGITS = re.compile(rb"[0-9]{1,18}")
HOST = re.compile(rb"(?:[A-Za-z0-9._~!$&'()*+,;=%-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?")
QUESTIONS = (b"GET ", b"HEAD ")
END_OF_HEAD = b"\r\n\r\n"
BODILESS = frozenset({b"GET", b"HEAD"})


class Refused(Exception):
    """A request that cannot be answered otherwise: `status`, and a sentence that says what to fix."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


@frozen
class HeadLimits:
    """How large a head may be."""

    line_bytes: int = 16 * 1024
    """Of the request line, and so of the URL."""
    head_bytes: int = 32 * 1024
    """Of all header lines together."""
    fields: int = 128
    body_bytes: int | None = None
    """Of a body; None: as large as it likes."""
    any_body: bool = False
    """Whether a GET or HEAD may come with one: for whoever refuses it in words of its own."""
    too_large: int | None = None
    """The status of a head that is; None: 414 of the line, 431 of the fields."""


@frozen
class Incoming:
    """A request's head, fit to be acted on."""

    method: bytes
    target: bytes
    """As it was received."""
    version: bytes
    """`HTTP/1.0`, or `HTTP/1.1` for whatever minor version is newer (RFC 9110 §2.5); or `HTTP/2`."""
    lines: tuple[Line, ...]
    length: int | None
    """Of the body: 0 for none, None for chunked."""
    keeps: bool
    """Whether the connection may be asked again after this one."""
    expects_continue: bool

    @cached_property
    def text(self) -> bytes:
        """The head as HTTP/1 writes it, in whatever way it came."""
        lines = b"".join([b"%b: %b\r\n" % line for line in self.lines])
        return b"%b %b %b\r\n%b\r\n" % (self.method, self.target, self.version, lines)


class End(Enum):
    """What `RequestParser.next_event` answers behind a body's last byte."""

    OF_BODY = auto()


class _Step(Enum):
    LINE = auto()
    FIELDS = auto()
    COUNTED = auto()
    CHUNKED = auto()


_NO_LINE = (b"", b"", b"")


class RequestParser:
    """Feed it what comes; ask it for the next event until there is none.

    A head, then pieces of its body and `End.OF_BODY` if its length is not 0, then the next head. Who answers
    one request at a time asks for the next head when it is ready: the bytes wait here.
    """

    def __init__(self, limits: HeadLimits) -> None:
        self._limits = limits
        self._buffer = bytearray()
        self._step = _Step.LINE
        self._scanned = 0
        self._has_skipped = False
        self._line = _NO_LINE
        self._left = 0
        self._received = 0
        self._chunks = ChunkedBody()
        self._fed = self._begun_at = 0  # bytes of the connection

    @property
    def waiting(self) -> int:
        """How many bytes wait to be taken."""
        return len(self._buffer)

    @property
    def is_amid_head(self) -> bool:
        """Whether the beginning of a head has come, and not its end."""
        return self._step is _Step.FIELDS or (self._step is _Step.LINE and bool(self._buffer))

    @property
    def method(self) -> bytes:
        """Of the request that is being read, where its line has come."""
        return self._line[0]

    @property
    def message_bytes(self) -> int:
        """How many bytes were taken of the request that is being read, or was read last, from its first line on."""
        return self._fed - len(self._buffer) - self._begun_at

    def feed(self, data: bytes) -> None:
        """More bytes have come."""
        self._buffer += data
        self._fed += len(data)

    def next_event(self) -> Incoming | bytes | End | None:
        """What comes next, or None when that takes more bytes. Raises `Refused`."""
        if self._step is _Step.LINE and not self._take_line():
            return None
        match self._step:
            case _Step.FIELDS:
                return self._take_fields()
            case _Step.COUNTED:
                return self._take_counted()
            case _:
                return self._take_chunk()

    # The head

    def _take_line(self) -> bool:
        """Read the request line, which is judged before anything behind it is looked at."""
        buffer, limit = self._buffer, self._limits.line_bytes
        self._line = _NO_LINE
        if not self._has_skipped and buffer.startswith(b"\r\n"):  # RFC 9112 §2.2
            del buffer[:2]
            self._has_skipped = True
        start = max(0, self._scanned - 1)
        end = buffer.find(b"\r\n", start, limit)
        if stray := stray_in(buffer, start, end, limit):
            raise Refused(400, stray)
        if end < 0:
            if len(buffer) >= limit:
                raise Refused(self._limits.too_large or 414, f"The request line is longer than {limit} bytes")
            self._scanned = len(buffer)
            return False
        self._line = request_line(bytes(buffer[:end]))
        self._begun_at = self._fed - len(buffer)
        # Its line end stays: the fields end at the first empty line, even if that is the first.
        del buffer[:end]
        self._scanned = 0
        self._step = _Step.FIELDS
        return True

    def _take_fields(self) -> Incoming | None:
        buffer, limit = self._buffer, self._limits.head_bytes
        start = max(0, self._scanned - 3)
        end = buffer.find(b"\r\n\r\n", start, limit)
        if stray := stray_in(buffer, start, end, limit, STRAY_OR_FOLD):
            raise Refused(400, stray)
        if end < 0:
            if len(buffer) >= limit:
                raise Refused(self._limits.too_large or 431, f"The headers are larger than {limit} bytes")
            self._scanned = len(buffer)
            return None
        lines = bytes(buffer[2:end]).split(b"\r\n") if end else []
        if len(lines) > self._limits.fields:
            raise Refused(431, f"There are more than {self._limits.fields} header lines")
        try:
            head = incoming(*self._line, tuple(map(field_line, lines)), any_body=self._limits.any_body)
        except MalformedLine as wrong:
            raise Refused(400, str(wrong)) from wrong
        del buffer[: end + 4]
        self._expect_body(head.length)
        return head

    def _expect_body(self, length: int | None) -> None:
        self._has_skipped = False
        self._scanned = self._received = 0
        limit = self._limits.body_bytes
        if length is not None and limit is not None and length > limit:
            raise body_too_large(limit)
        if length is None:
            self._step, self._chunks = _Step.CHUNKED, ChunkedBody()
        else:
            self._step, self._left = (_Step.COUNTED if length else _Step.LINE), length

    # The body

    def _take_counted(self) -> bytes | End | None:
        if self._left == 0:
            self._step = _Step.LINE
            return End.OF_BODY
        buffer = self._buffer
        if not buffer:
            return None
        data = bytes(buffer) if len(buffer) <= self._left else bytes(buffer[: self._left])
        del buffer[: len(data)]
        self._left -= len(data)
        return data

    def _take_chunk(self) -> bytes | End | None:
        try:
            data = self._chunks.take(self._buffer)
        except MalformedChunk as wrong:
            raise Refused(400, str(wrong)) from wrong
        if data is None:
            return None
        if not data:
            self._step = _Step.LINE
            return End.OF_BODY
        self._received += len(data)
        limit = self._limits.body_bytes
        if limit is not None and self._received > limit:
            raise body_too_large(limit)
        return data


def is_plain(data: bytes, most: int) -> bool:
    """Whether these bytes look like one whole request, a GET or HEAD that ends with its head, and are no more than
    so many. What it says is not looked at.
    """
    size = len(data)
    return size <= most and data.startswith(QUESTIONS) and data.find(END_OF_HEAD) == size - len(END_OF_HEAD)


def request_line(line: bytes) -> tuple[bytes, bytes, bytes]:
    """Method, target and version (RFC 9112 §3)."""
    found = REQUEST_LINE.fullmatch(line)
    if found is None:
        if not line.isascii():
            raise Refused(400, "The request target must be percent-encoded")
        raise Refused(400, "The first line must be a method, a target and HTTP/1.1, with one space between")
    if found[3] != b"1":
        raise Refused(505, "Only HTTP/1.0 and HTTP/1.1 are spoken here")
    is_special = (found[1], found[2]) == (b"OPTIONS", b"*") or found[1] == b"CONNECT"
    if TARGET.fullmatch(found[2]) is None and not is_special:
        raise Refused(400, "The request target must be a path, or an http or https URL, without a fragment")
    return found[1], found[2], b"HTTP/1.0" if found[4] == b"0" else b"HTTP/1.1"


def incoming(
    method: bytes, target: bytes, version: bytes, lines: tuple[Line, ...], *, any_body: bool = False
) -> Incoming:
    """The head as a value, with what its lines mean for the connection. Raises `Refused`."""
    hosts: list[bytes] = []
    lengths: list[bytes] = []
    codings: list[bytes] = []
    options: list[bytes] = []
    expectations: list[bytes] = []
    kinds = {
        b"host": hosts,
        b"content-length": lengths,
        b"transfer-encoding": codings,
        b"connection": options,
        b"expect": expectations,
    }
    for name, value in lines:
        kind = kinds.get(name.lower())
        if kind is not None:
            kind.append(value)
    is_old = version == b"HTTP/1.0"
    _check_host(hosts, is_old=is_old)
    length = _body_length(lengths, codings, is_old=is_old)
    if not any_body:
        check_bodiless(method, length)
    named = (
        {option.strip(b" \t").lower() for line in options for option in line.split(b",")} if options else ()
    )
    keeps = b"close" not in named and (not is_old or b"keep-alive" in named) and method != b"CONNECT"
    expects = not is_old and expects_continue(expectations, length)  # RFC 9110 §10.1.1
    return Incoming(method, target, version, lines, length, keeps, expects)


def check_bodiless(method: bytes, length: int | None) -> None:
    """Raise `Refused` for a body where none can be meant: unkeyed input, sheet 22.2."""
    if length != 0 and method in BODILESS:
        raise Refused(400, "A GET or HEAD request must not have a body")


def expects_continue(expectations: list[bytes], length: int | None) -> bool:
    """Whether leave to send the body is waited for (RFC 9110 §10.1.1). Raises `Refused` for any other wish."""
    if expectations and [value.lower() for value in expectations] != [b"100-continue"]:
        raise Refused(417, "The only expectation that can be met is 100-continue")
    return bool(expectations) and length != 0


def _check_host(hosts: list[bytes], *, is_old: bool) -> None:
    """RFC 9112 §3.2: exactly one, or none in HTTP/1.0, and one that can be a host."""
    if len(hosts) > 1 or (not hosts and not is_old):
        raise Refused(400, "Exactly one Host is needed")
    if hosts and HOST.fullmatch(hosts[0]) is None:
        raise Refused(400, "The Host is not a name or address with a port at most")


def _body_length(lengths: list[bytes], codings: list[bytes], *, is_old: bool) -> int | None:
    """RFC 9112 §6.3, with no leniency at all: this is where requests are smuggled."""
    if codings:
        if lengths:
            raise Refused(400, "A request has Transfer-Encoding and Content-Length; it may have one of them")
        if is_old:
            raise Refused(400, "HTTP/1.0 knows no Transfer-Encoding")
        named = [coding.strip(b" \t").lower() for line in codings for coding in line.split(b",")]
        if named == [b"chunked"]:
            return None
        if named[-1] != b"chunked" or b"chunked" in named[:-1]:
            raise Refused(400, "Transfer-Encoding must be chunked, once and last")
        raise Refused(501, "The only transfer coding that is understood is chunked")
    if not lengths:
        return 0
    if len(lengths) > 1:
        raise Refused(400, "A request has several Content-Length lines")
    if DIGITS.fullmatch(lengths[0]) is None:
        raise Refused(400, "Content-Length must be one plain number")
    return int(lengths[0])


def body_too_large(limit: int) -> Refused:
    """The refusal of a body over its limit."""
    return Refused(413, f"The body is larger than {limit} bytes")
