"""The body of a request, as it arrives: pulled chunk by chunk, with back-pressure, never kept whole."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from inspect import isawaitable
from typing import Protocol

from twisted.internet.defer import Deferred

from wire.errors import InvalidRequest, TooLarge

HIGH_WATER = 256 * 1024  # bytes waiting for a reader before the socket is paused
LOW_WATER = 64 * 1024

Sink = Callable[[bytes], "Awaitable[None] | None"]


class BodyCut(InvalidRequest):
    """The connection ended before the body did; nobody is left to read an answer."""


class Faucet(Protocol):
    """What feeds a body: the channel's reading side."""

    def continue_expected(self) -> None:
        """Say `100 Continue`, if the client waits for it (RFC 9110 §10.1.1)."""

    def pause_reading(self) -> None:
        """Read no more from the socket for now."""

    def resume_reading(self) -> None:
        """Read on."""


class RequestBody:
    """One request's body: a bounded queue between the socket and one reader.

    `length` is what the head announced: 0 for no body, None for chunked. A body nobody reads is
    dropped by the channel after the answer.
    """

    def __init__(self, faucet: Faucet, length: int | None) -> None:
        self.length = length
        self.received = 0
        self.is_complete = length == 0
        self.is_paused = False
        self.is_wanted = False
        """Whether somebody has asked for it: before that, its sender may be waiting for leave."""
        self._faucet = faucet
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._reader: Deferred[None] | None = None
        self._failure: Exception | None = None
        self._discarding = False

    @property
    def is_cut(self) -> bool:
        """Whether its sender left before its end."""
        return self._failure is not None

    # What the reader calls

    async def chunks(self) -> AsyncIterator[bytes]:
        """Every chunk in order. Raises `BodyCut` if the client leaves before the end."""
        while (chunk := await self.next_chunk()) is not None:
            yield chunk

    async def next_chunk(self) -> bytes | None:
        """The next bytes, or None at the end of the body."""
        self.is_wanted = True
        while not self._waiting:
            if self._failure is not None:
                raise self._failure
            if self.is_complete or self._discarding:
                return None
            self._faucet.continue_expected()
            self._reader = Deferred(self._reader_left)
            await self._reader
        chunk = self._waiting.popleft()
        self._waiting_bytes -= len(chunk)
        if self.is_paused and self._waiting_bytes <= LOW_WATER:
            self.is_paused = False
            self._faucet.resume_reading()
        return chunk

    async def deliver(self, sink: Sink, *, limit: int | None = None) -> int:
        """Push the whole body into `sink`, waiting wherever it answers with an awaitable; returns its size.

        More than `limit` bytes raise `TooLarge`, before the first byte where the head tells.
        """
        size = 0
        if limit is not None and self.length is not None and self.length > limit:
            raise too_large(limit, self.length)
        async for chunk in self.chunks():
            size += len(chunk)
            if limit is not None and size > limit:
                raise too_large(limit, size)
            pending = sink(chunk)
            if isawaitable(pending):
                await pending
        return size

    async def read(self, limit: int) -> bytes:
        """The whole body in memory; for small ones. Over `limit` raises `TooLarge`."""
        parts: list[bytes] = []
        await self.deliver(parts.append, limit=limit)
        return b"".join(parts)

    # What the channel calls

    def bytes_received(self, data: bytes) -> None:
        """More of the body has come."""
        self.received += len(data)
        if self._discarding or not data:
            return
        self._waiting.append(data)
        self._waiting_bytes += len(data)
        self._wake()
        if self._waiting_bytes > HIGH_WATER and not self.is_paused:
            self.is_paused = True
            self._faucet.pause_reading()

    def ended(self) -> None:
        """The last byte has come."""
        self.is_complete = True
        self._wake()

    def lost(self) -> None:
        """The connection has gone; a body that was not complete will never be."""
        if not self.is_complete and self._failure is None:
            self._failure = BodyCut("The request's body was cut short")
        self._wake()

    def discard(self) -> None:
        """Let the rest of the body fall: it is answered already."""
        self._discarding = True
        self._waiting.clear()
        self._waiting_bytes = 0
        if self.is_paused:
            self.is_paused = False
            self._faucet.resume_reading()
        self._wake()

    def _wake(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.callback(None)

    def _reader_left(self, _: Deferred[None]) -> None:
        self._reader = None


def too_large(limit: int, size: int) -> TooLarge:
    """The refusal of a body over its limit."""
    return TooLarge(f"File size too large. Got {size}. Maximum is {limit}.")
