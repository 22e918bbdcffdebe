"""A request that is processed from its head on, and its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.http import NO_BODY_CODES, RESPONSES, Request, toChunk
from twisted.web.server import NOT_DONE_YET

from wire.http.fields import ResponseHead
from wire.web.body import RequestBody

if TYPE_CHECKING:
    from wire.web.site import StreamingChannel

BODILESS_METHODS = frozenset({b"GET", b"HEAD"})

log = Logger()


class StreamingRequest(Request):
    """A request that is processed from its head on.

    `uri` is the raw request target, never decoded; `args`, `content` and form parsing do not exist.
    """

    channel: StreamingChannel
    body: RequestBody
    is_cut = False
    _is_framed = False
    _has_no_body = False
    _is_started = False

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

    def parseCookies(self) -> None:
        """Nobody of ours wants a cookie dictionary on every request."""

    def gotLength(self, length: int | None) -> None:
        self.body = RequestBody(self.channel, length)

    def handleContentChunk(self, data: bytes) -> None:
        self.body.bytes_received(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """Called by the channel at the end of the body; a request without one starts here."""
        if self._is_started:
            self.body.ended()
        else:
            self.start(command, path, version)

    def start(self, command: bytes, path: bytes, version: bytes) -> None:
        """The head is complete: hand the request to its resource."""
        self._is_started = True
        self.method, self.uri, self.clientproto = command, path, version
        self.path = path.partition(b"?")[0]
        refusal = self._refusal()
        if refusal:
            refuse(self, 400, refusal)
            return
        self.process()

    def _refusal(self) -> str | None:
        if self.body.length != 0 and self.method in BODILESS_METHODS:
            return "A GET or HEAD request must not have a body"  # unkeyed input, sheet 22.2
        hosts = self.requestHeaders.getRawHeaders(b"Host") or ()
        if len(hosts) > 1 or (not hosts and self.clientproto == b"HTTP/1.1"):
            return "Exactly one Host is needed"  # RFC 9112 §3.2
        return None

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
        if self._disconnected:
            return b""
        self.startedWriting = 1
        self.code = head.status
        self._is_framed = "content-length" in head.fields
        self._has_no_body = self.head_only or head.status in NO_BODY_CODES
        lines = [f"{name}: {value}\r\n" for name, value in head.fields]
        if not self._is_framed and not self._has_no_body and self.clientproto == b"HTTP/1.1":
            self.chunked = 1
            lines.append("Transfer-Encoding: chunked\r\n")
        if connection := self._connection_option(framed=self._is_framed or self._has_no_body):
            lines.append(f"Connection: {connection}\r\n")
        text = "".join(lines)
        if text.count("\n") != len(lines):
            raise ValueError("a line break in a header field")
        reason = head.reason or _reason(head.status)
        version = self.clientproto.decode("ascii")
        start = f"{version} {head.status} {reason}\r\n{text}\r\n".encode("latin-1")
        if self._has_no_body or not data:
            self.channel.write(start)
            return start
        self.sentLength += len(data)
        if self.chunked:
            self.channel.writeSequence([start, *toChunk(data)])
        else:
            self.channel.write(start + data)
        return start

    def write(self, data: bytes) -> None:
        if self._has_no_body or self._disconnected or self.is_cut:
            return
        if not self.startedWriting:
            self._settle_persistence()
        super().write(data)

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
        body = getattr(self, "body", None)
        if body is not None:
            body.lost()
        super().connectionLost(reason)


def _reason(status: int) -> str:
    reason: bytes = RESPONSES.get(status, b"")
    return reason.decode("latin-1")


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
