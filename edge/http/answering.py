"""Sending an answer to one viewer: the head at once, the pieces as fast as it takes them."""

from __future__ import annotations

from contextlib import ExitStack

from attrs import frozen
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure

from edge.cache.body import FILE_BYTES
from edge.cache.interface import Body, BodyMissing
from edge.core.pieces import WHOLE, Piece, Span
from wire.http.fields import ResponseHead
from wire.web.sending import send_bytes, send_from
from wire.web.site import StreamingRequest
from wire.web.spool import Reader, Spool, SpoolFailed

log = Logger()

AT_ONCE = 256 * 1024  # a body in memory up to this goes to the transport in one write, with its head


@frozen
class BodyPart:
    """Bytes `start` up to `stop` of an open body."""

    body: Body
    start: int
    stop: int


class Answering:
    """One answer on its way. `done` fires (never fails) when the viewer has all of it, was cut, or left."""

    def __init__(self, request: StreamingRequest) -> None:
        self.done: Deferred[None] = Deferred()
        self.is_over = False
        self._request = request
        self._sending: Deferred[None] | None = None

    def with_bytes(self, head: ResponseHead, body: bytes) -> bytes:
        """An answer that is all at hand; the bytes of its head."""
        start = self._request.begin(head, body)
        self._end()
        return start

    def with_body(self, head: ResponseHead, body: Body, pieces: tuple[Piece, ...]) -> bytes | None:
        """An answer from the store; the bytes of its head if all of the body follows, and may be at hand next time."""
        data = body.data
        if data is not None and pieces == WHOLE and len(data) <= AT_ONCE:
            body.close()
            return self.with_bytes(head, data)
        if self._request.head_only:
            body.close()
            self.with_bytes(head, b"")
            return None
        start = self._request.begin(head)
        self._send(self._from_body(body, pieces))
        return start if pieces == WHOLE and (data is not None or body.size <= FILE_BYTES) else None

    def with_parts(self, head: ResponseHead, steps: list[bytes | BodyPart], opened: ExitStack) -> None:
        """An answer from parts in the store; `opened` holds their bodies."""
        self._request.begin(head)
        self._send(self._from_parts(steps, opened))

    def with_spool(self, head: ResponseHead, spool: Spool, pieces: tuple[Piece, ...]) -> None:
        """An answer that is still arriving. The readers are opened now, so that nothing passes them by."""
        steps: list[bytes | Reader] = []
        for piece in pieces:
            if isinstance(piece, bytes):
                steps.append(piece)
            elif isinstance(piece, Span):
                steps.append(spool.reader(piece.start, piece.stop))
        self._request.begin(head)
        self._send(self._from_spool(steps))

    def stop(self) -> None:
        """The viewer left."""
        if self._sending is not None and not self._sending.called:
            self._sending.cancel()
        self._end()

    def cut(self) -> None:
        """The answer can never be whole: let the viewer see so."""
        if not self.is_over:
            self._request.cut()
            self.stop()

    def _send(self, sending: object) -> None:
        self._sending = Deferred.fromCoroutine(sending)  # type: ignore[arg-type]
        self._sending.addCallbacks(lambda _: self._end(), self._failed)

    def _end(self) -> None:
        if self.is_over:
            return
        self.is_over = True
        request = self._request
        if not request.is_gone and not request.finished:
            request.finish()
        self.done.callback(None)

    def _failed(self, failure: Failure) -> None:
        if not failure.check(SpoolFailed, CancelledError, ConnectionDone, BodyMissing, EOFError):
            log.failure("while sending {uri}", failure, uri=self._request.uri)
        self._request.cut()
        self._end()

    async def _from_body(self, body: Body, pieces: tuple[Piece, ...]) -> None:
        with body:
            for piece in pieces:
                if isinstance(piece, bytes):
                    await send_bytes(self._request, piece)
                elif isinstance(piece, Span):
                    await body.send(self._request, piece.start, piece.stop)

    async def _from_parts(self, steps: list[bytes | BodyPart], opened: ExitStack) -> None:
        with opened:
            for step in steps:
                if isinstance(step, bytes):
                    await send_bytes(self._request, step)
                else:
                    await step.body.send(self._request, step.start, step.stop)

    async def _from_spool(self, steps: list[bytes | Reader]) -> None:
        try:
            for step in steps:
                if isinstance(step, bytes):
                    await send_bytes(self._request, step)
                else:
                    await send_from(self._request, step)
                    step.close()
        finally:
            for step in steps:
                if isinstance(step, Reader):
                    step.close()
