"""Reads one HTTP/1 response off a stream of bytes (RFC 9112), strictly: no I/O, no guesses.

What two parsers could read in two ways is refused as malformed. A body is complete only when its framing says
so, or, with no framing, when the connection closed in an orderly way (sheet 12.1).
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Protocol

from wire.http.fields import Fields, ResponseHead

HEAD_BYTES = 64 * 1024
CHUNK_LINE_BYTES = 4096
TRAILER_BYTES = 64 * 1024

STATUS_LINE = re.compile(rb"HTTP/(1)\.([0-9]) ([1-9][0-9]{2})(?: ([\t \x21-\x7e\x80-\xff]*))?")
NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[\t \x21-\x7e\x80-\xff]*)?")
DIGITS = re.compile(r"[0-9]{1,18}")
NO_BODY = frozenset({204, 304})


class MalformedResponse(Exception):
    """What came is not HTTP, or is HTTP in two ways."""


class Sink(Protocol):
    """Who is told what was read."""

    def head_arrived(self, head: ResponseHead) -> None:
        """The final response's head."""

    def data_arrived(self, data: bytes) -> None:
        """A piece of the body."""

    def message_ended(self) -> None:
        """The whole message was read."""


class Step(Enum):
    """Where in the message the next byte belongs."""

    HEAD = auto()
    COUNTED = auto()
    UNTIL_CLOSE = auto()
    CHUNK_LINE = auto()
    CHUNK_DATA = auto()
    CHUNK_END = auto()
    TRAILERS = auto()
    ENDED = auto()


class ResponseParser:
    """One response. Feed it; while `is_held` it keeps bytes back, which `release` then reads."""

    def __init__(self, method: str, sink: Sink) -> None:
        self.step = Step.HEAD
        self.may_reuse = False
        self.is_held = False
        self.leftover = False
        self._method = method
        self._sink = sink
        self._buffer = bytearray()
        self._left = 0
        self._trailer_bytes = 0

    @property
    def has_begun(self) -> bool:
        """Whether any byte of the answer has come."""
        return self.step is not Step.HEAD or bool(self._buffer)

    def feed(self, data: bytes) -> None:
        """More bytes have come. Raises `MalformedResponse`."""
        if self.step in (Step.COUNTED, Step.UNTIL_CLOSE) and not self._buffer and not self.is_held:
            self._body(data)
            return
        self._buffer += data
        self._advance()

    def release(self) -> None:
        """Read on after the head was considered."""
        self.is_held = False
        self._advance()

    def closed(self, *, cleanly: bool) -> bool:
        """The connection has gone; whether that ended the message as it should."""
        if self.step is Step.UNTIL_CLOSE and cleanly and not self.is_held:
            self._end()
        return self.step is Step.ENDED

    def _advance(self) -> None:
        while self._buffer and not self.is_held and self.step is not Step.ENDED:
            if not self._take():
                return
        if self.step is Step.ENDED and self._buffer:
            self.leftover, self.may_reuse = True, False

    def _take(self) -> bool:
        """Take one piece off the buffer; False when it must grow first."""
        match self.step:
            case Step.HEAD:
                return self._take_head()
            case Step.CHUNK_LINE:
                return self._take_chunk_line()
            case Step.CHUNK_END:
                if len(self._buffer) < 2:
                    return False
                if self._buffer[:2] != b"\r\n":
                    raise MalformedResponse("a chunk is longer than it said")
                del self._buffer[:2]
                self.step = Step.CHUNK_LINE
            case Step.TRAILERS:
                return self._take_trailer()
            case _:
                data = bytes(self._buffer)
                self._buffer.clear()
                self._body(data)
        return True

    def _body(self, data: bytes) -> None:
        if self.step is Step.UNTIL_CLOSE:
            self._sink.data_arrived(data)
            return
        over = len(data) - self._left
        if over > 0:
            self._buffer[:0] = data[self._left :]
            data = data[: self._left]
        self._left -= len(data)
        is_counted = self.step is Step.COUNTED
        if data:
            self._sink.data_arrived(data)
        if self._left == 0:
            if is_counted:
                self._end()
            else:
                self.step = Step.CHUNK_END
        if self.step is Step.ENDED and self._buffer:
            self.leftover, self.may_reuse = True, False

    def _take_head(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > HEAD_BYTES:
                raise MalformedResponse("the head is too large")
            return False
        if end > HEAD_BYTES:
            raise MalformedResponse("the head is too large")
        head, minor = parse_head(bytes(self._buffer[:end]))
        del self._buffer[: end + 4]
        if 100 <= head.status < 200:
            if head.status == 101:
                raise MalformedResponse("switched protocols unasked")
            return True  # interim: told to nobody, never merged (sheet 16.4)
        self._frame(head, minor)
        return True

    def _frame(self, head: ResponseHead, minor: int) -> None:
        """How long the body is (RFC 9112 §6.3)."""
        connection = {token.lower() for token in head.fields.members("connection")}
        keeps = "close" not in connection if minor >= 1 else "keep-alive" in connection
        codings = [coding.lower() for coding in head.fields.members("transfer-encoding")]
        length = content_length(head.fields)
        self.may_reuse = keeps
        self.is_held = True
        if self._method == "HEAD" or head.status in NO_BODY:
            self.step = Step.COUNTED
            self._left = 0
        elif codings:
            if codings != ["chunked"]:
                raise MalformedResponse(f"transfer codings {codings} were not asked for")
            if length is not None:  # chunked wins, and the connection is not trusted again (sheet 12.3)
                self.may_reuse = False  # both stay in the head: such an answer is not stored either
            self.step = Step.CHUNK_LINE
        elif length is not None:
            self.step, self._left = Step.COUNTED, length
        else:
            self.step, self.may_reuse = Step.UNTIL_CLOSE, False
        ends_here = self.step is Step.COUNTED and self._left == 0
        self._sink.head_arrived(head)
        if ends_here and self.step is not Step.ENDED:  # the sink may have released us already
            self._end()
            if self._buffer:
                self.leftover, self.may_reuse = True, False

    def _take_chunk_line(self) -> bool:
        end = self._buffer.find(b"\r\n", 0, CHUNK_LINE_BYTES)
        if end < 0:
            if len(self._buffer) >= CHUNK_LINE_BYTES:
                raise MalformedResponse("a chunk-size line is too long")
            return False
        line = CHUNK_SIZE.fullmatch(self._buffer, 0, end)
        if line is None:
            raise MalformedResponse("not a chunk size")
        self._left = int(line[1], 16)
        del line  # it locks the buffer's size
        del self._buffer[: end + 2]
        self.step = Step.CHUNK_DATA if self._left else Step.TRAILERS
        return True

    def _take_trailer(self) -> bool:
        end = self._buffer.find(b"\r\n")
        if end < 0:
            if self._trailer_bytes + len(self._buffer) > TRAILER_BYTES:
                raise MalformedResponse("the trailers are too large")
            return False
        self._trailer_bytes += end
        if self._trailer_bytes > TRAILER_BYTES:
            raise MalformedResponse("the trailers are too large")
        del self._buffer[: end + 2]
        if end == 0:
            self._end()
        return True  # trailers are discarded (sheet 4.5)

    def _end(self) -> None:
        self.step = Step.ENDED
        self._sink.message_ended()


def parse_head(raw: bytes) -> tuple[ResponseHead, int]:
    """The head and its minor version, from its bytes without the empty line."""
    first, *lines = raw.split(b"\r\n")
    status_line = STATUS_LINE.fullmatch(first)
    if status_line is None:
        raise MalformedResponse("not a status line")
    pairs: list[tuple[bytes, bytes]] = []
    for line in lines:
        if line[:1] in (b" ", b"\t") and pairs:  # obs-fold: unfold (RFC 9112 §5.2)
            name, value = pairs.pop()
            pairs.append((name, value + b" " + line.strip(b" \t")))
            continue
        name, colon, value = line.partition(b":")
        if not colon or NAME.fullmatch(name) is None:
            raise MalformedResponse("not a field line")
        pairs.append((name, value))
    for _, value in pairs:
        if b"\0" in value or b"\n" in value or b"\r" in value:
            raise MalformedResponse("a control character in a field value")
    minor = int(status_line[2])
    reason = (status_line[4] or b"").decode("latin-1")
    return ResponseHead(int(status_line[3]), Fields.from_bytes(pairs), reason, f"1.{minor}"), minor


def content_length(fields: Fields) -> int | None:
    """The one announced length; several equal values are one, anything else is malformed (sheet 12.3)."""
    values = {value.strip() for line in fields.all("content-length") for value in line.split(",")}
    if not values:
        return None
    if len(values) > 1:
        raise MalformedResponse("several lengths")
    value = values.pop()
    if DIGITS.fullmatch(value) is None:
        raise MalformedResponse("the length is no number")
    return int(value)
