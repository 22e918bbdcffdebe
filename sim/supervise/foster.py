"""Processes that another forked for us: we are told their ids, and from then on they are our children."""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress
from typing import Any

from twisted.internet import process
from twisted.internet.error import ProcessDone, ProcessTerminated
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure

PR_SET_CHILD_SUBREAPER = 36


def adopt() -> bool:
    """Become the parent of all descendants that lose theirs; whether this system lets us (Linux alone does)."""
    if sys.platform != "linux":
        return False
    refused: int = ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    return not refused


def bury(group: int) -> bool:
    """Reap those of a process group who fell to us and have ended; whether any is left."""
    try:
        while os.waitpid(-group, os.WNOHANG) != (0, 0):
            pass
    except ChildProcessError:
        return False
    return True


class Pipes:
    """Our ends of a child's standard input, held open while we live, and of what it writes; and the child's ends."""

    def __init__(self) -> None:
        self._its_stdin, self.stdin = os.pipe()
        self.outputs, self._its_outputs = os.pipe()

    @property
    def given(self) -> tuple[int, int]:
        """What the child is given."""
        return self._its_stdin, self._its_outputs

    def give(self) -> None:
        """The child has them."""
        for file in self.given:
            os.close(file)

    def close(self) -> None:
        """Of a child that was never born."""
        os.close(self.stdin)
        os.close(self.outputs)


class Foster:
    """The transport of such a process, as far as whoever only listens needs one: `IProcessTransport`'s `pid` and
    `loseConnection`."""

    def __init__(self, reactor: Any, protocol: ProcessProtocol, pid: int, pipes: Pipes) -> None:
        self.pid: int | None = pid
        self._protocol = protocol
        self._stdin: int | None = pipes.stdin
        self._outputs: Any = process.ProcessReader(reactor, self, 1, pipes.outputs)
        self._ended: Failure | None = None
        protocol.makeConnection(self)
        process.registerReapProcessHandler(pid, self)

    def loseConnection(self) -> None:
        """Close our ends of its pipes."""
        self._close_stdin()
        if self._outputs is not None:
            self._outputs.loseConnection()

    # What Twisted's reaper and reader say

    def reapProcess(self) -> None:
        with suppress(ChildProcessError):
            pid, status = os.waitpid(self.pid or 0, os.WNOHANG)
            if pid:
                process.unregisterReapProcessHandler(pid, self)
                self.processEnded(status)

    def processEnded(self, status: int) -> None:
        self.pid = None
        self._close_stdin()
        self._ended = Failure(reason_of(status))
        self._protocol.processExited(self._ended)
        self._settle()

    def childDataReceived(self, name: int, data: bytes) -> None:
        self._protocol.childDataReceived(name, data)

    def childConnectionLost(self, name: int, reason: Failure) -> None:
        self._outputs = None
        self._settle()

    def _settle(self) -> None:
        if self._ended is not None and self._outputs is None:
            self._protocol.processEnded(self._ended)

    def _close_stdin(self) -> None:
        if self._stdin is not None:
            os.close(self._stdin)
            self._stdin = None


def reason_of(status: int) -> ProcessDone | ProcessTerminated:
    """What wait(2) told, as Twisted tells it."""
    code = os.waitstatus_to_exitcode(status)
    if code == 0:
        return ProcessDone(status)
    return ProcessTerminated(code, None, status) if code > 0 else ProcessTerminated(None, -code, status)
