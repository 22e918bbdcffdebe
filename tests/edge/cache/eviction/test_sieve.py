"""SIEVE's hand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from edge.cache.eviction import Sieve

traces = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 400)), max_size=80)


class Reference:
    """The paper's pseudocode over a list, newest first."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.queue: list[list[object]] = []  # name, size, visited
        self.hand: int | None = None

    def ask(self, name: str, size: int) -> list[str]:
        for place in self.queue:
            if place[0] == name:
                place[2] = True
                return []
        left = []
        while sum(int(str(place[1])) for place in self.queue) + size > self.capacity:
            at = len(self.queue) - 1 if self.hand is None else self.hand
            while self.queue[at][2]:
                self.queue[at][2] = False
                at = at - 1 if at else len(self.queue) - 1
            left.append(str(self.queue.pop(at)[0]))
            self.hand = at - 1 if at else None
        self.queue.insert(0, [name, size, False])
        if self.hand is not None:
            self.hand += 1
        return left


@given(traces)
def test_the_hand_takes_what_the_paper_says(trace: list[tuple[str, int]]) -> None:
    """In its order; a hit only sets a mark."""
    sieve, reference = Sieve(1_000), Reference(1_000)
    for name, size in trace:
        expected = reference.ask(name, size)
        if not sieve.find(name):
            assert sieve.insert(name, size) == expected


def test_a_hand_that_loses_its_place_goes_on_from_there() -> None:
    """A purge takes out just what it points at."""
    sieve = Sieve(3)
    for name in "abc":
        sieve.insert(name, 1)
    sieve.find("a")
    assert sieve.insert("d", 1) == ["b"]  # the hand is at c now
    assert sieve.remove("c")
    sieve.insert("e", 1)
    assert sieve.insert("f", 1) == ["d"]
