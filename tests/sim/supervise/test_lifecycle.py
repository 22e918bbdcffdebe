"""sim.supervise.lifecycle: what a process's supervisor decides."""

from hypothesis import given
from hypothesis import strategies as st

from sim.supervise.lifecycle import (
    FIRST_BACK_OFF_SECONDS,
    FORGIVEN_AFTER_SECONDS,
    LONGEST_BACK_OFF_SECONDS,
    GiveUp,
    Lifecycle,
    Rest,
    Spawn,
    SpawnAfter,
    State,
    Terminate,
)


def ready() -> Lifecycle:
    life = Lifecycle()
    life.start()
    life.became_ready(0.0)
    return life


def test_a_process_that_ends_by_itself_before_it_was_ever_ready_cannot_start() -> None:
    """Its port is taken, its document wrong: trying again would only hide the reason."""
    life = Lifecycle()
    assert life.start() == Spawn()
    assert life.exited(1.0, killed=False) == GiveUp()
    assert life.state is State.FAILED


def test_a_process_killed_while_it_starts_is_started_again() -> None:
    """That was somebody else's doing."""
    life = Lifecycle()
    life.start()
    assert life.exited(1.0, killed=True) == SpawnAfter(FIRST_BACK_OFF_SECONDS)
    assert life.waited() == Spawn()
    assert life.restarts == 1


def test_a_process_that_once_was_ready_is_started_again_however_it_ended() -> None:
    life = ready()
    assert life.exited(5.0, killed=False) == SpawnAfter(FIRST_BACK_OFF_SECONDS)
    assert life.state is State.BACKING_OFF
    assert life.waited() == Spawn()
    assert life.exited(5.1, killed=False) == SpawnAfter(2 * FIRST_BACK_OFF_SECONDS)


def test_falls_in_a_row_wait_longer_and_longer_up_to_a_limit() -> None:
    life, waits = ready(), []
    for _ in range(12):
        match life.exited(1.0, killed=True):
            case SpawnAfter(seconds):
                waits.append(seconds)
        life.waited()
        life.became_ready(1.0)
    assert waits == sorted(waits)
    assert waits[:3] == [0.25, 0.5, 1.0]
    assert waits[-1] == LONGEST_BACK_OFF_SECONDS


def test_a_long_time_of_health_forgives() -> None:
    life = ready()
    life.exited(1.0, killed=True)
    life.waited()
    life.became_ready(2.0)
    assert life.exited(2.0 + FORGIVEN_AFTER_SECONDS, killed=True) == SpawnAfter(FIRST_BACK_OFF_SECONDS)


def test_a_stopped_process_is_not_started_again() -> None:
    life = ready()
    assert life.stop() == Terminate()
    assert life.exited(1.0, killed=True) == Rest()
    assert life.state is State.STOPPED
    assert life.waited() == Rest()


def test_stopping_between_two_lives_ends_at_once() -> None:
    life = ready()
    life.exited(1.0, killed=True)
    assert life.stop() == Rest()
    assert life.state is State.STOPPED
    assert life.waited() == Rest()


STEPS = st.lists(st.sampled_from(["ready", "exit", "killed", "waited", "stop"]), max_size=40)


@given(STEPS)
def test_at_most_one_process_runs_and_none_after_the_end(steps: list[str]) -> None:
    """Whatever happens in whatever order: a spawn only when nothing runs, and never after stop."""
    life, world = Lifecycle(), {"running": False, "waiting": False, "stopped": False}
    obey(life.start(), world)
    for now, step in enumerate(steps):
        match step:
            case "ready" if world["running"]:
                obey(life.became_ready(now), world)
            case "exit" | "killed" if world["running"]:
                world["running"] = False
                obey(life.exited(now, killed=step == "killed"), world)
            case "waited" if world["waiting"]:
                world["waiting"] = False
                obey(life.waited(), world)
            case "stop":
                world["stopped"] = True
                obey(life.stop(), world)
    if world["stopped"] and not world["running"]:
        assert life.state is State.STOPPED


def obey(command: object, world: dict[str, bool]) -> None:
    """Do as told, if that makes sense."""
    match command:
        case Spawn():
            assert not world["running"]
            assert not world["stopped"]
            world["running"] = True
        case SpawnAfter():
            assert not world["stopped"]
            world["waiting"] = True
        case Terminate():
            assert world["running"]


def test_who_was_stopped_can_be_started_again() -> None:
    """An operator's stop is not the end: started, it is watched as before."""
    life = Lifecycle()
    life.start()
    life.became_ready(1.0)
    assert life.start() == Rest()  # it runs
    assert life.stop() == Terminate()
    assert life.exited(2.0, killed=False) == Rest()
    assert life.start() == Spawn()
    assert life.exited(3.0, killed=False) == SpawnAfter(0.25)
