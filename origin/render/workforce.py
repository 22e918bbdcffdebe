"""The worker processes of one pool: hired, given one job at a time, replaced when dead, late or worn out."""

from collections.abc import Callable
from enum import Enum, auto
from signal import SIGXCPU
from typing import Protocol

from attrs import define, field
from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from origin.render.child import Keeper, RenderChild
from origin.render.errors import RenderFailed, RenderStopped, RenderTimedOut
from origin.render.frames import Answer, Job, MarginsJob, MeasureJob, Message, RenderJob, WorkerReady
from origin.render.limits import RenderLimits
from wire.errors import MediaError

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0
COMING_AND_GOING_SECONDS = 20.0  # to get ready, or to leave; a tenth of a second on an idle machine


@define
class RenderCounters:
    """What the pool has done since it was made."""

    completed: int = 0  # jobs answered with a result
    refused: int = 0  # jobs answered with a refusal
    crashed: int = 0  # jobs whose worker died under them
    timed_out: int = 0
    turned_away: int = 0  # the queue was full, or the wait too long
    abandoned: int = 0  # nobody waited any more
    spawned: int = 0  # processes
    recycled: int = 0  # processes retired for their age or size


class Employer(Protocol):
    """Who has jobs to give."""

    def worker_is_idle(self) -> None: ...
    def answered(self, answer: Answer) -> None: ...
    def failed(self, number: int, error: MediaError) -> None: ...


class State(Enum):
    """What a worker is doing."""

    STARTING = auto()
    IDLE = auto()
    BUSY = auto()
    LEAVING = auto()


@define(eq=False)
class _Seat:
    """One process and what it does; `job` while it is busy."""

    gone: Deferred[None] = field(factory=Deferred)
    state: State = State.STARTING
    overran: bool = False
    served: int = 0
    job: Job | None = None
    deadline: IDelayedCall | None = None


class Workforce:
    """Keeps `size` processes at work. Told of jobs by `assign`, tells the employer how each ended."""

    _log = Logger()

    def __init__(
        self,
        clock: IReactorTime,
        spawn: Callable[[Keeper], RenderChild],
        limits: RenderLimits,
        size: int,
        employer: Employer,
        counters: RenderCounters,
    ) -> None:
        self._clock = clock
        self._spawn = spawn
        self._limits = limits
        self._size = size
        self._employer = employer
        self._counters = counters
        self._seats: dict[RenderChild, _Seat] = {}
        self._is_open = False
        self._failed_starts = 0
        self._pause: IDelayedCall | None = None

    @property
    def ready(self) -> int:
        """How many processes can take jobs, now or after the one in hand."""
        return sum(seat.state in (State.IDLE, State.BUSY) for seat in self._seats.values())

    def pids(self) -> list[int]:
        """Every process alive, oldest first, those about to leave included."""
        return [child.pid for child in self._seats]

    def start(self) -> None:
        """Hire."""
        self._is_open = True
        self._hire()

    async def stop(self) -> None:
        """Returns when every process is reaped. What runs may finish for `drain_seconds`."""
        self._is_open = False
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
        for child, seat in list(self._seats.items()):
            if seat.state is State.STARTING:
                child.kill()
            elif seat.state is State.IDLE:
                self._retire(child, seat)
        kill = self._clock.callLater(self._limits.drain_seconds, self._kill_all)
        await DeferredList([seat.gone for seat in self._seats.values()])
        if kill.active():
            kill.cancel()

    def has_idle(self) -> bool:
        """Whether `assign` may be called."""
        return any(seat.state is State.IDLE for seat in self._seats.values())

    def assign(self, job: Job) -> None:
        """Give a job to an idle process: the one hired first, whose caches are warm."""
        child, seat = next(each for each in self._seats.items() if each[1].state is State.IDLE)
        seat.state, seat.job = State.BUSY, job
        extra = job.extra_seconds if isinstance(job, RenderJob | MarginsJob) else 0.0
        seat.deadline = self._clock.callLater(
            self._limits.deadline_seconds + extra, self._overrun, child, seat
        )
        child.send(job)

    # What children tell.

    def heard(self, child: RenderChild, message: Message) -> None:
        """A worker is ready, or has answered its job. Anything else, and it cannot be trusted."""
        seat = self._seats[child]
        if isinstance(message, WorkerReady) and seat.state is State.STARTING:
            self._disarm(seat)
            self._failed_starts = 0
            seat.state = State.IDLE
            if self._is_open:
                self._employer.worker_is_idle()
        elif isinstance(message, Answer) and seat.job is not None and seat.job.number == message.number:
            self._disarm(seat)
            seat.state, seat.job = State.IDLE, None
            seat.served += 1
            is_old = seat.served >= self._limits.recycle_jobs
            is_worn = is_old or message.resident_bytes > self._limits.recycle_bytes
            if is_worn or not self._is_open:
                self._counters.recycled += is_worn
                self._retire(child, seat)
            self._employer.answered(message)
        else:
            self._log.error(
                "render worker {pid} spoke out of turn: {message!r}", pid=child.pid, message=message
            )
            child.kill()

    def ended(self, child: RenderChild, cause: str, signal: int | None) -> None:
        """A process is gone. Its job, if any, goes with it; its place is filled."""
        seat = self._seats.pop(child)
        self._disarm(seat)
        if seat.state is State.STARTING and self._is_open:
            self._failed_starts += 1
            self._log.error("render worker {pid} could not start: {cause}", pid=child.pid, cause=cause)
        if seat.job is not None:
            self._lost(seat.job, seat.overran or signal == SIGXCPU, f"worker {child.pid}: {cause}")
        self._hire()
        seat.gone.callback(None)

    def _lost(self, job: Job, overran: bool, cause: str) -> None:
        about = "words" if isinstance(job, MeasureJob) else job.source
        if not self._is_open:
            self._employer.failed(job.number, RenderStopped(log=f"{about}: {cause}"))
        elif overran:
            self._counters.timed_out += 1
            self._employer.failed(job.number, RenderTimedOut(log=f"{about}: {cause}"))
        else:
            self._counters.crashed += 1
            self._employer.failed(job.number, RenderFailed(log=f"{about}: {cause}"))

    # Hiring and firing.

    def _hire(self) -> None:
        missing = self._size - sum(seat.state is not State.LEAVING for seat in self._seats.values())
        if not self._is_open or self._pause is not None or missing <= 0:
            return
        if self._failed_starts:
            pause = min(FIRST_PAUSE_SECONDS * 2**self._failed_starts, LONGEST_PAUSE_SECONDS)
            self._pause = self._clock.callLater(pause, self._hire_now)
        else:
            self._hire_now()

    def _hire_now(self) -> None:
        self._pause = None
        missing = self._size - sum(seat.state is not State.LEAVING for seat in self._seats.values())
        for _ in range(missing):
            try:
                child = self._spawn(self)
            except OSError as error:
                self._failed_starts += 1
                self._log.error("cannot start a render worker: {error}", error=error)
                self._hire()
                return
            self._counters.spawned += 1
            seat = self._seats[child] = _Seat()
            seat.deadline = self._clock.callLater(COMING_AND_GOING_SECONDS, child.kill)

    def _retire(self, child: RenderChild, seat: _Seat) -> None:
        """Ask an idle process to leave and fill its place at once; one that does not leave is killed."""
        seat.state = State.LEAVING
        seat.deadline = self._clock.callLater(COMING_AND_GOING_SECONDS, child.kill)
        child.retire()
        self._hire()

    def _overrun(self, child: RenderChild, seat: _Seat) -> None:
        seat.overran = True
        child.kill()

    def _kill_all(self) -> None:
        for child in list(self._seats):
            child.kill()

    def _disarm(self, seat: _Seat) -> None:
        if seat.deadline is not None and seat.deadline.active():
            seat.deadline.cancel()
        seat.deadline = None
