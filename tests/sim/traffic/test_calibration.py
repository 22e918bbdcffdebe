"""Traffic against caches whose hit ratios are known (workloads.md §9): it must be as cacheable as viewers' is."""

from __future__ import annotations

from math import sqrt
from random import Random
from statistics import fmean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.cache.eviction.lru import Lru
from sim.traffic.draws import Zipf, nth_of, share
from sim.traffic.popularity import PROFILES, Profiled
from sim.traffic.regions import DEFAULT
from sim.traffic.sizes import Sizes
from tests.support.tiers import MEAN_BYTES, Law, Tiers, che_misses, zipf

REQUESTS = 10_000_000
SAMPLE, SAMPLES = 0.02, 4  # of the keys, each another part of them
T_OF_FOUR = 3.182  # Student's, for an interval of 95 % out of four samples


def sampled() -> list[Tiers]:
    """The first row of §9's table, by five samples of its keys (SHARDS, FAST 2015): caches shrink with the sample."""
    profile, rng, sizes = PROFILES["photo"], Random(1), Sizes()
    popularity = Profiled.of(profile, REQUESTS)
    footprint = Law(REQUESTS, profile.fresh, profile.exponent, popularity.keys).objects * MEAN_BYTES
    tiers = [Tiers.of(0.04 * footprint * SAMPLE, 0.20 * footprint * SAMPLE) for _ in range(SAMPLES)]
    sample_of = [int(share(nth_of(2, rank)) / SAMPLE) for rank in range(popularity.keys)]
    names, weights = list(DEFAULT), [viewers.share for viewers in DEFAULT.values()]
    regions = rng.choices(names, weights, k=100_003)  # a prime: no key meets the same ones again
    random, draw = rng.random, popularity.draw
    for nth in range(REQUESTS):
        if random() < profile.fresh:
            rank, sample = -nth, int(random() / SAMPLE)
        else:
            rank = draw(rng)
            sample = sample_of[rank]
        if sample < SAMPLES:
            size = sizes.of(share(nth_of(1, rank)), "lognormal", 320, "avif")
            tiers[sample].ask(regions[nth % len(regions)], str(rank), size)
    return tiers


def test_the_photo_profile_has_the_hit_ratios_of_its_calibration() -> None:
    """Facebook's edges had 58.0 %, its origin cache 31.7 % of what reached it; edges of 4 % and shields of 20 % of the
    bytes come to 57.6 and 32.0. More than two points off is wrong, and the interval must be able to say so."""
    samples = sampled()
    for measured, target in (
        ([100 * each.edge_hits(REQUESTS * SAMPLE) for each in samples], 57.6),
        ([100 * each.shield_hits for each in samples], 32.0),
    ):
        half = T_OF_FOUR * stdev(measured) / sqrt(SAMPLES)
        assert half < 1.5
        assert abs(fmean(measured) - target) < 2.0


@pytest.mark.parametrize(("exponent", "part"), [(0.9, 0.01), (0.9, 0.1), (0.95, 0.04)])
def test_lru_misses_what_ches_approximation_says(exponent: float, part: float) -> None:
    """Without a simulation, and within a point: independent requests for things of one size, a cache that is warm."""
    keys, rng = 20_000, Random(2)
    popularity, cache, misses = Zipf(keys, exponent), Lru(int(keys * part)), 0
    for nth in range(150_000):
        name = str(popularity.draw(rng))
        if not cache.find(name):
            misses += nth >= 50_000
            cache.insert(name, 1)
    assert misses / 100_000 == pytest.approx(che_misses(zipf(keys, exponent), keys * part), abs=0.01)


@given(st.integers(2, 400), st.floats(0, 1.5), st.data())
def test_ches_approximation_is_a_ratio_that_falls_with_room(
    keys: int, exponent: float, data: st.DataObject
) -> None:
    smaller = data.draw(st.integers(1, keys - 1))
    larger = data.draw(st.integers(smaller, keys - 1))
    few, many = (che_misses(zipf(keys, exponent), room) for room in (smaller, larger))
    assert 0 <= many <= few <= 1
