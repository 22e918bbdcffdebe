"""Hits: everybody has the body already, in memory or on disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from bench.edge import servers
from bench.edge.load import Burst, wrk
from bench.edge.servers import Make
from bench.edge.stage import Running, stage
from bench.measure import median, table

BODIES = {"1 KB": 1_000, "20 KB": 20_000, "1 MB": 1_000_000}
COLUMNS = ["body", "server", "responses / CPU s", "of nginx", "responses / s", "p50 ms", "p99 ms"]
MANY = 2_000  # URLs: more than an edge remembers the heads of
MANY_WARM_SECONDS = 15
NO_MEMORY = ("--hot", "8KiB")  # admits no body of these


def from_memory(seconds: int, rounds: int, wanted: tuple[str, ...]) -> None:
    """Everybody as he is best."""
    peers = [make for _, make in servers.installed(wanted)]
    _compare("Hits", [servers.ours, *peers], seconds, rounds)


def from_disk(seconds: int, rounds: int) -> None:
    """Ours without its memory tier, beside those who always have their bodies in files."""
    ours = partial(servers.ours, more=NO_MEMORY)
    peers = [make for _, make in servers.installed(("nginx", "httpd"))]
    _compare("Hits from the disk tier", [ours, *peers], seconds, rounds, many={"1 KB": BODIES["1 KB"]})


def _compare(
    title: str, makes: Sequence[Make], seconds: int, rounds: int, many: Mapping[str, int] | None = None
) -> None:
    """Servers take turns, so that a slow moment of the machine falls on all. Of `many` bodies each URL is asked again
    after all the others."""
    made = {f"{size}.bin": bytes(size) for size in BODIES.values()}
    rows: list[list[str]] = []
    with stage(made, makes) as (_, running):
        for name, size in BODIES.items():
            rows += rows_of(name, bursts_of(running, f"/{size}.bin", seconds, rounds))
        for name, size in (many or {}).items():
            bursts = bursts_of(running, f"/{size}.bin", seconds, rounds, urls=MANY)
            rows += rows_of(f"{name}, {MANY:,} URLs", bursts)
    table(title, COLUMNS, rows)


def bursts_of(
    running: Sequence[Running], path: str, seconds: int, rounds: int, *, urls: int | None = None
) -> dict[str, list[Burst]]:
    """The bursts of each server, in turns, after one that warms it."""
    bursts: dict[str, list[Burst]] = {each.server.name: [] for each in running}
    ask = wrk if urls is None else partial(wrk, salt="many", urls=urls)
    for each in running:
        ask(each.url(path), 1 if urls is None else MANY_WARM_SECONDS, each.pid)
    for _ in range(rounds):
        for each in running:
            bursts[each.server.name].append(ask(each.url(path), seconds, each.pid))
    return bursts


def rows_of(name: str, bursts: dict[str, list[Burst]]) -> list[list[str]]:
    """Medians, and each beside nginx."""
    per_cpu = {server: median([burst.per_cpu for burst in seen]) for server, seen in bursts.items()}
    standard = per_cpu.get("nginx")
    rows = []
    for server, seen in bursts.items():
        rate, p50, p99 = (
            median([getattr(burst, what) for burst in seen]) for what in ("rate", "p50_ms", "p99_ms")
        )
        ratio = f"{per_cpu[server] / standard:.2f}" if standard else ""
        rows.append(
            [name, server, f"{per_cpu[server]:,.0f}", ratio, f"{rate:,.0f}", f"{p50:.2f}", f"{p99:.2f}"]
        )
    return rows
