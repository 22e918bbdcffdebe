import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.render.backlog import Backlog, Ticket
from origin.render.errors import RenderQueueFull


def test_running_and_waiting_jobs_share_one_bound() -> None:
    """A bound on waiting alone would grow with every worker."""
    backlog = Backlog(limit=2, concurrent_bytes=100)
    backlog.add(Ticket(1, 10))
    assert backlog.take() == Ticket(1, 10)
    backlog.add(Ticket(2, 10))
    with pytest.raises(RenderQueueFull, match="Too many transformations at once"):
        backlog.add(Ticket(3, 10))
    backlog.finish(1)
    backlog.add(Ticket(3, 10))
    assert (backlog.running, backlog.waiting) == (0, 2)


def test_jobs_that_would_not_fit_in_memory_together_run_one_after_the_other() -> None:
    """Two workers, each within its own limit, could still push the machine into swap."""
    backlog = Backlog(limit=9, concurrent_bytes=100)
    backlog.add(Ticket(1, 60))
    backlog.add(Ticket(2, 60))
    assert backlog.take() == Ticket(1, 60)
    assert backlog.take() is None
    backlog.finish(1)
    assert backlog.take() == Ticket(2, 60)


def test_a_job_larger_than_all_memory_runs_alone_and_is_not_overtaken() -> None:
    """It must neither wait for ever nor be starved by small ones behind it."""
    backlog = Backlog(limit=9, concurrent_bytes=100)
    for ticket in (Ticket(1, 10), Ticket(2, 500), Ticket(3, 10)):
        backlog.add(ticket)
    assert backlog.take() == Ticket(1, 10)
    assert backlog.take() is None
    backlog.finish(1)
    assert backlog.take() == Ticket(2, 500)
    assert backlog.take() is None
    backlog.finish(2)
    assert backlog.take() == Ticket(3, 10)


def test_a_dropped_job_never_runs() -> None:
    """Nobody waits for it."""
    backlog = Backlog(limit=9, concurrent_bytes=100)
    backlog.add(Ticket(1, 10))
    assert backlog.drop(1)
    assert not backlog.drop(1)
    assert backlog.take() is None


def test_what_nobody_waits_for_runs_when_nothing_else_is_to_be_done() -> None:
    """And never fills a queue that viewers need."""
    backlog = Backlog(limit=8, concurrent_bytes=100)
    backlog.add(Ticket(1, 10, is_urgent=False))
    backlog.add(Ticket(2, 10, is_urgent=False))
    with pytest.raises(RenderQueueFull):
        backlog.add(Ticket(3, 10, is_urgent=False))
    backlog.add(Ticket(4, 10))
    assert backlog.waiting == 3
    assert backlog.take() == Ticket(4, 10)
    assert backlog.drop(1)
    assert backlog.take() == Ticket(2, 10, is_urgent=False)


@given(st.lists(st.tuples(st.sampled_from(["add", "take", "finish"]), st.integers(1, 150)), max_size=60))
def test_memory_is_never_overcommitted_but_by_one_job_alone(steps: list[tuple[str, int]]) -> None:
    """The law of `take`, in any order of events; and first come is first served."""
    backlog, number = Backlog(limit=8, concurrent_bytes=100), 0
    running: dict[int, int] = {}
    order: list[int] = []
    for verb, size in steps:
        if verb == "add" and backlog.waiting + backlog.running < 8:
            number += 1
            backlog.add(Ticket(number, size))
        elif verb == "take" and (ticket := backlog.take()) is not None:
            running[ticket.number] = ticket.bytes
            order.append(ticket.number)
        elif verb == "finish" and running:
            done = next(iter(running))
            del running[done]
            backlog.finish(done)
        assert len(running) <= 1 or sum(running.values()) <= 100
    assert order == sorted(order)
