"""sim.scenarios.expect: what was measured, and whether it was as expected."""

from typing import Any

import pytest

from sim.scaling.load import Load
from sim.scenarios.expect import MEASURES, Expectation, Phase, figure
from sim.traffic.answers import Answered
from sim.traffic.record import Kind, Record
from sim.traffic.tally import Tally

RECORD = Record(0, "here", Kind.VIEW, 0)


def phase(*answers: tuple[float, Answered], before: Any = None, after: Any = None) -> Phase:
    tally = Tally()
    for at, answer in answers:
        tally.add(RECORD, at, answer)
    return Phase(tally, 10.0, before or {}, after or {})


HIT = Answered(200, 0.1, cache_status="fra; hit")
STALE = Answered(200, 0.2, cache_status="fra; hit", verdict="STALE")
MISS = Answered(200, 0.4, cache_status="fra; fwd=uri-miss")
SHIELD = Answered(200, 0.3, cache_status="shield; hit, fra; fwd=uri-miss")
FAILED = Answered(502, 1.0)
WRONG = Answered(200, 0.1, is_wrong=True)

SEEN = phase(
    (11, HIT), (12, STALE), (13, MISS), (14, SHIELD), (15, FAILED), (16, WRONG), (17, HIT), (18, HIT)
)

for at, load in ((11.0, Load(1, 0.1)), (12.0, Load(2, 1.5)), (13.0, Load(3, 0.2))):
    SEEN.tally.saw("main", at, load)


@pytest.mark.parametrize(
    ("measure", "value"),
    [
        ("answers", 8),
        ("failures", 2),
        ("failed_share", 0.25),
        ("wrong", 1),
        ("stale", 1),
        ("edge_share", 4 / 6),
        ("shield_share", 1 / 6),
        ("origin_share", 1 / 6),
        ("p50", 0.1),
        ("p95", 1.0),
        ("p99", 1.0),
        ("longest", 1.0),
        ("troubled", 6.0),
        ("instances", 3),
        ("queue_wait", 1.5),
    ],
)
def test_each_measure(measure: str, value: float) -> None:
    assert MEASURES[measure](SEEN) == pytest.approx(value, rel=0.02)
    assert Expectation("x", measure, at_least=value * 0.97, at_most=value * 1.03).judge({"x": SEEN}).is_met
    assert not Expectation("x", measure, at_least=value * 1.1).judge({"x": SEEN}).is_met
    assert not Expectation("x", measure, at_most=value * 0.9).judge({"x": SEEN}).is_met


def test_all_measures_are_tried_above() -> None:
    (mark,) = (each for each in test_each_measure.pytestmark if each.name == "parametrize")  # type: ignore[attr-defined]
    assert {measure for measure, _ in mark.args[1]} == set(MEASURES)


def test_a_quiet_phase_has_no_trouble() -> None:
    assert MEASURES["troubled"](phase((11, HIT))) == 0.0
    assert MEASURES["failed_share"](phase()) == 0.0


def test_figures_grow_at_all_nodes_of_a_name() -> None:
    before = {
        "main-1": {"pid": 1, "renders": 1, "cache": {"entries": 2}},
        "main-2": {"pid": 2, "renders": 5},
        "edge": {"pid": 3, "renders": 9},
    }
    after = {
        "main-1": {"pid": 1, "renders": 3, "cache": {"entries": 7}},
        "main-2": {"pid": 2, "renders": 5},
        "edge": {"pid": 3, "renders": 99},
    }
    grown = phase((11, HIT), before=before, after=after)
    assert grown.grown("main", "renders") == 2
    assert grown.grown("main-1", "cache.entries") == 5
    assert figure({"a": "text"}, "a") is figure({}, "a.b") is None
    assert Expectation("x", "main renders", at_most=2).judge({"x": grown}).is_met
    assert not Expectation("x", "main renders", at_most=1).judge({"x": grown}).is_met


def test_a_node_that_was_run_again_grew_from_nothing() -> None:
    """Else what it did since would be taken from what the others did."""
    before = {"main-1": {"pid": 1, "renders": 7}, "main-2": {"pid": 2, "renders": 1}, "main-3": {}}
    after = {"main-1": {"pid": 9, "renders": 4}, "main-2": {}, "main-3": {"pid": 3, "renders": 1}}
    assert phase(before=before, after=after).grown("main", "renders") == 5


@pytest.mark.parametrize("measure", ["man renders", "main rendres", "main cache"])
def test_what_nobody_counts_meets_nothing(measure: str) -> None:
    """A slip of the pen is no growth of 0."""
    seen = phase((11, HIT), after={"main": {"pid": 1, "renders": 1, "cache": {}}})
    verdict = Expectation("x", measure, at_most=9).judge({"x": seen})
    assert not verdict.is_met
    assert str(verdict) == f"x: {measure} at most 9: no such node counts that"


def test_a_phase_that_never_began_meets_nothing() -> None:
    verdict = Expectation("x", "failures", at_most=9).judge({})
    assert not verdict.is_met
    assert str(verdict) == "x: failures at most 9: the phase never began"


@pytest.mark.parametrize("measure", sorted(MEASURES.keys() - {"answers"}))
def test_without_an_answer_nothing_is_met(measure: str) -> None:
    """No failures among no answers are no success."""
    verdict = Expectation("x", measure, 0, 0).judge({"x": phase()})
    assert not verdict.is_met
    assert str(verdict).endswith(": nothing was answered")
    assert Expectation("x", "answers", 0, 0).judge({"x": phase()}).is_met


def test_verdicts_are_told_in_their_units() -> None:
    said = str(Expectation("x", "p95", at_most=2.0).judge({"x": SEEN}))
    assert said == "x: p95 at most 2 s: 0.992 s"
    said = str(Expectation("x", "edge_share", 0.5, 0.9).judge({"x": SEEN}))
    assert said == "x: edge_share at least 50 % and at most 90 %: 66.7 %"
    assert str(Expectation("x", "wrong", 0, 0).judge({"x": SEEN})) == "x: wrong is 0: 1"
