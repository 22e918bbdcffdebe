"""sim.report.rehearsal: a run as its timeline tells of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sim.report.rehearsal import MISSING_PROGRAM, Rehearsal
from sim.scenarios.timeline import Answered, Begun, Done, Ended, Event, Judged, Started, line_of

STARTED = Started(
    "x", "About.", "A shield", False, ("warm", "die fra"), ("a: failures is 0", "a: wrong is 0"), 1, 1
)
PLAYED: tuple[Event, ...] = (
    *(STARTED, Begun(0.0, 0), Done(2.5, 0, "24 keys are warm"), Begun(2.5, 1), Answered(3.0, 30, 1)),
    *(Done(4.0, 1, "die fra"), Judged(0, False, "1"), Judged(1, True, "0")),
)


def rehearsed(*events: Event) -> Rehearsal:
    run = Rehearsal("x")
    for event in events:
        run.take(json.loads(line_of(event)))
    return run


def states(run: Rehearsal) -> list[str]:
    return [step.state for step in run.steps]


def test_its_world_starts_then_step_follows_step() -> None:
    assert (rehearsed().state, rehearsed(STARTED).state) == ("starting", "starting")
    run = rehearsed(*PLAYED[:4])
    assert (run.state, states(run), run.at) == ("running", ["done", "under way"], 2.5)
    assert (run.steps[0].what, run.steps[0].said, run.steps[0].at) == ("warm", "24 keys are warm", 2.5)
    assert [expected.is_met for expected in run.expectations] == [None, None]


@pytest.mark.parametrize(
    ("code", "trouble", "state", "why"),
    [
        (0, "", "passed", ""),
        (1, "", "failed", "1 of 2 expectations were not met"),
        (1, "die fra: not within 60 s", "failed", "die fra: not within 60 s"),
    ],
)
def test_how_it_ended_is_told_with_the_reason(code: int, trouble: str, state: str, why: str) -> None:
    events = PLAYED if code else (*PLAYED[:-2], Judged(0, True, "0"), Judged(1, True, "0"))
    run = rehearsed(*events, Ended(not code, trouble))
    assert (run.state, run.is_under_way) == ("ending", True)
    run.end(code, ["for people"], has_report=True)
    assert (run.state, run.why, run.is_under_way, run.has_report) == (state, why, False, True)
    assert (run.answers, run.failures) == (30, 1)


def test_a_step_that_was_under_way_at_the_end_has_failed() -> None:
    run = rehearsed(*PLAYED[:4], Ended(False, "die fra: not within 60 s"))
    run.end(1, [], has_report=True)
    assert states(run) == ["done", "failed"]


def test_who_breaks_it_off_is_told_so() -> None:
    """What the process says of it then is not the reason."""
    run = rehearsed(*PLAYED[:4])
    run.stop()
    run.take(json.loads(line_of(Begun(3.0, 1))))
    assert run.state == "ending"
    run.end(130, ["broken off"], has_report=False)
    assert (run.state, run.why) == ("stopped", "broken off")


@pytest.mark.parametrize(
    ("code", "words", "state", "why"),
    [
        (MISSING_PROGRAM, ["x needs minio on PATH"], "not run", "x needs minio on PATH"),
        (1, ["Traceback", "Oops"], "failed", "Traceback\nOops"),
        (None, [], "failed", "its process was killed"),
    ],
)
def test_a_process_that_ends_otherwise_is_quoted(
    code: int | None, words: list[str], state: str, why: str
) -> None:
    run = rehearsed()
    run.end(code, words, has_report=False)
    assert (run.state, run.why) == (state, why)


def test_all_of_it_is_told_as_json() -> None:
    told: Any = json.loads(json.dumps(rehearsed(*PLAYED).told()))
    assert told["steps"][1] == {"what": "die fra", "state": "done", "at": 4.0, "said": "die fra"}
    assert told["expectations"][0] == {"what": "a: failures is 0", "is_met": False, "came": "1"}
    assert told["is_under_way"]
