"""How a program is made a process."""

from __future__ import annotations

from typing import Any, Protocol

from twisted.internet.defer import Deferred, succeed
from twisted.internet.protocol import ProcessProtocol

from sim.supervise.program import Program

STDIN_AND_OUTPUTS = {0: "w", 1: "r", 2: "r"}


class Spawner(Protocol):
    """A way to start programs, whose standard input stays open for as long as we live.

    The protocol is told of the process by `connectionMade`, now or later. Of its `transport` no more is sure than that
    it has a `pid` and can `loseConnection`.
    """

    def spawn(self, program: Program, protocol: ProcessProtocol) -> None:
        """Start it. Where it comes to nothing, that is told as a death by SIGKILL, and `connectionMade` never."""

    def stop(self) -> Deferred[Any]:
        """Start no more; fires when nothing runs that only the starting needed."""


class Alone:
    """Each program by itself, from nothing (fork and exec)."""

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor

    def spawn(self, program: Program, protocol: ProcessProtocol) -> None:
        self._reactor.spawnProcess(
            protocol,
            program.arguments[0],
            program.arguments,
            env=dict(program.environment),
            childFDs=STDIN_AND_OUTPUTS,
        )

    def stop(self) -> Deferred[Any]:
        return succeed(None)
