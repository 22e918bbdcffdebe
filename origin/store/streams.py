"""Bodies on their way: a file to an HTTP server, an HTTP response to a consumer, bytes to a file."""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Self, cast

from attrs import define, field
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IConsumer, IProducer, IPushProducer
from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure
from twisted.web.client import ResponseDone
from twisted.web.iweb import IBodyProducer, IResponse
from zope.interface import implementer

from origin.store.feeding import Pace, Read, pump, release
from origin.store.interface import StoreUnavailable, out_of_reach
from origin.threads import Threads, ThreadsClosedError, TooLateError

BUFFERED = 1024 * 1024
"""How far a download may run ahead of the disk."""

OnThread = Callable[[Callable[[], bytes]], Awaitable[bytes]]


@implementer(IBodyProducer)
class FileBody:
    """A request body of known length, read on threads as fast as the server takes it."""

    def __init__(self, read: Read, size: int) -> None:
        self.length = size
        self.ended: Deferred[None] = Deferred()  # no read is under way or will come
        self._read = read
        self._pace = Pace()
        self._pumping: Deferred[None] | None = None
        self._finished: Deferred[None] | None = None

    def startProducing(self, consumer: IConsumer) -> Deferred[None]:
        """Fires when all is written; never, once stopped."""
        finished = self._finished = Deferred(lambda _: self.stopProducing())
        self._pumping = Deferred.fromCoroutine(pump(self._pace, consumer.write, self._read, 0, self.length))
        self._pumping.addBoth(self._end)
        return finished

    def _end(self, result: Any) -> None:
        finished, self._finished = self._finished, None
        self.ended.callback(None)
        if finished is not None:
            finished.callback(result)  # a Failure makes it an errback

    def pauseProducing(self) -> None:
        """The server is slow."""
        self._pace.pauseProducing()

    def resumeProducing(self) -> None:
        """The server wants more."""
        self._pace.resumeProducing()

    def stopProducing(self) -> None:
        """The connection is gone."""
        self._finished = None
        self._pace.stopProducing()
        if self._pumping is not None:
            self._pumping.cancel()

    def dispose(self) -> None:
        """Nobody will start this body any more."""
        if self._pumping is None:
            self.ended.callback(None)


class Bodies:
    """A file as a body, as often as a request must be made; each closes its own descriptor at its end."""

    def __init__(self, source: Path, size: int, on_thread: OnThread) -> None:
        self._source = source
        self._size = size
        self._on_thread = on_thread
        self._made: list[FileBody] = []

    def open(self) -> FileBody:
        """A body from the first byte."""
        descriptor = os.open(self._source, os.O_RDONLY)

        async def read(offset: int, most: int) -> bytes:
            return await self._on_thread(lambda: os.pread(descriptor, most, offset))

        body = FileBody(read, self._size)
        body.ended.addCallback(lambda _: os.close(descriptor))
        self._made.append(body)
        return body

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for each in self._made:
            each.dispose()


@implementer(IPushProducer)
class Relay(Protocol):
    """A response's body to a consumer, under the consumer's back-pressure; short or stalled is an error."""

    transport: Any  # the client's proxy of its transport, itself a push producer

    def __init__(self, consumer: IConsumer, size: int, *, reactor: Any, stall_seconds: float) -> None:
        self.finished: Deferred[None] = Deferred(lambda _: self.stopProducing())
        self._consumer = consumer
        self._left = size
        self._reactor = reactor
        self._stall_seconds = stall_seconds
        self._watch: Any = None
        self._has_ended = False

    def connectionMade(self) -> None:
        """Bytes may come."""
        self._consumer.registerProducer(self, True)
        if not self._has_ended:
            self._rewatch()

    def dataReceived(self, data: bytes) -> None:
        """Some came."""
        if self._has_ended:
            return
        self._left -= len(data)
        if self._left < 0:
            self._break(out_of_reach(f"{-self._left} bytes more than announced"))
            return
        if self._watch is not None:
            self._watch.reset(self._stall_seconds)
        self._consumer.write(data)

    def connectionLost(self, reason: Failure = Failure(ResponseDone())) -> None:  # noqa: B008
        """No more will come."""
        if self._left or not reason.check(ResponseDone):
            self._end(out_of_reach(f"body is {self._left} bytes short: {reason.getErrorMessage()}"))
        else:
            self._end(None)

    def pauseProducing(self) -> None:
        """The consumer is slow: not the server's fault."""
        self._unwatch()
        self.transport.pauseProducing()

    def resumeProducing(self) -> None:
        """The consumer wants more."""
        self._rewatch()
        self.transport.resumeProducing()

    def stopProducing(self) -> None:
        """The consumer is gone, or nobody waits for `finished`."""
        self._break(CancelledError())

    def _break(self, error: Exception) -> None:
        self._end(error)
        if self.transport is not None:
            self.transport.stopProducing()

    def _end(self, error: Exception | None) -> None:
        if self._has_ended:
            return
        self._has_ended = True
        self._unwatch()
        release(self._consumer)
        if error is None:
            self.finished.callback(None)
        else:
            self.finished.errback(error)

    def _stalled(self) -> None:
        self._break(out_of_reach(f"no byte within {self._stall_seconds:g} s, {self._left} missing"))

    def _rewatch(self) -> None:
        self._unwatch()
        self._watch = self._reactor.callLater(self._stall_seconds, self._stalled)

    def _unwatch(self) -> None:
        if self._watch is not None and self._watch.active():
            self._watch.cancel()
        self._watch = None


class _Unwanted(Protocol):
    """A body that nobody reads: its connection is dropped rather than drained."""

    def connectionMade(self) -> None:
        cast(IPushProducer, self.transport).stopProducing()


def discard(response: IResponse) -> None:
    """Have nothing more of a response."""
    response.deliverBody(_Unwanted())


@implementer(IConsumer)
@define(eq=False)
class FileSink:
    """A consumer that appends to a file on threads and holds its producer back while the disk is behind."""

    _path: Path
    _threads: Threads
    error: Exception | None = field(init=False, default=None)
    _producer: IPushProducer | None = field(init=False, default=None)
    _waiting: list[bytes] = field(init=False, factory=list)
    _waiting_bytes: int = field(init=False, default=0)
    _flushing: Deferred[None] | None = field(init=False, default=None)

    def registerProducer(self, producer: IProducer, streaming: bool) -> None:
        """Remember whom to hold back."""
        self._producer = cast(IPushProducer, producer)

    def unregisterProducer(self) -> None:
        """No more will come."""
        self._producer = None

    def write(self, data: bytes) -> None:
        """Take bytes; at a megabyte not yet on disk, ask for a pause."""
        self._waiting.append(data)
        self._waiting_bytes += len(data)
        if self._waiting_bytes >= BUFFERED and self._producer is not None:
            self._producer.pauseProducing()
        if self._flushing is None:
            self._flushing = Deferred.fromCoroutine(self._flush())

    async def _flush(self) -> None:
        while self._waiting and self.error is None:
            data, self._waiting, self._waiting_bytes = b"".join(self._waiting), [], 0
            try:
                await self._threads.call(lambda data=data: _append(self._path, data))  # type: ignore[misc]
            except (OSError, TooLateError, ThreadsClosedError) as error:
                self.error = error
            if self._producer is not None:
                if self.error is None:
                    self._producer.resumeProducing()
                else:
                    self._producer.stopProducing()
        self._flushing = None

    async def finish(self) -> None:
        """Return when all is written, else raise why not."""
        if self._flushing is not None:
            await self._flushing
        if self.error is not None:
            raise StoreUnavailable("Storage is out of reach", log=f"scratch: {self.error}") from self.error


def _append(path: Path, data: bytes) -> None:
    # Opened each time: a descriptor kept open could be closed, and given away, under a write still running.
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
    try:
        left = memoryview(data)
        while left:
            left = left[os.write(descriptor, left) :]
    finally:
        os.close(descriptor)
