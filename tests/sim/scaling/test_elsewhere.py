"""sim.scaling.elsewhere: which machines of a pool are gone, and how many instances each of the others stands in for."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock

from sim.scaling.elsewhere import GONE_SECONDS, REMEMBERED, Elsewhere, Machine

EVERY = 0.5
AGENT: Any = None  # nobody is asked


def elsewhere(here: str, clock: Clock, order: tuple[str, ...] = ("one", "two", "three")) -> Elsewhere:
    others = {name: Machine(()) for name in order if name != here}
    return Elsewhere(order, here, others, AGENT, clock)


def hears(seen: Elsewhere, clock: Clock, **serving: int) -> None:
    """So many instances of each machine answer, for longer than silence is borne."""
    for _ in range(int(GONE_SECONDS / EVERY) + 1):
        clock.advance(EVERY)
        for name, count in serving.items():
            seen.others[name].note(clock.seconds(), count)


def test_a_machine_that_was_heard_of_and_is_silent_is_stood_in_for_until_it_is_back() -> None:
    clock = Clock()
    seen = elsewhere("one", clock, ("one", "two"))
    hears(seen, clock, two=0)
    assert (seen.gone, seen.ours) == ((), 0)  # it may not have begun
    hears(seen, clock, two=3)
    assert (seen.gone, seen.ours) == ((), 0)
    seen.others["two"].note(clock.seconds(), 1)  # it dies instance by instance
    clock.advance(GONE_SECONDS)
    assert (seen.gone, seen.ours) == ((), 0)
    clock.advance(EVERY)
    assert (seen.gone, seen.ours) == (("two",), 3)
    seen.others["two"].note(clock.seconds(), 1)
    assert (seen.gone, seen.ours) == ((), 0)


def test_what_a_machine_ran_long_ago_is_forgotten() -> None:
    """It had grown with a load that is over."""
    clock = Clock()
    seen = elsewhere("one", clock, ("one", "two"))
    seen.others["two"].note(0.0, 5)
    for _ in range(REMEMBERED):
        seen.others["two"].note(0.0, 2)
    clock.advance(GONE_SECONDS + EVERY)
    assert seen.ours == 2


@given(
    order=st.permutations(["one", "two", "three", "four"]),
    served=st.lists(st.integers(1, 9), min_size=4, max_size=4),
    count=st.integers(1, 3),
)
def test_those_that_are_left_share_what_is_lost(order: list[str], served: list[int], count: int) -> None:
    """All of it, nobody more than one above another, whoever looks."""
    gone, left = order[:count], order[count:]
    shares = []
    for here in left:
        clock = Clock()
        seen = elsewhere(here, clock, ("one", "two", "three", "four"))
        for name, number in zip(order, served, strict=True):
            if name != here:
                seen.others[name].note(0.0, number)
        hears(seen, clock, **{name: 1 for name in left if name != here})
        assert set(seen.gone) == set(gone)
        shares.append(seen.ours)
    assert sum(shares) == sum(served[:count])
    assert max(shares) - min(shares) <= 1
