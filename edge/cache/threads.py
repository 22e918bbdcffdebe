"""Threads for visits to the disk: few awake at a time, and results that come back together.

Twisted's `deferToThreadPool` wakes a thread for each job and the reactor for each result. All of them then contend for
the interpreter's lock, which costs a visit ten times the CPU of what it does there. Here one thread takes what has
queued up, job by job, and calls the reactor once it is through. Another is woken only where that takes long: jobs that
wait for a slow disk hold nobody up who does not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock, Thread
from time import monotonic
from typing import Any, TypeVar

from twisted.internet.defer import Deferred, fail, gatherResults
from twisted.python.failure import Failure

from wire.web.listening import loop_of

LONG_SECONDS = 0.003  # for jobs to queue, or for a result to wait for those behind it

T = TypeVar("T")
Job = tuple[Callable[[], Any], "Deferred[Any]", Callable[[Any], object] | None]


class Threads:
    """At most `count` threads, each begun when it is first needed; jobs are begun in the order in which they were
    given. `at_end` is every thread's last deed.

    All methods are called on the reactor's thread.
    """

    def __init__(
        self, reactor: Any, count: int, name: str, at_end: Callable[[], object] | None = None
    ) -> None:
        loop = loop_of(reactor)
        self._call_reactor = reactor.callFromThread if loop is None else loop.call_soon_threadsafe
        self._reactor = reactor
        self._count = count
        self._name = name
        self._at_end = at_end
        self._jobs: deque[Job] = deque()
        self._done: deque[tuple[Job, Any]] = deque()
        self._wakes: SimpleQueue[bool] = SimpleQueue()  # True: there is work; False: it is time to end
        self._lock = Lock()  # over `_jobs` and `_awake` together: nobody falls asleep beside a job
        self._awake = 0
        self._threads: list[Thread] = []
        self._endings: list[Deferred[None]] = []
        self._is_watching = False
        self._is_stopped = False

    def run(self, job: Callable[[], T], unwanted: Callable[[T], object] | None = None) -> Deferred[T]:
        """What the job answers. `unwanted` takes it where nobody waits any more: the Deferred was cancelled."""
        if self._is_stopped:
            return fail(OSError("the threads have ended"))
        answer: Deferred[T] = Deferred()
        with self._lock:
            self._jobs.append((job, answer, unwanted))
            first, awake = self._jobs[0], self._awake
        if not awake:
            self._wake_one()
        elif not self._is_watching and awake < self._count:
            self._watch(first)
        return answer

    async def stop(self) -> None:
        """Do what was asked for, and end. Nothing more is taken on."""
        self._is_stopped = True
        for _ in self._threads:
            self._wakes.put(False)
        await gatherResults(self._endings)
        for thread in self._threads:
            thread.join()

    def _wake_one(self) -> None:
        with self._lock:
            self._awake += 1
        if self._awake > len(self._threads):
            ended: Deferred[None] = Deferred()
            name = f"{self._name}-{len(self._threads)}"
            self._endings.append(ended)
            self._threads.append(Thread(target=self._work, args=(ended,), name=name, daemon=True))
            self._threads[-1].start()
        self._wakes.put(True)

    def _watch(self, waiting: Job) -> None:
        """See whether this job still waits in a while: whoever is awake is held up, then, and another must help."""
        self._is_watching = True
        self._reactor.callLater(LONG_SECONDS, self._look, waiting)

    def _look(self, waiting: Job) -> None:
        self._is_watching = False
        with self._lock:
            first, awake = self._jobs[0] if self._jobs else None, self._awake
            is_held_up = any(job is waiting for job in self._jobs)
        if self._is_stopped or first is None or not 0 < awake < self._count:
            return
        if is_held_up:
            self._wake_one()
        self._watch(first)

    # On a thread

    def _work(self, ended: Deferred[None]) -> None:
        while self._wakes.get():
            self._work_off()
        if self._at_end is not None:
            done_by(self._at_end)
        self._done.append(((lambda: None, ended, None), None))
        self._call_reactor(self._deliver)

    def _work_off(self) -> None:
        due = monotonic() + LONG_SECONDS
        while True:
            with self._lock:
                if not self._jobs:
                    self._awake -= 1
                    break
                job = self._jobs.popleft()
            self._done.append((job, done_by(job[0])))
            if monotonic() > due:
                self._call_reactor(self._deliver)
                due = monotonic() + LONG_SECONDS
        self._call_reactor(self._deliver)

    # On the reactor's thread again

    def _deliver(self) -> None:
        while self._done:
            (_, answer, unwanted), done = self._done.popleft()
            if not answer.called:
                answer.callback(done)
            elif unwanted is not None and not isinstance(done, Failure):
                unwanted(done)


def done_by(job: Callable[[], Any]) -> Any:
    """What it answers, or the Failure that it is."""
    try:
        return job()
    except BaseException:  # noqa: BLE001  whoever waits is told, whatever it was
        return Failure()
