"""sim.traffic.generate: what workloads.md §12 asks of a trace."""

import tracemalloc
from collections import Counter
from itertools import pairwise
from typing import Any, Literal

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.topology.quantities import Duration, Share
from sim.traffic.generate import generate
from sim.traffic.record import Kind, Record
from sim.traffic.regions import Viewers
from sim.traffic.tide import HOURS, Crowd, tide
from sim.traffic.variants import WIDTHS
from sim.traffic.workload import Bots, Changes, FlashCrowd, Workload
from sim.traffic.written import write

NOTHING_ELSE = Workload(tide=False, bots=Bots(share=Share(0.0)), changes=Changes(overwrites=Share(0.0)))


def made(**changes: Any) -> list[Record]:
    return list(generate(evolve(NOTHING_ELSE, **changes)))


@settings(max_examples=20)
@given(st.integers(0, 2**32), st.sampled_from(("photo", "longtail", "measured")))
def test_the_same_seed_is_the_same_trace_and_time_goes_forward(
    seed: int, popularity: Literal["photo", "longtail", "measured"]
) -> None:
    changes = Changes(purge_every=Duration(0.7), purge_all_every=Duration(1.1), overwrite_every=Duration(0.5))
    workload = evolve(
        Workload(), seed=seed, popularity=popularity, rate=30.0, duration=Duration(5.0), changes=changes
    )
    once = list(generate(workload))
    assert list(write(once)) == list(write(generate(workload)))
    assert all(before.time_us <= after.time_us for before, after in pairwise(once))
    assert all(0 <= record.time_us < 5e6 for record in once)
    assert {Kind.PURGE, Kind.OVERWRITE} & {record.kind for record in once}
    if once:
        assert list(generate(evolve(workload, seed=seed + 1))) != once


def test_regions_have_their_shares_and_hours_their_tide() -> None:
    """A day of two regions twelve hours apart: within four standard deviations."""
    regions = {"here": Viewers(3, 0), "there": Viewers(1, 12)}
    records = made(tide=True, start=0.0, duration=Duration(86_400.0), rate=0.2, regions=regions)
    for name, viewers in regions.items():
        counts = Counter(int(each.time_us / 3.6e9) for each in records if each.region == name)
        for hour in range(24):
            begins = hour + viewers.utc
            expected = 0.2 * 3600 * viewers.share / 4 * (tide(begins) + tide(begins + 1)) / 2
            assert abs(counts[hour] - expected) < 4 * expected**0.5 + 1


def test_the_tide_is_the_table_and_linear_between() -> None:
    assert [tide(hour) for hour in range(24)] == list(HOURS)
    assert tide(23.5) == pytest.approx((HOURS[23] + HOURS[0]) / 2)
    assert tide(-1) == HOURS[23]


def test_a_crowd_rises_holds_and_falls() -> None:
    crowd = Crowd(at=100, rise=300, hold=900, fall=1200)
    heights = [crowd.height(at) for at in (99, 100, 250, 400, 1300, 2500)]
    assert heights == pytest.approx([0, 0.02, 0.02**0.5, 1, 1, 0.5])


def test_a_flash_crowd_is_its_share_of_traffic_at_the_top() -> None:
    crowd = FlashCrowd(Duration(0.0), Duration(1.0), Duration(60.0), Duration(10.0), Share(0.25), asset=4)
    records = made(rate=200.0, duration=Duration(60.0), crowds=(crowd,), assets=50)
    top = [record for record in records if record.time_us > 1e6]
    crowded = [record for record in top if record.kind is Kind.FLASH]
    assert len(crowded) / len(top) == pytest.approx(0.25, abs=0.03)
    assert {record.asset % 50 for record in crowded} == {4}
    assert len({record.key for record in crowded}) > 1


def test_bots_walk_the_whole_catalogue_once_before_any_asset_comes_again() -> None:
    records = made(rate=100.0, duration=Duration(20.0), bots=Bots(share=Share(0.5)), assets=300)
    bots = [record for record in records if record.kind is Kind.BOT]
    assert len(bots) / len(records) == pytest.approx(0.5, abs=0.05)
    assert sorted(record.asset for record in bots[:300]) == list(range(300))
    assert {record.width for record in bots} <= {0, *WIDTHS}
    assert sum(record.width == 0 for record in bots) / len(bots) == pytest.approx(0.5, abs=0.05)
    assert sum(bool(record.query) for record in bots) / len(bots) == pytest.approx(0.2, abs=0.05)
    assert {record.region for record in bots} == {"na-east", "eu-central"}


def test_an_overwrite_changes_sizes_from_its_instant_on() -> None:
    """And no purge does."""
    changes = Changes(Share(1.0), purge_every=Duration(60.0), purge_all_every=Duration(300.0))
    workload = evolve(NOTHING_ELSE, rate=1.0, duration=Duration(30_000.0), assets=20, changes=changes, seed=5)
    sizes: dict[str, int] = {}
    overwritten: set[int] = set()
    changed = 0
    for record in generate(workload):
        if record.kind is Kind.OVERWRITE:
            overwritten.add(record.asset)
            sizes = {key: size for key, size in sizes.items() if not key.startswith(f"{record.asset}/")}
        if not record.is_request:
            continue
        assert sizes.setdefault(record.key, record.size) == record.size
        changed += record.asset in overwritten
    assert overwritten
    assert changed


def test_purges_come_by_the_clock() -> None:
    changes = Changes(Share(0.0), None, Duration(10.0), 3, Duration(25.0))
    records = made(duration=Duration(30.0), rate=2.0, assets=10, changes=changes)
    purges = [(record.time_us, record.asset) for record in records if record.kind is Kind.PURGE]
    assert [at for at, _ in purges] == [10_000_000] * 3 + [20_000_000] * 3 + [25_000_000] + [30_000_000] * 3
    assert [asset for at, asset in purges if at == 25_000_000] == [-1]
    assert all(asset >= 0 for at, asset in purges if at != 25_000_000)


def test_memory_is_the_catalogues_however_long_the_trace() -> None:
    """O(catalogue) at most (§12): of the same keys, three times as many records take no more."""
    workload = evolve(Workload(), rate=100.0, keys=500, assets=300)

    def most_bytes(seconds: float) -> int:
        tracemalloc.start()
        try:
            assert sum(1 for _ in generate(evolve(workload, duration=Duration(seconds)))) > 90 * seconds
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert most_bytes(300.0) < 1.2 * most_bytes(100.0)
