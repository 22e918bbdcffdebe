"""sim.traffic.arrivals, .tide and .changing: when requests and changes come (workloads.md §5 to §8)."""

from __future__ import annotations

import math
from collections import Counter
from itertools import islice, pairwise
from statistics import fmean, pvariance
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.topology.quantities import Duration, Share
from sim.traffic.ageing import DAY
from sim.traffic.arrivals import Arrivals
from sim.traffic.changing import bursts, changes_of
from sim.traffic.generate import generate
from sim.traffic.record import Kind, Record
from sim.traffic.regions import DEFAULT, Viewers
from sim.traffic.tide import HOURS, scaled, tide
from sim.traffic.workload import Bots, Changes, FlashCrowd, Workload

FLAT = Workload(tide=False, bots=Bots(share=Share(0.0)), changes=Changes(overwrites=Share(0.0)))


def times_of(workload: Workload) -> list[int]:
    return [time_us for time_us, _ in Arrivals(workload).times()]


@pytest.mark.parametrize("rate", [3.0, 400.0])
def test_requests_are_a_poisson_stream(rate: float) -> None:
    """Counts whose variance is their mean, gaps that an exponential has, across the borders of the steps, too."""
    seconds = 30_000 / rate
    times = times_of(evolve(FLAT, rate=rate, duration=Duration(seconds)))
    assert abs(len(times) - 30_000) < 4 * math.sqrt(30_000)
    counts = Counter(int(at / 1e6 * rate / 10) for at in times)  # ten are to be expected in each
    every = [counts[nth] for nth in range(3000)]
    assert pvariance(every) / fmean(every) == pytest.approx(1.0, abs=4 * math.sqrt(2 / 3000))
    gaps = sorted((after - before) / 1e6 * rate for before, after in pairwise(times))
    farthest = max(
        abs((nth + 1) / len(gaps) - (1 - math.exp(-gap))) for nth, gap in enumerate(gaps)
    )  # Kolmogorov's distance
    assert farthest < 1.95 / math.sqrt(len(gaps)) + rate * 1e-6


@settings(max_examples=30)
@given(st.integers(0, 2**32), st.floats(1.0, 50.0))
def test_when_viewers_come_depends_on_nothing_that_they_ask_for(seed: int, rate: float) -> None:
    """Nor on answers: a trace is there before the first of them. Other keys and sizes, the same moments and regions."""
    one = evolve(Workload(), seed=seed, rate=rate, duration=Duration(5.0), changes=Changes(Share(0.0)))
    other = evolve(one, popularity="longtail", size="pixels", keys=7, widths=(1, 2), exponent=2.0)
    here, there = ([(each.time_us, each.region) for each in generate(each)] for each in (one, other))
    assert here == there
    assert here == [(at, Arrivals(one).sources[place].region) for at, place in Arrivals(one).times()]


@given(st.floats(-48, 48), st.lists(st.floats(0.01, 1e4), min_size=24, max_size=24).map(tuple))
def test_a_days_tide_has_a_mean_of_one(begins: float, hours: tuple[float, ...]) -> None:
    """Wherever the day begins: a rate is the mean of a day, whatever the hours are measured in."""
    day = scaled(hours)
    points = 24 * 60
    mean = math.fsum(tide(begins + nth / 60, day) for nth in range(points)) / points
    assert mean == pytest.approx(1.0, rel=0.01)
    assert math.fsum(day) == pytest.approx(24)


def test_the_tide_is_lowest_at_five_and_highest_in_the_evening() -> None:
    day = scaled(HOURS)
    assert min(range(24), key=day.__getitem__) == 5
    assert max(range(24), key=day.__getitem__) == 21
    assert max(day) / min(day) == pytest.approx(4.6, abs=0.05)


def test_each_region_has_its_own_evening() -> None:
    """By its offset; nine tenths at a weekend; bots know no hours."""
    regions = {"here": Viewers(3, 0), "there": Viewers(1, 5.5)}
    workload = evolve(FLAT, tide=True, start=15.5, rate=100.0, regions=regions, bots=Bots(share=Share(0.1)))
    here, there, *bots = Arrivals(workload).rates(0.0)
    day = scaled(HOURS)
    assert here == pytest.approx(100 * 0.9 * 3 / 4 * (day[15] + day[16]) / 2)
    assert there == pytest.approx(100 * 0.9 * 1 / 4 * day[21])
    assert bots == [5.0, 5.0]
    assert Arrivals(evolve(workload, weekend=True)).rates(0.0) == pytest.approx(
        [0.9 * here, 0.9 * there, 5.0, 5.0]
    )
    assert sum(viewers.share for viewers in DEFAULT.values()) == 100
    assert len(DEFAULT) == 11


def test_crawlers_come_from_two_regions_and_are_a_tenth() -> None:
    sources = Arrivals(Workload()).sources
    assert [source.region for source in sources if source.kind is Kind.BOT] == ["na-east", "eu-central"]
    rates = Arrivals(Workload(tide=False)).rates(0.0)
    crawls = [rate for rate, source in zip(rates, sources, strict=True) if source.kind is Kind.BOT]
    assert sum(crawls) / sum(rates) == pytest.approx(0.1)


def test_a_crowd_is_fifty_times_as_many_after_five_minutes_and_a_tenth_of_all() -> None:
    """In every region at once; half of it twenty minutes after it began to fall."""
    workload = evolve(FLAT, rate=90.0, duration=Duration(7200.0), crowds=(FlashCrowd(Duration(100.0)),))

    def crowd(seconds: float) -> float:
        return sum(Arrivals(workload).rates(seconds)[len(DEFAULT) + 2 :])

    assert crowd(99.0) == 0
    assert crowd(400.0) / crowd(100.0) == pytest.approx(50)
    assert crowd(250.0) / crowd(100.0) == pytest.approx(math.sqrt(50))
    assert crowd(400.0) == pytest.approx(crowd(1300.0)) == pytest.approx(10.0)  # of a hundred
    assert crowd(1300.0 + 1200.0) == pytest.approx(5.0)
    assert FlashCrowd(Duration(0), Duration(300)).step_seconds == 3.0


@settings(max_examples=20)
@given(st.integers(0, 2**32), st.floats(1.0, 30.0), st.floats(0.2, 20.0))
def test_times_never_go_back(seed: int, rise: float, fall: float) -> None:
    """Within steps and from one to the next, and never beyond the end."""
    crowd = FlashCrowd(Duration(1.0), Duration(rise), Duration(0.5), Duration(fall), Share(0.5))
    times = times_of(evolve(FLAT, seed=seed, rate=40.0, duration=Duration(9.5), crowds=(crowd,)))
    assert all(before <= after for before, after in pairwise(times))
    assert all(0 <= at < 9.5e6 for at in times)


# --- changes ---


def test_one_asset_in_a_thousand_is_overwritten_a_day_and_the_popular_ones_oftener() -> None:
    workload = evolve(
        FLAT, rate=0.02, duration=Duration(20 * DAY), keys=30_000, assets=20_000,
        changes=Changes(purge_every=Duration(0.0), purge_all_every=Duration(0.0)),
    )  # fmt: skip
    overwritten = [each.asset for each in generate(workload) if each.kind is Kind.OVERWRITE]
    assert abs(len(overwritten) - 400) < 4 * math.sqrt(400)
    assert sum(asset < 200 for asset in overwritten) > len(overwritten) / 4  # a hundredth of the assets


def test_a_tag_of_a_thousand_assets_is_purged_every_day_and_all_every_ten_days() -> None:
    workload = evolve(FLAT, duration=Duration(20 * DAY))
    purges = [(at, asset) for at, kind, asset in changes_of(workload, 5000) if kind is Kind.PURGE]
    assert [at / DAY / 1e6 for at, asset in purges if asset < 0] == [10, 20]
    for day in range(1, 21):
        burst = [asset for at, asset in purges if at == day * DAY * 1e6 and asset >= 0]
        assert len(burst) == len(set(burst)) == 1000


def test_overwrites_may_come_at_a_rate_of_their_own() -> None:
    """One in ten seconds, as a mean: a run of a minute sees some, however few assets there are."""
    for every, expected in ((10.0, 200), (0.0, 0)):
        changes = Changes(overwrite_every=Duration(every))
        workload = evolve(FLAT, duration=Duration(2000.0), changes=changes)
        times = [at for at, kind, _ in changes_of(workload, 40) if kind is Kind.OVERWRITE]
        assert abs(len(times) - expected) <= 4 * math.sqrt(expected)
        assert times == sorted(times)


@given(st.lists(st.tuples(st.sampled_from(Kind), st.integers(-1, 2), st.integers(0, 3)), max_size=60))
def test_changes_of_one_moment_are_one_burst_and_requests_are_none(
    told: list[tuple[Kind, int, int]],
) -> None:
    """In their order, none left out; a purge of everything is by itself."""
    records = [Record(at, "here", kind, asset) for kind, asset, at in sorted(told, key=lambda each: each[2])]
    found = list(bursts(records))
    assert [record for together in found for record in together] == records
    for together in found:
        assert len(together) == 1 or not any(record.is_request for record in together)
        assert len({(record.time_us, record.kind, record.asset < 0) for record in together}) == 1


def test_a_burst_is_not_without_end() -> None:
    tag = [Record(5, "", Kind.PURGE, asset) for asset in range(2500)]
    assert [len(together) for together in bursts(tag)] == [1000, 1000, 500]


@pytest.mark.parametrize("popularity", ["photo", "steady"])
def test_keys_have_the_shares_of_lifetimes(popularity: Any) -> None:
    """90 % thirty days, 9 % one hour, 1 % a minute; a key's is always the same."""
    records = list(generate(evolve(FLAT, popularity=popularity, keys=6000, exponent=0.0, rate=500.0)))
    of_key = {record.key: record.lifetime_seconds for record in records}
    assert all(of_key[record.key] == record.lifetime_seconds for record in records)
    lifetimes = Counter(of_key.values())
    for seconds, part in ((30 * 86_400, 0.9), (3600, 0.09), (60, 0.01)):
        assert abs(lifetimes[seconds] - len(of_key) * part) < 4 * math.sqrt(len(of_key) * part)


def test_a_trace_is_made_as_it_is_needed() -> None:
    """An endless one begins at once."""
    endless = evolve(Workload(), rate=1e4, duration=Duration(365 * DAY), keys=1000, popularity="steady")
    assert len(list(islice(generate(endless), 100))) == 100
