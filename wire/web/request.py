"""A request that is processed from its head on, and its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.http import NO_BODY_CODES, Request, toChunk
from twisted.web.http_headers import Headers
from twisted.web.server import NOT_DONE_YET

from wire.http.fields import Fields, ResponseHead
from wire.http.incoming import Incoming
from wire.http.reasons import reason_of
from wire.web.body import RequestBody
from wire.web.carried import Carried
from wire.web.files import SharedFile

if TYPE_CHECKING:
    from wire.web.channel import StreamingChannel

log = Logger()


class StreamingRequest(Request):
    """A request that is processed from its head on.

    `uri` is the raw request target, never decoded; `fields` are the header lines as they came. `args`, `content`
    and form parsing do not exist.
    """

    channel: StreamingChannel  # type: ignore[assignment]  # one of our own
    is_cut = False
    _is_framed = False
    _has_no_body = False
    _headers: Headers | None = None

    def __init__(self, channel: StreamingChannel, head: Incoming) -> None:
        super().__init__(channel)  # type: ignore[arg-type]
        self._headers = None
        self.method, self.uri, self.clientproto = head.method, head.target, head.version
        self.path = head.target.partition(b"?")[0]
        self.lines = head.lines
        self.body = RequestBody(channel, head.length)
        self.carried = Carried()

    @property
    def fields(self) -> Fields:
        """The header lines, with the names and in the order that they came in."""
        return Fields([(name.decode("latin-1"), value.decode("latin-1")) for name, value in self.lines])

    @property
    def requestHeaders(self) -> Headers:
        if self._headers is None:  # few ask
            self._headers = Headers()
            for name, value in self.lines:
                self._headers.addRawHeader(name, value)
        return self._headers

    @requestHeaders.setter
    def requestHeaders(self, headers: Headers) -> None:
        self._headers = headers

    @property
    def scheme(self) -> str:
        """`https` where the viewer asks over TLS."""
        return self.channel.factory.scheme

    @property
    def head_only(self) -> bool:
        """Whether the answer must not have a body because of the method."""
        return bool(self.method == b"HEAD")

    @property
    def is_gone(self) -> bool:
        """Whether the viewer has left (or was cut off): nothing more can be told."""
        return bool(self._disconnected) or self.is_cut

    def setResponseCode(self, code: int, message: bytes | None = None) -> None:
        super().setResponseCode(code, message or reason_of(code).encode("ascii") or None)

    def start(self) -> None:
        """The head is complete: hand the request to its resource, once it has come all the way."""
        afar = self.channel.factory.afar
        arriving = afar.arriving(self) if afar is not None else None
        if arriving is None:
            self.process()
        else:
            arriving.addCallback(lambda _: self.process())

    def process(self) -> None:
        site = self.channel.factory
        try:
            answer = site.resource_for(self).render(self)
        except Exception:  # noqa: BLE001  the border: a bug answers 500 and the node serves on
            log.failure("while answering {method} {uri}", method=self.method, uri=self.uri)
            refuse(self, 500, "Internal error")
            return
        if answer is not NOT_DONE_YET:
            self.responseHeaders.setRawHeaders(b"Content-Length", [b"%d" % len(answer)])
            self.write(answer)
            self.finish()

    def begin(self, head: ResponseHead, data: bytes = b"") -> bytes:
        """Start the answer with exactly this head (our framing is added) and the first bytes, in one write.

        The lean way past `responseHeaders`: order, case and repetition of the lines stay as they are. Go on
        with `write` and `finish`. Returns the head's bytes.
        """
        if self.is_gone:
            return b""
        self.startedWriting = 1
        self.code = head.status
        self._is_framed = "content-length" in head.fields
        self._has_no_body = self.head_only or head.status in NO_BODY_CODES
        lines = field_lines(head)
        if not self._is_framed and not self._has_no_body and self.clientproto == b"HTTP/1.1":
            self.chunked = 1
            lines.append("Transfer-Encoding: chunked\r\n")
        if connection := self._connection_option(framed=self._is_framed or self._has_no_body):
            lines.append(f"Connection: {connection}\r\n")
        start = head_bytes(self.clientproto.decode("ascii"), head, lines)
        if self._has_no_body or not data:
            self.channel.write(start)
            return start
        self.sentLength += len(data)
        if self.chunked:
            self.channel.writeSequence([start, *toChunk(data)])
        else:
            self.channel.write(start + data)
        return start

    def inform(self, head: ResponseHead) -> None:
        """Send a 1xx head, which an answer follows; HTTP/1.0 knows none (RFC 9110 §15.2)."""
        if self.startedWriting or self.is_gone or self.clientproto == b"HTTP/1.0":
            return
        self.channel.write(head_bytes("HTTP/1.1", head, field_lines(head)))

    def write(self, data: bytes) -> None:
        if self._has_no_body or self._disconnected or self.is_cut:
            return
        if not self.startedWriting:
            self._settle_persistence()
        super().write(data)

    def write_file(self, file: SharedFile, start: int, stop: int) -> bool:
        """As `write` of these bytes of a file, where the connection can take them from it; whether it can."""
        if self._has_no_body or self.is_gone:
            return True
        write = getattr(self.channel, "write_file", None)  # HTTP/2 frames what it sends
        if write is None or self.chunked or not write(file, start, stop):
            return False
        self.sentLength += stop - start
        return True

    def _settle_persistence(self) -> None:
        headers = self.responseHeaders
        self._is_framed = headers.hasHeader(b"Content-Length") or self.code in NO_BODY_CODES
        option = self._connection_option(framed=self._is_framed or self.head_only)
        if option:
            headers.setRawHeaders(b"Connection", [option.encode()])

    def _connection_option(self, *, framed: bool) -> str:
        """Decide, now that the answer's framing is known, whether the connection may live on; and say so."""
        channel, is_old = self.channel, self.clientproto == b"HTTP/1.0"
        if channel.expects_continue or (is_old and not framed):
            channel.persistent = False  # 100-continue: the client may or may not send what we never asked for
        if not channel.persistent:
            return "close"
        return "keep-alive" if is_old else ""

    def cut(self) -> None:
        """End the connection so that the viewer can tell that the body is not whole (RFC 9112 §8)."""
        if self.is_gone or self.finished:
            return
        self.is_cut = True
        self.channel.cut(framed=bool(self.chunked) or self._is_framed)

    def connectionLost(self, reason: Failure) -> None:
        self.is_cut = True
        self.body.lost()
        super().connectionLost(reason)


def field_lines(head: ResponseHead) -> list[str]:
    """The header lines of an answer, as HTTP/1 writes them."""
    return [f"{name}: {value}\r\n" for name, value in head.fields]


def head_bytes(version: str, head: ResponseHead, lines: list[str]) -> bytes:
    """Status line and header lines, each of which ends with its line end; ValueError if it holds another."""
    text = "".join(lines)
    if text.count("\n") != len(lines):
        raise ValueError("a line break in a header field")
    reason = head.reason or reason_of(head.status)
    return f"{version} {head.status} {reason}\r\n{text}\r\n".encode("latin-1")


def refuse(request: StreamingRequest, status: int, sentence: str) -> None:
    """Answer with one sentence and close the connection: its framing cannot be trusted any more."""
    if request.startedWriting or request.is_gone:
        request.cut()
        return
    content = sentence.encode() + b"\n"
    request.channel.persistent = False
    request.setResponseCode(status)
    request.responseHeaders.setRawHeaders(b"Content-Type", [b"text/plain; charset=utf-8"])
    request.responseHeaders.setRawHeaders(b"Content-Length", [b"%d" % len(content)])
    request.write(content)
    request.finish()
