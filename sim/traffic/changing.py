"""When assets are overwritten and purged (workloads.md §8). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import groupby, islice
from random import Random

from sim.traffic.record import Kind, Record
from sim.traffic.workload import Workload

EVERYTHING = -1
MOST_TOGETHER = 1000  # assets of one call
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
    a_second, now = workload.changes.overwrites_a_second(assets), 0.0
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


def bursts(records: Iterable[Record]) -> Iterator[tuple[Record, ...]]:
    """Each request by itself; changes of one kind and moment together, as a tag is purged in one call."""
    for moment, same in groupby(records, _moment):
        if moment is None:
            yield from ((record,) for record in same)
        else:
            while together := tuple(islice(same, MOST_TOGETHER)):
                yield together


def _moment(record: Record) -> tuple[int, Kind, bool] | None:
    return None if record.is_request else (record.time_us, record.kind, record.asset < 0)
