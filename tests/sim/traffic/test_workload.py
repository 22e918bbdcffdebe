"""sim.traffic.workload: a document read, and every mistake in it."""

import pytest

from sim.traffic.regions import Viewers
from sim.traffic.workload import Workload, read
from wire.document import DocumentError


def test_nothing_said_is_the_fact_sheets_workload() -> None:
    assert read("{}") == Workload()


def test_without_regions_a_workload_has_those_of_the_world() -> None:
    here = {"here": Viewers(1)}
    assert read("rate: 2.0", here).regions == here
    assert read("bots: {regions: [here]}", here).bots.regions == ("here",)
    assert read("regions: {there: {share: 2}}", here).regions == {"there": Viewers(2)}


def test_what_may_be_said() -> None:
    workload = read("""
seed: 7
duration: 10min
rate: 2.5
popularity: longtail
regions: {here: {share: 3}, there: {share: 1, utc: 5.5}}
crowds: [{at: 30s, rise: 10s, share: 20%}]
bots: {share: 5%, regions: [there]}
changes: {purge_every: 1min, purge_assets: 2}
fresh: 5%
exponent: 0.7
ageing: {half: 12h, new: 2%}
variants: {mean: 3.0, exponent: 0.5}
sizes: {median: 8kB, sigma: 1.0, largest: 1MB}
hours: [1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2]
""")
    assert (workload.seed, workload.duration.seconds, workload.rate) == (7, 600.0, 2.5)
    assert workload.regions["there"].utc == 5.5
    assert workload.crowds[0].share.part == pytest.approx(0.2)
    assert workload.ageing is not None
    assert workload.ageing.half.seconds == 43_200
    assert workload.fresh is not None
    assert (workload.fresh.part, workload.exponent, workload.variants.mean) == (0.05, 0.7, 3.0)
    assert (workload.sizes.median.bytes, workload.sizes.largest.bytes) == (8000, 1_000_000)
    assert len(workload.hours) == 24
    assert workload.requests == pytest.approx(1500)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("duration: 0s", "line 1: duration: a trace lasts longer than nothing"),
        ("rate: 0.0", "line 1: rate: "),
        ("regions: {}", "line 1: regions: no region, no viewer"),
        ("widths: []", "line 1: widths: expected widths in pixels"),
        ("formats: {avif: 0.0}", "line 1: formats: expected formats with their shares"),
        ("lifetimes: []", "line 1: lifetimes: an answer has some lifetime"),
        ("bots: {share: 100%}", "line 1: bots.share: bots alone make no workload"),
        ("bots: {regions: [mars]}", "line 1: bots.regions[0]: no region 'mars'"),
        ("crowds: [{at: 1s, share: 100%}]", "line 1: crowds[0].share: more than 0%, at most 99%"),
        ("crowds: [{at: 1s, rise: 0s}]", "line 1: crowds[0]: a crowd takes some time to come"),
        ("crowds: [{at: 1s, steep: 1.0}]", "line 1: crowds[0].steep: "),
        ("hours: [1.0, 2.0]", "line 1: hours: expected 24 numbers"),
        ("ageing: {half: 0s}", "line 1: ageing.half: longer than nothing"),
        ("ageing: {new: 0%}", "line 1: ageing.new: more than 0%"),
        ("exponent: -1.0", "line 1: exponent: "),
        ("variants: {mean: -1.0}", "line 1: variants.mean: "),
        ("sizes: {sigma: -1.0}", "line 1: sizes.sigma: "),
        ("sizes: {sigma: 900.0}", "line 1: sizes.sigma: "),
        ("sizes: {original_sigma: 900.0}", "line 1: sizes.original_sigma: "),
        ("sizes: {smallest: 2MB, largest: 1MB}", "line 1: sizes.largest: the largest is smaller"),
        ("popularity: measured\nfresh: 1%", "line 2: fresh: measured popularity has the keys of its table"),
        ("popularity: measured\nageing: {}", "line 2: ageing: measured popularity has"),
        ("popularity: fame", "line 1: popularity: "),
        ("sede: 1", "line 1: sede: "),
        # more than time and memory allow
        ("keys: 1000000000000000000000", "line 1: keys: must be <= 1000000000: "),
        ("assets: 1000000000000000000000", "line 1: assets: must be <= 1000000000: "),
        ("duration: 9999999d\nrate: 1000.0", "line 1: duration: 8.6e+14 requests: at most 10,000,000,000"),
        (
            "duration: 99999d\ncrowds: [{at: 0s, rise: 1s}]\nrate: 1.0e-9",
            "line 1: duration: rates are weighed anew every 0.01 s: not for",
        ),
        ("crowds: [{at: 1s, rise: 1us}]", "line 1: duration: rates are weighed anew every 1e-08 s: not for"),
        ("changes: {purge_every: 1us}", "line 1: changes: 2.4e+09 changes: at most 100,000,000, by fewer"),
        ("changes: {overwrite_every: 0.0001us}", "line 1: changes: 6e+11 changes: at most"),
        ("popularity: measured\nrate: 1000000.0", "line 1: popularity: measured popularity is for at most"),
        (
            "ageing: {half: 1s}",
            "line 1: ageing.half: an asset keeps its place for 1 / new days: at most 10,0",
        ),
        ("exponent: 1000", "line 1: exponent: must be <= 10"),
        ("variants: {mean: 1.0e+300}", "line 1: variants.mean: must be <= 100"),
        ("variants: {exponent: 1.0e+300}", "line 1: variants.exponent: must be <= 10"),
        ("widths: [320, 320]", "line 1: widths: expected each width once, and at most 100"),
        ("widths: [1000000]", "line 1: widths: expected widths in pixels, 1 to 100,000"),
        ("formats: {jpg: 1.0e+300}", "line 1: formats: expected formats with their shares"),
        (
            "regions: {here: {share: 1}, there: {share: 1.0e+300}}",
            "line 1: regions.there.share: must be <= 1",
        ),
        ("rate: .nan", "line 1: rate: expected a finite number"),
        ("rate: .inf", "line 1: rate: expected a finite number"),
        ("duration: " + "9" * 400 + "d", "line 1: duration: expected a finite number"),
    ],
)
def test_every_mistake_is_told_with_its_place(text: str, problem: str) -> None:
    with pytest.raises(DocumentError) as refused:
        read(text)
    assert str(refused.value).startswith(problem)
