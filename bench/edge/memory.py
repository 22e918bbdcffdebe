"""Memory: what the process takes beside what its memory tier may hold."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from bench.edge import servers
from bench.edge.load import wrk
from bench.edge.stage import stage
from bench.measure import family, table

HOT_MIB = 64
SIZES = {"1 KB": 1_000, "20 KB": 20_000}
COLUMNS = ["bodies", "URLs", "MiB at first", "most", "most beyond the memory tier"]


def compare(seconds: int) -> None:
    """One new URL after the other, from 32 connections, well beyond what memory holds."""
    made = {f"{size}.bin": bytes(size) for size in SIZES.values()}
    rows = []
    for name, size in SIZES.items():
        ours = partial(servers.ours, more=("--hot", f"{HOT_MIB}MiB", "--disk", "512MiB"))
        with stage(made, [ours]) as (_, (edge,)):
            before = _resident_mib(edge.pid, "VmRSS")
            burst = wrk(edge.url(f"/{size}.bin"), seconds, edge.pid, salt=name[0])
            most = _resident_mib(edge.pid, "VmHWM")
            asked = f"{burst.rate * seconds:,.0f}"
            rows.append([name, asked, f"{before:.0f}", f"{most:.0f}", f"{most - HOT_MIB:.0f}"])
    table("Memory", COLUMNS, rows)


def _resident_mib(pid: int, field: str) -> float:
    total = 0
    for each in family(pid):
        for line in Path(f"/proc/{each}/status").read_text().splitlines():
            if line.startswith(f"{field}:"):
                total += int(line.split()[1])
    return total / 1024
