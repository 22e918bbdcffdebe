"""Origin pools over time: instances, how long renders waited, how long answers took. Pure but for the drawing."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from statistics import fmean

from rich.table import Table

from sim.scaling.load import Load
from sim.traffic.histogram import Histogram
from sim.traffic.report.listing import listing
from sim.traffic.report.plots import lines
from sim.traffic.tally import Tally

MOST_ROWS = 12
HEADINGS = ("at", "instances", "queue wait ms", "busy", "p95 ms")


def table(pool: str, tally: Tally) -> Table:
    """A dozen stretches of the run, for a terminal."""
    rows = enumerate(rows_of(pool, tally))
    return listing("pool", HEADINGS, [["" if number else pool, *row] for number, row in rows])


def rows_of(pool: str, tally: Tally) -> Iterator[list[str]]:
    """A stretch of the run a row, as `HEADINGS` say: the most instances and the longest wait in it, the mean part of
    the workers' time, and the answers of that time."""
    seconds = tally.pools[pool]
    last = max(seconds, default=-1)
    step = max(1, -(-(last + 1) // MOST_ROWS))
    for begin in range(0, last + 1, step):
        loads = [seconds[second] for second in range(begin, begin + step) if second in seconds]
        if loads:
            took = _took(tally, begin, begin + step)
            yield [
                f"{begin} s",
                str(max(load.instances for load in loads)),
                f"{max(load.queue_wait_seconds for load in loads) * 1000:,.0f}",
                f"{fmean(load.utilisation for load in loads):.0%}",
                f"{took.quantile(0.95) * 1000:,.0f}" if took.count else "–",
            ]


def _took(tally: Tally, begin: int, end: int) -> Histogram:
    took = Histogram()
    for second in range(begin, end):
        if second in tally.seconds:
            took.add_all(tally.seconds[second].took)
    return took


def plots(tally: Tally) -> list[str]:
    """The same as HTML: every second of every pool; nothing where no pool was looked at."""
    if not tally.pools:
        return []
    last = max(max(tally.seconds, default=0), *(max(loads) for loads in tally.pools.values()))
    every = range(last + 1)

    def over_time(pool: str, figure: Callable[[Load], float]) -> list[float | None]:
        loads = tally.pools[pool]
        return [figure(loads[second]) if second in loads else None for second in every]

    instances = {pool: over_time(pool, lambda load: load.instances) for pool in tally.pools}
    most = max(load.instances for loads in tally.pools.values() for load in loads.values())
    waits = {
        f"queue wait at {pool}": over_time(pool, lambda load: load.queue_wait_seconds * 1000)
        for pool in tally.pools
    }
    p95 = [
        counts.took.quantile(0.95) * 1000 if (counts := tally.seconds.get(second)) is not None else None
        for second in every
    ]
    return [
        "<h2>Instances of the origin pools, over time</h2>",
        lines(instances, most=4 * math.ceil(most / 4)),
        "<h2>Wait for a render worker, and time to the last byte, of 95 in a hundred</h2>",
        lines({**waits, "p95 of all answers": p95}, unit=" ms"),
    ]
