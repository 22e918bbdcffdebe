"""Eviction policies of the memory tier on real and made traces: hit ratio, byte hit ratio, CPU per access.

    python -m bench.eviction

Each request looks up and, on a miss, inserts at once; nothing is warmed up. A cache is so many per cent of the
trace's footprint (bytes of all its objects, or their count where they have no sizes).
"""

import time
from collections.abc import Mapping

import click

from bench.measure import table
from edge.cache.eviction import EVICTION_POLICIES, Eviction
from tests.support.traces import Trace, accesses, blocks, images, loop, web_objects, with_scans, zipf

PER_CENT = (0.1, 1.0, 10.0, 30.0)
REQUESTS = 200_000
OBJECTS = 20_000


def traces() -> Mapping[str, Trace]:
    """Name → trace; the last three are of one byte an object."""
    popular = zipf(REQUESTS, OBJECTS, 0.9)
    return {
        "web shop, July": accesses("web07"),
        "web shop, December": accesses("web12"),
        "web objects": web_objects(),
        "images (Akamai's popularity and sizes)": images(REQUESTS),
        "blocks of a disk": blocks(),
        "Zipf 0.9": popular,
        "Zipf 0.9, crawled through": with_scans(popular, 2_000, 2_000),
        "a loop over all": loop(REQUESTS, OBJECTS),
    }


def replay(policy: Eviction, trace: Trace) -> tuple[float, float, float]:
    """Hit ratio, byte hit ratio, CPU nanoseconds an access."""
    misses = missed_bytes = 0
    started = time.process_time()
    for name, size in trace:
        if not policy.find(name):
            misses += 1
            missed_bytes += size
            if policy.admits(size):
                policy.insert(name, size)
    spent = time.process_time() - started
    asked = sum(size for _, size in trace)
    return 1 - misses / len(trace), 1 - missed_bytes / asked, spent / len(trace) * 1e9


def hit_cost(policy: Eviction, names: int = 1_000, rounds: int = 100) -> float:
    """CPU nanoseconds of a hit, which is all that the express lane pays."""
    for at in range(names):
        policy.insert(str(at), 1)
    wanted = list(policy) * rounds
    started = time.process_time()
    for name in wanted:
        policy.find(name)
    return (time.process_time() - started) / len(wanted) * 1e9


@click.command()
def main() -> None:
    """Eviction policies side by side."""
    ratios, costs = [], []
    for title, trace in traces().items():
        footprint = sum(dict(trace).values())
        for per_cent in PER_CENT:
            capacity = int(footprint * per_cent / 100)
            results = [replay(policy(capacity), trace) for policy in EVICTION_POLICIES.values()]
            best = max(round(hits, 3) for hits, _, _ in results)
            ratios.append(
                [f"{title}, {per_cent:g} %"]
                + [
                    f"**{hits:.3f}** / {of_bytes:.3f}"
                    if round(hits, 3) == best
                    else f"{hits:.3f} / {of_bytes:.3f}"
                    for hits, of_bytes, _ in results
                ]
            )
            if per_cent == 10.0:
                costs.append([title, *(f"{nanoseconds:,.0f}" for _, _, nanoseconds in results)])
    least = [min(hit_cost(policy(2_000)) for _ in range(5)) for policy in EVICTION_POLICIES.values()]
    costs.append(["a hit alone", *(f"{nanoseconds:,.0f}" for nanoseconds in least)])
    table("Hit ratio / byte hit ratio", ["trace, cache", *EVICTION_POLICIES], ratios)
    table("CPU ns an access, cache of 10 %", ["trace", *EVICTION_POLICIES], costs)


if __name__ == "__main__":
    main()
