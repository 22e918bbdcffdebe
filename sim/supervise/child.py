"""One supervised process: its log, its last words, and the commands of its lifecycle carried out."""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any

from twisted.internet.defer import Deferred
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure

from sim.supervise.foster import bury
from sim.supervise.lifecycle import GiveUp, Lifecycle, Rest, Spawn, SpawnAfter, State, Terminate
from sim.supervise.program import Program
from sim.supervise.ready import SILENT, Health
from sim.supervise.spawning import Spawner

LAST_WORDS = 12
LAST_WORDS_SECONDS = 0.3
BURY_SECONDS = 1.0


class Child:
    """A program being run, again and again if need be."""

    def __init__(
        self, reactor: Any, program: Program, changed: Callable[[Child], None], spawner: Spawner
    ) -> None:
        self.program = program
        self.life = Lifecycle()
        self.health: Health = SILENT
        self.last_words: deque[str] = deque(maxlen=LAST_WORDS)
        self.pid: int | None = None
        self._reactor = reactor
        self._changed = changed
        self._spawner = spawner
        self._gone: list[Deferred[None]] = []
        self._wait: Any = None
        self._ended_by: int | None = None  # the signal, if one did
        self._owed: list[signal.Signals] | None = None  # of one yet to be born: what it is sent then

    @property
    def name(self) -> str:
        return self.program.name

    @property
    def is_unborn(self) -> bool:
        """Whether it was asked for and is no process yet."""
        return self._owed is not None

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
        """Send a signal to the process, if there is one or is to be one."""
        if self._owed is not None:
            self._owed.append(number)
        if self.pid is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(self.pid, number)

    def gone(self) -> Deferred[None]:
        """Fires when no process runs."""
        waiting: Deferred[None] = Deferred()
        if self.pid is None and not self.is_unborn:
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
        self._owed = []
        log = self.program.log.open("ab")
        voice = Voice(self._reactor, log, self.last_words, self._born, self._exited)
        self._spawner.spawn(self.program, voice)

    def _born(self, pid: int) -> None:
        owed, self._owed, self.pid = self._owed or (), None, pid
        for number in owed:
            self.signal(number)
        self._changed(self)

    def _exited(self, by_signal: int | None) -> None:
        if self.pid is not None:
            # what it started lives in its process group and would outlive it
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
            self._bury(self.pid)
        self.pid, self._owed, self.health, self._ended_by = None, None, SILENT, by_signal
        self._obey(self.life.exited(self._reactor.seconds(), killed=by_signal is not None))
        if self.life.state is State.STOPPED:
            self._changed(self)
        gone, self._gone = self._gone, []
        for waiting in gone:
            waiting.callback(None)

    def _bury(self, group: int) -> None:
        """Whoever adopts orphans reaps them."""
        if bury(group):
            self._reactor.callLater(BURY_SECONDS, self._bury, group)


class Voice(ProcessProtocol):
    """What a process says: written to its log, the last lines kept. Its stdin is open while we live."""

    def __init__(
        self,
        clock: Any,
        log: IO[bytes],
        last_words: deque[str],
        born: Callable[[int], None],
        exited: Callable[[int | None], None],
    ) -> None:
        self._clock = clock
        self._log = log
        self._last_words = last_words
        self._born = born
        self._exited = exited
        self._unfinished = b""
        self._hanging_up: Any = None

    def connectionMade(self) -> None:
        self._born(self.transport.pid)  # type: ignore[union-attr]

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
