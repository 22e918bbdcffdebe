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
""")
    assert (workload.seed, workload.duration.seconds, workload.rate) == (7, 600.0, 2.5)
    assert workload.regions["there"].utc == 5.5
    assert workload.crowds[0].share.part == pytest.approx(0.2)
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
        ("crowds: [{at: 1s, share: 100%}]", "line 1: crowds[0].share: more than 0%, less than 100%"),
        ("crowds: [{at: 1s, rise: 0s}]", "line 1: crowds[0]: a crowd takes some time to come"),
        ("popularity: fame", "line 1: popularity: "),
        ("sede: 1", "line 1: sede: "),
    ],
)
def test_every_mistake_is_told_with_its_place(text: str, problem: str) -> None:
    with pytest.raises(DocumentError) as refused:
        read(text)
    assert str(refused.value).startswith(problem)
