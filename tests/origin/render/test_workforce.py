from collections.abc import Callable
from itertools import pairwise
from signal import SIGXCPU
from typing import cast

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from origin.render.child import Keeper, RenderChild
from origin.render.errors import RenderFailed, RenderStopped, RenderTimedOut
from origin.render.frames import Answer, Job, ProbeDone, ProbeJob, WorkerReady
from origin.render.limits import RenderLimits
from origin.render.workforce import RenderCounters, Workforce
from wire.errors import MediaError

LIMITS = RenderLimits(deadline_seconds=20, recycle_jobs=3, drain_seconds=3, recycle_bytes=1000)


@define(eq=False)
class FakeChild:
    """A worker whose words and death the test decides; killed, it dies at once."""

    keeper: Keeper
    pid: int
    jobs: list[Job] = field(factory=list)
    is_retired: bool = False
    is_dead: bool = False

    def send(self, job: Job) -> None:
        self.jobs.append(job)

    def retire(self) -> None:
        self.is_retired = True

    def kill(self) -> None:
        self.die()

    def die(self, signal: int | None = 9) -> None:
        if not self.is_dead:
            self.is_dead = True
            self.keeper.ended(cast(RenderChild, self), "it died", signal)

    def is_ready(self) -> None:
        self.keeper.heard(cast(RenderChild, self), WorkerReady(resident_bytes=10))

    def answers(self, number: int, resident_bytes: int = 10) -> None:
        answer = ProbeDone(number=number, facts={}, resident_bytes=resident_bytes)
        self.keeper.heard(cast(RenderChild, self), answer)


@define(eq=False)
class Shop:
    """An employer, its workforce and the children it has hired."""

    limits: RenderLimits = LIMITS
    size: int = 1
    clock: Clock = field(factory=Clock)
    counters: RenderCounters = field(factory=RenderCounters)
    children: list[FakeChild] = field(factory=list)
    answers: list[Answer] = field(factory=list)
    failures: dict[int, MediaError] = field(factory=dict)
    idle: int = 0
    fork_fails: bool = False
    workforce: Workforce = field(init=False)

    def __attrs_post_init__(self) -> None:
        spawn = cast(Callable[[Keeper], RenderChild], self.spawn)
        self.workforce = Workforce(self.clock, spawn, self.limits, self.size, self, self.counters)
        self.workforce.start()

    def spawn(self, keeper: Keeper) -> FakeChild:
        if self.fork_fails:
            raise OSError("no more processes")
        self.children.append(FakeChild(keeper, pid=1000 + len(self.children)))
        return self.children[-1]

    def worker_is_idle(self) -> None:
        self.idle += 1

    def answered(self, answer: Answer) -> None:
        self.answers.append(answer)

    def failed(self, number: int, error: MediaError) -> None:
        self.failures[number] = error

    def assign(self, number: int) -> None:
        self.workforce.assign(ProbeJob(number=number, source="cat.jpg", verify=False))


def test_a_worker_takes_jobs_only_when_it_has_said_so() -> None:
    """Python and Pillow take a tenth of a second to load."""
    shop = Shop()
    assert not shop.workforce.has_idle()
    shop.children[0].is_ready()
    assert shop.workforce.has_idle()
    assert shop.idle == 1
    shop.assign(1)
    assert not shop.workforce.has_idle()
    shop.children[0].answers(1)
    assert shop.workforce.has_idle()


def test_the_deadline_runs_from_the_start_of_the_job() -> None:
    """Not from the start of the process, nor of the job before."""
    shop = Shop()
    shop.children[0].is_ready()
    shop.clock.advance(19)
    shop.assign(1)
    shop.clock.advance(19)
    shop.children[0].answers(1)
    shop.assign(2)
    shop.clock.advance(19.9)
    assert not shop.failures
    shop.clock.advance(0.2)
    assert isinstance(shop.failures[2], RenderTimedOut)
    assert len(shop.children) == 2


def test_the_kernels_processor_limit_counts_as_the_deadline() -> None:
    """The backstop for a node too busy to look at its clock."""
    shop = Shop()
    shop.children[0].is_ready()
    shop.assign(1)
    shop.children[0].die(SIGXCPU)
    assert isinstance(shop.failures[1], RenderTimedOut)


def test_an_answer_to_a_job_not_asked_is_not_believed() -> None:
    """A confused worker would give one viewer another's picture."""
    shop = Shop()
    shop.children[0].is_ready()
    shop.assign(1)
    shop.children[0].answers(7)
    assert isinstance(shop.failures[1], RenderFailed)
    assert shop.answers == []
    assert shop.children[0].is_dead


def test_a_second_readiness_is_not_believed_either() -> None:
    """It would make a busy worker idle."""
    shop = Shop()
    shop.children[0].is_ready()
    shop.children[0].is_ready()
    assert shop.children[0].is_dead


def test_a_worn_worker_leaves_after_its_answer_and_is_replaced_at_once() -> None:
    """By number of jobs, or by size; the answer is delivered all the same."""
    shop = Shop()
    shop.children[0].is_ready()
    for number in (1, 2, 3):
        shop.assign(number)
        shop.children[0].answers(number)
    assert shop.children[0].is_retired
    assert len(shop.answers) == 3
    shop.children[1].is_ready()
    shop.assign(4)
    shop.children[1].answers(4, resident_bytes=1001)
    assert shop.children[1].is_retired
    assert shop.counters.recycled == 2
    assert len(shop.children) == 3


def test_a_retired_worker_that_stays_is_killed() -> None:
    """It must not keep its memory for ever."""
    shop = Shop(limits=RenderLimits(recycle_jobs=1))
    shop.children[0].is_ready()
    shop.assign(1)
    shop.children[0].answers(1)
    shop.children[1].is_ready()
    shop.clock.advance(20.1)
    assert shop.children[0].is_dead
    assert shop.workforce.pids() == [shop.children[1].pid]


def test_workers_that_die_at_the_start_come_back_ever_more_slowly() -> None:
    """A broken installation must not spin the machine; a start that works forgets the pauses."""
    shop = Shop()
    hired_at = []
    for _ in range(8):
        hired_at.append(shop.clock.seconds())
        count = len(shop.children)
        shop.children[-1].die()
        while len(shop.children) == count:
            shop.clock.advance(0.1)
    pauses = [later - earlier for earlier, later in pairwise(hired_at)]
    assert pauses == sorted(pauses)
    assert 4.9 < pauses[-1] < 5.2
    shop.children[-1].is_ready()
    shop.children[-1].die()
    assert shop.workforce.pids() == [shop.children[-1].pid]


def test_a_worker_that_never_gets_ready_is_killed() -> None:
    """Stuck on a dead network disk, say."""
    shop = Shop()
    shop.clock.advance(20.1)
    assert shop.children[0].is_dead
    shop.clock.advance(1)
    assert len(shop.children) == 2


def test_no_process_to_be_had_is_tried_again() -> None:
    """EAGAIN from fork passes."""
    shop = Shop()
    shop.fork_fails = True
    shop.children[0].is_ready()
    shop.children[0].die()
    assert shop.workforce.pids() == []
    shop.fork_fails = False
    shop.clock.advance(1)
    assert len(shop.workforce.pids()) == 1


def test_stopping_retires_the_idle_lets_the_busy_finish_and_kills_the_rest() -> None:
    """In that order, and nobody is hired meanwhile."""
    shop = Shop(size=4)
    idle, busy, hung, starting = shop.children
    for child in (idle, busy, hung):
        child.is_ready()
    idle_first = [1, 2, 3]
    for number in idle_first:
        shop.assign(number)
    idle.answers(1)
    stopped: list[None] = []
    Deferred.fromCoroutine(shop.workforce.stop()).addCallback(stopped.append)
    assert starting.is_dead
    assert (idle.is_retired, busy.is_retired) == (True, False)
    idle.die(None)
    busy.answers(2)
    assert (idle.is_retired, busy.is_retired) == (True, True)
    busy.die(None)
    assert len(stopped) == 0
    shop.clock.advance(3.1)
    assert hung.is_dead
    assert len(stopped) == 1
    assert isinstance(shop.failures[3], RenderStopped)
    assert len(shop.children) == 4
    assert shop.clock.getDelayedCalls() == []
