"""What happened between two looks at a node."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from sim.report.top import Look, Took, bar, quantile, row_of, seconds, size, table_of

BOUNDS = (0.01, 0.1, 1.0)


def status(**told: Any) -> dict[str, Any]:
    return {"name": "fra", "role": "edge", "region": "eu", "pid": 7, "uptime_seconds": 100.0} | told


def test_rates_are_of_the_time_in_between() -> None:
    before = Look(10.0, status(requests=100, hits=80, misses=20, errors=1, sent_bytes=1000))
    after = Look(12.0, status(requests=140, hits=110, misses=30, errors=3, sent_bytes=5000))
    row = row_of("fra", before, after)
    assert (row.requests, row.errors, row.sent_bytes, row.hit_ratio) == (20.0, 1.0, 2000.0, 0.75)


def test_a_restarted_node_began_at_nothing() -> None:
    """Its counts since its start, not a negative rate."""
    before = Look(10.0, status(requests=1000, hits=900))
    after = Look(12.0, status(pid=8, uptime_seconds=1.0, requests=30, hits=15, misses=15))
    row = row_of("fra", before, after)
    assert (row.requests, row.hit_ratio) == (30.0, 0.5)


def test_nothing_asked_is_no_ratio_and_no_latency() -> None:
    same = status(requests=5, hits=5, latency={"bounds": BOUNDS, "counts": [5, 0, 0, 0]})
    row = row_of("fra", Look(1.0, same), Look(2.0, same))
    assert (row.requests, row.hit_ratio, row.p50, row.p99) == (0.0, None, None, None)


def test_a_node_that_does_not_answer_says_so() -> None:
    assert row_of("fra", Look(1.0, status()), Look(2.0, None)).state == "no answer"


@pytest.mark.parametrize(
    "told", [{}, {"pid": "x", "cache": 5, "latency": "no"}, {"latency": {"counts": [1]}}]
)
def test_a_node_of_another_version_does_not_break_the_view(told: dict[str, Any]) -> None:
    assert row_of("fra", Look(1.0, told), Look(2.0, told)).state == "up"


@pytest.mark.parametrize(
    ("counts", "part", "expected"),
    [
        ((10, 0, 0, 0), 0.5, Took(0.005)),
        ((5, 5, 0, 0), 0.5, Took(0.01)),
        ((0, 10, 0, 0), 0.25, Took(0.0325)),
        ((0, 0, 3, 0), 1.0, Took(1.0)),
        ((0, 0, 0, 3), 0.99, Took(1.0, is_over=True)),
        ((0, 0, 0, 0), 0.5, None),
    ],
)
def test_quantiles_lie_within_their_bucket(counts: Sequence[int], part: float, expected: Took | None) -> None:
    """What lies beyond the last is over it: how far, nobody counted."""
    assert quantile(BOUNDS, counts, part) == expected


@given(st.lists(st.integers(0, 1000), min_size=4, max_size=4), st.floats(0.01, 0.5), st.floats(0, 0.49))
def test_quantiles_grow_with_their_part(counts: list[int], part: float, more: float) -> None:
    low, high = quantile(BOUNDS, counts, part), quantile(BOUNDS, counts, part + more)
    assert (low is None) == (high is None) == (sum(counts) == 0)
    if low is not None and high is not None:
        assert 0 <= low.seconds <= high.seconds <= BOUNDS[-1]
        assert low.is_over <= high.is_over


def test_the_table_shows_every_node_and_the_sum() -> None:
    looks = [
        (
            Look(1.0, status(requests=0)),
            Look(2.0, status(requests=7, cache={"hot_bytes": 5, "hot_limit": 10})),
        ),
        (Look(1.0, status(name="gone")), Look(2.0, None)),
    ]
    console = Console(width=200, record=True, force_terminal=False)
    console.print(table_of([row_of(name, *pair) for name, pair in zip(("fra", "gone"), looks, strict=True)]))
    shown = console.export_text()
    assert "fra" in shown
    assert "no answer" in shown
    assert "viewers" in shown
    assert shown.count("7.0") == 2
    assert "█████····· " in shown


@pytest.mark.parametrize("width", [80, 100, 120, 140, 200])
def test_every_terminal_has_a_table_that_fits(width: int) -> None:
    """Whole figures, fewer of them."""
    busy = status(name="singapore-1", role="edge", region="southeast-asia", requests=123456, sent_bytes=2e9)
    busy["cache"] = {"entries": 1_000_000, "hot_bytes": 9, "hot_limit": 10, "disk_bytes": 1, "disk_limit": 10}
    row = row_of("singapore-1", Look(1.0, status(name="singapore-1", requests=0)), Look(2.0, busy))
    console = Console(width=width, record=True, force_terminal=False)
    console.print(table_of([row, row], width))
    shown = console.export_text()
    assert "…" not in shown
    assert len(shown.splitlines()) == 4
    assert "123456.0" in shown


def test_figures_as_people_read_them() -> None:
    assert [size(value) for value in (0, 999, 1500, 2.5e6, 3e9)] == ["0 B", "999 B", "2 KB", "2 MB", "3.0 GB"]
    took = (None, Took(0.0032), Took(1.5), Took(10.0, is_over=True))
    assert [seconds(each) for each in took] == ["-", "3.2 ms", "1.50 s", "over 10 s"]
    assert bar(1.2).startswith("██████████")
