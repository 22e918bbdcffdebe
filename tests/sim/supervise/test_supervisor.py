"""sim.supervise.supervisor and .child: real processes, started, missed, started again, none left behind."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet import process
from twisted.internet.defer import Deferred
from twisted.internet.task import LoopingCall, deferLater

from sim.supervise.child import Child, Program
from sim.supervise.lifecycle import State
from sim.supervise.ready import HttpProbe
from sim.supervise.supervisor import StartError, Supervisor
from tests.support import fake_node
from tests.support.world import children_of, eventually, is_alive
from wire.web.agent import make_agent

ROOT = Path(fake_node.__file__).parents[2]


def program(folder: Path, name: str, behaviour: str, wave: int = 0) -> Program:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return Program(
        name=name,
        arguments=(sys.executable, fake_node.__file__, str(port), behaviour),
        probe_url=f"http://127.0.0.1:{port}/readyz",
        log=folder / "log" / f"{name}.log",
        environment={**os.environ, "PYTHONPATH": str(ROOT)},
        wave=wave,
    )


@asynccontextmanager
async def supervising(changed: Callable[[Child], None] = lambda child: None) -> AsyncIterator[Supervisor]:
    """A supervisor on the test's reactor, which pytest-twisted runs without signal handlers: so we reap."""
    from twisted.internet import reactor as global_reactor

    reactor: Any = global_reactor
    reaping = LoopingCall(process.reapAllProcesses)
    reaping.start(0.02)
    agent, pool = make_agent(reactor)
    supervisor = Supervisor(reactor, HttpProbe(agent, reactor), changed)
    try:
        yield supervisor
    finally:
        await supervisor.stop()
        reaping.stop()
        await pool.closeCachedConnections()
        left = [child.name for child in supervisor.children.values() if child.pid is not None]
        assert left == []


POLLS, POLL_SECONDS = 3000, 0.02  # patience of a busy machine; no verdict hangs on its length


async def until(condition: Callable[[], object], what: str) -> None:
    """Let the reactor run until it holds."""
    from twisted.internet import reactor as global_reactor

    reactor: Any = global_reactor
    for _ in range(POLLS):
        if condition():
            return
        await deferLater(reactor, POLL_SECONDS)
    raise AssertionError(f"{what}: not within {POLLS * POLL_SECONDS:.0f} s")


@pytest_twisted.ensureDeferred
async def test_what_is_only_known_is_run_when_somebody_starts_it(tmp_path: Path) -> None:
    """And then watched as any other; nobody waits for it, and one that never ran is down at the end."""
    async with supervising() as supervisor:
        one, other = supervisor.know([program(tmp_path, name, "serve") for name in ("one", "other")])
        await supervisor.start([program(tmp_path, "first", "serve")])
        assert (one.pid, other.pid) == (None, None)
        one.start()
        await until(lambda: one.life.state is State.READY, "it serves")
        assert other.life.state is State.NEW


@pytest_twisted.ensureDeferred
async def test_start_returns_when_all_are_ready(tmp_path: Path) -> None:
    async with supervising() as supervisor:
        await supervisor.start([program(tmp_path, name, "well") for name in ("one", "two")])
        assert [child.life.state for child in supervisor.children.values()] == [State.READY] * 2
        assert all(child.pid is not None and is_alive(child.pid) for child in supervisor.children.values())


@pytest_twisted.ensureDeferred
async def test_a_program_that_cannot_start_is_told_with_its_own_words(tmp_path: Path) -> None:
    """And the log keeps them."""
    async with supervising() as supervisor:
        with pytest.raises(StartError, match="bad cannot start: the moon is in the wrong house"):
            await supervisor.start([program(tmp_path, "good", "well"), program(tmp_path, "bad", "broken")])
    assert "the moon" in (tmp_path / "log" / "bad.log").read_text()


@pytest_twisted.ensureDeferred
async def test_a_killed_process_comes_back_as_another(tmp_path: Path) -> None:
    seen: list[tuple[State, str]] = []
    async with supervising(lambda child: seen.append((child.life.state, child.reason()))) as supervisor:
        await supervisor.start([program(tmp_path, "one", "well")])
        child = supervisor.children["one"]
        first = child.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await until(lambda: child.life.state is State.READY and child.pid != first, "it is back")
        assert (State.BACKING_OFF, "killed by SIGKILL") in seen
        assert child.life.restarts == 1


@pytest_twisted.ensureDeferred
async def test_what_a_killed_process_had_started_dies_with_it(tmp_path: Path) -> None:
    """A grandchild that holds the port or the pipes would keep its successor from starting."""
    async with supervising() as supervisor:
        await supervisor.start([program(tmp_path, "one", "parent")])
        child = supervisor.children["one"]
        assert child.pid is not None
        family = children_of(child.pid)
        assert len(family) == 1
        os.kill(child.pid, signal.SIGKILL)
        await until(lambda: not any(is_alive(pid) for pid in family), "the grandchild is gone")


@pytest_twisted.ensureDeferred
async def test_a_process_that_is_not_ready_says_why(tmp_path: Path) -> None:
    """Answering and being ready are two things."""
    async with supervising() as supervisor:
        starting = Deferred.fromCoroutine(supervisor.start([program(tmp_path, "ill", "sick")]))
        starting.addErrback(lambda _: None)
        await until(lambda: supervisor.children["ill"].health.is_answering, "it answers")
        assert supervisor.children["ill"].health.reasons == ("store out of reach",)
        assert supervisor.children["ill"].life.state is State.STARTING
        starting.cancel()


@pytest_twisted.ensureDeferred
async def test_stopping_ends_the_front_first_and_the_deaf_by_force(tmp_path: Path) -> None:
    """Within ten seconds, whatever they ignore."""
    from twisted.internet import reactor as global_reactor

    reactor: Any = global_reactor
    ended: list[str] = []

    def note(child: Child) -> None:
        if child.life.state is State.STOPPED:
            ended.append(child.name)

    async with supervising(note) as supervisor:
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
