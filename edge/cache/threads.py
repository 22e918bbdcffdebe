"""Threads with one queue, and a short way back to the reactor.

Twisted's `deferToThreadPool` costs some 300 µs of CPU a visit: a team that hands work out, a context that is carried
along, and a delayed call for the way back. A cache visits the disk for every hit it has there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar, cast

from twisted.internet.defer import Deferred, fail, gatherResults
from twisted.internet.interfaces import IReactorFromThreads
from twisted.python.failure import Failure

from wire.web.listening import loop_of

T = TypeVar("T")
Job = Callable[[], Any]
Unwanted = Callable[[Any], object]


class Threads:
    """At most `count` threads, each begun when there is work for it. Jobs are taken in the order in which they were
    given; one thread alone does them in that order, too. `at_end` is every thread's last deed.

    All methods are called on the reactor's thread.
    """

    def __init__(
        self, reactor: IReactorFromThreads, count: int, name: str, at_end: Callable[[], object] | None = None
    ) -> None:
        loop = loop_of(reactor)
        self._call_back = reactor.callFromThread if loop is None else loop.call_soon_threadsafe
        self._count = count
        self._name = name
        self.at_end = at_end
        self._jobs: SimpleQueue[tuple[Job, Deferred[Any], Unwanted | None] | None] = SimpleQueue()
        self._done: deque[tuple[Deferred[Any], Any, Unwanted | None]] = deque()
        self._is_calling_back = False
        self._threads: list[Thread] = []
        self._endings: list[Deferred[None]] = []
        self._under_way = 0
        self._is_stopped = False

    def run(self, job: Callable[[], T], unwanted: Callable[[T], object] | None = None) -> Deferred[T]:
        """What the job answers. `unwanted` takes it where nobody waits for it any more: the Deferred was cancelled."""
        if self._is_stopped:
            return fail(OSError("the cache is closed"))
        answer: Deferred[T] = Deferred()
        self._under_way += 1
        if self._under_way > len(self._threads) < self._count:
            self._begin_one()
        self._jobs.put((job, answer, unwanted))
        return answer

    async def stop(self) -> None:
        """Do what was asked for, and end. Nothing more is taken on."""
        self._is_stopped = True
        for _ in self._threads:
            self._jobs.put(None)
        await gatherResults(self._endings)
        for thread in self._threads:
            thread.join()

    def _begin_one(self) -> None:
        ended: Deferred[None] = Deferred()
        self._endings.append(ended)
        thread = Thread(target=self._work, args=(ended,), name=f"{self._name}-{len(self._threads)}", daemon=True)
        self._threads.append(thread)
        thread.start()

    # On a thread

    def _work(self, ended: Deferred[None]) -> None:
        while (given := self._jobs.get()) is not None:
            job, answer, unwanted = given
            self._hand_back(answer, self._done_by(job), unwanted)
            del given, job, answer, unwanted  # whose they are must not wait for the next
        if self.at_end is not None:
            self._done_by(self.at_end)
        self._hand_back(ended, None, None)

    def _done_by(self, job: Job) -> Any:
        try:
            return job()
        except BaseException:  # noqa: BLE001  whoever waits is told, whatever it was
            return Failure()

    def _hand_back(self, answer: Deferred[Any], done: Any, unwanted: Unwanted | None) -> None:
        self._done.append((answer, done, unwanted))
        if not self._is_calling_back:  # else the call that is due finds this, too
            self._is_calling_back = True
            self._call_back(self._deliver)

    # On the reactor's thread again

    def _deliver(self) -> None:
        self._is_calling_back = False
        while self._done:
            answer, done, unwanted = self._done.popleft()
            self._under_way -= 1
            if not answer.called:
                answer.callback(done)
            elif unwanted is not None and not isinstance(done, Failure):
                unwanted(done)
