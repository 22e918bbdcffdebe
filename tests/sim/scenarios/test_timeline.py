"""sim.scenarios.timeline and .steps.words: what programs read of a run."""

import json

import pytest

from sim.scenarios.script import read, shipped
from sim.scenarios.steps import STEPS
from sim.scenarios.steps.words import words_of
from sim.scenarios.timeline import Begun, Done, Started, line_of

SCRIPT = "about: Mine.\nexpect: [{phase: one, failures: 0}]\nsteps: [{phase: one}, %s]\n"


def test_an_event_is_one_line_whatever_it_says() -> None:
    line = line_of(Done(1.23456, 2, "two\nlines"))
    assert json.loads(line) == {"event": "done", "at": 1.23, "step": 2, "said": "two\nlines"}
    assert line.count("\n") == 1
    assert line.endswith("\n")
    assert json.loads(line_of(Begun(0.0, 1))) == {"event": "begun", "at": 0.0, "step": 1}
    started = Started("x", "A.", "B", True, ("warm",), (), 1, 10)
    assert json.loads(line_of(started))["steps"] == ["warm"]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("warm", "warm"),
        ("{answers: 60}", "answers 60"),
        ("{die: [a, b]}", "die a, b"),
        ("{roll: {kind: edge, within: 5min}}", "roll kind edge, within 300 s"),
        ("{probe: {region: eu, status: 503}}", "probe region eu, status 503"),
        ("{do: purge --everything}", "do purge --everything"),
        ("{until: {node: a, figure: up, at_least: 2}}", "until node a, figure up, at_least 2"),
        ("{surge: {rate: 0.75, lasts: 60s}}", "surge rate 0.75, lasts 60 s"),
    ],
)
def test_a_step_is_told_as_it_was_written(written: str, words: str) -> None:
    _, step = read(SCRIPT % written).steps
    assert words_of(step) == words


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_step_has_words(name: str) -> None:
    for step in read(shipped()[name].read_text("utf-8")).steps:
        name, _, rest = words_of(step).partition(" ")
        assert name in STEPS
        assert rest or name == "warm"
