"""Bytes for a consumer at the pace the consumer sets."""

from collections.abc import Awaitable, Callable

from attrs import define, field
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IConsumer, IPushProducer
from zope.interface import implementer

from origin.store.interface import StoreUnavailable

CHUNK = 256 * 1024

Read = Callable[[int, int], Awaitable[bytes]]
"""At most so many bytes (second) from an offset (first); none at the end."""


@implementer(IPushProducer)
@define(eq=False)
class Pace:
    """What a consumer says about its appetite, as something a coroutine can await."""

    _is_paused: bool = field(init=False, default=False)
    _is_stopped: bool = field(init=False, default=False)
    _waiting: Deferred[None] | None = field(init=False, default=None)

    def pauseProducing(self) -> None:
        """Enough for now."""
        self._is_paused = True

    def resumeProducing(self) -> None:
        """More, please."""
        self._is_paused = False
        self._wake()

    def stopProducing(self) -> None:
        """Never again: the consumer is gone."""
        self._is_stopped = True
        self._wake()

    async def ready(self) -> None:
        """Return when the consumer wants bytes; `CancelledError` when it never will."""
        while self._is_paused and not self._is_stopped:
            self._waiting = Deferred()
            await self._waiting
        if self._is_stopped:
            raise CancelledError

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.called:
            waiting.callback(None)


async def pump(pace: Pace, write: Callable[[bytes], object], read: Read, start: int, stop: int) -> None:
    """Write bytes `start..stop`, a chunk at a time. Fewer are `StoreUnavailable`, never a short success."""
    while start < stop:
        await pace.ready()
        data = await read(start, min(CHUNK, stop - start))
        if not data:
            raise StoreUnavailable("Storage is out of reach", log=f"{stop - start} bytes short")
        await pace.ready()
        write(data)
        start += len(data)


async def feed(consumer: IConsumer, read: Read, start: int, stop: int) -> None:
    """`pump` to a consumer that is told of its producer before and after."""
    pace = Pace()
    consumer.registerProducer(pace, True)
    try:
        await pump(pace, consumer.write, read, start, stop)
    finally:
        release(consumer)


def release(consumer: IConsumer) -> None:
    """Unregister a producer. A twisted.web Request has no channel any more when it tells its viewer left."""
    if getattr(consumer, "channel", consumer) is not None:
        consumer.unregisterProducer()


def span(size: int, start: int, stop: int | None) -> tuple[int, int]:
    """The range of an object of that size. Asking past its end means row and object disagree."""
    end = size if stop is None else stop
    if not 0 <= start <= end:
        raise ValueError(f"no such range: {start}..{stop}")
    if end > size:
        raise StoreUnavailable("Storage is out of reach", log=f"object has {size} bytes, wanted {end}")
    return start, end
