"""A viewer's way through a world, without its miles: the balancer and an edge that has the body, beside HAProxy in
front of nginx. Responses per second of the CPU of both processes of a pair.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from attrs import frozen

from bench.edge import servers
from bench.edge.load import Burst, wrk
from bench.edge.servers import Server
from bench.measure import free_port, median, pinned, table

BODIES = {"1 KB": 1_000, "20 KB": 20_000}
HAPROXY = (
    servers.HAPROXY_DEFAULTS
    + """frontend viewers
  bind 127.0.0.1:{port}
  default_backend edge
backend edge
  server edge 127.0.0.1:{upstream}
"""
)


@frozen
class Pair:
    """A front door and the cache behind it, running."""

    name: str
    front: Server
    pids: tuple[int, int]


def balancer(folder: Path, upstream: int) -> Server:
    """Ours, with one PoP and no health to ask for."""
    port = free_port()
    settings = {
        "name": "balancer", "listen": f"127.0.0.1:{port}", "control": "127.0.0.1:0",
        "pops": [{"name": "edge", "region": "here", "url": f"http://127.0.0.1:{upstream}"}],
        "regions": {"here": {"at": [50.1, 8.7]}},
    }  # fmt: skip
    document = folder / "balancer.json"
    document.write_text(json.dumps({"kind": "balancer", "settings": settings}))
    return Server("pixeledge", (sys.executable, "-P", "-m", "sim.node", str(document)), port)


def haproxy(folder: Path, upstream: int) -> Server:
    """As a reverse proxy, connections to nginx kept."""
    port = free_port()
    path = folder / "front.cfg"
    path.write_text(HAPROXY.format(port=port, upstream=upstream))
    return Server("HAProxy + nginx", ("haproxy", "-db", "-f", str(path)), port)


PAIRS = ((servers.ours, balancer), (servers.nginx, haproxy))


@contextmanager
def pairs(made: dict[str, bytes]) -> Iterator[list[Pair]]:
    """An origin with these files, and each pair before it, all on the servers' core."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-proxy-")))
        folder.chmod(0o755)
        root = folder / "files"
        root.mkdir()
        for name, data in made.items():
            (root / name).write_bytes(data)

        def start(server: Server, room: Path) -> int:
            return stack.enter_context(pinned(server.command, server.url(), room / f"{server.port}.out"))

        rooms = [folder / str(number) for number in range(len(PAIRS) + 1)]
        for room in rooms:
            room.mkdir()
        origin = servers.files(rooms[0], root)
        start(origin, rooms[0])
        running = []
        for room, (make_cache, make_front) in zip(rooms[1:], PAIRS, strict=True):
            cache = make_cache(room, origin.port)
            behind = start(cache, room)
            front = make_front(room, cache.port)
            running.append(Pair(front.name, front, (start(front, room), behind)))
        yield running


def compare(seconds: int, rounds: int) -> None:
    """Pairs take turns, after a burst that fills their caches."""
    rows: list[list[str]] = []
    with pairs({f"{size}.bin": bytes(size) for size in BODIES.values()}) as running:
        for body, size in BODIES.items():
            bursts: dict[str, list[Burst]] = {pair.name: [] for pair in running}
            for turn in range(rounds + 1):
                for pair in running:
                    burst = wrk(pair.front.url(f"/{size}.bin"), seconds if turn else 1, *pair.pids)
                    if turn:
                        bursts[pair.name].append(burst)
            rows += rows_of(body, bursts)
    table(
        "Hits through a front door",
        ["body", "servers", "responses / CPU s", "of ours", "responses / s", "p50 ms", "p99 ms"],
        rows,
    )


def rows_of(body: str, bursts: dict[str, list[Burst]]) -> list[list[str]]:
    """Medians, and each beside ours."""
    ours = median([burst.per_cpu for burst in bursts["pixeledge"]])
    rows = []
    for name, seen in bursts.items():
        per_cpu, rate, p50, p99 = (
            median([getattr(burst, what) for burst in seen])
            for what in ("per_cpu", "rate", "p50_ms", "p99_ms")
        )
        rows.append(
            [
                body,
                name,
                f"{per_cpu:,.0f}",
                f"{per_cpu / ours:.1f}",
                f"{rate:,.0f}",
                f"{p50:.2f}",
                f"{p99:.2f}",
            ]
        )
    return rows
