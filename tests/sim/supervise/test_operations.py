"""sim.supervise.operations: what an operator may do to a process, and when."""

import signal
from signal import Signals
from typing import Any

import pytest
from attrs import define, field

from sim.supervise.lifecycle import State
from sim.supervise.operations import OPERATIONS, operate
from wire.errors import MediaError


@define
class Life:
    state: State = State.READY


@define
class Process:
    """A child that notes what is done to it."""

    name: str = "one"
    pid: int | None = 7
    life: Life = field(factory=Life)
    done: list[Any] = field(factory=list)

    def start(self) -> None:
        self.done.append("start")

    def stop(self) -> None:
        self.done.append("stop")

    def kill(self) -> None:
        self.done.append("kill")

    def signal(self, number: Signals) -> None:
        self.done.append(number)

    def signal_all(self, number: Signals) -> None:
        self.done.append(("all", number))


@pytest.mark.parametrize(
    ("action", "done"),
    [
        ("stop", ["stop"]),
        ("die", ["stop", "kill"]),
        ("crash", ["kill"]),
        ("restart", [signal.SIGTERM, ("all", signal.SIGCONT)]),
        ("freeze", [("all", signal.SIGSTOP)]),
        ("thaw", [("all", signal.SIGCONT)]),
    ],
)
def test_each_operation_on_one_that_runs(action: str, done: list[Any]) -> None:
    child: Any = Process()
    operated: Any = operate({"one": child}, "one", action)
    assert operated is child
    assert child.done == done


@pytest.mark.parametrize(("action", "done"), [("die", ["stop", "kill"]), ("thaw", [("all", signal.SIGCONT)])])
def test_one_that_takes_long_to_end_can_be_hurried(action: str, done: list[Any]) -> None:
    child: Any = Process(life=Life(State.STOPPING))
    operate({"one": child}, "one", action)
    assert child.done == done


def test_one_that_is_down_can_be_started() -> None:
    child: Any = Process(pid=None, life=Life(State.STOPPED))
    operate({"one": child}, "one", "start")
    assert child.done == ["start"]


@pytest.mark.parametrize(
    ("name", "action", "state", "status", "said"),
    [
        ("two", "stop", State.READY, 404, "There is no node 'two': there is one"),
        ("one", "tickle", State.READY, 400, f"Nothing is called 'tickle': {', '.join(OPERATIONS)} are"),
        ("one", "start", State.READY, 409, "one runs already"),
        ("one", "start", State.STOPPING, 409, "one cannot be started now: it is stopping"),
        ("one", "start", State.FAILED, 409, "one cannot be started now: it is failed"),
        ("one", "restart", State.STOPPING, 409, "one does not run: it is stopping"),
        ("one", "crash", State.STOPPING, 409, "one does not run: it is stopping"),
        ("one", "freeze", State.STOPPED, 409, "one does not run: it is stopped"),
    ],
)
def test_what_makes_no_sense_is_refused(name: str, action: str, state: State, status: int, said: str) -> None:
    child: Any = Process(pid=7 if state in (State.READY, State.STOPPING) else None, life=Life(state))
    with pytest.raises(MediaError) as refused:
        operate({"one": child}, name, action)
    assert (refused.value.status, str(refused.value)) == (status, said)
    assert child.done == []
