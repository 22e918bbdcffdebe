"""One supervised process: its log, its last words, and the commands of its lifecycle carried out."""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from attrs import frozen
from twisted.internet.defer import Deferred
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure

from sim.supervise.lifecycle import GiveUp, Lifecycle, Rest, Spawn, SpawnAfter, State, Terminate
from sim.supervise.ready import SILENT, Health

LAST_WORDS = 12
LAST_WORDS_SECONDS = 0.3
STDIN_AND_OUTPUTS = {0: "w", 1: "r", 2: "r"}


@frozen
class Program:
    """What to run, and where to ask how it is."""

    name: str
    arguments: tuple[str, ...]
    probe_url: str
    log: Path
    environment: Mapping[str, str]
    wave: int = 0  # at the end, lower waves are stopped first


class Child:
    """A program being run, again and again if need be."""

    def __init__(self, reactor: Any, program: Program, changed: Callable[[Child], None]) -> None:
        self.program = program
        self.life = Lifecycle()
        self.health: Health = SILENT
        self.last_words: deque[str] = deque(maxlen=LAST_WORDS)
        self.pid: int | None = None
        self._reactor = reactor
        self._changed = changed
        self._gone: list[Deferred[None]] = []
        self._wait: Any = None
        self._ended_by: int | None = None  # the signal, if one did

    @property
    def name(self) -> str:
        return self.program.name

    def start(self) -> None:
        """Run it, unless it runs."""
        self._obey(self.life.start())

    def stop(self) -> None:
        """Ask it to end, and do not run it again."""
        if self._wait is not None:
            self._wait.cancel()
            self._wait = None
        self._obey(self.life.stop())

    def kill(self) -> None:
        """End it and all it started, at once."""
        self.signal(signal.SIGKILL)

    def signal_all(self, number: signal.Signals) -> None:
        """Send a signal to the process and to all it started: they are its process group."""
        if self.pid is not None:
            try:
                os.killpg(self.pid, number)
            except (ProcessLookupError, PermissionError):  # it has yet to become the leader of one
                self.signal(number)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process, if there is one."""
        if self.pid is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(self.pid, number)

    def gone(self) -> Deferred[None]:
        """Fires when no process runs."""
        waiting: Deferred[None] = Deferred()
        if self.pid is None:
            waiting.callback(None)
        else:
            self._gone.append(waiting)
        return waiting

    def hear(self, health: Health) -> None:
        """Take note of what the probe said."""
        before = (self.life.state, self.health)
        self.health = health
        if health.is_ready:
            self._obey(self.life.became_ready(self._reactor.seconds()))
        if (self.life.state, self.health) != before:
            self._changed(self)

    def reason(self) -> str:
        """Why it does not run: what ended it, or its own last line that says something."""
        if self._ended_by is not None:
            return f"killed by {signal.Signals(self._ended_by).name}"
        said = [line.removeprefix("cannot start: ") for line in self.last_words if line.strip()]
        return said[-1] if said else "it ended without a word"

    def _obey(self, command: Spawn | SpawnAfter | Terminate | GiveUp | Rest) -> None:
        match command:
            case Spawn():
                self._spawn()
                self._changed(self)
            case SpawnAfter(seconds):
                self._wait = self._reactor.callLater(seconds, self._waited)
                self._changed(self)
            case Terminate():
                self.signal(signal.SIGTERM)
                self.signal_all(signal.SIGCONT)  # a frozen one hears it, too
            case GiveUp():
                self._changed(self)
            case Rest():
                pass

    def _waited(self) -> None:
        self._wait = None
        self._obey(self.life.waited())

    def _spawn(self) -> None:
        self.health = SILENT
        self.program.log.parent.mkdir(parents=True, exist_ok=True)
        protocol = Voice(self._reactor, self.program.log.open("ab"), self.last_words, self._exited)
        transport = self._reactor.spawnProcess(
            protocol,
            self.program.arguments[0],
            self.program.arguments,
            env=dict(self.program.environment),
            childFDs=STDIN_AND_OUTPUTS,
        )
        self.pid = transport.pid

    def _exited(self, by_signal: int | None) -> None:
        if self.pid is not None:
            # what it started lives in its process group and would outlive it
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
        self.pid, self.health, self._ended_by = None, SILENT, by_signal
        self._obey(self.life.exited(self._reactor.seconds(), killed=by_signal is not None))
        if self.life.state is State.STOPPED:
            self._changed(self)
        gone, self._gone = self._gone, []
        for waiting in gone:
            waiting.callback(None)


class Voice(ProcessProtocol):
    """What a process says: written to its log, the last lines kept. Its stdin is open while we live."""

    def __init__(
        self, clock: Any, log: IO[bytes], last_words: deque[str], exited: Callable[[int | None], None]
    ) -> None:
        self._clock = clock
        self._log = log
        self._last_words = last_words
        self._exited = exited
        self._unfinished = b""
        self._hanging_up: Any = None

    def outReceived(self, data: bytes) -> None:
        self.errReceived(data)

    def errReceived(self, data: bytes) -> None:
        self._log.write(data)
        self._log.flush()
        *lines, self._unfinished = (self._unfinished + data).split(b"\n")
        self._unfinished = self._unfinished[-4096:]
        self._last_words.extend(line.decode("utf-8", "replace")[:500] for line in lines)

    def processExited(self, reason: Failure) -> None:
        # its last words may still be in the pipe; but a grandchild may hold the pipe open for ever
        if self.transport is not None:
            self._hanging_up = self._clock.callLater(LAST_WORDS_SECONDS, self.transport.loseConnection)

    def processEnded(self, reason: Failure) -> None:
        if self._hanging_up is not None and self._hanging_up.active():
            self._hanging_up.cancel()
        if self._unfinished:
            self._last_words.append(self._unfinished.decode("utf-8", "replace")[:500])
        self._log.close()
        self._exited(getattr(reason.value, "signal", None))
