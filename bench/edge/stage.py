"""One origin and the servers before it, all on the server's core, ended at the end."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from attrs import frozen

from bench.edge import servers
from bench.edge.servers import Make, Server
from bench.measure import pinned


@frozen
class Running:
    """A server that answers."""

    server: Server
    pid: int

    def url(self, path: str) -> str:
        """Where it answers."""
        return self.server.url(path)


@contextmanager
def stage(made: dict[str, bytes], edges: Sequence[Make]) -> Iterator[tuple[Running, list[Running]]]:
    """An origin with these files, and each of `edges` before it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-edge-")))
        folder.chmod(0o755)
        root = folder / "files"
        root.mkdir()
        for name, data in made.items():
            (root / name).write_bytes(data)
        origin = servers.files(_room(folder, "origin"), root)
        running = [_start(stack, origin, folder)]
        for number, make in enumerate(edges):
            room = _room(folder, f"edge{number}")
            running.append(_start(stack, make(room, origin.port), room))
        yield running[0], running[1:]


def _room(folder: Path, name: str) -> Path:
    room = folder / name
    room.mkdir()
    room.chmod(0o777)
    return room


def _start(stack: ExitStack, server: Server, folder: Path) -> Running:
    pid = stack.enter_context(pinned(server.command, server.url(), folder / f"{server.name}.out"))
    return Running(server, pid)
