"""A pool that is driven: real questions and a real edge, pretended processes, the driver's own time."""

from __future__ import annotations

from pathlib import Path

import pytest_twisted

from sim.scaling.elsewhere import GONE_SECONDS, Elsewhere
from sim.scaling.telling import AGAIN_SECONDS, Asker
from tests.support.pools import EVERY, SCALING, PoolStage, pool_stage

ENOUGH_TO_GROW = int(SCALING.up_after.seconds / EVERY) + 1
ENOUGH_TO_SHRINK = int(SCALING.down_after.seconds / EVERY) + 1


async def grown(stage: PoolStage) -> None:
    """Two serve, and nothing is to do."""
    stage.instances[0].presses(wait=0.4, used=1.0)
    await stage.looks(ENOUGH_TO_GROW)
    stage.instances[1].serves()
    stage.instances[0].presses(used=0.7)
    stage.instances[1].presses(used=0.7)
    await stage.looks()


@pytest_twisted.ensureDeferred
async def test_an_instance_is_started_when_renders_wait_and_asked_when_it_serves(tmp_path: Path) -> None:
    """Not a moment before: a question to it would be refused."""
    async with pool_stage(tmp_path) as stage:
        await stage.looks()
        assert stage.there == [True, False, False]
        stage.instances[0].presses(wait=0.4, used=1.0)
        await stage.looks(ENOUGH_TO_GROW)
        assert stage.states == ["ready", "starting", "new"]
        await stage.looks(9)  # however long that takes
        assert (stage.states[2], stage.there) == ("new", [True, False, False])
        stage.instances[1].serves()
        await stage.looks()
        assert stage.there == [True, True, False]
        assert stage.said == ["main: 1 → 2 instances (renders wait 400 ms, workers 100% busy)"]


@pytest_twisted.ensureDeferred
async def test_who_leaves_gets_nothing_new_finishes_and_only_then_ends(tmp_path: Path) -> None:
    """A request may be on its way when it is told: so a moment of nothing counts, not a glimpse of it."""
    async with pool_stage(tmp_path) as stage:
        await grown(stage)
        leaving = stage.instances[1]
        leaving.status["in_flight"] = 1
        for each in stage.instances[:2]:
            each.presses(used=0.1)
        await stage.looks(ENOUGH_TO_SHRINK + 5)
        assert (stage.there, stage.states[1]) == ([True, False, False], "ready")
        leaving.status["in_flight"] = 0
        await stage.looks()
        assert stage.states[1] == "ready"
        await stage.looks(3)
        assert stage.states[1] == "stopping"
        leaving.ends()
        await stage.looks(3)
        assert stage.states == ["ready", "stopped", "new"]


@pytest_twisted.ensureDeferred
async def test_who_leaves_is_not_ended_while_somebody_may_not_know(tmp_path: Path) -> None:
    """That one would ask it still; but nobody is waited for for ever."""
    async with pool_stage(tmp_path) as stage:
        await grown(stage)
        stage.pool.telling.askers += (
            Asker("deaf", stage.instances[2].origin.url + "/members"),
        )  # answers 404
        for each in stage.instances[:2]:
            each.presses(used=0.1)
        await stage.looks(ENOUGH_TO_SHRINK + 5)
        assert (stage.there[1], stage.states[1]) == (False, "ready")
        await stage.looks(int(SCALING.drain.seconds / EVERY))
        assert stage.states[1] == "stopping"


@pytest_twisted.ensureDeferred
async def test_who_never_finishes_is_ended_when_its_time_is_up(tmp_path: Path) -> None:
    """A viewer who reads a byte a minute must not keep an instance for ever."""
    async with pool_stage(tmp_path) as stage:
        await grown(stage)
        stage.instances[1].status["in_flight"] = 1
        for each in stage.instances[:2]:
            each.presses(used=0.1)
        await stage.looks(ENOUGH_TO_SHRINK + 2)
        assert stage.states[1] == "ready"
        await stage.looks(int(SCALING.drain.seconds / EVERY))
        assert stage.states[1] == "stopping"


@pytest_twisted.ensureDeferred
async def test_who_was_to_leave_serves_on_when_it_is_needed_again(tmp_path: Path) -> None:
    """It is warm, and no other process is started."""
    async with pool_stage(tmp_path) as stage:
        await grown(stage)
        stage.instances[1].status["in_flight"] = 1
        for each in stage.instances[:2]:
            each.presses(used=0.1)
        await stage.looks(ENOUGH_TO_SHRINK)
        assert stage.there == [True, False, False]
        stage.instances[0].presses(wait=0.4, used=1.0)
        await stage.looks(ENOUGH_TO_GROW + 1)
        assert (stage.there, stage.states) == ([True, True, False], ["ready", "ready", "new"])


@pytest_twisted.ensureDeferred
async def test_another_takes_the_place_of_one_that_an_operator_stops(tmp_path: Path) -> None:
    """And when it is back, both stay until the load lets one go."""
    async with pool_stage(tmp_path) as stage:
        first, second, _ = stage.instances
        await stage.looks()
        first.child.stop()
        first.ends()
        await stage.looks()
        assert stage.states == ["stopped", "starting", "new"]
        second.serves()
        await stage.looks()
        assert stage.there == [False, True, False]
        first.child.start()
        first.serves()
        await stage.looks(2)
        assert (stage.there, stage.states[1]) == ([True, True, False], "ready")


@pytest_twisted.ensureDeferred
async def test_an_instance_that_falls_and_is_run_again_is_missed_for_that_long_only(tmp_path: Path) -> None:
    """The supervisor has it back sooner than another could start."""
    async with pool_stage(tmp_path, least=2) as stage:
        await stage.looks()
        stage.instances[0].ends()
        await stage.looks()
        assert stage.states[0] in ("backing off", "starting")
        assert (stage.there, stage.states[2]) == ([False, True, False], "new")
        stage.clock.advance(1.0)
        stage.instances[0].serves()
        await stage.looks()
        assert stage.there == [True, True, False]


@pytest_twisted.ensureDeferred
async def test_a_node_that_was_started_anew_is_told_again(tmp_path: Path) -> None:
    """It begins with what its document says."""
    async with pool_stage(tmp_path) as stage:
        await grown(stage)
        assert stage.there == [True, True, False]
        stage.edge.health.leave(stage.instances[1].origin.url)
        await stage.looks(int(AGAIN_SECONDS / EVERY) + 1)
        assert stage.there == [True, True, False]


@pytest_twisted.ensureDeferred
async def test_the_page_is_told_how_it_stands(tmp_path: Path) -> None:
    """Its bounds, what is wanted and what there is."""
    async with pool_stage(tmp_path) as stage:
        stage.instances[0].presses(wait=0.1, used=0.5)
        await stage.looks()
        told = stage.pool.told()
    assert (told["name"], told["min"], told["max"], told["wanted"], told["serving"]) == ("main", 1, 3, 1, 1)
    assert (told["queue_wait_ms"], told["utilisation"]) == (100.0, 0.5)


@pytest_twisted.ensureDeferred
async def test_what_another_machine_ran_is_started_here_until_it_is_back(tmp_path: Path) -> None:
    """It is asked by itself: its instances answer, then none does. Then the load lets the stand-in go."""
    async with pool_stage(tmp_path) as stage:
        far = stage.instances[2]  # stands for one on the other machine
        node = stage.pool.nodes[2]
        elsewhere = Elsewhere.of("one", {"one": [], "two": [node]}, stage.pool.agent, stage.clock)
        stage.pool.nodes, stage.pool.elsewhere = stage.pool.nodes[:2], elsewhere
        await elsewhere.look()
        assert elsewhere.others["two"].served == 1
        await far.origin.stop()
        for _ in range(int(GONE_SECONDS / EVERY) + 1):
            stage.clock.advance(EVERY)
            await elsewhere.look()
        await stage.looks()
        assert stage.states[1] == "starting"
        assert stage.said == ["main: 1 → 2 instances (nothing is heard of two)"]
        assert stage.pool.told()["stands_in_for"] == ["two"]
        stage.instances[1].serves()
        await stage.looks(ENOUGH_TO_SHRINK)
        assert stage.there[:2] == [True, True]
        elsewhere.others["two"].note(stage.clock.seconds(), 1)
        await stage.looks(ENOUGH_TO_SHRINK)
        assert stage.there[:2] == [True, False]
        assert stage.said[-1].startswith("main: 2 → 1 instances (renders wait 0 ms")
