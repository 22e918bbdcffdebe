"""sim.supervise.nurseries and .nursery: processes forked by one that has loaded what they need."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted

from sim.supervise.lifecycle import State
from sim.supervise.program import Breed
from tests.support.servers import freeze
from tests.support.supervising import MANNERS, Manner, program, supervising, until
from tests.support.world import is_alive

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody adopts")

FORKED = MANNERS["forked"]


def nurseries() -> list[int]:
    """Those of this process."""
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    return [int(pid) for pid in children if b"sim.supervise.nursery" in command_of(int(pid))]


def command_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def told(log: Path) -> dict[str, Any]:
    """What a process said of itself."""
    found: dict[str, Any] = json.loads(log.read_text().splitlines()[0])
    return found


@pytest_twisted.ensureDeferred
async def test_a_forked_process_is_as_one_that_was_run(tmp_path: Path) -> None:
    """Its arguments, files, signals, folder and environment; its parent is the supervisor."""
    seen = {}
    for manner in ("alone", "forked"):
        async with supervising(MANNERS[manner]) as supervisor:
            wanted = program(tmp_path, manner, "telling")
            await supervisor.start([wanted])
            one = supervisor.children[manner]
            assert one.pid is not None
            assert command_of(one.pid).rstrip(b"\0").split(b"\0" if manner == "alone" else b" ") == [
                word.encode() for word in wanted.arguments
            ]
            seen[manner] = told(wanted.log)
            assert seen[manner].pop("arguments") == [*wanted.arguments[-2:]]
            assert seen[manner]["mark"] == "the program's"
            assert len(nurseries()) == (manner == "forked")
    assert seen["forked"].pop("chance") != seen["alone"].pop("chance")
    assert seen["forked"] == seen["alone"]


@pytest_twisted.ensureDeferred
async def test_siblings_have_chances_of_their_own(tmp_path: Path) -> None:
    """What one draws tells nothing of what another will."""
    async with supervising(FORKED) as supervisor:
        programs = [program(tmp_path, name, "telling") for name in ("one", "two", "three")]
        await supervisor.start(programs)
        chances = [told(each.log)["chance"] for each in programs]
        assert len(nurseries()) == 1
        assert all(len(set(drawn)) == len(programs) for drawn in zip(*chances, strict=True))


@pytest_twisted.ensureDeferred
async def test_who_was_forked_outlives_the_nursery_and_its_end_is_heard(tmp_path: Path) -> None:
    """And a node that falls then has another nursery."""
    async with supervising(FORKED) as supervisor:
        await supervisor.start([program(tmp_path, name, "well") for name in ("one", "two")])
        pids = {name: child.pid for name, child in supervisor.children.items()}
        (first,) = nurseries()
        os.kill(first, signal.SIGKILL)
        await until(lambda: not nurseries(), "the nursery is gone")
        assert all(pid is not None and is_alive(pid) for pid in pids.values())
        one = supervisor.children["one"]
        os.kill(one.pid or 0, signal.SIGKILL)
        await until(lambda: one.life.state is State.READY and one.pid != pids["one"], "it is back")
        assert supervisor.children["two"].pid == pids["two"]
        (second,) = nurseries()
        assert second != first
    assert not is_alive(second)


@pytest_twisted.ensureDeferred
async def test_a_birth_that_its_nursery_takes_along_is_tried_again(tmp_path: Path) -> None:
    """Told as a death, since nobody can say how far it had got."""
    async with supervising(FORKED) as supervisor:
        await supervisor.start([program(tmp_path, "one", "well")])
        (frozen,) = nurseries()
        freeze(frozen)
        (late,) = supervisor.know([program(tmp_path, "late", "well")])
        late.start()
        assert late.is_unborn
        os.kill(frozen, signal.SIGKILL)
        await until(lambda: late.life.state is State.READY, "it serves")
        assert late.life.restarts == 1


@pytest_twisted.ensureDeferred
async def test_what_no_nursery_can_prepare_is_run_by_itself(tmp_path: Path) -> None:
    """Whatever keeps it from loading is then told by the program, in its own log."""
    hopeless = Breed("tests.support.fake_node", ("cannot be prepared",))
    async with supervising(FORKED) as supervisor:
        await supervisor.start([program(tmp_path, name, "well", breed=hopeless) for name in ("one", "two")])
        assert nurseries() == []


@pytest_twisted.ensureDeferred
async def test_a_frozen_nursery_keeps_nobody_from_ending(tmp_path: Path) -> None:
    async with supervising(FORKED) as supervisor:
        await supervisor.start([program(tmp_path, "one", "well")])
        (frozen,) = nurseries()
        freeze(frozen)
    assert not is_alive(frozen)


@pytest.mark.parametrize("manner", MANNERS.values(), ids=MANNERS)
@pytest_twisted.ensureDeferred
async def test_orphans_that_fall_to_us_are_reaped(tmp_path: Path, manner: Manner) -> None:
    """A node's workers are killed with it, and ours when it is gone: nobody else would."""
    async with supervising(FORKED), supervising(manner) as supervisor:
        await supervisor.start([program(tmp_path, "one", "parent")])
        one = supervisor.children["one"]
        family = Path(f"/proc/{one.pid}/task/{one.pid}/children").read_text().split()
        assert len(family) == 1
        os.kill(one.pid or 0, signal.SIGKILL)
        await until(lambda: not Path(f"/proc/{family[0]}").exists(), "nothing of it is left")
