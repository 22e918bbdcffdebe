"""Origins that are killed at a step of what they do, by SIGKILL, and what is left of their work.

`Nursery` is a process that has imported everything and forks an origin for each run: a run costs a fork, not a
start. A child counts the steps it takes from the first call that says `FATAL`, and dies at the n-th.
"""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

import yaml
from attrs import define, field

FATAL = "X-Fatal"
"""The header field of the call that is not to be survived: what came before it is not counted."""

STEPS = (
    "file received",  # whole, on our disk
    "object to be stored",
    "object stored",
    "transaction to be committed",
    "transaction committed",
    "answer to be sent",
    "answer sent",
)
PLACES = (
    "origin.store.minio",
    "psycopg",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite",
)
"""What an origin loads for where it keeps things."""
PATIENCE_SECONDS = 30.0


@define
class Mortal:
    """An origin that runs; once it does no more, the step it died at, if it did not live to the end."""

    url: str
    died_at: str | None = None


@define
class Nursery:
    """Forks mortal origins."""

    _process: "subprocess.Popen[str] | None" = field(default=None, init=False)

    def __enter__(self) -> "Nursery":
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.mortal"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parent.parent.parent,
        )
        assert self._answer() == {"ready": True}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(PATIENCE_SECONDS)

    @contextmanager
    def origin(self, settings: dict[str, Any], step: int = 0) -> Iterator["Mortal"]:
        """An origin that dies at its `step`-th step, counted from one; at none if that is 0."""
        document = yaml.safe_dump({"kind": "origin", "settings": settings})
        born = self._ask({"document": document, "step": step})
        mortal = Mortal(f"http://127.0.0.1:{born['port']}")
        try:
            yield mortal
        finally:
            mortal.died_at = self._ask({"end": born["pid"]})["died_at"]

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], PATIENCE_SECONDS)
        assert ready, "the nursery is silent"
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


def main() -> None:
    """The nursery itself: a question a line, an answer a line."""
    from sim import breeds, loading, node

    loading.begin()
    node.prepare("origin", "origin.service", *PLACES, *breeds.ALL)  # a child needs nothing more
    loading.end()
    print(json.dumps({"ready": True}), flush=True)
    wills: dict[int, TextIO] = {}
    for line in sys.stdin:
        question = json.loads(line)
        if "end" in question:
            pid = question["end"]
            print(json.dumps({"died_at": _end(pid, wills.pop(pid))}), flush=True)
            continue
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            _live(question["document"], question["step"], writing)
            os._exit(0)
        os.close(writing)
        wills[pid] = os.fdopen(reading)
        print(json.dumps({"pid": pid, "port": json.loads(wills[pid].readline())}), flush=True)


def _end(pid: int, will: TextIO) -> str | None:
    """The step that a child died at, before it was ended now."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    with will:
        return will.readline().strip() or None


def _live(document: str, step: int, told: int) -> None:
    from origin.service import OriginNode
    from sim.nodefile import OriginNode as OriginDocument
    from sim.nodefile import read
    from sim.process import install_reactor

    sys.stdin = open(os.devnull)  # noqa: SIM115
    os.dup2(2, 1)  # the nursery's answers are its own
    _arm(_Fate(step, told))
    reactor = install_reactor()
    described = read(document)
    assert isinstance(described, OriginDocument)
    node = OriginNode(described.settings, reactor=reactor)

    for service in node.services:  # nobody works unasked: what is counted is the call's own doing
        service.startService = lambda: None

    def started() -> None:
        node.startService()
        os.write(told, f"{node.addresses[0].rpartition(':')[2]}\n".encode())

    reactor.callWhenRunning(started)
    reactor.run()


@define
class _Fate:
    """Dies at the last of its steps, counted from the fatal call; and says at which."""

    left: int
    will: int  # a pipe
    is_armed: bool = False

    def approaches(self, step: str) -> None:
        """The step comes next, and the caller may see it before we do: what is to be its will is written now."""
        if self.is_armed and self.left == 1:
            os.write(self.will, f"{step}\n".encode())

    def reached(self, step: str) -> None:
        if self.is_armed:
            self.left -= 1
            if self.left == 0:
                os.write(self.will, f"{step}\n".encode())
                os.kill(os.getpid(), signal.SIGKILL)


def _arm(fate: _Fate) -> None:
    """Have this process count its steps."""
    from origin.api import resource, routes, spooling
    from origin.store.filesystem import FilesystemStore
    from origin.store.minio import MinioStore

    resource_for = routes.ApiRoutes.resource_for

    def arming(routes: Any, request: Any) -> Any:
        fate.is_armed = fate.is_armed or request.getHeader(FATAL) is not None
        return resource_for(routes, request)

    setattr(routes.ApiRoutes, "resource_for", arming)  # noqa: B010
    _around(spooling.FileSpool, "finish", fate, None, "file received")
    _around(resource, "send_json", fate, "answer to be sent", "answer sent")
    for store in (FilesystemStore, MinioStore):
        _around_put(store, fate)
    _around_transactions(fate)


def _around(owner: Any, name: str, fate: _Fate, before: str | None, after: str) -> None:
    """Steps before and after a plain function."""
    function: Callable[..., Any] = getattr(owner, name)

    def passing(*arguments: Any, **more: Any) -> Any:
        if before:
            fate.reached(before)
        fate.approaches(after)
        result = function(*arguments, **more)
        fate.reached(after)
        return result

    setattr(owner, name, passing)


def _around_put(store: Any, fate: _Fate) -> None:
    put = store.put

    async def passing(self: Any, key: str, source: Path) -> None:
        fate.reached("object to be stored")
        await put(self, key, source)
        fate.reached("object stored")

    store.put = passing


def _around_transactions(fate: _Fate) -> None:
    from origin.catalogue.database import Database

    once = Database._once

    def transaction(self: Any, work: Any, *, writes: bool) -> Any:
        if not writes:
            return once(self, work, writes=writes)

        def passing(connection: Any) -> Any:
            result = work(connection)
            fate.reached("transaction to be committed")
            return result

        result = once(self, passing, writes=writes)
        fate.reached("transaction committed")
        return result

    Database._once = transaction  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
