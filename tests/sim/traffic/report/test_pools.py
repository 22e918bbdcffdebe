"""Origin pools over time, for terminals, programs and browsers."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from rich.console import Console

from sim.scaling.load import Load
from sim.traffic.answers import Answered
from sim.traffic.record import Kind, Record
from sim.traffic.report.page import page
from sim.traffic.report.pools import MOST_ROWS, rows_of
from sim.traffic.report.terminal import view
from sim.traffic.tally import Tally


def run(seconds: int) -> Tally:
    """A surge: every second another instance up to four, waits that grow by 10 ms, answers in ten times that."""
    tally = Tally()
    for second in range(seconds):
        wait = second / 100
        tally.saw("main", second + 0.2, Load(min(second + 1, 4), wait, utilisation=0.5))
        tally.add(Record(0, "here", Kind.VIEW, 0), second + 0.5, Answered(200, wait * 10 + 0.01))
    return tally


def test_a_short_run_has_a_row_a_second() -> None:
    """Instances, wait and utilisation of that second's look, and the answers of that second."""
    *rows, last = rows_of("main", run(3))
    assert [row[:4] for row in rows] == [["0 s", "1", "0", "50%"], ["1 s", "2", "10", "50%"]]
    assert last[:4] == ["2 s", "3", "20", "50%"]
    assert float(last[4]) == pytest.approx(210, rel=0.02)


def test_a_long_run_has_a_dozen_rows_that_hide_no_peak() -> None:
    """The most and the longest of each stretch."""
    rows = list(rows_of("main", run(60)))
    assert len(rows) == MOST_ROWS
    assert rows[0][:4] == ["0 s", "4", "40", "50%"]
    assert float(rows[0][4]) == pytest.approx(410, rel=0.02)
    assert rows[-1][:4] == ["55 s", "4", "590", "50%"]


def test_what_was_not_looked_at_has_no_row() -> None:
    """A pool that nobody could ask for a while, and answers that never came."""
    tally = Tally()
    tally.saw("main", 5.0, Load(1))
    assert list(rows_of("main", tally)) == [["5 s", "1", "0", "0%", "–"]]


def test_terminals_programs_and_browsers_see_it() -> None:
    """Under the pool's name; without pools there is no empty plot."""
    tally = run(3)
    said = StringIO()
    Console(width=120, file=said).print(view(tally, 3.0, None))
    assert "queue wait ms" in said.getvalue()
    told = json.loads(json.dumps(tally.as_plain()))["pools"]["main"]["2"]
    assert told == {"instances": 3, "queue_wait_seconds": 0.02, "utilisation": 0.5, "waiting": 0}
    assert "queue wait at main" in page("Traffic", {}, tally)
    assert "Instances of the origin pools" not in page("Traffic", {}, Tally())
