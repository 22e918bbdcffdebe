"""Visits to threads: in order, together, and past those that take long."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_twisted
from twisted.internet import reactor as installed
from twisted.internet.defer import CancelledError, Deferred, gatherResults

from edge.cache.threads import Job, Threads

reactor: Any = installed


@asynccontextmanager
async def begun(count: int, **more: Any) -> AsyncIterator[Threads]:
    """Threads that end with the test."""
    threads = Threads(reactor, count, "visit", **more)
    try:
        yield threads
    finally:
        await threads.stop()


@pytest_twisted.ensureDeferred
async def test_one_thread_does_what_it_is_given_in_that_order() -> None:
    """As who writes must."""
    done: list[int] = []
    async with begun(1) as threads:
        await gatherResults([threads.run(lambda at=at: done.append(at)) for at in range(500)])  # type: ignore[misc]
    assert done == list(range(500))


@pytest_twisted.ensureDeferred
async def test_one_thread_works_off_what_is_done_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several would only contend for the interpreter. How quick is quick is for the machine: here nothing is slow."""
    monkeypatch.setattr("edge.cache.threads.LONG_SECONDS", 600.0)
    who: set[str] = set()
    async with begun(3) as threads:
        jobs = [threads.run(lambda: who.add(threading.current_thread().name)) for _ in range(20)]
        await gatherResults(jobs)
    assert who == {"visit-0"}


@pytest_twisted.ensureDeferred
async def test_what_takes_long_holds_up_only_as_many_as_there_are_threads() -> None:
    """A cold disk under one job must not be waited for by those whose bytes are at hand."""
    is_warm = threading.Event()
    async with begun(3) as threads:
        cold = [threads.run(lambda: is_warm.wait(60)) for _ in range(2)]
        assert await threads.run(lambda: "at hand") == "at hand"
        assert not any(each.called for each in cold)
        is_warm.set()
        assert await gatherResults(cold) == [True, True]


class Guarded(deque[Job]):
    """Jobs that nobody may look at while a thread could take one away."""

    def __init__(self, lock: threading.Lock) -> None:
        super().__init__()
        self._guard = lock

    def __getitem__(self, at: Any) -> Any:
        assert self._guard.locked()
        return super().__getitem__(at)

    def __iter__(self) -> Iterator[Job]:
        assert self._guard.locked()
        return super().__iter__()

    def __len__(self) -> int:
        assert self._guard.locked()
        return super().__len__()

    def __contains__(self, job: object) -> bool:
        assert self._guard.locked()
        return super().__contains__(job)


@pytest_twisted.ensureDeferred
async def test_what_is_queued_is_looked_at_while_no_thread_can_take_it() -> None:
    """Between one look and the next it would be another, or gone."""
    is_warm, is_helped = threading.Event(), threading.Event()
    async with begun(2) as threads:
        threads._jobs = Guarded(threads._lock)
        cold = threads.run(lambda: is_warm.wait(60))
        quick: list[Deferred[None]] = [threads.run(is_helped.set) for _ in range(50)]
        await gatherResults(quick)
        assert is_helped.is_set()
        assert not cold.called
        is_warm.set()
        await cold


@pytest_twisted.ensureDeferred
async def test_a_job_that_fails_tells_who_asked_and_nobody_else() -> None:
    """The thread goes on."""
    async with begun(1) as threads:
        failing, working = threads.run(lambda: 1 // 0), threads.run(lambda: 5)
        with pytest.raises(ZeroDivisionError):
            await failing
        assert await working == 5


@pytest_twisted.ensureDeferred
async def test_what_nobody_waits_for_any_more_is_handed_to_who_tidies_up() -> None:
    """An opened file, say."""
    may_go = threading.Event()
    tidied: list[str] = []
    async with begun(1) as threads:
        opening: Deferred[str] = threads.run(lambda: may_go.wait(60) and "file", tidied.append)  # type: ignore[arg-type,return-value]
        opening.cancel()
        with pytest.raises(CancelledError):
            await opening
        may_go.set()
        await threads.run(lambda: None)
    assert tidied == ["file"]


@pytest_twisted.ensureDeferred
async def test_stopping_does_what_was_asked_for_and_takes_nothing_more() -> None:
    """Each thread says goodbye, and is gone."""
    before, done, goodbyes = threading.active_count(), [], []
    threads = Threads(reactor, 2, "visit", at_end=lambda: goodbyes.append(threading.current_thread().name))
    asked = [threads.run(lambda at=at: done.append(at)) for at in range(5)]  # type: ignore[misc]
    await threads.stop()
    assert all(each.called for each in asked)
    assert sorted(done) == list(range(5))
    assert goodbyes == ["visit-0"]
    assert threading.active_count() == before
    with pytest.raises(OSError, match="ended"):
        await threads.run(lambda: None)
