"""Work after the answer: once at least, whoever dies; tried again while the trouble is ours; told when given up."""

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest_twisted
from attrs import define, field
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from origin.assets.jobs import LEASE_SECONDS, MOST_ATTEMPTS, Job, Jobs, Lull
from origin.catalogue import Catalogue, Message
from tests.support.origins import pause
from wire.errors import InvalidRequest, MediaError, Unavailable


@define(eq=False)
class Work:
    """A job that does as it is told."""

    outcomes: list[Any] = field(factory=list)  # what each run comes to; after them all is well
    runs: int = 0

    async def run(self, payload: Mapping[str, Any]) -> Sequence[Message]:
        self.runs += 1
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if isinstance(outcome, Exception):
            raise outcome
        if isinstance(outcome, Deferred):
            await outcome
        return [Message("told", payload)]

    def failed(self, payload: Mapping[str, Any], error: MediaError) -> Sequence[Message]:
        return [Message("failed", {"why": error.public})]


@define(eq=False)
class Place:
    """A catalogue, a clock, and the time as jobs see it."""

    catalogue: Catalogue
    clock: Clock = field(factory=Clock)
    now: float = 1000.0

    async def add(self) -> None:
        await self.catalogue.outbox.add([Message("work", {"a": 1})], now=self.now)

    def jobs(self, work: Job, **more: Any) -> Jobs:
        async def calm() -> None: ...

        jobs = Jobs(
            outbox=self.catalogue.outbox,
            kinds={"work": work},
            calm=more.pop("calm", calm),
            clock=self.clock,
            now=lambda: self.now,
            **more,
        )
        jobs.startService()
        return jobs

    async def looked(self, jobs: Jobs) -> None:
        """A second passes, and what is then to be done is done."""
        self.clock.advance(1.0)
        while jobs._looking is not None or jobs.under_way:
            await pause(0.005)

    async def left(self) -> list[tuple[str, Any]]:
        claimed = await self.catalogue.outbox.claim(99, now=1e12, lease_seconds=-1e12)
        return [(each.kind, dict(each.payload)) for each in claimed]


@pytest_twisted.async_yield_fixture()
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    catalogue = Catalogue(f"sqlite:///{tmp_path / 'catalogue.db'}", reactor=reactor)
    yield Place(catalogue)
    await catalogue.close()


@pytest_twisted.ensureDeferred
async def test_a_job_is_done_once_and_told_with_its_end(place: Place) -> None:
    work = Work()
    jobs = place.jobs(work)
    await place.add()
    await place.looked(jobs)
    await place.looked(jobs)
    assert (work.runs, jobs.done, await place.left()) == (1, 1, [("told", {"a": 1})])
    jobs.stopService()


@pytest_twisted.ensureDeferred
async def test_what_a_dead_node_had_in_hand_is_done_by_another(place: Place) -> None:
    """Not before its lease ends, which it renews while it lives."""
    stuck = Work([Deferred()])
    first, work = place.jobs(stuck), Work()
    await place.add()
    first.soon()
    while not stuck.runs:
        await pause(0.005)
    place.now += LEASE_SECONDS / 2
    place.clock.advance(LEASE_SECONDS / 3)  # it renews
    await pause(0.05)
    second = place.jobs(work)
    place.now += LEASE_SECONDS - 1
    await place.looked(second)
    assert work.runs == 0
    place.now += 2
    await place.looked(second)
    assert (work.runs, await place.left()) == (1, [("told", {"a": 1})])
    second.stopService()
    await first.stopService()  # it was not quite dead, and has no say in it any more


@pytest_twisted.ensureDeferred
async def test_what_a_node_that_stops_had_in_hand_is_done_by_another_at_once(place: Place) -> None:
    """A pool that shrinks must not put off for a minute what was promised. It counts as no attempt."""
    stuck, work = Work([Deferred()]), Work()
    first = place.jobs(stuck)
    await place.add()
    first.soon()
    while not stuck.runs:
        await pause(0.005)
    await first.stopService()
    second = place.jobs(work)
    await place.looked(second)
    assert (work.runs, await place.left()) == (1, [("told", {"a": 1})])
    second.stopService()


@pytest_twisted.ensureDeferred
async def test_trouble_of_ours_is_tried_again_and_given_up_at_last(place: Place) -> None:
    """A bug counts as such: it is logged, and ends neither the loop nor the node."""
    work = Work([Unavailable("Not now")] * (MOST_ATTEMPTS - 1) + [Unavailable("Never")])
    jobs = place.jobs(work)
    await place.add()
    for number in range(MOST_ATTEMPTS):
        assert work.runs == number
        await place.looked(jobs)
        await place.looked(jobs)  # too early
        place.now += 301
    assert await place.left() == [("failed", {"why": "Never"})]
    jobs.stopService()


@pytest_twisted.ensureDeferred
async def test_what_can_never_be_done_is_told_at_once(place: Place) -> None:
    work = Work([InvalidRequest("No picture")])
    jobs = place.jobs(work)
    await place.add()
    await place.looked(jobs)
    assert (work.runs, await place.left()) == (1, [("failed", {"why": "No picture"})])
    jobs.stopService()


@pytest_twisted.ensureDeferred
async def test_jobs_are_bounded(place: Place) -> None:
    """One at a time, however many wait; the next begins when it ends."""
    gate: Deferred[None] = Deferred()
    work = Work([gate])
    jobs = place.jobs(work)
    for _ in range(3):
        await place.add()
    place.clock.advance(1.0)
    while not work.runs:
        await pause(0.005)
    place.clock.advance(1.0)
    await pause(0.02)
    assert (work.runs, jobs.under_way) == (1, 1)
    gate.callback(None)
    await place.looked(jobs)
    while jobs.done < 3:
        await pause(0.005)
    assert work.runs == 3
    jobs.stopService()


@pytest_twisted.ensureDeferred
async def test_viewers_come_first_but_not_for_ever() -> None:
    """A lull is waited for while renders wait; after a while it counts as come."""
    clock, crowd = Clock(), [True]
    lull = Lull(lambda: crowd[0], clock, most_seconds=5.0)
    came: list[str] = []

    def waiting(name: str) -> None:
        Deferred.fromCoroutine(lull()).addCallback(lambda _: came.append(name))

    waiting("first")
    clock.pump([0.05] * 20)
    assert came == []
    crowd[0] = False
    clock.pump([0.05])
    assert came == ["first"]
    crowd[0] = True
    waiting("second")
    clock.pump([0.05] * 110)
    assert came == ["first", "second"]
