"""sim.traffic.variants, .turns and .sizes: what there is of an asset, and how many bytes (workloads.md §3, §4)."""

from __future__ import annotations

import math
from collections import Counter
from random import Random
from statistics import mean, median, quantiles

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.topology.quantities import Size
from sim.traffic.draws import Zipf, nth_of, share
from sim.traffic.sizes import Sizes
from sim.traffic.turns import Turns
from sim.traffic.variants import FORMATS, KEYS_PER_ASSET, WIDTHS, FanOut, Variants

WEIGHTS = st.lists(st.floats(0.05, 1), min_size=1, max_size=8).map(tuple)


@given(WEIGHTS, st.integers(1, 2000))
def test_turns_are_counted_one_by_one(weights: tuple[float, ...], places: int) -> None:
    """Over the end of a period, too."""
    turns = Turns(weights, 512)
    had: Counter[int] = Counter()
    for place in range(places):
        number, nth = turns.nth(place)
        assert nth == had[number]
        had[number] += 1


@given(WEIGHTS, st.integers(1, 512))
def test_turns_are_fair_from_the_beginning(weights: tuple[float, ...], places: int) -> None:
    """Not in the long run only: the most popular keys are few, and most of the traffic."""
    turns = Turns(weights, 512)
    had = Counter(turns.nth(place)[0] for place in range(places))
    for number, weight in enumerate(weights):
        assert abs(had[number] - places * weight / sum(weights)) < 1 + len(weights) / 2


@settings(max_examples=40)
@given(
    st.integers(0, 2**16),
    st.lists(st.integers(1, 4000), min_size=1, max_size=12, unique=True).map(tuple),
    st.floats(0, 8),
    st.integers(1, 3000),
)
def test_every_rank_is_a_key_of_its_own(
    seed: int, widths: tuple[int, ...], fan_out: float, count: int
) -> None:
    """Of an asset that has this width, and of no more assets than were said to be."""
    variants = Variants(seed, widths, fan_out=FanOut(fan_out))
    keys = [variants.key(rank) for rank in range(count)]
    assert len(set(keys)) == count
    for asset, width, form in keys[-50:]:
        assert width in variants.widths_of(asset)
        assert form in FORMATS
    assert all(0 <= asset < variants.assets_of(count) for asset, _, _ in keys)


def test_assets_have_one_and_poisson_five_of_the_widths() -> None:
    """Who would have more than there are has all; which ones is a matter of chance."""
    variants = Variants(1)
    counts = Counter(len(set(variants.widths_of(asset))) for asset in range(20_480))
    poisson = [math.exp(-5) * 5**more / math.factorial(more) for more in range(9)]
    for more, part in enumerate([*poisson, 1 - sum(poisson)]):
        assert counts[more + 1] / 20_480 == pytest.approx(part, abs=0.001)
    firsts = Counter(variants.widths_of(asset)[0] for asset in range(20_480))
    assert set(firsts) == set(WIDTHS)
    assert all(abs(count - 2048) < 4 * math.sqrt(2048) for count in firsts.values())


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("exponent", [0.8, 0.95])
def test_requests_have_the_shares_of_formats_and_widths(seed: int, exponent: float) -> None:
    """AVIF 70 %, WebP 25 %, JPEG 5 %; of an asset's widths the first twice as often as the second."""
    variants, rng = Variants(seed), Random(seed)
    zipf = Zipf(20_000, exponent)
    keys = [variants.key(zipf.draw(rng) - 1) for _ in range(40_000)]
    formats = Counter(form for _, _, form in keys)
    for form, part in FORMATS.items():
        assert formats[form] / len(keys) == pytest.approx(part, abs=0.02)
    places: Counter[int] = Counter()
    for asset, width, _ in keys:
        widths = variants.widths_of(asset)
        if len(widths) == 6:
            places[widths.index(width)] += 1
    harmonic = sum(1 / nth for nth in range(1, 7))
    for nth in range(6):
        assert places[nth] / places.total() == pytest.approx(1 / (nth + 1) / harmonic, abs=0.03)


def test_a_popular_assets_keys_are_many_and_the_tails_are_few() -> None:
    """Fan-out is what lowers an image CDN's hit ratio; all in all an asset has about three keys that are live."""
    variants = Variants(1)
    live = Counter(variants.key(rank)[0] for rank in range(30_000))
    assert 30_000 / len(live) == pytest.approx(KEYS_PER_ASSET, rel=0.15)
    assert mean(live[asset] for asset in range(50)) > 10


def test_a_crowd_wants_all_variants_of_its_asset_as_viewers_do() -> None:
    variants, rng = Variants(1), Random(1)
    keys = [variants.some(7, rng) for _ in range(8000)]
    assert {asset for asset, _, _ in keys} == {7}
    assert [width for width, _ in Counter(width for _, width, _ in keys).most_common()] == variants.widths_of(
        7
    )
    assert sum(form == "avif" for _, _, form in keys) / 8000 == pytest.approx(0.7, abs=0.02)


def drawn(law: str, width: int, form: str, count: int = 20_000, sizes: Sizes = Sizes()) -> list[int]:  # noqa: B008
    return [
        sizes.of(share(nth_of(1, nth)), "pixels" if law == "pixels" else "lognormal", width, form)
        for nth in range(count)
    ]


def test_sizes_are_those_of_images() -> None:
    """Median within 3 %, mean within 5 % (§12), and the tails of a lognormal of σ 1.27."""
    sizes = drawn("lognormal", 320, "avif")
    assert median(sizes) == pytest.approx(10_000, rel=0.03)
    assert mean(sizes) == pytest.approx(22_400, rel=0.05)
    tenths = quantiles(sizes, n=10)
    assert tenths[0] == pytest.approx(2_000, rel=0.05)
    assert tenths[-1] == pytest.approx(51_000, rel=0.05)


@pytest.mark.parametrize(
    ("width", "row"),
    [
        (320, {"jpg": 3.07, "webp": 1.69, "avif": 1.63}),
        (480, {"jpg": 2.07, "webp": 1.04, "avif": 0.78}),
        (600, {"jpg": 1.95, "webp": 0.85, "avif": 0.65}),
        (800, {"jpg": 1.80, "webp": 0.84, "avif": 0.53}),
        (2048, {"jpg": 1.56, "webp": 0.77, "avif": 0.46}),
    ],
)
def test_sizes_by_pixels_follow_the_bits_of_each_format(width: int, row: dict[str, float]) -> None:
    """The median of each cell, and nine tenths of them within e ** (1.28 × 0.9) of it."""
    for form, bits in row.items():
        sizes = drawn("pixels", width, form, 4000)
        expected = width * width * 3 / 4 * bits / 8
        assert median(sizes) == pytest.approx(expected, rel=0.05)
        assert quantiles(sizes, n=10)[-1] / median(sizes) == pytest.approx(math.exp(1.2816 * 0.9), rel=0.1)


def test_originals_are_photographs() -> None:
    sizes = drawn("lognormal", 0, "")
    assert median(sizes) == pytest.approx(2_000_000, rel=0.03)
    assert quantiles(sizes, n=10)[-1] / median(sizes) == pytest.approx(math.exp(1.2816 * 0.8), rel=0.05)


@given(st.floats(1e-15, 1 - 1e-15), st.sampled_from(("lognormal", "pixels")), st.sampled_from((0, *WIDTHS)))
def test_no_size_is_beyond_its_bounds(part: float, law: str, width: int) -> None:
    sizes = Sizes(median=Size(9_000), sigma=3.0, smallest=Size(500), largest=Size(1_000_000))
    assert 500 <= sizes.of(part, "pixels" if law == "pixels" else "lognormal", width, "jpg") <= 1_000_000
