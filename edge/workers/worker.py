"""One worker process as its parent sees it: started, started again when it falls, told to end."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import Any

from attrs import frozen
from twisted.internet.defer import Deferred
from twisted.internet.protocol import ProcessProtocol
from twisted.logger import Logger
from twisted.python.failure import Failure

from edge.workers.doors import Doors

log = Logger()

READY = b"ready\n"
FIRST_FD = 3
PAUSES = (0.0, 0.5, 1.0, 2.0, 5.0)  # before a worker that falls again and again is started again
STEADY_SECONDS = 10.0  # who served for so long may fall once without a pause


@frozen
class Program:
    """What to run as a worker: it gets `SEAT SEATS PARENT door=fd…`, and on its standard input a line of JSON (the
    node's document); the input's end is the signal to go. It writes `ready` when it serves."""

    arguments: tuple[str, ...]
    document: str


class Worker(ProcessProtocol):
    """One seat, whichever process has it."""

    def __init__(
        self, reactor: Any, program: Program, seat: int, seats: int, doors: Doors, parent: str
    ) -> None:
        self.seat = seat
        self.is_ready = False
        self.first_ready: Deferred[None] = Deferred()
        self.restarts = -1
        self._reactor = reactor
        self._program = program
        self._seats = seats
        self._doors = doors
        self._parent = parent
        self._said = b""
        self._falls = 0
        self._started_at = 0.0
        self._wait: Any = None
        self._ending: Deferred[None] | None = None
        self._process: Any = None

    @property
    def pid(self) -> int | None:
        """The process, while there is one."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Run it; again, if it ran before."""
        self._wait = None
        self.restarts += 1
        self._said = b""
        self._started_at = self._reactor.seconds()
        sockets = self._doors.of(self.seat)
        lent = {door: number for number, door in enumerate(sockets, FIRST_FD)}
        arguments = (
            *self._program.arguments,
            str(self.seat),
            str(self._seats),
            self._parent,
            *(f"{door}={number}" for door, number in lent.items()),
        )
        files: dict[int, Any] = {0: "w", 1: "r", 2: 2}
        files |= {number: sockets[door].fileno() for door, number in lent.items()}
        self._process = self._reactor.spawnProcess(
            self, arguments[0], arguments, env=dict(os.environ), childFDs=files
        )
        self.transport.writeToChild(0, self._program.document.encode() + b"\n")  # type: ignore[union-attr]

    def end(self) -> Deferred[None]:
        """Ask it to drain and go; fires when it is gone. It is not started again."""
        if self._wait is not None:
            self._wait.cancel()
        ending: Deferred[None] = Deferred()
        self._ending = ending
        if self._process is None:
            ending.callback(None)
            return ending
        with suppress(ProcessLookupError):
            os.kill(self._process.pid, signal.SIGTERM)
        return ending

    def kill(self) -> None:
        """It has had its time."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)

    # What the process does

    def outReceived(self, data: bytes) -> None:
        self._said = (self._said + data)[-64:]
        if READY in self._said and not self.is_ready:
            self.is_ready = True
            if not self.first_ready.called:
                self.first_ready.callback(None)

    def processEnded(self, reason: Failure) -> None:
        pid, self._process, self.is_ready = self.pid, None, False
        if self._ending is not None:
            if not self._ending.called:
                self._ending.callback(None)
            return
        if self._reactor.seconds() - self._started_at > STEADY_SECONDS:
            self._falls = 0
        pause = PAUSES[min(self._falls, len(PAUSES) - 1)]
        self._falls += 1
        log.warn(
            "worker {seat} (process {pid}) ended ({reason}); another takes its place",
            seat=self.seat,
            pid=pid,
            reason=reason.getErrorMessage(),
        )
        if not self.first_ready.called:
            self.first_ready.errback(reason)
            return
        self._wait = self._reactor.callLater(pause, self.start)
