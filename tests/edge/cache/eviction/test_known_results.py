"""Real traces with known results: published miss counts, and ratios computed by another implementation."""

from __future__ import annotations

import pytest

from edge.cache.eviction import EVICTION_POLICIES
from tests.support.traces import Trace, accesses, blocks, web_objects

MIB = 1 << 20
BLOCKS = {"lru": (93374, 81722), "sieve": (91699, 76707), "s3-fifo": (89307, 76791)}  # at 128 and 512 MiB
RATIOS = {  # of requests missed
    ("web07", 204): {"lru": 0.608542, "sieve": 0.576789, "s3-fifo": 0.562508},
    ("web12", 1_375): {"lru": 0.315176, "sieve": 0.282845, "s3-fifo": 0.278829},
    ("web objects", 27_885_423): {"lru": 0.656411, "sieve": 0.621897, "s3-fifo": 0.621121},
}


@pytest.fixture(scope="module")
def trace_of_blocks() -> Trace:
    return blocks()


@pytest.mark.parametrize("name", BLOCKS)
@pytest.mark.parametrize("at", [0, 1])
def test_a_block_trace_is_missed_as_published(name: str, at: int, trace_of_blocks: Trace) -> None:
    """LRU and SIEVE to the request, S3-FIFO (whose paper leaves details open) to 0.2 per cent of them."""
    missed = misses_of(name, (128 * MIB, 512 * MIB)[at], trace_of_blocks)
    tolerance = 0.002 * len(trace_of_blocks) if name == "s3-fifo" else 0
    assert missed == pytest.approx(BLOCKS[name][at], abs=tolerance)


@pytest.mark.parametrize("case", RATIOS, ids=lambda case: case[0])
def test_web_traces_are_missed_as_elsewhere(case: tuple[str, int]) -> None:
    """To six digits for LRU and SIEVE, to 0.2 points for S3-FIFO."""
    title, capacity = case
    trace = web_objects() if title == "web objects" else accesses(title)
    for name, expected in RATIOS[case].items():
        tolerance = 0.002 if name == "s3-fifo" else 5e-7
        assert misses_of(name, capacity, trace) / len(trace) == pytest.approx(expected, abs=tolerance)


def misses_of(name: str, capacity: int, trace: Trace) -> int:
    kept, misses = EVICTION_POLICIES[name](capacity), 0
    for wanted, size in trace:
        if not kept.find(wanted):
            misses += 1
            if kept.admits(size):
                kept.insert(wanted, size)
    return misses
