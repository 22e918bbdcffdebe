"""When assets are overwritten and purged (workloads.md §8). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge
from random import Random

from sim.traffic.ageing import DAY
from sim.traffic.record import Kind
from sim.traffic.workload import Workload

EVERYTHING = -1
Change = tuple[
    int, Kind, int
]  # microseconds from the start, what, the asset (`EVERYTHING`; of overwrites, 0)


def changes_of(workload: Workload, assets: int) -> Iterator[Change]:
    """Overwrites as a Poisson stream, purges by the clock."""
    return merge(
        _overwrites(workload, assets),
        _purges(workload, assets),
        _full_purges(workload),
        key=lambda each: each[0],
    )


def _overwrites(workload: Workload, assets: int) -> Iterator[Change]:
    rng = Random(f"{workload.seed}/overwrites")  # noqa: S311  a reproducible trace, no secret
    a_second = workload.changes.overwrites.part * assets / DAY
    now = 0.0
    while a_second:
        now += rng.expovariate(a_second)
        if now >= workload.duration.seconds:
            return
        yield int(now * 1e6), Kind.OVERWRITE, 0


def _purges(workload: Workload, assets: int) -> Iterator[Change]:
    rng = Random(f"{workload.seed}/purges")  # noqa: S311  a reproducible trace, no secret
    for at in _every(workload.changes.purge_every.seconds, workload):
        first = rng.randrange(assets)
        for nth in range(min(workload.changes.purge_assets, assets)):
            yield at, Kind.PURGE, (first + nth) % assets


def _full_purges(workload: Workload) -> Iterator[Change]:
    for at in _every(workload.changes.purge_all_every.seconds, workload):
        yield at, Kind.PURGE, EVERYTHING


def _every(seconds: float, workload: Workload) -> Iterator[int]:
    count = int(workload.duration.seconds / seconds) if seconds else 0
    return (int(nth * seconds * 1e6) for nth in range(1, count + 1))
