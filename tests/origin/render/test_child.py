import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest
from attrs import define, field
from twisted.internet.error import ProcessDone, ProcessExitedAlready, ProcessTerminated
from twisted.internet.interfaces import IProcessTransport
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from origin.render.child import RenderChild
from origin.render.frames import Message, ProbeJob, WorkerReady, encode
from tests.support.images import ASTRONAUT


@define(eq=False)
class Transport:
    """A process's pipes and signals, written down."""

    pid: int = 42
    said: list[Any] = field(factory=list)

    def writeToChild(self, descriptor: int, data: bytes) -> None:
        self.said.append((descriptor, data))

    def closeStdin(self) -> None:
        self.said.append("closed")

    def signalProcess(self, name: str) -> None:
        if name in self.said:
            raise ProcessExitedAlready
        self.said.append(name)


@define(eq=False)
class Notes:
    """A keeper that writes down what it is told."""

    heard_: list[Message] = field(factory=list)
    ended_: list[tuple[str, int | None]] = field(factory=list)

    def heard(self, child: RenderChild, message: Message) -> None:
        self.heard_.append(message)

    def ended(self, child: RenderChild, cause: str, signal: int | None) -> None:
        self.ended_.append((cause, signal))


def connected() -> tuple[RenderChild, Transport, Notes]:
    notes, transport = Notes(), Transport()
    child = RenderChild(notes, Clock())
    child.makeConnection(cast(IProcessTransport, transport))
    return child, transport, notes


def test_jobs_go_to_its_input_and_messages_come_from_its_output() -> None:
    """However chopped."""
    child, transport, notes = connected()
    job = ProbeJob(number=1, source="cat.jpg", verify=False)
    child.send(job)
    child.retire()
    assert transport.said == [(0, encode(job)), "closed"]
    for byte in encode(WorkerReady(resident_bytes=5)):
        child.outReceived(bytes([byte]))
    assert notes.heard_ == [WorkerReady(resident_bytes=5)]
    assert child.pid == 42


def test_nonsense_gets_it_killed_and_is_told_as_the_cause() -> None:
    """What follows is not read any more, and a second kill of the dead is no error."""
    child, transport, notes = connected()
    child.outReceived(b"Segmentation fault\n")
    child.outReceived(encode(WorkerReady(resident_bytes=5)))
    child.kill()
    assert transport.said == ["KILL"]
    child.processEnded(Failure(ProcessTerminated(signal=9)))
    assert notes.heard_ == []
    ((cause, signal),) = notes.ended_
    assert "not a message" in cause
    assert signal == 9


def test_its_last_words_are_kept_for_the_log() -> None:
    """Only the end of them: a codec may complain of every row."""
    child, _, notes = connected()
    for _ in range(1000):
        child.errReceived(b"warning: odd row\n")
    child.errReceived(b"fatal: \xff no more rows\n")
    child.processEnded(Failure(ProcessDone(0)))
    ((cause, signal),) = notes.ended_
    assert cause.endswith("fatal: \\xff no more rows")
    assert len(cause) < 2200
    assert signal is None


UVLOOP = f"""
import asyncio, os, sys, uvloop
from pathlib import Path
from twisted.internet import asyncioreactor
loop = uvloop.new_event_loop()
asyncio.set_event_loop(loop)
asyncioreactor.install(loop)
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from origin.render.errors import RenderTimedOut
from origin.render.limits import RenderLimits
from origin.render.pool import RenderPool

async def main():
    folder = Path(sys.argv[1])
    os.mkfifo(folder / "endless.jpg")
    pool = RenderPool(reactor, RenderLimits(deadline_seconds=1, drain_seconds=1), 1, folder / "scratch")
    pool.startService()
    try:
        await pool.probe(folder / "endless.jpg")
    except RenderTimedOut:
        print("timed out")
    print((await pool.probe(Path({str(ASTRONAUT)!r}))).width)
    await pool.stopService()
    print(pool.pids())

def begin():
    Deferred.fromCoroutine(main()).addErrback(lambda failure: failure.printTraceback()).addBoth(
        lambda _: reactor.stop()
    )

reactor.callWhenRunning(begin)
reactor.run()
"""


def test_deaths_are_noticed_on_uvloop_too(tmp_path: Path) -> None:
    """It takes the wake-up of SIGCHLD for itself; Twisted alone would wait for ever."""
    pytest.importorskip("uvloop")
    result = subprocess.run(
        [sys.executable, "-c", UVLOOP, str(tmp_path)], capture_output=True, text=True, timeout=40, check=False
    )
    assert result.stdout.split("\n") == ["timed out", "512", "[]", ""], result.stderr
