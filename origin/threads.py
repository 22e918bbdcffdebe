"""A few threads of our own: where what would block the reactor waits instead, each call under a deadline."""

from collections.abc import Callable
from functools import partial
from threading import Thread
from typing import Any, TypeVar, cast

from attrs import define, field
from twisted.internet.defer import CancelledError, Deferred
from twisted.python.threadpool import ThreadPool

T = TypeVar("T")


class TooLateError(Exception):
    """A call did not end within its deadline. If it had begun, its thread goes on to the end, unheard."""


class ThreadsClosedError(Exception):
    """The threads were already released."""


class _DaemonPool(ThreadPool):
    """Threads that never keep a process alive: one stuck in a dead socket must not outlive a stop."""

    threadFactory = partial(Thread, daemon=True)  # type: ignore[assignment]


@define(eq=False)
class _Call:
    """One piece of work on its way to a thread and back. Used by the reactor's thread but for `run`."""

    work: Callable[[], Any] | None
    undo: Callable[[Any], object] | None
    answer: Deferred[Any] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.answer = Deferred(self._forget)

    def _forget(self, _: object) -> None:
        self.work = None  # not begun: never will be

    def run(self) -> Any:
        """On the thread."""
        work = self.work
        return work() if work is not None else _NOT_DONE

    def deliver(self, is_success: bool, result: Any) -> None:
        """Back from the thread; perhaps nobody waits any more."""
        if not self.answer.called:
            self.answer.callback(result)  # a Failure makes it an errback
        elif is_success and self.undo is not None and result is not _NOT_DONE:
            self.undo(result)


_NOT_DONE = object()


@define(eq=False)
class Threads:
    """At most `size` threads, started when first needed.

    Cancelling a call, or its deadline, drops work that has not begun and stops listening to work that has.
    """

    _reactor: Any  # IReactorTime and IReactorFromThreads
    name: str
    size: int
    deadline_seconds: float = 15.0
    _pool: ThreadPool | None = field(init=False, default=None)
    _is_closed: bool = field(init=False, default=False)

    async def call(
        self,
        work: Callable[[], T],
        *,
        deadline_seconds: float | None = None,
        undo: Callable[[T], object] | None = None,
    ) -> T:
        """What `work` returns or raises, from a thread. `TooLateError` past the deadline.

        `undo` gets the result that nobody waits for any more: the place to close what `work` opened.
        """
        call = _Call(work, undo)

        def back(is_success: bool, result: Any) -> None:
            self._reactor.callFromThread(call.deliver, is_success, result)

        self._started().callInThreadWithCallback(back, call.run)
        limit = self.deadline_seconds if deadline_seconds is None else deadline_seconds
        is_late = False

        def give_up() -> None:
            nonlocal is_late
            is_late = True
            call.answer.cancel()

        timer = self._reactor.callLater(limit, give_up)
        try:
            return cast(T, await call.answer)
        except CancelledError:
            if is_late:
                raise TooLateError(f"{self.name}: no answer within {limit:g} s") from None
            raise
        finally:
            if timer.active():
                timer.cancel()

    def _started(self) -> ThreadPool:
        if self._is_closed:
            raise ThreadsClosedError(self.name)
        if self._pool is None:
            self._pool = _DaemonPool(0, self.size, self.name)
            self._pool.start()
        return self._pool

    async def close(self, *, within_seconds: float = 3.0) -> None:
        """Let running calls end, for a while; what is stuck longer is left to die with the process."""
        self._is_closed = True
        pool, self._pool = self._pool, None
        if pool is None:
            return
        stopped: Deferred[None] = Deferred()

        def stop() -> None:
            pool.stop()
            self._reactor.callFromThread(told)

        def told() -> None:
            if not stopped.called:
                stopped.callback(None)

        Thread(target=stop, name=f"{self.name} closing", daemon=True).start()
        timer = self._reactor.callLater(within_seconds, told)
        try:
            await stopped
        finally:
            if timer.active():
                timer.cancel()
