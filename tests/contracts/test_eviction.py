"""What every eviction policy promises: see `edge.cache.eviction.interface.Eviction`."""

from __future__ import annotations

from typing import get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.cache.eviction import DEFAULT_EVICTION, EVICTION_POLICIES, Eviction, Lru
from edge.settings import Settings
from sim.topology.model import Pop
from tests.support.traces import Trace, loop, with_scans, zipf

every_policy = pytest.mark.parametrize("policy", EVICTION_POLICIES.values(), ids=EVICTION_POLICIES)
proof_against_scans = pytest.mark.parametrize(
    "policy", [policy for policy in EVICTION_POLICIES.values() if policy is not Lru]
)
policies = st.sampled_from([*EVICTION_POLICIES.values()])
scan_proof_policies = policies.filter(lambda policy: policy is not Lru)
verbs = st.lists(
    st.tuples(
        st.sampled_from(["ask", "ask", "ask", "insert", "remove"]),
        st.sampled_from("abcdefghijkl"),
        st.integers(0, 400),
    ),
    max_size=120,
)


@given(policy=policies, told=verbs)
def test_a_policy_never_exceeds_its_capacity_and_loses_no_name(
    policy: type[Eviction], told: list[tuple[str, str, int]]
) -> None:
    """It tells of every name that left, once, so that its body can go too; and of no other."""
    kept, inside = policy(1_000, largest_share=0.35), dict[str, int]()
    for verb, name, size in told:
        assert kept.find(name) == (name in inside)
        if verb == "remove":
            assert kept.remove(name) == (inside.pop(name, None) is not None)
        elif (verb == "insert" or name not in inside) and kept.admits(size):
            inside[name] = size
            leaving = kept.insert(name, size)
            assert len(leaving) == len(set(leaving))
            for each in leaving:
                del inside[each]
        assert kept.occupied_bytes == sum(inside.values()) <= 1_000
        assert sorted(kept) == sorted(inside)
        assert len(kept) == len(inside)
        assert all(each in kept for each in inside)
        assert "stranger" not in kept


@given(policy=policies, sizes=st.lists(st.integers(0, 1_000), min_size=1, max_size=60))
def test_what_has_room_for_all_lets_nobody_go(policy: type[Eviction], sizes: list[int]) -> None:
    """Eviction is for want of room, and for nothing else."""
    kept = policy(sum(sizes) or 1)
    for at, size in enumerate(sizes):
        assert kept.insert(str(at), size) == []
    assert len(kept) == len(sizes)


@every_policy
def test_a_giant_is_not_admitted(policy: type[Eviction]) -> None:
    """It would flush everything else for one request; what stood under its name stays."""
    kept = policy(1_000, largest_share=0.25)
    kept.insert("giant", 10)
    assert kept.admits(250)
    assert not kept.admits(251)
    with pytest.raises(ValueError, match="251 bytes"):
        kept.insert("giant", 251)
    assert "giant" in kept


@every_policy
def test_removing_gives_room_back_once(policy: type[Eviction]) -> None:
    """Twice is once."""
    kept = policy(1_000)
    kept.insert("a", 600)
    assert kept.remove("a")
    assert not kept.remove("a")
    assert kept.occupied_bytes == 0


@given(policy=policies, seed=st.integers(0, 10_000))
def test_no_policy_is_worse_than_none(policy: type[Eviction], seed: int) -> None:
    """On what is popular, a tenth of the room finds at least a third of what all the room would."""
    trace = zipf(2_000, 300, 1.0, seed)
    assert hits_of(policy(30), trace) >= hits_of(policy(300), trace) / 3


@given(
    policy=scan_proof_policies, hot=st.integers(1, 40), scanned=st.integers(100, 300), uses=st.integers(3, 5)
)
def test_a_scan_flushes_nothing_that_was_proven(
    policy: type[Eviction], hot: int, scanned: int, uses: int
) -> None:
    """However much a crawler reads once: LRU forgets all that was hot, the others none of it."""
    lru = Lru(100)
    kept = policy(100)
    crawled = [(f"scan {at}", 1) for at in range(100 + scanned)]
    for cache in (lru, kept):
        # enough strangers pass for the hot ones to leave their probation before the scan
        hits_of(cache, [(f"hot {at}", 1) for _ in range(uses) for at in range(hot)] + crawled[:100])
        hits_of(cache, [(f"hot {at}", 1) for _ in range(uses) for at in range(hot)] + crawled[100:])
    assert sum(f"hot {at}" in lru for at in range(hot)) == 0
    assert sum(f"hot {at}" in kept for at in range(hot)) == hot


@proof_against_scans
def test_a_crawled_site_is_served_better_than_by_lru(policy: type[Eviction]) -> None:
    """Popular pages and a crawler in turns: at least a tenth more hits."""
    trace = with_scans(zipf(40_000, 2_000, 0.9, 3), every=500, length=500)
    assert hits_of(policy(100), trace) > 1.1 * hits_of(Lru(100), trace)


def test_a_loop_just_too_long_is_where_a_memory_of_uses_pays() -> None:
    """LRU throws away what is wanted next; W-TinyLFU keeps some of it."""
    trace = loop(20_000, 1_100)
    assert hits_of(Lru(1_000), trace) == 0
    assert hits_of(EVICTION_POLICIES["w-tinylfu"](1_000), trace) > 10_000


def test_settings_and_topologies_offer_every_policy() -> None:
    """With one default, the one that was chosen by measurement."""
    for where in (Settings, Pop):
        assert set(get_args(get_type_hints(where)["eviction"])) == set(EVICTION_POLICIES)
    assert Settings(upstreams=("http://x",)).eviction == Pop("r").eviction == DEFAULT_EVICTION
    with pytest.raises(ValueError):
        Settings(upstreams=("http://x",), eviction="fifo")  # type: ignore[arg-type]


def hits_of(kept: Eviction, trace: Trace) -> int:
    """How many requests find what they want, when what is missed is inserted."""
    hits = 0
    for name, size in trace:
        if kept.find(name):
            hits += 1
        elif kept.admits(size):
            kept.insert(name, size)
    return hits
