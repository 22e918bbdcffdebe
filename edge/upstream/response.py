"""Reads one HTTP/1 response off a stream of bytes (RFC 9112), strictly: no I/O, no guesses.

What two parsers could read in two ways is refused as malformed. A body is complete only when its framing says
so, or, with no framing, when the connection closed in an orderly way (sheet 12.1). Codings for the transfer alone are
undone here.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Protocol

from wire.http.chunked import ChunkedBody, MalformedChunk
from wire.http.fields import Fields, ResponseHead
from wire.http.lines import NAME
from wire.http.proxy_status import ProxyError
from wire.http.transfer import Inflating, MalformedCoding, framing_of

HEAD_BYTES = 64 * 1024
MOST_INTERIM = 32  # 1xx heads before the final one

STATUS_LINE = re.compile(rb"HTTP/(1)\.([0-9]) ([1-9][0-9]{2})(?: ([\t \x21-\x7e\x80-\xff]*))?")
DIGITS = re.compile(r"[0-9]{1,18}")
# other control characters are let pass in values (RFC 9110 §5.5)
HALF_LINE_ENDS = re.compile(rb"\0|\r(?!\n)|(?<!\r)\n")
NO_BODY = frozenset({204, 304})


class MalformedResponse(Exception):
    """What came is not HTTP, or is HTTP in two ways."""

    def __init__(self, sentence: str, error: ProxyError = ProxyError.HTTP_PROTOCOL_ERROR) -> None:
        super().__init__(sentence)
        self.error = error


class Sink(Protocol):
    """Who is told what was read."""

    def interim_arrived(self, head: ResponseHead) -> None:
        """A 1xx head: not final, and merged with nothing (sheet 16.4)."""

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
    CHUNKED = auto()
    ENDED = auto()


class ResponseParser:
    """One response. Feed it; while `is_held` it keeps bytes back, which `release` then reads."""

    def __init__(self, method: str, sink: Sink) -> None:
        self.step = Step.HEAD
        self.is_held = False
        self._method = method
        self._sink = sink
        self._buffer = bytearray()
        self._left = 0
        self._chunks = ChunkedBody(padded=True)
        self._inflating: Inflating | None = None
        self._interim = 0
        self._stays_open = False

    @property
    def leftover(self) -> int:
        """Bytes that came behind the message's end; nobody asked for them."""
        return len(self._buffer) if self.step is Step.ENDED else 0

    @property
    def may_reuse(self) -> bool:
        """Whether the connection may be asked again once the message has ended."""
        return self._stays_open and not self.leftover

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
        if self.step is Step.UNTIL_CLOSE and cleanly and not self.is_held and self._is_decoded:
            self._end()
        return self.step is Step.ENDED

    def _advance(self) -> None:
        while self._buffer and not self.is_held and self.step is not Step.ENDED:
            if not self._take():
                return

    def _take(self) -> bool:
        """Take one piece off the buffer; False when it must grow first."""
        match self.step:
            case Step.HEAD:
                return self._take_head()
            case Step.CHUNKED:
                return self._take_chunk()
            case _:
                data = bytes(self._buffer)
                self._buffer.clear()
                self._body(data)
        return True

    def _body(self, data: bytes) -> None:
        if self.step is Step.UNTIL_CLOSE:
            self._give(data)
            return
        over = len(data) - self._left
        if over > 0:
            self._buffer[:0] = data[self._left :]
            data = data[: self._left]
        self._left -= len(data)
        if data:
            self._sink.data_arrived(data)
        if self._left == 0 and self.step is Step.COUNTED:
            self._end()

    def _take_head(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > HEAD_BYTES:
                raise too_large()
            return False
        if end > HEAD_BYTES:
            raise too_large()
        head, minor = parse_head(bytes(self._buffer[:end]))
        del self._buffer[: end + 4]
        if 100 <= head.status < 200:
            if head.status == 101:
                raise MalformedResponse("switched protocols unasked")
            self._interim += 1
            if self._interim > MOST_INTERIM:
                raise MalformedResponse("interim responses without an end")
            self._sink.interim_arrived(head)
            return True
        self._frame(head, minor)
        return True

    def _frame(self, head: ResponseHead, minor: int) -> None:
        """How long the body is (RFC 9112 §6.3)."""
        connection = {token.lower() for token in head.fields.members("connection")}
        keeps = "close" not in connection if minor >= 1 else "keep-alive" in connection
        codings = [coding.lower() for coding in head.fields.members("transfer-encoding")]
        length = content_length(head.fields)
        self._stays_open = keeps
        self.is_held = True
        if self._method == "HEAD" or head.status in NO_BODY:
            self.step = Step.COUNTED
            self._left = 0
        elif codings:
            # HTTP/1.0 knows no codings: somebody may have understood it otherwise (RFC 9112 §6.1). Beside a length
            # codings win, and the connection is not trusted again (sheet 12.3); both stay in the head: such an
            # answer is not stored either.
            is_chunked = self._decode(codings)
            self._stays_open = is_chunked and keeps and minor > 0 and length is None
            self.step = Step.CHUNKED if is_chunked else Step.UNTIL_CLOSE
        elif length is not None:
            self.step, self._left = Step.COUNTED, length
        else:
            self.step, self._stays_open = Step.UNTIL_CLOSE, False
        ends_here = self.step is Step.COUNTED and self._left == 0
        self._sink.head_arrived(head)
        if ends_here and self.step is not Step.ENDED:  # the sink may have released us already
            self._end()

    def _decode(self, codings: list[str]) -> bool:
        """Be ready to undo them; whether the body is in chunks, or else ends with the connection."""
        try:
            framing = framing_of(codings)
        except MalformedCoding as wrong:
            raise miscoded(str(wrong)) from wrong
        self._inflating = Inflating(framing.coding) if framing.coding else None
        return framing.is_chunked

    @property
    def _is_decoded(self) -> bool:
        return self._inflating is None or self._inflating.is_whole

    def _give(self, data: bytes) -> None:
        """Bytes of the body, as they come off their framing."""
        if self._inflating is None:
            self._sink.data_arrived(data)
            return
        try:
            for piece in self._inflating.take(data):
                self._sink.data_arrived(piece)
        except MalformedCoding as wrong:
            raise miscoded(str(wrong)) from wrong

    def _take_chunk(self) -> bool:
        """A piece of the body. Trailers are discarded (sheet 4.5)."""
        try:
            data = self._chunks.take(self._buffer)
        except MalformedChunk as wrong:
            raise MalformedResponse(str(wrong)) from wrong
        if data is None:
            return False
        if data:
            self._give(data)
        elif self._is_decoded:
            self._end()
        else:
            raise miscoded("the chunks end amid another transfer coding")
        return True

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
    if HALF_LINE_ENDS.search(raw):
        raise MalformedResponse("a control character in a field value")
    minor = int(status_line[2])
    reason = (status_line[4] or b"").decode("latin-1")
    return ResponseHead(int(status_line[3]), Fields.from_bytes(pairs), reason, f"1.{minor}"), minor


def too_large() -> MalformedResponse:
    """Of a head."""
    return MalformedResponse("the head is too large", ProxyError.HTTP_RESPONSE_HEADER_SECTION_SIZE)


def miscoded(sentence: str) -> MalformedResponse:
    """Of a body."""
    return MalformedResponse(sentence, ProxyError.HTTP_RESPONSE_TRANSFER_CODING)


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
