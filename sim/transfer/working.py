"""Several transfers at once, each tried again when that may help."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from attrs import define, field
from twisted.internet.defer import Deferred, DeferredLock, FirstError, gatherResults
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from sim.transfer.cloud import TransferError, TryAgain

T = TypeVar("T")
TRIES = 4
FIRST_PAUSE_SECONDS = 0.5


@define
class Outcome:
    """What a run came to."""

    done: int = 0
    skipped: int = 0
    bytes: int = 0
    failures: list[tuple[str, str]] = field(factory=list)  # file or asset, why


async def each(items: AsyncIterator[T], work: Callable[[T], Awaitable[None]], *, at_once: int) -> None:
    """Do the work for every item, so many at once. The first error ends it."""
    lock = DeferredLock()  # an asynchronous generator is asked by one at a time

    async def worker() -> None:
        while True:
            await lock.acquire()
            try:
                item = await anext(items)
            except StopAsyncIteration:
                return
            finally:
                lock.release()
            await work(item)

    workers = [Deferred.fromCoroutine(worker()) for _ in range(at_once)]
    try:
        await gatherResults(workers, consumeErrors=True)
    except FirstError as first:
        for other in workers:
            other.cancel()
        first.subFailure.raiseException()


async def tried(clock: IReactorTime, work: Callable[[], Awaitable[T]]) -> T:
    """The result of work that is done again, after longer and longer pauses, while it raises `TryAgain`."""
    for attempt in range(TRIES - 1):
        try:
            return await work()
        except TryAgain:
            await deferLater(clock, FIRST_PAUSE_SECONDS * 4**attempt)
    try:
        return await work()
    except TryAgain as error:
        raise TransferError(str(error)) from error
