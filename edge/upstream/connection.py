"""One connection to an upstream: asks one question at a time, and is kept for the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, cast

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IPushProducer, ITCPTransport
from twisted.internet.protocol import Protocol as TwistedProtocol
from twisted.internet.protocol import connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from edge.core.events import Failure as Reason
from edge.upstream.failing import UpstreamFailed
from edge.upstream.response import MalformedResponse, ResponseParser, Sink
from wire.http.fields import RequestHead, ResponseHead
from wire.http.proxy_status import ProxyError
from wire.web.body import RequestBody

log = Logger()


class Receiver(Sink, Protocol):
    """A sink that is also told of the end that was none."""

    def failed(self, failure: UpstreamFailed) -> None:
        """The message will never be whole."""


class Glancing(Receiver, Protocol):
    """A receiver that has seen answers before."""

    def knows(self, data: bytes) -> bool:
        """Whether these first bytes are a whole answer that keeps the connection, its head one that is known."""

    def all_arrived(self) -> None:
        """They were, and nothing else will be told of it."""


class Wire(Protocol):
    """What a connection needs of its transport."""

    def write(self, data: bytes) -> None: ...
    def registerProducer(self, producer: object, streaming: bool) -> None: ...
    def unregisterProducer(self) -> None: ...
    def pauseProducing(self) -> None: ...
    def resumeProducing(self) -> None: ...
    def loseConnection(self) -> None: ...
    def abortConnection(self) -> None: ...


@implementer(IPushProducer)
class UpstreamConnection(TwistedProtocol):
    """Speaks HTTP/1.1 to one upstream. `on_idle` when it may be asked again, `on_lost` when it never will."""

    def __init__(self) -> None:
        self.is_used = False
        self.is_open = False
        self.asked: RequestHead | None = None
        """The current question, or the last."""
        self.questions = 0
        """How many there were."""
        self.is_hung_up = False
        """Whether we ended it because nobody seems to be at the other end."""
        self.on_idle: Callable[[UpstreamConnection], None] = lambda _: None
        self.on_lost: Callable[[UpstreamConnection], None] = lambda _: None
        self._parser: ResponseParser | None = None
        self._receiver: Receiver | None = None
        self._glancing: Glancing | None = None
        self._is_sending = False
        self._thirst: Deferred[None] | None = None
        self._is_full = False
        self._wire: Wire
        self._end: Failure | None = None

    def connectionMade(self) -> None:
        self.is_open = True
        self._wire = cast(Wire, self.transport)
        if ITCPTransport.providedBy(self.transport):
            self.transport.setTcpNoDelay(True)
        self._wire.registerProducer(self, True)

    # Asking

    def ask(self, head: RequestHead, receiver: Receiver, *, has_body: bool = False) -> None:
        """Send a request's head; the answer goes to `receiver`, held after its head until `read_on`."""
        self._receiver = receiver
        self._parser = ResponseParser(head.method, self)
        self._is_sending = has_body
        self.asked = head
        self.questions += 1
        self._wire.write(request_bytes(head))

    def ask_again(self, raw: bytes, head: RequestHead, receiver: Glancing) -> None:
        """The same of a head whose bytes are known, from one who may know the answer's, too."""
        self._receiver = self._glancing = receiver
        self.asked = head
        self.questions += 1
        self._wire.write(raw)

    def hand_to(self, receiver: Receiver) -> None:
        """Tell somebody else of what is still to come."""
        self._glance_no_more()
        self._receiver = receiver

    def _glance_no_more(self) -> None:
        """From here on the answer is read."""
        if self._glancing is not None and self.asked is not None:
            self._glancing, self._parser = None, ResponseParser(self.asked.method, self)

    @property
    def is_full(self) -> bool:
        """Whether a piece sent now would have to wait for the upstream."""
        return self._is_full and self.is_open

    async def send(self, data: bytes) -> None:
        """Send a piece of the request's body, no faster than the upstream takes it. For how long it may take
        nothing, the caller knows."""
        while self.is_full:
            self._thirst = Deferred(self._forget_thirst)
            await self._thirst
        if self.is_open:
            self._wire.write(data)

    def sent(self) -> None:
        """The request's body is all out."""
        self._is_sending = False
        self._rest()

    def read_on(self) -> None:
        """The head was considered: let the body come."""
        parser = self._parser
        if parser is None:
            return
        self.resume()
        self._guarded(parser.release)
        if self._end is not None and self._parser is parser:
            self._conclude(parser, self._end)

    @property
    def answer_has_begun(self) -> bool:
        """Whether any byte of the current answer has come."""
        return self._parser is not None and self._parser.has_begun

    @property
    def is_waiting(self) -> bool:
        """Whether a question is out, or on its way, and nothing has come."""
        return self._receiver is not None and not self.answer_has_begun

    # The brake, for spools

    def pause(self) -> None:
        """Read no more for now."""
        if self.is_open:
            self._wire.pauseProducing()

    def resume(self) -> None:
        """Read on."""
        if self.is_open:
            self._wire.resumeProducing()

    def abort(self) -> None:
        """Give up on the current answer, and on the connection with it."""
        self._receiver = self._glancing = None
        self._parser = None
        if self.is_open:
            self._wire.abortConnection()

    def hang_up(self) -> None:
        """Nobody is there: whoever waits for an answer hears at once that none comes."""
        self.is_hung_up = True
        self._wire.abortConnection()

    def close(self) -> None:
        """Close an idle connection."""
        if self.is_open:
            self._wire.unregisterProducer()  # else it is taken to have more to say
            self._wire.loseConnection()

    # Protocol

    def dataReceived(self, data: bytes) -> None:
        glancing = self._glancing
        if glancing is not None:
            if glancing.knows(data):
                self.is_used = True
                self._glancing = self._receiver = None
                self.on_idle(self)
                glancing.all_arrived()
                return
            self._glance_no_more()
        parser = self._parser
        if parser is None:
            self.abort()  # whatever this is, it answers no question of ours
            return
        self._guarded(lambda: parser.feed(data))
        if parser.is_held and self._parser is parser:
            self.pause()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.is_open = False
        self._wake()
        self.on_lost(self)
        self._glance_no_more()
        parser = self._parser
        if parser is None or self._receiver is None:
            return
        if parser.is_held:
            self._end = reason  # what was read before is read on first
        else:
            self._conclude(parser, reason)

    def _conclude(self, parser: ResponseParser, reason: Failure) -> None:
        if not parser.closed(cleanly=reason.check(ConnectionDone) is not None):
            sentence = f"the connection ended early: {reason.getErrorMessage()}"
            why = ended_early(parser)
            self._fail(UpstreamFailed(Reason.CUT, sentence, why, is_given_up=self.is_hung_up))

    # Sink, from the parser

    def interim_arrived(self, head: ResponseHead) -> None:
        if self._receiver is not None:
            self._receiver.interim_arrived(head)

    def head_arrived(self, head: ResponseHead) -> None:
        self.is_used = True
        if self._receiver is not None:
            self._receiver.head_arrived(head)

    def data_arrived(self, data: bytes) -> None:
        if self._receiver is not None:
            self._receiver.data_arrived(data)

    def message_ended(self) -> None:
        receiver, self._receiver = self._receiver, None
        if receiver is not None:
            receiver.message_ended()

    # The writing side

    def pauseProducing(self) -> None:
        self._is_full = True

    def resumeProducing(self) -> None:
        self._is_full = False
        self._wake()

    def stopProducing(self) -> None:
        self._is_full = False
        self._wake()

    def _wake(self) -> None:
        thirst, self._thirst = self._thirst, None
        if thirst is not None:
            thirst.callback(None)

    def _forget_thirst(self, _: Deferred[None]) -> None:
        self._thirst = None

    def _guarded(self, step: Callable[[], None]) -> None:
        try:
            step()
        except MalformedResponse as malformed:
            self._fail(UpstreamFailed(Reason.MALFORMED, str(malformed), malformed.error))
            return
        self._rest()

    def _rest(self) -> None:
        """After a whole message: back to the pool, or closed."""
        parser = self._parser
        if parser is None or self._receiver is not None or self._is_sending or parser.step.name != "ENDED":
            return
        self._parser = None
        if parser.leftover:  # the connection is closed, the message stands (sheet 12.2)
            log.info("more came than the answer's length: {count} bytes dropped", count=parser.leftover)
        if parser.may_reuse and self.is_open:
            self.resume()
            self.on_idle(self)
        else:
            self.abort()

    def _fail(self, failure: UpstreamFailed) -> None:
        receiver = self._receiver
        self.abort()
        if receiver is not None:
            receiver.failed(failure)


def ended_early(parser: ResponseParser) -> ProxyError:
    """What RFC 9209 calls it: whether there was anything of an answer makes the difference."""
    return ProxyError.HTTP_RESPONSE_INCOMPLETE if parser.has_begun else ProxyError.CONNECTION_TERMINATED


def request_bytes(head: RequestHead) -> bytes:
    """The head as the socket wants it."""
    lines = [f"{head.method} {head.target} HTTP/1.1\r\n"]
    lines += [f"{name}: {value}\r\n" for name, value in head.fields]
    lines.append("\r\n")
    return "".join(lines).encode("latin-1")


def framed(head: RequestHead, upstream: str, body: RequestBody | None) -> RequestHead:
    """The head as this upstream gets it: below its base path, with the framing of the body that follows."""
    fields = head.fields.without(["content-length", "transfer-encoding"])
    if body is not None and body.length is None:
        fields = fields.adding("Transfer-Encoding", "chunked")
    elif body is not None and (body.length or head.method in ("POST", "PUT", "PATCH")):
        fields = fields.adding("Content-Length", str(body.length))
    base = "/" + upstream.partition("://")[2].partition("/")[2].rstrip("/")
    if "host" not in fields:
        fields = fields.adding("Host", head.authority or upstream.partition("://")[2].partition("/")[0])
    target = head.target if base == "/" else base + head.target
    return RequestHead(head.method, target, head.scheme, head.authority, head.version, fields)
