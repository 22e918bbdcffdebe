"""sim.scenarios.steps: each waits for what it says, and says why it cannot be done."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

from sim.scenarios.steps import Step
from sim.scenarios.steps.disks import Wipe
from sim.scenarios.steps.nodes import Crash, Die, Freeze, Ready, Restart, Roll, Start, Stop, Until
from sim.scenarios.steps.step import StepError
from sim.scenarios.world import Standing

LOOKS = 3


@define
class Looking:
    """A stage on which what was done shows only at the third look, as a process takes its time to end."""

    folder: Path = Path("nowhere")
    done: list[str] = field(factory=list)
    healths: dict[str, str] = field(factory=lambda: dict.fromkeys(("one", "two"), "ready"))
    again: dict[str, int] = field(factory=lambda: dict.fromkeys(("one", "two"), 0))
    figures: dict[str, Any] = field(factory=dict)
    _later: list[Callable[[], None]] = field(factory=list)

    def nodes(self) -> dict[str, Standing]:
        return {name: Standing(name, "edge", "here", "") for name in self.healths}

    async def operate(self, node: str, action: str) -> None:
        self.done.append(f"{action} {node}")
        if action in ("stop", "die"):
            self._later.append(lambda: self.healths.update({node: "stopped"}))
        elif action in ("crash", "restart"):
            self._later.append(lambda: self._begin_again(node))
        elif action == "start":
            self.healths[node] = "starting"
            self._later.append(lambda: self.healths.update({node: "ready"}))

    def _begin_again(self, node: str) -> None:
        self.again[node] += 1
        self.healths[node] = "starting"
        self._later.append(lambda: self.healths.update({node: "ready"}))

    async def restarts(self, node: str) -> int:
        return self.again[node]

    async def is_ready(self, node: str) -> bool:
        return self.healths[node] == "ready"

    async def is_down(self, node: str) -> bool:
        return self.healths[node] == "stopped"

    async def status(self, node: str) -> Any:
        return self.figures

    def cache_of(self, node: str) -> Path:
        return self.folder / node

    def wiped(self, node: str) -> None:
        self.done.append(f"{node} is empty")

    async def until(self, is_so: Callable[[], Awaitable[bool]], what: str, within_seconds: float) -> None:
        for _ in range(LOOKS):
            if await is_so():
                self.done.append(what)
                return
        later, self._later = self._later, []
        for happens in later:
            happens()
        if not await is_so():
            raise StepError(f"{what}: not within {within_seconds:g} s")
        self.done.append(what)


def carried_out(step: Step, stage: Any) -> str:
    """What it says; nothing here waits for a reactor."""
    with pytest.raises(StopIteration) as returned:
        step.carry_out(stage).send(None)
    return str(returned.value.value)


@pytest.mark.parametrize("step", [Stop(("one", "two")), Die(("one", "two"))])
def test_who_is_to_be_down_is_down_when_the_step_returns(step: Step) -> None:
    stage = Looking()
    carried_out(step, stage)
    assert set(stage.healths.values()) == {"stopped"}


@pytest.mark.parametrize("step", [Crash(("one",)), Restart(("one",))])
def test_who_comes_back_is_another_one_when_the_step_returns(step: Step) -> None:
    """Else `ready` would be told of the one before, and three crashes in a row could be one."""
    stage = Looking()
    carried_out(step, stage)
    assert (stage.again["one"], stage.healths["one"]) == (1, "starting")
    carried_out(Ready(("one",)), stage)
    assert stage.healths["one"] == "ready"


def test_a_signal_and_a_start_are_done_at_once() -> None:
    stage = Looking(healths={"one": "stopped", "two": "ready"})
    assert carried_out(Freeze(("two",)), stage) == "freeze two"
    carried_out(Start(("one",)), stage)
    assert stage.healths["one"] == "starting"


def test_a_roll_goes_on_only_when_the_one_before_serves() -> None:
    stage = Looking()
    carried_out(Roll(("one", "two")), stage)
    assert stage.done == [
        *("restart one", "restart one", "one serves"),
        *("restart two", "restart two", "two serves"),
    ]


def test_a_wiped_cache_is_gone_before_its_node_is_started(tmp_path: Path) -> None:
    stage = Looking(tmp_path)
    (tmp_path / "one" / "store").mkdir(parents=True)
    carried_out(Wipe(("one",)), stage)
    assert not (tmp_path / "one").exists()
    assert [said for said in stage.done if said != "die one"] == [
        *("one is empty", "start one"),
        "start one",
    ]
    with pytest.raises(StepError, match="two has no cache on disk"):
        Wipe(("two",)).carry_out(stage_of(stage)).send(None)


def stage_of(stage: Looking) -> Any:
    return stage


@pytest.mark.parametrize(
    ("status", "last"),
    [({"requests": 3}, "it is 3"), ({}, "it is not counted"), ({"requests": {}}, "it is not")],
)
def test_until_tells_what_it_saw_last(status: dict[str, Any], last: str) -> None:
    """A figure that nobody counts is not below every bound."""
    with pytest.raises(StepError, match=f"one's requests is as expected: not within 60 s: {last}"):
        Until("one", "requests", at_most=2).carry_out(stage_of(Looking(figures=status))).send(None)
    assert (
        carried_out(Until("one", "requests", 2, 4), Looking(figures={"requests": 3})) == "one's requests is 3"
    )


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (Die(("three",)), "there is no node three: there is one, two"),
        (Die(region="there"), "no node is named, and none lives there"),
    ],
)
def test_what_cannot_be_done_is_said(step: Step, said: str) -> None:
    with pytest.raises(StepError) as refused:
        step.carry_out(stage_of(Looking())).send(None)
    assert str(refused.value) == said
