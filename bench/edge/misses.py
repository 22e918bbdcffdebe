"""Misses: what an edge adds to a fetch from its origin, one question at a time and every URL new."""

from __future__ import annotations

from bench.edge import servers
from bench.edge.load import Burst, wrk
from bench.edge.stage import stage
from bench.measure import median, table

BODIES = {"1 KB": 1_000, "20 KB": 20_000, "1 MB": 1_000_000}
COLUMNS = ["body", "by way of", "p50 ms", "p99 ms", "added p50", "added p99", "CPU ms each"]


def compare(seconds: int, rounds: int) -> None:
    """Direct, by our edge and by nginx, in turns."""
    peers = [make for _, make in servers.installed(("nginx",))]
    made = {f"{size}.bin": bytes(size) for size in BODIES.values()}
    rows: list[list[str]] = []
    with stage(made, [servers.ours, *peers]) as (origin, edges):
        for name, size in BODIES.items():
            seen: dict[str, list[Burst]] = {"nothing": [], **{each.server.name: [] for each in edges}}
            for number in range(rounds):
                for by, each in zip(seen, (origin, *edges), strict=True):
                    salt = f"{name}{number}".replace(" ", "")
                    seen[by].append(
                        wrk(each.url(f"/{size}.bin"), seconds, each.pid, connections=1, salt=salt)
                    )
            rows += _rows(name, seen)
    table("Misses", COLUMNS, rows)


def _rows(name: str, seen: dict[str, list[Burst]]) -> list[list[str]]:
    rows = []
    direct50, direct99 = (
        median([getattr(each, p) for each in seen["nothing"]]) for p in ("p50_ms", "p99_ms")
    )
    for by, bursts in seen.items():
        p50, p99 = (median([getattr(each, p) for each in bursts]) for p in ("p50_ms", "p99_ms"))
        cpu = 1000 / median([each.per_cpu for each in bursts])
        added = ["", ""] if by == "nothing" else [f"{p50 - direct50:.2f}", f"{p99 - direct99:.2f}"]
        rows.append([name, by, f"{p50:.2f}", f"{p99:.2f}", *added, f"{cpu:.2f}"])
    return rows
