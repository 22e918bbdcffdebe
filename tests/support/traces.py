"""Real request traces (`tests/data/traces/README.md` says whose), and made ones: names and sizes, in order."""

from __future__ import annotations

import lzma
import struct
from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from random import Random

FOLDER = Path(__file__).parents[1] / "data" / "traces"
Trace = list[tuple[str, int]]


def _unpacked(name: str) -> bytes:
    return lzma.decompress((FOLDER / name).read_bytes())


def accesses(name: str) -> Trace:
    """`web07`, `web12`: what a web shop was asked for; every object counts as one byte."""
    data = _unpacked(f"{name}.trace.xz")
    return [(str(number), 1) for (number,) in struct.iter_unpack(">I", data)]


def web_objects() -> Trace:
    """Web objects with their sizes; an object keeps the size it was first seen with."""
    sizes: dict[str, int] = {}
    lines = (line.split() for line in _unpacked("adaptsize-request.trace.xz").decode().splitlines())
    return [(name, sizes.setdefault(name, int(size))) for _, name, size in lines]


def blocks() -> Trace:
    """Block input and output of a busy machine; published miss counts exist for it."""
    sizes: dict[str, int] = {}
    rows = struct.iter_unpack("<IQIq", _unpacked("cloudphysics-sample.oracleGeneral.bin.xz"))
    return [(str(number), sizes.setdefault(str(number), size)) for _, number, size, _ in rows]


def images(requests: int, seed: int = 1) -> Trace:
    """Requests for images whose popularity and sizes are those that Akamai's servers saw, in random order."""
    rng = Random(seed)
    rows: list[tuple[int, int, float]] = []
    popularity = 0
    for line in _unpacked("akamai-images.popularity-size.txt.xz").decode().splitlines():
        match line.split():
            case [number]:
                popularity = int(float(number))
            case [kilobytes, share]:
                rows.append((popularity, int(float(kilobytes) * 1000), float(share)))
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
