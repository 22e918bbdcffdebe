"""Sending bytes no faster than their reader takes them. Nothing here finishes the request."""

from __future__ import annotations

import json
from types import TracebackType
from typing import Any, BinaryIO, Protocol

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IConsumer, IPushProducer
from zope.interface import implementer

from wire.web.site import StreamingRequest

SLICE = 64 * 1024


class ConsumerGone(ConnectionDone):
    """Whoever was to take the bytes has left."""


@implementer(IPushProducer)
class Valve:
    """Lets a coroutine write whenever its consumer is ready: `await valve.ready()` before each write."""

    def __init__(self, consumer: IConsumer) -> None:
        self._consumer = consumer
        self._is_open = True
        self._is_gone = False
        self._waiting: Deferred[None] | None = None

    def __enter__(self) -> Valve:
        self._consumer.registerProducer(self, True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._is_gone:
            self._consumer.unregisterProducer()

    @property
    def is_open(self) -> bool:
        """Whether a write now would not pile up."""
        return self._is_open

    async def ready(self) -> None:
        """Return when the consumer takes more; raises `ConsumerGone` when it never will."""
        while not self._is_open and not self._is_gone:
            self._waiting = Deferred(self._forget)
            await self._waiting
        if self._is_gone:
            raise ConsumerGone

    def pauseProducing(self) -> None:
        self._is_open = False

    def resumeProducing(self) -> None:
        self._is_open = True
        self._wake()

    def stopProducing(self) -> None:
        self._is_gone = True
        self._wake()

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.callback(None)

    def _forget(self, _: Deferred[None]) -> None:
        self._waiting = None


class Readable(Protocol):
    """A source of bytes in order: b"" at the end."""

    async def read(self, limit: int) -> bytes:
        """At most `limit` bytes."""


async def send_bytes(consumer: IConsumer, data: bytes, start: int = 0, stop: int | None = None) -> None:
    """Write `data[start:stop]` to `consumer` under its back-pressure."""
    stop = len(data) if stop is None else min(stop, len(data))
    if stop - start <= SLICE:
        consumer.write(data[start:stop] if stop - start < len(data) else data)
        return
    with Valve(consumer) as valve:
        for offset in range(start, stop, SLICE):
            await valve.ready()
            consumer.write(data[offset : min(offset + SLICE, stop)])


async def send_open_file(
    consumer: IConsumer, file: BinaryIO, start: int = 0, stop: int | None = None
) -> None:
    """Write bytes `start..stop` (stop exclusive) of a file to `consumer` under its back-pressure; it may have been
    unlinked since it was opened.

    A file that ends before `stop` raises EOFError: the announced length cannot be kept.
    """
    file.seek(start)
    left = None if stop is None else stop - start
    with Valve(consumer) as valve:
        while left is None or left > 0:
            await valve.ready()
            slice_ = file.read(SLICE if left is None else min(SLICE, left))
            if not slice_:
                break
            if left is not None:
                left -= len(slice_)
            consumer.write(slice_)
    if left:
        raise EOFError(f"{left} bytes missing at the end of the file")


async def send_from(consumer: IConsumer, source: Readable) -> int:
    """Write all of `source` to `consumer` under its back-pressure; returns how many bytes."""
    sent = 0
    with Valve(consumer) as valve:
        while slice_ := await source.read(SLICE):
            await valve.ready()
            consumer.write(slice_)
            sent += len(slice_)
    return sent


def send_json(request: StreamingRequest, status: int, value: Any) -> None:
    """Answer with `value` as JSON and finish the request."""
    content = _json(value) + b"\n"
    request.setResponseCode(status)
    request.setHeader(b"Content-Type", b"application/json; charset=utf-8")
    request.setHeader(b"Content-Length", b"%d" % len(content))
    request.write(content)
    request.finish()


def send_text(
    request: StreamingRequest, status: int, text: str, content_type: str = "text/plain; charset=utf-8"
) -> None:
    """Answer with one text and finish the request."""
    content = text.encode()
    request.setResponseCode(status)
    request.setHeader(b"Content-Type", content_type.encode())
    request.setHeader(b"Content-Length", b"%d" % len(content))
    request.write(content)
    request.finish()


def _json(value: Any) -> bytes:
    """UTF-8 where it can be: half a surrogate pair, which a JSON body may hold, goes back as it came, escaped."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()
