"""sim.supervise.supervisor and .child: real processes, started, missed, started again, none left behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred

from sim.supervise.child import Child
from sim.supervise.lifecycle import State
from sim.supervise.supervisor import StartError
from tests.support.supervising import MANNERS, Manner, program, supervising, until
from tests.support.world import ROOT, children_of, eventually, is_alive


@pytest.fixture(params=[*MANNERS])
def manner(request: pytest.FixtureRequest) -> Manner:
    """Each way to start a program."""
    return MANNERS[request.param]


@pytest_twisted.ensureDeferred
async def test_what_is_only_known_is_run_when_somebody_starts_it(tmp_path: Path, manner: Manner) -> None:
    """And then watched as any other; nobody waits for it, and one that never ran is down at the end."""
    async with supervising(manner) as supervisor:
        one, other = supervisor.know([program(tmp_path, name, "serve") for name in ("one", "other")])
        await supervisor.start([program(tmp_path, "first", "serve")])
        assert (one.pid, other.pid) == (None, None)
        one.start()
        await until(lambda: one.life.state is State.READY, "it serves")
        assert other.life.state is State.NEW


@pytest_twisted.ensureDeferred
async def test_start_returns_when_all_are_ready(tmp_path: Path, manner: Manner) -> None:
    async with supervising(manner) as supervisor:
        await supervisor.start([program(tmp_path, name, "well") for name in ("one", "two")])
        assert [child.life.state for child in supervisor.children.values()] == [State.READY] * 2
        assert all(child.pid is not None and is_alive(child.pid) for child in supervisor.children.values())


@pytest_twisted.ensureDeferred
async def test_a_program_that_cannot_start_is_told_with_its_own_words(tmp_path: Path, manner: Manner) -> None:
    """And the log keeps them."""
    async with supervising(manner) as supervisor:
        with pytest.raises(StartError, match="bad cannot start: the moon is in the wrong house"):
            await supervisor.start([program(tmp_path, "good", "well"), program(tmp_path, "bad", "broken")])
    assert "the moon" in (tmp_path / "log" / "bad.log").read_text()


@pytest_twisted.ensureDeferred
async def test_a_killed_process_comes_back_as_another(tmp_path: Path, manner: Manner) -> None:
    seen: list[tuple[State, str]] = []
    async with supervising(
        manner, lambda child: seen.append((child.life.state, child.reason()))
    ) as supervisor:
        await supervisor.start([program(tmp_path, "one", "well")])
        child = supervisor.children["one"]
        first = child.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await until(lambda: child.life.state is State.READY and child.pid != first, "it is back")
        assert (State.BACKING_OFF, "killed by SIGKILL") in seen
        assert child.life.restarts == 1


@pytest_twisted.ensureDeferred
async def test_what_a_killed_process_had_started_dies_with_it(tmp_path: Path, manner: Manner) -> None:
    """A grandchild that holds the port or the pipes would keep its successor from starting."""
    async with supervising(manner) as supervisor:
        await supervisor.start([program(tmp_path, "one", "parent")])
        child = supervisor.children["one"]
        assert child.pid is not None
        family = children_of(child.pid)
        assert len(family) == 1
        os.kill(child.pid, signal.SIGKILL)
        await until(lambda: not any(is_alive(pid) for pid in family), "the grandchild is gone")


@pytest_twisted.ensureDeferred
async def test_a_process_that_is_not_ready_says_why(tmp_path: Path, manner: Manner) -> None:
    """Answering and being ready are two things."""
    async with supervising(manner) as supervisor:
        starting = Deferred.fromCoroutine(supervisor.start([program(tmp_path, "ill", "sick")]))
        starting.addErrback(lambda _: None)
        await until(lambda: supervisor.children["ill"].health.is_answering, "it answers")
        assert supervisor.children["ill"].health.reasons == ("store out of reach",)
        assert supervisor.children["ill"].life.state is State.STARTING
        starting.cancel()


@pytest_twisted.ensureDeferred
async def test_stopping_ends_the_front_first_and_the_deaf_by_force(tmp_path: Path, manner: Manner) -> None:
    """Within ten seconds, whatever they ignore."""
    from twisted.internet import reactor as global_reactor

    reactor: Any = global_reactor
    ended: list[str] = []

    def note(child: Child) -> None:
        if child.life.state is State.STOPPED:
            ended.append(child.name)

    async with supervising(manner, note) as supervisor:
        programs = [
            program(tmp_path, "origin", "well", wave=3),
            program(tmp_path, "balancer", "well", wave=0),
            program(tmp_path, "edge", "deaf", wave=1),
        ]
        await supervisor.start(programs)
        pids = [child.pid for child in supervisor.children.values()]
        began = reactor.seconds()
        await supervisor.stop()
        assert reactor.seconds() - began < 10
    assert ended == ["balancer", "origin", "edge"]
    assert not any(is_alive(pid) for pid in pids if pid is not None)


@pytest_twisted.ensureDeferred
async def test_one_that_is_told_to_end_while_it_starts_ends(tmp_path: Path, manner: Manner) -> None:
    """Wherever it has got to; what its nursery would have started is started no more."""
    async with supervising(manner) as supervisor:
        starting = Deferred.fromCoroutine(
            supervisor.start([program(tmp_path, name, "well") for name in ("one", "two", "three")])
        )
        starting.addErrback(lambda _: None)
        supervisor.children["one"].stop()
        await until(lambda: supervisor.children["one"].life.state is State.STOPPED, "it is down")
        children = supervisor.children.values()
        await supervisor.stop()
        assert [child.life.state for child in children] == [State.STOPPED] * 3
        assert not any(child.is_unborn for child in children)
        starting.cancel()


def test_a_program_on_the_leash_ends_with_its_supervisor(tmp_path: Path) -> None:
    """kill -9 of `up` leaves no minio behind: Linux tells the child."""
    if sys.platform != "linux":
        pytest.skip("only Linux tells a child of its parent's death")
    leashed = f"[{sys.executable!r}, '-m', 'sim.supervise.leash', str(os.getpid()), 'sleep', '60']"
    parent = (
        f"import subprocess,os,time; p=subprocess.Popen({leashed}); print(p.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, cwd=ROOT) as supervisor:
        assert supervisor.stdout is not None
        pid = int(supervisor.stdout.readline())
        eventually(
            lambda: Path(f"/proc/{pid}/comm").read_text().strip() == "sleep", "it has become sleep", 10
        )
        supervisor.kill()
    eventually(lambda: not is_alive(pid), "it ended", 10)
