"""Threads of our own: deadlines, cancelled calls, an end."""

from threading import Event, current_thread
from time import monotonic

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import CancelledError, Deferred

from origin.threads import Threads, ThreadsClosedError, TooLateError


@pytest_twisted.ensureDeferred
async def test_work_is_done_elsewhere_and_answered_here() -> None:
    """Results and exceptions come back to the reactor's thread."""
    threads = Threads(reactor, "test", 2)
    here = current_thread()
    assert await threads.call(current_thread) is not here
    assert current_thread() is here
    with pytest.raises(ValueError):
        await threads.call(lambda: int("none"))
    await threads.close()


@pytest_twisted.ensureDeferred
async def test_a_call_past_its_deadline_is_too_late_and_later_ones_are_not_begun() -> None:
    """A stuck thread keeps callers waiting only so long, and what waited behind it is not done for nobody."""
    threads = Threads(reactor, "test", 1, deadline_seconds=0.1)
    stuck, done = Event(), list[str]()
    with pytest.raises(TooLateError):
        await threads.call(stuck.wait)
    with pytest.raises(TooLateError):
        await threads.call(lambda: done.append("behind"))
    cancelled = Deferred.fromCoroutine(threads.call(lambda: done.append("cancelled")))
    cancelled.cancel()
    with pytest.raises(CancelledError):
        await cancelled
    stuck.set()
    await threads.call(lambda: done.append("after"), deadline_seconds=5)
    assert done == ["after"]
    await threads.close()


@pytest_twisted.ensureDeferred
async def test_a_result_nobody_waits_for_is_undone() -> None:
    """What a cancelled call opened is closed, whenever the cancel came; what had not begun is not undone."""
    threads = Threads(reactor, "test", 1)
    undone: list[int] = []
    begun, gate = Event(), Event()

    def work() -> int:
        begun.set()
        gate.wait()
        return 1

    running = Deferred.fromCoroutine(threads.call(work, undo=undone.append))
    waiting = Deferred.fromCoroutine(threads.call(lambda: 2, undo=undone.append))
    begun.wait()
    for each in (running, waiting):
        each.cancel()
        with pytest.raises(CancelledError):
            await each
    gate.set()
    assert await threads.call(lambda: 3, undo=undone.append) == 3
    assert undone == [1]
    await threads.close()


@pytest_twisted.ensureDeferred
async def test_closing_does_not_wait_for_ever() -> None:
    """A node must stop even while a thread hangs; afterwards calls are refused."""
    threads = Threads(reactor, "test", 1, deadline_seconds=0.05)
    stuck = Event()
    with pytest.raises(TooLateError):
        await threads.call(stuck.wait)
    start = monotonic()
    await threads.close(within_seconds=0.2)
    assert monotonic() - start < 2
    with pytest.raises(ThreadsClosedError):
        await threads.call(current_thread)
    stuck.set()
