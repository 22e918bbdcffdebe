"""The nurseries of a supervisor: a process for each breed that has loaded what its programs need, and forks them."""

from __future__ import annotations

import json
import os
import signal
import socket
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from attrs import frozen
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.error import ProcessTerminated
from twisted.internet.interfaces import IReadDescriptor
from twisted.internet.protocol import ProcessProtocol
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from sim.supervise import foster
from sim.supervise.foster import Foster, Pipes
from sim.supervise.program import Breed, Program
from sim.supervise.spawning import STDIN_AND_OUTPUTS, Spawner

DOOR = 3
PATIENCE_SECONDS = 60.0  # a busy machine takes its time to load; who is frozen would take for ever
GOODBYE_SECONDS = 1.0

log = Logger()


class Nurseries:
    """Forks what has a breed, and leaves the rest to another spawner; all of it, where the system lets nobody adopt."""

    def __init__(self, reactor: Any, alone: Spawner) -> None:
        self._reactor = reactor
        self._alone = alone
        self._can_adopt = foster.adopt()
        self._of: dict[tuple[Breed, frozenset[tuple[str, str]]], Nursery] = {}

    def spawn(self, program: Program, protocol: ProcessProtocol) -> None:
        if program.breed is None or not self._can_adopt:
            self._alone.spawn(program, protocol)
            return
        key = program.breed, frozenset(program.environment.items())
        if key not in self._of:
            self._of[key] = Nursery(self._reactor, program.breed, program.environment, self._alone)
        self._of[key].spawn(program, protocol)

    def stop(self) -> Deferred[Any]:
        return gatherResults([self._alone.stop(), *(each.stop() for each in self._of.values())])


@frozen
class Birth:
    """A program that is to be a process."""

    program: Program
    protocol: ProcessProtocol

    def failed(self) -> None:
        """It is none, or one that nobody told us of: that ends with its standard input."""
        self.protocol.processEnded(Failure(ProcessTerminated(None, signal.SIGKILL, signal.SIGKILL)))


class Nursery(ProcessProtocol):
    """One breed's. Its process begins with the first birth, and again with the next one after it fell: those it forked
    live on. One that falls before it can fork anything is not tried again: `alone` has the rest."""

    def __init__(self, reactor: Any, breed: Breed, environment: Mapping[str, str], alone: Spawner) -> None:
        self.pid: int | None = None
        self._reactor = reactor
        self._breed = breed
        self._environment = environment
        self._alone = alone
        self._door: Door | None = None
        self._is_ready = False
        self._is_barren = False
        self._waiting: deque[Birth] = deque()
        self._under_way: tuple[Birth, Pipes] | None = None
        self._patience: Any = None
        self._stopped: Deferred[None] | None = None

    def spawn(self, program: Program, protocol: ProcessProtocol) -> None:
        birth = Birth(program, protocol)
        if self._stopped is not None:
            birth.failed()
        elif self._is_barren:
            self._alone.spawn(program, protocol)
        else:
            self._waiting.append(birth)
            self._go_on()

    def stop(self) -> Deferred[None]:
        """Who waits for a birth is told of a death; one under way happens."""
        self._stopped = Deferred()
        waiting, self._waiting = self._waiting, deque()
        for birth in waiting:
            birth.failed()
        self._go_on()
        if self.pid is None:
            self._stopped.callback(None)
        else:
            self._reactor.callLater(GOODBYE_SECONDS, self._kill)
        return self._stopped

    def _go_on(self) -> None:
        """The next birth, when the last one has happened."""
        if self._under_way is not None:
            return
        if self._stopped is not None:
            self._close()
        elif self._waiting and self._door is None:
            if self.pid is None:  # else its end is still to be heard of
                self._run()
        elif self._waiting and self._door is not None and self._is_ready:
            birth, pipes = self._waiting.popleft(), Pipes()
            self._under_way = birth, pipes
            self._be_patient()
            self._door.order(birth.program.arguments, pipes.given)
            pipes.give()

    def _run(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._door = Door(self._reactor, ours, self._heard)
        command = Breed("sim.supervise.nursery").command
        words = (str(DOOR), self._breed.main, *self._breed.words)
        with theirs:
            process = self._reactor.spawnProcess(
                self,
                command[0],
                (*command, *words),
                env=dict(self._environment),
                childFDs={**STDIN_AND_OUTPUTS, DOOR: theirs.fileno()},
            )
        self.pid = process.pid
        self._be_patient()

    def _heard(self, word: bytes) -> None:
        if self._patience.active():
            self._patience.cancel()
        if not word:
            self._fell()
        elif self._under_way is None:
            self._is_ready = True
        else:
            (birth, pipes), self._under_way = self._under_way, None
            Foster(self._reactor, birth.protocol, int(word), pipes)
        self._go_on()

    def _fell(self) -> None:
        self._close()
        log.warn("the nursery of {breed} fell", breed=self._breed.main)
        if self._under_way is not None:
            (birth, pipes), self._under_way = self._under_way, None
            pipes.close()
            birth.failed()
        if not self._is_ready:
            self._is_barren = True
            waiting, self._waiting = self._waiting, deque()
            for birth in waiting:
                self._alone.spawn(birth.program, birth.protocol)
        self._is_ready = False

    def _close(self) -> None:
        if self._door is not None:
            self._door.close()
            self._door = None

    def _be_patient(self) -> None:
        self._patience = self._reactor.callLater(PATIENCE_SECONDS, self._kill)

    def _kill(self) -> None:
        if self.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    # What the process does

    def errReceived(self, data: bytes) -> None:
        log.warn(
            "the nursery of {breed}: {said}", breed=self._breed.main, said=data.decode("utf-8", "replace")
        )

    def processEnded(self, reason: Failure) -> None:
        self.pid = None
        self._go_on()
        if self._stopped is not None and not self._stopped.called:
            self._stopped.callback(None)


@implementer(IReadDescriptor)
class Door:
    """Our end of the socket to a nursery: an order at a time goes out, `heard` is told each answer. The end is an empty
    one."""

    def __init__(self, reactor: Any, own: socket.socket, heard: Callable[[bytes], None]) -> None:
        self._reactor = reactor
        self._own = own
        self._heard = heard
        own.setblocking(False)
        reactor.addReader(self)

    def order(self, command: Sequence[str], files: Sequence[int]) -> None:
        """Of a process that is gone we hear when we read."""
        with suppress(ConnectionError):
            socket.send_fds(self._own, [json.dumps(command).encode()], files)

    def close(self) -> None:
        self._reactor.removeReader(self)
        self._own.close()

    # What the reactor asks

    def fileno(self) -> int:
        return self._own.fileno()

    def logPrefix(self) -> str:
        return "nursery"

    def doRead(self) -> None:
        try:
            word = self._own.recv(64)
        except BlockingIOError:
            return
        except ConnectionError:
            word = b""
        self._heard(word)

    def connectionLost(self, reason: Failure) -> None:
        self._heard(b"")
