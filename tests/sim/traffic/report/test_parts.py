"""sim.traffic.report.parts: percentiles of each part of an answer's way, for terminals, programs and browsers."""

from __future__ import annotations

import json
import re
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from sim.traffic.answers import Answered
from sim.traffic.record import Kind, Record
from sim.traffic.report.page import page
from sim.traffic.report.parts import rows_of
from sim.traffic.report.plots import WIDTH, spans
from sim.traffic.report.terminal import view
from sim.traffic.tally import PARTS, Tally


def timed(viewer: int, link: int, queue: int, render: int) -> Answered:
    """An answer whose parts took so many milliseconds."""
    origin = queue + render
    told = f"origin;dur={origin}, transformation;dur={render}, edge;dur={origin + link}"
    return Answered(200, (viewer + link + origin) / 1000, server_timing=told, pop="fra")


def run() -> Tally:
    """A hundred answers far away: eighteen in twenty hits, of the rest half were painted and half only looked up; and
    near by one hit, and one that never came."""
    tally = Tally()
    far, near = Record(0, "<far>", Kind.VIEW, 0), Record(0, "near", Kind.VIEW, 0)
    for nth in range(100):
        answer = timed(20, 0, 0, 0)
        if nth % 10 == 9:
            answer = timed(20, 300, 100, 800) if nth % 20 == 9 else timed(40, 150, 50, 0)
        tally.add(far, nth / 10, answer)
    tally.add(near, 1.0, timed(8, 0, 0, 0))
    tally.add(near, 1.0, Answered(0, 30.0, why="no answer in time"))
    return tally


def test_each_part_has_percentiles_of_its_own() -> None:
    """A mean would hide that a rendering costs one answer in twenty what the others never feel."""
    parts = run().regions["<far>"].as_plain()["seconds_by_part"]
    assert list(parts) == list(PARTS)
    told = {name: [parts[name][each] for each in ("p50", "p95", "p99", "longest")] for name in PARTS}
    assert told["viewer"] == pytest.approx([0.02, 0.02, 0.04, 0.04], rel=0.02)
    assert told["link"] == pytest.approx([0, 0.15, 0.3, 0.3], rel=0.02, abs=1e-4)
    assert told["queue"] == pytest.approx([0, 0.05, 0.1, 0.1], rel=0.02, abs=1e-4)
    assert told["render"] == pytest.approx([0, 0, 0.8, 0.8], rel=0.02, abs=1e-4)
    assert parts["render"]["mean"] == pytest.approx(0.04)


def test_what_never_came_has_no_parts() -> None:
    near = run().regions["near"]
    assert near.took.count == 2
    assert {name: times.count for name, times in near.parts.items()} == dict.fromkeys(PARTS, 1)


def test_terminals_programs_and_browsers_see_them() -> None:
    """By region and all together; a region's name is no markup."""
    tally = run()
    far, near = rows_of(tally.regions)
    assert [re.sub(r"\d\d\d", "###", cell) for cell in far] == [
        "<far>", "20 / 20 / 40", "0 / ### / ###", "0 / 50 / ###", "0 / 0 / ###",
    ]  # fmt: skip
    assert near == ["near", "8.0 / 8.0 / 8.0", *["0 / 0 / 0"] * 3]
    said = StringIO()
    Console(width=80, file=said).print(view(tally, 10.0, None))
    assert "p50/p95/p99" in said.getvalue()
    assert "8.0/8.0/8.0" in said.getvalue()
    shown = page("Traffic", {}, tally)
    assert ">near</td><td>8.0 / 8.0 / 8.0</td>" in shown
    assert "&lt;far&gt;, render: 0 / 0 / " in shown
    assert json.loads(json.dumps(tally.as_plain()))["all"]["seconds_by_part"]["viewer"]["p50"] > 0


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=3),
        st.fixed_dictionaries(
            {part: st.lists(st.floats(0, 1e5), min_size=3, max_size=3).map(sorted) for part in PARTS}
        ),
        max_size=4,
    )
)
def test_a_span_is_drawn_within_its_frame(rows: dict[str, dict[str, list[float]]]) -> None:
    """Three boxes a part, one after the other, none of a negative width."""
    drawn = spans(rows)
    boxes = re.findall(r'<rect x="(.*?)" y="(.*?)" width="(.*?)" height="(.*?)"', drawn)
    assert len(boxes) == 3 * len(PARTS) * len(rows)
    height = float(re.findall(r'viewBox="0 0 720 (\d+)"', drawn)[0])
    for x, y, width, tall in (map(float, box) for box in boxes):
        assert width >= 0
        assert x + width <= WIDTH
        assert y + tall <= height
