"""An edge of several real processes, its parent in this one."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from twisted.internet import reactor as real_reactor

from edge.settings import Limits, Settings
from edge.workers.service import EdgeCrew, make_service
from sim.node import worker_of
from sim.nodefile import EdgeNode
from tests.support.viewer import Answer, Connection, answer_of, ask, connect

reactor: Any = real_reactor

PATIENT = Limits(drain_seconds=5.0, first_byte_seconds=60.0, between_bytes_seconds=60.0)


@asynccontextmanager
async def running_crew(
    upstream: str, folder: Path, workers: int = 2, **settings: Any
) -> AsyncIterator[EdgeCrew]:
    """A node of so many workers before this upstream, stopped at the end."""
    given: dict[str, Any] = {"limits": PATIENT, "name": "fra-1", "cache_dir": str(folder)}
    given |= {"listen": "127.0.0.1:0", "control": "127.0.0.1:0", "workers": workers}
    told = Settings(upstreams=(upstream,), **(given | settings))
    crew = make_service(told, reactor=reactor, program_at=lambda each: worker_of(EdgeNode("edge", each)))
    crew.startService()
    await crew.ready
    try:
        yield crew
    finally:
        await crew.stopService()


class Line:
    """A viewer's kept connection: it stays with the worker that accepted it."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._read = 0

    def send(self, target: str, method: str = "GET") -> None:
        """Ask, without waiting."""
        self.connection.send(f"{method} {target} HTTP/1.1\r\nHost: cdn.example\r\n\r\n".encode())

    async def answer(self) -> Answer:
        """The next answer with a Content-Length."""
        received = self.connection.received
        while b"\r\n\r\n" not in received[self._read :]:
            await self.connection.until(len(received) + 1)
        end = received.index(b"\r\n\r\n", self._read) + 4
        head = bytes(received[self._read : end])
        length = int(answer_of(head).get("Content-Length"))
        await self.connection.until(end + length)
        raw = bytes(received[self._read : end + length])
        self._read = end + length
        return answer_of(raw)

    async def get(self, target: str) -> Answer:
        """Ask and wait."""
        self.send(target)
        return await self.answer()


async def lines_to_all(crew: EdgeCrew) -> list[list[Line]]:
    """Kept connections, by worker: at least one to each."""
    lines: list[list[Line]] = [[] for _ in crew.workers]
    while not all(lines):
        before = await handled(crew)
        line = Line(await connect(crew.port))
        assert (await line.get("/which")).status == 404
        after = await handled(crew)
        (seat,) = (at for at, count in enumerate(after) if count > before[at])
        lines[seat].append(line)
    return lines


async def handled(crew: EdgeCrew) -> Sequence[int]:
    """Requests that each worker answered."""
    answers = [await ask(port, "/status") for port in worker_ports(await status(crew))]
    return [json.loads(answer.body)["requests"] for answer in answers]


def worker_ports(told: dict[str, Any]) -> list[int]:
    """Where the parent asks its workers."""
    return [int(worker["control"].rpartition(":")[2]) for worker in told["workers"]]


async def status(crew: EdgeCrew) -> dict[str, Any]:
    """The node's figures."""
    told: dict[str, Any] = json.loads((await ask(crew.control_port, "/status")).body)
    return told


async def at_rest(crew: EdgeCrew) -> dict[str, Any]:
    """The node's figures once all is counted: a viewer has its last byte a moment before its request is over."""
    for _ in range(500):
        told = await status(crew)
        if told["in_flight"] == 0:
            return told
    raise AssertionError("it never came to rest")


async def stored(crew: EdgeCrew, entries: int) -> None:
    """Return when so much is on disk: a viewer has an answer before that is written."""
    for _ in range(500):
        if (await status(crew))["cache"]["entries"] >= entries:
            return
    raise AssertionError("it was never stored")


async def purge(crew: EdgeCrew, **told: Any) -> Answer:
    """`POST /purge` at the node."""
    body = json.dumps(told).encode()
    return await ask(crew.control_port, "/purge", "POST", body, Content_Type="application/json")
