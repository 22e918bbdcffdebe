"""sim.traffic.assets and .lookups: hit ratios by key and by asset."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.traffic.answers import Answered, Tier
from sim.traffic.assets import AssetsAsked, asset_in
from sim.traffic.lookups import Hits, Lookup, lookups_in
from sim.traffic.record import Kind, Record
from sim.traffic.targets import Picture, Targets

CAT = "/demo/image/upload/c_limit,f_auto,w_320/v3/pets/cat.jpg"


@pytest.mark.parametrize(
    "other",
    [
        "/demo/image/upload/c_limit,f_auto,w_640/v3/pets/cat.jpg",
        "/demo/image/upload/v3/pets/cat.webp?r=7",
        "/demo/image/upload/s--abcdefgh--/w_9/v3/pets/cat.jpg",
        "/demo/iu/w_9/v3/pets/cat.png",
    ],
)
def test_a_variant_is_of_the_same_asset(other: str) -> None:
    """Whatever is made of it, in whatever format."""
    assert asset_in(other) == asset_in(CAT)


@pytest.mark.parametrize(
    "other",
    [
        "/demo/image/upload/c_limit,f_auto,w_320/v4/pets/cat.jpg",
        "/acme/image/upload/c_limit,f_auto,w_320/v3/pets/cat.jpg",
        "/demo/image/private/c_limit,f_auto,w_320/v3/pets/cat.jpg",
        "/demo/image/upload/c_limit,f_auto,w_320/v3/pets/dog.jpg",
        "/index.html",
    ],
)
def test_another_original_is_another_asset(other: str) -> None:
    """A version is an original of its own: none can be made of another's variants."""
    assert asset_in(other) != asset_in(CAT)


@given(st.text(max_size=60))
def test_any_target_is_of_some_asset_without_its_query(target: str) -> None:
    """Recordings hold whatever somebody once asked for."""
    assert asset_in("/" + target) == asset_in("/" + target.partition("?")[0] + "?other")


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 3), st.integers(0, 3)), max_size=60))
def test_another_variant_is_known_once_it_was_asked_for(asked: list[tuple[str, int, int]]) -> None:
    """Whichever, and however long ago, where nothing is lost."""
    told, seen = AssetsAsked(), defaultdict[tuple[str, int], set[int]](set)
    for cache, asset, variant in asked:
        assert told.note(cache, str(asset), variant) == bool(seen[cache, asset] - {variant})
        seen[cache, asset].add(variant)


def test_what_was_purged_was_not_asked_for() -> None:
    """An asset's purge leaves the others, one of everything leaves none."""
    told = AssetsAsked()
    for asset in ("cat", "dog"):
        told.note("fra", asset, "small")
    told.forget("cat")
    assert [told.note("fra", asset, "large") for asset in ("cat", "dog")] == [False, True]
    told.forget_all()
    assert not told.note("fra", "dog", "small")


def test_a_cache_that_was_wiped_has_nothing_and_others_have_what_they_had() -> None:
    told = AssetsAsked()
    for cache in ("fra", "sin"):
        told.note(cache, "cat", "small")
    told.forget_cache("fra")
    assert [told.note(cache, "cat", "large") for cache in ("fra", "sin")] == [False, True]


def test_what_was_asked_for_and_is_absent_was_lost_and_what_is_older_with_it() -> None:
    """A MISS after a HIT is what an eviction looks like; so is another's purge."""
    told = AssetsAsked()
    for variant in ("small", "medium", "large"):
        told.note("fra", "cat", variant, is_absent=True)
    assert told.note("fra", "cat", "small")  # a hit: now it is the last to go
    assert told.note("fra", "cat", "large", is_absent=True)  # medium is gone, too; small is left
    told.note("fra", "dog", "small", is_absent=True)
    told.note("fra", "dog", "large", is_absent=True)
    assert not told.note("fra", "dog", "large", is_absent=True)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), max_size=200), st.integers(1, 8))
def test_of_a_cache_that_evicts_what_was_asked_for_longest_ago_nothing_is_said_that_it_lost(
    asked: list[tuple[int, int]], room: int
) -> None:
    """Held against an LRU of so many places: what is not told of is a loss that no question has shown, and what is
    there is never told to be lost."""
    told, cache = AssetsAsked(), dict[tuple[int, int], None]()
    for asset, variant in asked:
        is_hit = (asset, variant) in cache
        has_another = any(held[0] == asset and held[1] != variant for held in cache)
        is_told = told.note("fra", str(asset), variant, is_absent=not is_hit)
        assert is_told or not has_another
        cache.pop((asset, variant), None)
        cache[asset, variant] = None
        if len(cache) > room:
            del cache[next(iter(cache))]


def test_caches_are_told_of_from_the_viewer_on() -> None:
    """A name may be a string; what is quoted within a member ends none."""
    said = '"shield 1"; hit; ttl=9, fra; fwd=uri-miss; collapsed; detail="no; hit, really"'
    assert lookups_in(said) == (
        Lookup("fra", is_hit=False, is_shared=True),
        Lookup("shield 1", is_hit=True),
    )
    absent = [
        lookup.is_absent for lookup in lookups_in("c; fwd=stale, b; fwd=vary-miss, a; fwd=uri-miss; stored")
    ]
    assert absent == [True, True, False]
    assert lookups_in("") == ()


@pytest.mark.parametrize(
    ("cache_status", "asked", "asked_an_origin"),
    [
        ("fra; hit", [(Tier.EDGE, "fra")], False),
        ("shield; fwd=uri-miss; stored, fra; hit", [(Tier.EDGE, "fra")], False),
        ("shield; hit, fra; fwd=uri-miss; collapsed", [(Tier.EDGE, "fra")], False),
        ("shield; hit, fra; fwd=uri-miss; collapsed=?0", [(Tier.EDGE, "fra"), (Tier.SHIELD, "shield")], False),
        ("a; fwd=miss, b; fwd=miss, c; fwd=miss", [(Tier.EDGE, "c"), (Tier.SHIELD, "b"), (Tier.SHIELD, "a")], True),
        ("", [], False),
    ],
)  # fmt: skip
def test_who_is_behind_one_that_had_it_was_not_asked(
    cache_status: str, asked: list[tuple[Tier, str]], asked_an_origin: bool
) -> None:
    """What is stored tells of those it once came through."""
    answer = Answered(200, 0.1, cache_status=cache_status)
    assert [(tier, lookup.cache) for tier, lookup in answer.asked] == asked
    assert answer.asked_an_origin == asked_an_origin


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans())))
def test_by_asset_is_no_less_than_by_key(lookups: list[tuple[bool, bool, bool]]) -> None:
    hits = Hits()
    for is_hit, is_shared, had_another in lookups:
        hits.add(Lookup("fra", is_hit, is_shared), had_another=had_another)
    assert hits.by_key <= hits.by_asset <= hits.asked == len(lookups)
    twice = Hits()
    twice.add_all(hits)
    twice.add_all(hits)
    assert twice.as_plain() == {**hits.as_plain(), "asked": 2 * hits.asked}


@given(st.integers(-50, 500), st.integers(-50, 500), st.sampled_from([0, 320]))
def test_a_workloads_assets_are_assets_of_their_own(one: int, other: int, width: int) -> None:
    """Though a handful of pictures stands for all of them."""
    targets = Targets("demo", [Picture("samples/a b", "jpg"), Picture("c", "png")])
    this, that = (targets.of(Record(0, "", Kind.VIEW, asset, width)) for asset in (one, other))
    assert (asset_in(this) == asset_in(that)) == (one == other)
    assert asset_in(this) == asset_in(targets.of(Record(0, "", Kind.VIEW, one, 100)))
