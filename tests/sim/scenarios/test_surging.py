"""sim.scenarios.steps.surging: an even pace, nothing asked for twice, every answer waited for and counted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from sim.scaling.load import Load
from sim.scenarios.stage import Stage
from sim.scenarios.steps.step import StepError
from sim.scenarios.steps.surging import Instances, Surge
from sim.topology.quantities import Duration
from sim.traffic.answers import Answered
from sim.traffic.record import Record
from sim.traffic.tally import Tally
from sim.traffic.targets import Picture, Targets


@define
class Asking:
    """A sender whose questions are answered when the test says so."""

    clock: Clock
    sources: dict[str, str] = field(factory=lambda: {"east": "127.1.0.1", "west": "127.2.0.1"})
    targets: Targets = field(factory=lambda: Targets("demo", [Picture("a", "jpg"), Picture("b", "jpg")]))
    tally: Tally = field(factory=Tally)
    asked: list[tuple[float, Record, Deferred[Answered]]] = field(factory=list)

    async def ask(self, record: Record, due: float) -> Answered:
        answer: Deferred[Answered] = Deferred()
        self.asked.append((due, record, answer))
        return await answer

    @property
    def paths(self) -> Sequence[str]:
        return [record.path for _, record, _ in self.asked]


def stage_of(asking: Asking) -> Stage:
    clock, sender, nothing = (anything(each) for each in (asking.clock, asking, None))
    return Stage(clock, nothing, Path("none"), Path("none"), sender, ())


def anything(each: object) -> Any:
    return each


def test_a_surge_asks_evenly_for_what_nobody_asked_for_and_waits_for_all_answers() -> None:
    """Whether or not those before were answered; a second surge asks for other things still."""
    asking = Asking(Clock())
    stage = stage_of(asking)
    step = Surge(2.0, Duration(2.0), "c_scale,w_{width}/e_sepia")
    surging = Deferred.fromCoroutine(step.carry_out(stage))
    for _ in range(8):
        asking.clock.advance(0.25)
    assert [due for due, _, _ in asking.asked] == [0.0, 0.5, 1.0, 1.5]
    assert [record.region for _, record, _ in asking.asked] == ["east", "west", "east", "west"]
    assert asking.paths[:3] == [
        "/demo/image/upload/c_scale,w_64/e_sepia/v1/a.jpg",
        "/demo/image/upload/c_scale,w_64/e_sepia/v1/b.jpg",
        "/demo/image/upload/c_scale,w_65/e_sepia/v1/a.jpg",
    ]
    assert not surging.called
    for number, (_, _, answer) in enumerate(asking.asked):
        answer.callback(Answered(503 if number == 1 else 200, 0.1))
    said: list[str] = []
    surging.addCallback(said.append)
    assert said == ["4 cold transformations, 2 a second, 1 in vain"]
    assert (stage.answered, asking.tally.all.requests, asking.tally.all.failures) == (4, 4, 1)

    Deferred.fromCoroutine(step.carry_out(stage))
    for _ in range(8):
        asking.clock.advance(0.25)
    assert len(set(asking.paths)) == len(asking.paths) == 8


def test_instances_are_waited_for_as_they_were_last_seen() -> None:
    """And a pool that never has as many is told with how many it has."""
    asking = Asking(Clock())
    stage = stage_of(asking)
    said: list[str] = []
    waiting = Deferred.fromCoroutine(Instances("main", at_least=2).carry_out(stage))
    waiting.addCallback(said.append)
    stage.saw("main", 1.0, Load(1))
    asking.clock.advance(0.1)
    assert said == []
    stage.saw("main", 2.0, Load(2))
    asking.clock.advance(0.1)
    assert said == ["main has 2 instances"]

    failed = Deferred.fromCoroutine(Instances("main", at_most=1, within=Duration(5.0)).carry_out(stage))
    wrong: list[str] = []
    failed.addErrback(lambda failure: wrong.append(str(failure.trap(StepError) and failure.value)))
    for _ in range(60):
        asking.clock.advance(0.1)
    assert wrong == ["main has as many instances as expected: not within 5 s: it has 2"]


def test_a_look_at_a_pool_counts_in_the_run_and_in_its_phase() -> None:
    """For the report and for what is expected of the phase."""
    asking = Asking(Clock())
    stage = stage_of(asking)
    stage.saw("main", 3.4, Load(2, 0.5))
    assert asking.tally.pools["main"][3] == stage._tally.pools["main"][3] == Load(2, 0.5)


@pytest.mark.parametrize("rate", [0.0, -1.0])
def test_a_surge_has_a_pace(rate: float) -> None:
    with pytest.raises(ValueError, match="rate"):
        Surge(rate, Duration(1.0))
