"""Least recently used goes first."""

from collections import OrderedDict

from hypothesis import given
from hypothesis import strategies as st

from edge.cache.eviction import Lru

traces = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 400)), max_size=60)


@given(traces)
def test_the_least_recently_used_goes_first(trace: list[tuple[str, int]]) -> None:
    """Against a reference in five lines."""
    lru, reference = Lru(1_000), OrderedDict[str, int]()
    for name, size in trace:
        assert lru.find(name) == (name in reference)
        reference.pop(name, None)
        reference[name] = size
        left = []
        while sum(reference.values()) > 1_000:
            left.append(reference.popitem(last=False)[0])
        assert lru.insert(name, size) == left
        assert list(lru) == list(reference)
