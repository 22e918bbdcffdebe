"""Where jobs are handed in and their answers handed out: every job's way from the queue to whoever wants it."""

from collections.abc import Callable
from pathlib import Path

from attrs import define
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from origin.render.backlog import Backlog, Ticket
from origin.render.child import Keeper, RenderChild
from origin.render.errors import RenderQueueFull, RenderStopped, refusal
from origin.render.frames import Answer, Job, JobRefused, MarginsJob, RenderJob
from origin.render.limits import RenderLimits
from origin.render.pressure import Pressure
from origin.render.scratch import forget
from origin.render.workforce import RenderCounters, Workforce
from wire.errors import MediaError


@define(eq=False)
class _Work:
    """A job, until somebody has its answer or nobody wants it."""

    job: Job
    result: Deferred[Answer]
    patience: IDelayedCall
    is_abandoned: bool = False


class Desk:
    """A bounded queue before a workforce, which it employs.

    A job is submitted, taken, answered or failed, and settled once. Cancelling one that waits takes it from the
    queue; a running one is let finish (a worker is dearer than a picture) and its result removed.
    """

    def __init__(
        self,
        clock: IReactorTime,
        spawn: Callable[[Keeper], RenderChild],
        limits: RenderLimits,
        workers: int,
        counters: RenderCounters,
    ) -> None:
        self.pressure = Pressure(workers, clock.seconds())
        self.backlog = Backlog(limit=limits.queue, concurrent_bytes=limits.concurrent_bytes)
        self.workforce = Workforce(clock, spawn, limits, workers, self, counters)
        self._clock = clock
        self._limits = limits
        self._counters = counters
        self._works: dict[int, _Work] = {}
        self._is_open = False

    def open(self) -> None:
        """Take jobs."""
        self._is_open = True
        self.workforce.start()

    async def close(self) -> None:
        """Nothing new; what runs may finish for a while; then every process is ended and reaped."""
        self._is_open = False
        for number in [each for each in self._works if self.backlog.drop(each)]:
            self._settle(number, RenderStopped())
        await self.workforce.stop()

    def submit(self, job: Job, size: int, *, is_urgent: bool = True) -> Deferred[Answer]:
        """The answer to come, or a `MediaError`. `size`: the bytes of memory that the job is expected to take."""
        if not self._is_open:
            raise RenderStopped
        try:
            self.backlog.add(Ticket(job.number, size, is_urgent))
        except RenderQueueFull:
            self._counters.turned_away += 1
            raise
        result: Deferred[Answer] = Deferred(lambda _: self._abandon(job.number))
        patience = self._clock.callLater(self._limits.waiting_seconds, self._wait_is_over, job.number)
        self._works[job.number] = _Work(job, result, patience)
        if is_urgent:
            self.pressure.joined(job.number, self._clock.seconds())
        self.worker_is_idle()
        return result

    # What the workforce tells its employer

    def worker_is_idle(self) -> None:
        """Hand out what may run."""
        while self.workforce.has_idle() and (ticket := self.backlog.take()) is not None:
            work = self._works[ticket.number]
            work.patience.cancel()
            self.pressure.taken(ticket.number, self._clock.seconds())
            self.workforce.assign(work.job)

    def answered(self, answer: Answer) -> None:
        """A worker has answered its job, with a result or a refusal."""
        self.backlog.finish(answer.number)
        if isinstance(answer, JobRefused):
            self._counters.refused += 1
            self._settle(answer.number, refusal(answer.reason, answer.public, answer.log))
        else:
            self._counters.completed += 1
            self._settle(answer.number, answer)
        self.worker_is_idle()

    def failed(self, number: int, error: MediaError) -> None:
        """A worker has died under its job."""
        self.backlog.finish(number)
        self._settle(number, error)
        self.worker_is_idle()

    # The end of a job

    def _wait_is_over(self, number: int) -> None:
        if self.backlog.drop(number):
            self._counters.turned_away += 1
            self._settle(number, RenderQueueFull(log=f"job {number} waited too long"))

    def _abandon(self, number: int) -> None:
        self._counters.abandoned += 1
        if self.backlog.drop(number):
            self._works.pop(number).patience.cancel()
            self.pressure.over(number, self._clock.seconds())
        else:
            self._works[number].is_abandoned = True

    def _settle(self, number: int, outcome: Answer | MediaError) -> None:
        """Tell whoever waits. A result file nobody will own, or half of one, is removed."""
        work = self._works.pop(number)
        self.pressure.over(number, self._clock.seconds())
        if work.patience.active():
            work.patience.cancel()
        is_lost = work.is_abandoned or isinstance(outcome, MediaError)
        if is_lost and isinstance(work.job, RenderJob | MarginsJob):
            forget(Path(work.job.target))
        if work.is_abandoned:
            return
        if isinstance(outcome, MediaError):
            work.result.errback(outcome)
        else:
            work.result.callback(outcome)
