"""Scenarios run from the page: each is a `pixeledge run` in a process of its own, with a world of its own beside this
one, and ends with this one."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from attrs import define, field
from twisted.internet.defer import Deferred, succeed
from twisted.internet.protocol import ProcessProtocol
from twisted.internet.threads import deferToThread
from twisted.python.failure import Failure

from sim.report.rehearsal import Rehearsal
from sim.scenarios.script import read, shipped
from sim.supervise.operations import NotNow
from wire.errors import InvalidRequest, NotFound

STDIN_AND_OUTPUTS = {0: "w", 1: "r", 2: "r"}
LAST_WORDS = 6
STOP_SECONDS = 40.0  # `run` gives its world 20 to end
GOODBYE_SECONDS = 8.0  # when this world ends, too; a world that is left alone ends by itself


@define
class Rehearsing:
    """At most one at a time. `folder` is emptied of what a run has left behind; the last report stays in it."""

    reactor: Any
    folder: Path
    log: Path
    _last: Rehearsal | None = None
    _process: Any = None
    _forces: list[Any] = field(factory=list)
    _gone: Deferred[None] = field(factory=lambda: succeed(None))
    _listed: list[dict[str, Any]] | None = None

    def clear(self) -> None:
        """Whoever used the folder before was killed; nobody else does."""
        shutil.rmtree(self.folder, ignore_errors=True)

    async def scenario(self, told: Any) -> dict[str, Any]:
        """`{"run": "region-death"}`, with `"without_safeguard": true` to see it fail, or `{"stop": true}`; how it
        stands. NotFound for no such scenario, NotNow while one runs, or when there is none to stop."""
        match told:
            case {"run": str(name), **rest} if not rest:
                self._run(name, is_without=False)
            case {"run": str(name), "without_safeguard": bool(is_without), **rest} if not rest:
                self._run(name, is_without=is_without)
            case {"stop": True, **rest} if not rest:
                self._stop(STOP_SECONDS)
            case _:
                raise InvalidRequest('A command looks like {"run": "region-death"} or {"stop": true}')
        return {"run": self.told()}

    async def listing(self) -> dict[str, Any]:
        """The scenarios that can be run, and how the last one stands."""
        if self._listed is None:
            self._listed = await deferToThread(_list)
        return {"scenarios": self._listed, "run": self.told()}

    async def report(self) -> str:
        """The report of the last run, as HTML."""
        try:
            return self._report.read_text("utf-8")
        except FileNotFoundError:
            raise NotFound("No scenario has left a report yet") from None

    def told(self) -> dict[str, Any] | None:
        """The run that is under way, else the last; None before the first."""
        return self._last.told() if self._last is not None else None

    async def end(self) -> None:
        """No scenario runs when this returns."""
        if self._process is not None:
            self._stop(GOODBYE_SECONDS)
        await self._gone
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _report(self) -> Path:
        return self.folder / "report.html"

    def _run(self, name: str, *, is_without: bool) -> None:
        if name not in shipped():
            raise NotFound(f"There is no scenario {name!r}: there is {', '.join(shipped())}")
        if self._process is not None:
            raise NotNow("One scenario at a time: stop the one that runs, or wait for its end")
        self.folder.mkdir(parents=True, exist_ok=True)
        self._report.unlink(missing_ok=True)
        world = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.folder))
        arguments = [
            *(sys.executable, "-P", "-m", "sim", "run", name, "--supervised"),
            *("--timeline", "-", "--report", str(self._report), "--state", str(world)),
            *(["--without-safeguard"] if is_without else []),
        ]
        rehearsal, gone = Rehearsal(name, is_without), Deferred[None]()
        self.log.parent.mkdir(parents=True, exist_ok=True)

        def ended(code: int | None, last_words: deque[str]) -> None:
            self._process, forces, self._forces = None, self._forces, []
            for force in forces:
                force.cancel()
            rehearsal.end(code, last_words, has_report=self._report.exists())
            cleaning = deferToThread(shutil.rmtree, world, ignore_errors=True)
            cleaning.addBoth(lambda _: gone.callback(None))

        voice = Told(rehearsal.take, self.log.open("ab"), ended)
        self._process = self.reactor.spawnProcess(
            voice, arguments[0], arguments, env=dict(os.environ), childFDs=STDIN_AND_OUTPUTS
        )
        self._last, self._gone = rehearsal, gone

    def _stop(self, within_seconds: float) -> None:
        """The end of its standard input is the signal to go."""
        process = self._process
        if process is None or self._last is None:
            raise NotNow("No scenario is being run")
        self._last.stop()
        process.closeStdin()
        self._forces.append(self.reactor.callLater(within_seconds, self._kill))

    def _kill(self) -> None:
        self._forces = [force for force in self._forces if force.active()]
        self._process.signalProcess("KILL")


class Told(ProcessProtocol):
    """What `pixeledge run` says: its timeline, a line each, and for people, to the log."""

    def __init__(
        self, take: Callable[[Any], None], log: IO[bytes], ended: Callable[[int | None, deque[str]], None]
    ) -> None:
        self._take = take
        self._log = log
        self._ended = ended
        self._unfinished = b""
        self._last_words: deque[str] = deque(maxlen=LAST_WORDS)

    def outReceived(self, data: bytes) -> None:
        *lines, self._unfinished = (self._unfinished + data).split(b"\n")
        for line in filter(None, lines):
            self._take(json.loads(line))

    def errReceived(self, data: bytes) -> None:
        self._log.write(data)
        self._log.flush()
        self._last_words.extend(data.decode("utf-8", "replace").splitlines())

    def processEnded(self, reason: Failure) -> None:
        self._log.close()
        self._ended(getattr(reason.value, "exitCode", None), self._last_words)


def _list() -> list[dict[str, Any]]:
    scenarios = {name: read(path.read_text("utf-8")) for name, path in shipped().items()}
    return [
        {
            "name": name,
            "about": scenario.about,
            "safeguard": scenario.safeguard,
            "can_be_without": bool(scenario.without),
            "needs": list(scenario.needs),
        }
        for name, scenario in scenarios.items()
    ]
