"""sim.supervise.child: what is done to a process is done to those it started, too."""

import sys
from pathlib import Path
from typing import Any, cast

import pytest_twisted
from twisted.internet import process
from twisted.internet.task import LoopingCall, deferLater

from sim.supervise.child import Child
from sim.supervise.operations import freeze, stop, thaw
from sim.supervise.program import Program
from sim.supervise.spawning import Alone
from tests.support.world import is_alive

WORKER = "import time; time.sleep(60)"
PARENT = f"""
import os, pathlib, subprocess, sys, time
os.setsid()
worker = subprocess.Popen([sys.executable, "-c", {WORKER!r}])
mark = pathlib.Path(sys.argv[1])
mark.with_suffix(".new").write_text(str(worker.pid))
mark.with_suffix(".new").rename(mark)
time.sleep(60)
"""


def state_of(pid: int) -> str:
    """The kernel's letter: T is halted."""
    return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0]


@pytest_twisted.ensureDeferred
async def test_a_frozen_process_has_frozen_workers_and_can_be_ended(tmp_path: Path) -> None:
    """An edge of several processes serves by its workers: with the parent alone halted nobody would notice."""
    from twisted.internet import reactor as real

    reactor = cast(Any, real)
    mark = tmp_path / "worker"
    arguments = (sys.executable, "-c", PARENT, str(mark))
    program = Program("one", arguments, "", tmp_path / "log", {})
    child = Child(reactor, program, lambda _: None, Alone(reactor))

    async def becomes(pid: int, *, halted: bool) -> None:
        while (state_of(pid) == "T") is not halted:
            await deferLater(reactor, 0.01)

    reaping = LoopingCall(process.reapAllProcesses)  # pytest-twisted's reactor hears no signals
    reaping.start(0.02)
    child.start()
    while not mark.exists():
        await deferLater(reactor, 0.01)
    worker, pid = int(mark.read_text()), child.pid or 0
    for operation, halted in ((freeze, True), (thaw, False), (freeze, True)):
        operation(child)
        await becomes(pid, halted=halted)
        await becomes(worker, halted=halted)
    stop(child)
    await child.gone()
    reaping.stop()
    while is_alive(worker):
        await deferLater(reactor, 0.01)
