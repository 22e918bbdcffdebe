"""sim.traffic.popularity and .ageing: how often which key is wanted (workloads.md §2, §12)."""

from __future__ import annotations

import math
from collections import Counter
from functools import cache
from random import Random
from typing import Literal

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.topology.quantities import Duration, Share
from sim.traffic.ageing import DAY, Ageing
from sim.traffic.generate import generate
from sim.traffic.popularity import PROFILES, Measured
from sim.traffic.record import Kind, Record
from sim.traffic.variants import Variants
from sim.traffic.workload import Bots, Changes, Workload
from tests.support.tiers import Law, zipf

REQUESTS = 120_000
VIEWS = Workload(
    tide=False,
    rate=1200.0,
    duration=Duration(100.0),
    bots=Bots(share=Share(0.0)),
    changes=Changes(overwrites=Share(0.0)),
)


@cache
def trace(popularity: Literal["photo", "longtail", "measured"]) -> list[Record]:
    return list(generate(evolve(VIEWS, popularity=popularity)))


def shape(records: list[Record]) -> list[float]:
    """The columns of §2's table: objects asked once, their requests, objects asked ten times, requests in objects asked
    a hundred times, the mean."""
    asked = Counter((record.asset, record.width, record.format) for record in records).values()
    objects, requests = len(asked), len(records)
    once = sum(count == 1 for count in asked)
    return [
        once / objects,
        once / requests,
        sum(count >= 10 for count in asked) / objects,
        sum(count for count in asked if count >= 100) / requests,
        requests / objects,
    ]


def expected(popularity: str, requests: float) -> list[float]:
    """The same of a profile, by its law."""
    profile = PROFILES[popularity]
    keys = round(profile.keys_per_request * requests)
    law = Law(requests, profile.fresh, profile.exponent, keys)
    return [
        law.once / law.objects,
        law.once / requests,
        law.at_least(10) / law.objects,
        law.requests_at_least(100) / requests,
        requests / law.objects,
    ]


@pytest.mark.parametrize(
    ("popularity", "requests", "sheet"),
    [("photo", 1e7, [0.685, 0.124, 0.048, 0.51, 5.5]), ("longtail", 5e6, [0.764, 0.340, 0.020, 0.17, 2.25])],
)
def test_a_profile_is_the_sheets(popularity: str, requests: float, sheet: list[float]) -> None:
    """Drawn by the sheet's authors; a law has the same figures, to their last digit."""
    half_a_digit = [0.0006, 0.0006, 0.0006, 0.006, 0.02]
    for ours, theirs, most in zip(expected(popularity, requests), sheet, half_a_digit, strict=True):
        assert abs(ours - theirs) < most


@pytest.mark.parametrize("popularity", ["photo", "longtail"])
def test_a_trace_has_the_shape_of_its_profile(popularity: Literal["photo", "longtail"]) -> None:
    """At the length of this trace, since a share of one-hit objects belongs to a window: §12 allows two points."""
    *shares, mean = shape(trace(popularity))
    *laws, law_mean = expected(popularity, REQUESTS)
    assert shares == pytest.approx(laws, abs=0.01)
    assert mean == pytest.approx(law_mean, rel=0.01)
    fresh = sum(record.kind is Kind.FRESH for record in trace(popularity)) / len(trace(popularity))
    assert fresh == pytest.approx(PROFILES[popularity].fresh, abs=4 / math.sqrt(REQUESTS))


def test_measured_popularity_is_akamais() -> None:
    """Drawn from the table itself. Few objects are asked for a hundred times, and what would be more than a twentieth
    of this trace's length is clipped: their share scatters."""
    *shares, popular, mean = shape(trace("measured"))
    assert shares == pytest.approx([0.769, 0.317, 0.029], abs=0.01)
    assert popular == pytest.approx(0.158, abs=0.03)
    assert mean == pytest.approx(2.43, rel=0.05)


@pytest.mark.parametrize("popularity", ["photo", "longtail"])
def test_the_exponent_is_recovered_from_a_trace(popularity: Literal["photo", "longtail"]) -> None:
    """By maximum likelihood over the top ten thousand ranks, within 0.03 (§12)."""
    top, variants = 10_000, Variants(VIEWS.seed)
    rank_of = {variants.key(rank): rank + 1 for rank in range(top)}
    keys = ((record.asset, record.width, record.format) for record in trace(popularity))
    ranks = [rank_of[key] for key in keys if key in rank_of]
    logs = math.fsum(map(math.log, ranks)) / len(ranks)
    known = [math.log(rank) for rank in range(1, top + 1)]
    low, high = 0.0, 3.0
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if float(zipf(top, middle) @ known) > logs else (low, middle)
    assert abs(low - PROFILES[popularity].exponent) < 0.03


def test_a_workload_may_say_otherwise() -> None:
    """Its own share of fresh keys, exponent and number of keys."""
    records = list(generate(evolve(VIEWS, rate=200.0, fresh=Share(0.5), exponent=0.0, keys=40)))
    known = Counter(record.key for record in records if record.kind is Kind.VIEW)
    assert len(known) == 40
    assert known.total() / len(records) == pytest.approx(0.5, abs=0.02)
    assert max(known.values()) < 2 * min(known.values())


@given(st.integers(0, 2**32), st.integers(1, 3000))
@settings(max_examples=30)
def test_a_measured_key_is_wanted_as_often_in_each_deal(seed: int, requests: int) -> None:
    """All of the pack is dealt before any card comes again."""
    measured, rng = Measured.of(seed, requests), Random(seed)
    cards = len(measured._pack)
    assert cards >= requests
    first, second = (Counter(measured.draw(rng) for _ in range(cards)) for _ in range(2))
    assert first == second
    assert set(first) == set(range(measured.keys))


# --- ageing ---


@given(st.integers(0, 2**32), st.integers(0, 10**6), st.floats(0, 1e9), st.floats(1.0, 1e7))
def test_an_asset_grows_older_until_another_takes_its_place(
    seed: int, place: int, seconds: float, passed: float
) -> None:
    """No older than a hundred days where one in a hundred is new each day."""
    ageing = Ageing()
    lead = ageing.lead(seed, place)
    generation, age = ageing.asset_at(lead, seconds)
    assert 0 <= age <= 100 * DAY
    later, older = ageing.asset_at(lead, seconds + passed)
    assert later >= generation
    assert later * 100 * DAY + older == pytest.approx(
        generation * 100 * DAY + age + passed, rel=1e-6, abs=1e-3
    )
    assert ageing.weight(older) <= ageing.weight(age) or later > generation


def test_an_assets_weight_is_halved_in_a_day_and_one_in_a_hundred_is_new() -> None:
    ageing = Ageing()
    assert [ageing.weight(days * DAY) for days in (0, 1, 3, 9)] == [1, 1 / 2, 1 / 4, 1 / 10]
    new = sum(ageing.asset_at(ageing.lead(1, place), DAY)[1] < DAY for place in range(20_000))
    assert abs(new - 200) < 4 * math.sqrt(200)


def test_viewers_want_what_is_new() -> None:
    """Of ages spread evenly over a hundred days, a day's worth has ln 2 of ln 101 of the requests."""
    aged = evolve(
        VIEWS, rate=8000 / (3 * DAY), duration=Duration(3 * DAY), keys=50_000, exponent=0.0, fresh=Share(0.0),
        ageing=Ageing(),
    )  # fmt: skip
    records = [record for record in generate(aged) if record.is_request]
    places = Variants(1).assets_of(50_000)
    young, ageing = 0, Ageing()
    for record in records:
        generation, place = divmod(record.asset, places)
        now, age = ageing.asset_at(ageing.lead(aged.seed, place), record.time_us / 1e6)
        assert now == generation
        young += age < DAY
    assert young / len(records) == pytest.approx(math.log(2) / math.log(101), abs=0.02)
    assert max(record.asset for record in records) > places
    sizes = {(record.key, record.size) for record in records}
    assert len(sizes) == len({record.key for record in records})
