"""Which name goes first, for every policy."""

from collections import OrderedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.cache.eviction import EVICTION_POLICIES, Lru

traces = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 400)), max_size=60)


@pytest.mark.parametrize("policy", EVICTION_POLICIES.values())
@given(trace=traces)
def test_a_policy_never_exceeds_its_capacity(policy: type[Lru], trace: list[tuple[str, int]]) -> None:
    """And tells of every name that left, so that its body can go too."""
    kept, inside = policy(capacity_bytes=1_000), dict[str, int]()
    for name, size in trace:
        if not kept.find(name) and kept.admits(size):
            inside[name] = size
            for leaving in kept.insert(name, size):
                del inside[leaving]
        assert kept.occupied_bytes == sum(inside.values()) <= 1_000
        assert set(kept) == set(inside)
        assert len(kept) == len(inside)


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


def test_a_giant_is_not_admitted() -> None:
    """It would flush everything else for one request."""
    lru = Lru(1_000, largest_share=0.25)
    assert lru.admits(250)
    assert not lru.admits(251)
    with pytest.raises(ValueError):
        lru.insert("giant", 251)


def test_removing_gives_room_back_once() -> None:
    """Twice is once."""
    lru = Lru(1_000)
    lru.insert("a", 600)
    assert lru.remove("a")
    assert not lru.remove("a")
    assert lru.occupied_bytes == 0
