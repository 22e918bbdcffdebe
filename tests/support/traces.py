"""Real request traces (`sim/traffic/traces/README.md` says whose), and made ones: names and sizes, in order."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate
from random import Random

from sim.traffic.logs import Accesses
from sim.traffic.popularity import measured_rows
from sim.traffic.recordings import shipped

Trace = list[tuple[str, int]]


def accesses(name: str) -> Trace:
    """`web07`, `web12`: what a web shop was asked for; every object counts as one byte."""
    return [(wanted, 1) for _, wanted, _ in shipped(name)]


def web_objects() -> Trace:
    """Web objects with their sizes."""
    return _first_sizes(shipped("web-objects"))


def blocks() -> Trace:
    """Block input and output of a busy machine; published miss counts exist for it."""
    return _first_sizes(shipped("blocks"))


def _first_sizes(accesses: Accesses) -> Trace:
    """An object keeps the size it was first seen with."""
    sizes: dict[str, int] = {}
    return [(name, sizes.setdefault(name, size)) for _, name, size in accesses]


def images(requests: int, seed: int = 1) -> Trace:
    """Requests for images whose popularity and sizes are those that Akamai's servers saw, in random order."""
    rows = measured_rows()
    rng = Random(seed)
    bounds = list(accumulate(share for _, _, share in rows))
    catalogue: list[tuple[str, int]] = []
    weights: list[int] = []
    while sum(weights[-1:]) < requests:
        uses, size, _ = rows[min(bisect_left(bounds, rng.random() * bounds[-1]), len(rows) - 1)]
        catalogue.append((str(len(catalogue)), size))
        weights.append(min(uses, requests // 20) + (weights[-1] if weights else 0))
    picks = [
        at for at, _ in enumerate(catalogue) for _ in range(weights[at] - (weights[at - 1] if at else 0))
    ]
    rng.shuffle(picks)
    return [catalogue[at] for at in picks]


def zipf(requests: int, objects: int, exponent: float, seed: int = 1) -> Trace:
    """Independent requests, the n-th object wanted in proportion to n ** -exponent."""
    rng = Random(seed)
    bounds = list(accumulate((rank + 1) ** -exponent for rank in range(objects)))
    return [(str(bisect_left(bounds, rng.random() * bounds[-1])), 1) for _ in range(requests)]


def with_scans(trace: Trace, every: int, length: int) -> Trace:
    """The trace, and after each `every` requests a crawler that asks for `length` things nobody else wants."""
    return list(_scanned(trace, every, length))


def _scanned(trace: Trace, every: int, length: int) -> Iterator[tuple[str, int]]:
    crawled = 0
    for at, wanted in enumerate(trace, 1):
        yield wanted
        if at % every == 0:
            for _ in range(length):
                crawled += 1
                yield f"scan {crawled}", 1


def loop(requests: int, objects: int) -> Trace:
    """The same objects round and round."""
    return [(str(at % objects), 1) for at in range(requests)]
