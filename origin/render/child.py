"""One worker process as the pool sees it: messages in and out, and the news of its death."""

import os
import sys
from pathlib import Path
from typing import Any, Protocol, cast

from twisted.internet.error import ProcessExitedAlready
from twisted.internet.interfaces import IProcessTransport, IReactorProcess, IReactorTime
from twisted.internet.process import reapAllProcesses
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure

from origin.render.frames import BrokenFrame, FrameReader, Job, Message, encode
from origin.render.limits import RenderLimits, to_json

STDERR_BYTES = 2000
REAP_SECONDS = 0.02
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}
ROOT = Path(__file__).parents[2]


class Keeper(Protocol):
    """Who keeps children: told of every message and of the end."""

    def heard(self, child: "RenderChild", message: Message) -> None: ...
    def ended(self, child: "RenderChild", cause: str, signal: int | None) -> None: ...


class RenderChild(ProcessProtocol):
    """A worker process. Whatever breaks the protocol is killed; `ended` then tells the keeper."""

    transport: IProcessTransport

    def __init__(self, keeper: Keeper, clock: IReactorTime) -> None:
        self._keeper = keeper
        self._clock = clock
        self._has_ended = False
        self._frames = FrameReader()
        self._stderr = b""
        self._broken = ""
        self.pid = 0

    def connectionMade(self) -> None:
        self.pid = self.transport.pid or 0

    def send(self, job: Job) -> None:
        """Hand over one job. The pipe's own buffering is enough: a worker has at most one job."""
        self.transport.writeToChild(0, encode(job))

    def retire(self) -> None:
        """Let the process end when it has answered: it reads the end of its input."""
        self.transport.closeStdin()

    def kill(self) -> None:
        """End the process now, whatever it does."""
        try:
            self.transport.signalProcess("KILL")
        except ProcessExitedAlready:
            return

    def outReceived(self, data: bytes) -> None:
        if self._broken:
            return
        try:
            for message in self._frames.feed(data):
                self._keeper.heard(self, message)
        except BrokenFrame as error:
            self._broken = str(error)
            self.kill()

    def errReceived(self, data: bytes) -> None:
        self._stderr = (self._stderr + data)[-STDERR_BYTES:]

    def outConnectionLost(self) -> None:
        """The process is dying. Its end must be asked for: uvloop keeps SIGCHLD's wake-up from Twisted."""
        if not self._has_ended:
            reapAllProcesses()
        if not self._has_ended:
            self._clock.callLater(REAP_SECONDS, self.outConnectionLost)

    def processEnded(self, reason: Failure) -> None:
        self._has_ended = True
        cause = self._broken or reason.getErrorMessage()
        if self._stderr:
            cause += "; its last words: " + self._stderr.decode("utf-8", "backslashreplace").strip()
        self._keeper.ended(self, cause, getattr(reason.value, "signal", None))


def spawn(reactor: IReactorProcess, limits: RenderLimits, keeper: Keeper) -> RenderChild:
    """Start `python -m origin.render.worker` under these limits.

    `-P` keeps the working directory off its path: a file `PIL.py` there must not become our renderer. One
    thread for numpy's linear algebra, whose buffers for each core of a large machine would exceed the memory.
    """
    child = RenderChild(keeper, cast(IReactorTime, reactor))
    arguments = [sys.executable, "-P", "-m", "origin.render.worker", to_json(limits), str(os.getpid())]
    environment = {**os.environ, "PYTHONPATH": _search_path(os.environ), **ONE_THREAD}
    reactor.spawnProcess(child, sys.executable, arguments, environment)
    return child


def _search_path(environment: Any) -> str:
    """Ours first, so that a node run from a source tree has workers from the same tree."""
    inherited = environment.get("PYTHONPATH")
    return f"{ROOT}{os.pathsep}{inherited}" if inherited else str(ROOT)
