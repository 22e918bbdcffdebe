"""Traces: how fast they are made, and whether what they ask for is as cacheable as what viewers ask for.

    python -m bench.traffic [--requests 300000] [--rounds 3]
    python -m bench.traffic --calibrate [--requests 10000000]

The first tells records a second of CPU, the best of some rounds, aimed at: 1,000,000. The second replays traces of the
`photo` profile through eleven edges and three shields (workloads.md §9), each a part of the trace's footprint;
it takes some minutes.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable

import click
from attrs import evolve

from bench.measure import table
from sim.topology.quantities import Duration, Share
from sim.traffic.ageing import Ageing
from sim.traffic.generate import generate, popularity_of
from sim.traffic.popularity import PROFILES
from sim.traffic.workload import Bots, Changes, Workload
from sim.traffic.written import write
from tests.support.tiers import MEAN_BYTES, Law, Tiers

SECONDS = 100.0
VIEWS = Workload(
    tide=False,
    duration=Duration(SECONDS),
    bots=Bots(share=Share(0.0)),
    changes=Changes(overwrites=Share(0.0)),
)
WORKLOADS = {
    "photo, as it is by default": Workload(duration=Duration(SECONDS)),
    "photo, views only": VIEWS,
    "longtail, views only": evolve(VIEWS, popularity="longtail"),
    "measured, views only": evolve(VIEWS, popularity="measured"),
    "photo, ageing": evolve(VIEWS, ageing=Ageing()),
}
ROWS = ((4, 20, "57.6 %", "32.0 %", "28.9 %"), (10, 30, "63.5 %", "27.1 %", "26.6 %"))


def rate_of(records: Callable[[], Iterable[object]], count: int, rounds: int) -> str:
    """Thousands a second of CPU."""
    best = float("inf")
    for _ in range(rounds):
        started = time.process_time()
        deque(records(), maxlen=0)
        best = min(best, time.process_time() - started)
    return f"{count / best / 1000:,.0f}"


def speeds(requests: int, rounds: int) -> None:
    """A table of workloads: made, and made and written."""
    rows = []
    for title, workload in WORKLOADS.items():
        wanted = evolve(workload, rate=requests / SECONDS)
        count = sum(1 for _ in generate(wanted))
        made = rate_of(lambda wanted=wanted: generate(wanted), count, rounds)  # type: ignore[misc]
        written = rate_of(lambda wanted=wanted: write(generate(wanted)), count, rounds)  # type: ignore[misc]
        rows.append([title, made, written])
    table("Thousand records a second of CPU", ["workload", "made", "made and written"], rows)


def calibrate(requests: int) -> None:
    """The rows of the sheet that a cache of some per cent has, ours beside them."""
    workload = evolve(VIEWS, rate=requests / SECONDS)
    profile = PROFILES[workload.popularity]
    keys = popularity_of(workload).keys
    footprint = Law(requests, profile.fresh, profile.exponent, keys).objects * MEAN_BYTES
    tiers = [Tiers.of(edge / 100 * footprint, shield / 100 * footprint) for edge, shield, *_ in ROWS]
    for record in generate(workload):
        for each in tiers:
            each.ask(record.region, record.key, record.size)
    rows = []
    for (edge, shield, *sheet), each in zip(ROWS, tiers, strict=True):
        ours = (each.edge_hits(), each.shield_hits, each.origin_requests / each.asked)
        told = [f"{part * 100:.1f} % ({said})" for part, said in zip(ours, sheet, strict=True)]
        rows.append([f"{edge} %, {shield} %", *told, f"{each.origin_bytes / each.asked_bytes * 100:.1f} %"])
    table(
        f"{requests:,} requests, ours (and the sheet's of 10,000,000)",
        ["edge, shield cache", "edge hits", "shield hits, of its requests", "origin, of all", "of all bytes"],
        rows,
    )


@click.command()
@click.option("--calibrate", "is_calibration", is_flag=True, help="Hit ratios instead of speed.")
@click.option("--requests", type=click.IntRange(1), help="Of each trace.")
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True)
def main(is_calibration: bool, requests: int | None, rounds: int) -> None:
    """Traces: speed, or calibration."""
    if is_calibration:
        calibrate(requests or 10_000_000)
    else:
        speeds(requests or 300_000, rounds)


if __name__ == "__main__":
    main()
