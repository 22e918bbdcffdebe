"""sim.traffic.answers, .tally and .report: who answered, how long it took, and how that is told."""

import math
from io import StringIO
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from sim.traffic.answers import Answered, Tier
from sim.traffic.histogram import Histogram
from sim.traffic.record import Kind, Record
from sim.traffic.report.page import page
from sim.traffic.report.plots import bars, lines, scale
from sim.traffic.report.terminal import view
from sim.traffic.tally import Tally
from sim.traffic.targets import Picture, Targets, accept_of


@pytest.mark.parametrize(
    ("cache_status", "tier"),
    [
        ("fra; hit; ttl=5", Tier.EDGE),
        ("shield; hit; ttl=9, fra; fwd=uri-miss; stored", Tier.SHIELD),
        ("shield; fwd=uri-miss; stored, fra; fwd=uri-miss", Tier.ORIGIN),
        ('shield; fwd=stale; detail="no; hit, really", fra; fwd=uri-miss', Tier.ORIGIN),
        ("", Tier.ORIGIN),
    ],
)
def test_the_tier_is_the_last_cache_that_hit(cache_status: str, tier: Tier) -> None:
    assert Answered(200, 0.1, cache_status=cache_status).tier is tier


def test_a_misss_time_is_split_by_who_took_it() -> None:
    timing = 'content-info;desc="width=7,height=5", origin;dur=300.0, transformation;dur=120.5, edge;dur=450;desc=miss'
    split = Answered(200, 0.5, server_timing=timing).seconds_by_part
    assert split == pytest.approx({"render": 0.1205, "queue": 0.1795, "link": 0.15, "viewer": 0.05})


def test_a_hits_time_is_the_edges_and_the_viewers_way() -> None:
    split = Answered(200, 0.02, server_timing="edge;dur=0.4;desc=hit").seconds_by_part
    assert split == pytest.approx({"render": 0, "queue": 0, "link": 0.0004, "viewer": 0.0196})


@given(st.lists(st.floats(1e-4, 100), min_size=1, max_size=200), st.sampled_from([0.5, 0.9, 0.99]))
def test_a_histograms_quantiles_are_right_to_two_per_cent(times: list[float], part: float) -> None:
    histogram = Histogram()
    for seconds in times:
        histogram.add(seconds)
    exact = sorted(times)[math.ceil(part * len(times)) - 1]
    assert histogram.quantile(part) == pytest.approx(exact, rel=0.02)
    assert histogram.mean == pytest.approx(sum(times) / len(times))


def tallied() -> Tally:
    tally, rng = Tally(), Random(1)
    for nth in range(300):
        record = Record(nth * 10_000, "here" if nth % 3 else "<there>", Kind.VIEW, nth)
        status = "fra; hit" if nth % 2 else "fra; fwd=miss"
        answer = Answered(200, rng.random(), bytes=1000, cache_status=status, pop="fra", verdict="HIT")
        if nth % 50 == 7:
            answer = Answered(0, 30.0, why="no answer in time")
        tally.add(record, nth / 100, answer)
    return tally


def test_what_is_counted_adds_up() -> None:
    told = tallied().as_plain()
    assert told["all"]["requests"] == 300 == sum(each["requests"] for each in told["regions"].values())
    assert told["all"]["failures"] == 6 == told["troubles"]["no answer in time"]
    assert sum(told["all"]["tiers"].values()) == 294
    assert (
        told["all"]["hit_ratio"] == pytest.approx(told["all"]["origin_offload"]) == pytest.approx(144 / 294)
    )
    assert told["all"]["origin_offload_bytes"] == pytest.approx(144 / 294)
    assert set(told["by_second"]) == {"0", "1", "2"}
    assert told["all"]["bytes"] == 294_000


def test_the_page_stands_alone_and_repeats_no_markup_of_names() -> None:
    shown = page("Traffic <1>", {"asked": "http://127.0.0.1:8000/<x>"}, tallied())
    assert "Traffic &lt;1&gt;" in shown
    assert "origin offload, of bytes</td><td>49.0 %</td>" in shown
    assert "&lt;there&gt;" in shown
    assert "<there>" not in shown
    assert "<x>" not in shown
    assert shown.count("<svg") == 7
    assert "<script" not in shown
    assert "http-equiv" not in shown
    assert "src=" not in shown


def test_bytes_on_links_are_drawn_and_listed_where_they_were_counted() -> None:
    """The busiest first; a link that carried nothing is left out, but not of the document."""
    tally = tallied()
    tally.links.note("fra", {"fra--shield": {"out": 5, "back": 5}, "fra--main": {"out": 0, "back": 0}}, 0.0)
    tally.links.note("fra", {"fra--shield": {"out": 5, "back": 5}, "fra--main": {"out": 0, "back": 0}}, 1.0)
    assert "fra--" not in page("Traffic", {}, tally)
    tally.links.note("fra", {"fra--shield": {"out": 10_005, "back": 2_000_005}}, 2.5)
    shown = page("Traffic", {}, tally)
    assert shown.count("<svg") == 8
    assert ">fra--shield</td><td>10</td><td>2,000</td>" in shown
    assert "fra--main" not in shown
    assert tally.as_plain()["links"] == {
        "fra--main": {"out": 0, "back": 0},
        "fra--shield": {"out": 10_000, "back": 2_000_000},
    }
    console = Console(width=100, record=True, file=StringIO())
    console.print(view(tally, 3.0, None))
    assert " ".join(console.export_text().split()).endswith(
        "fra--shield 10 2,000 failed: 6 × no answer in time"
    )


def test_an_empty_run_has_a_page_too() -> None:
    assert "<svg" in page("Traffic", {}, Tally())


@given(st.lists(st.none() | st.floats(0, 1e9), max_size=30))
def test_a_line_is_drawn_within_its_frame(values: list[float | None]) -> None:
    drawn = lines({"one": values})
    for points in drawn.split('points="')[1:]:
        for point in points.partition('"')[0].split():
            x, y = map(float, point.split(","))
            assert 0 <= x <= 720
            assert 0 <= y <= 220


@given(st.floats(1e-9, 1e12))
def test_a_scale_has_room_and_wastes_little_of_it(largest: float) -> None:
    """And its steps are of one or two digits."""
    top = scale(largest)
    assert largest <= top * (1 + 1e-8)
    assert top <= 2 * largest * (1 + 1e-8)
    power = 10 ** math.floor(math.log10(top / 4) + 1e-9)
    assert any(math.isclose(top / 4 / power, step) for step in (1, 2, 2.5, 3, 4, 5, 6, 8))


def test_a_scale_is_read_at_a_glance() -> None:
    assert [scale(largest) for largest in (0, 2, 79, 100, 30_410)] == [4, 2, 80, 100, 32_000]


def test_bars_of_nothing_are_empty() -> None:
    assert bars({}) == bars({}, unit="ms")
    assert "<rect" not in bars({})
    assert bars({"a": {"x": 0.0}}).count("<rect") == 1


@given(st.integers(-50, 500), st.sampled_from([0, 320]))
def test_every_asset_is_a_version_of_some_picture(asset: int, width: int) -> None:
    targets = Targets("demo", [Picture("samples/a b", "jpg"), Picture("c", "png")])
    target = targets.of(Record(0, "", Kind.VIEW, asset, width))
    assert target.isascii()
    assert " " not in target
    assert target.startswith("/demo/image/upload/c_limit,f_auto,w_320/v" if width else "/demo/image/upload/v")
    others = {
        targets.of(Record(0, "", Kind.VIEW, other, width)) for other in range(-50, 501) if other != asset
    }
    assert target not in others


def test_variants_of_an_asset_are_what_viewers_ask_for() -> None:
    targets = Targets("demo", [Picture("a", "jpg")])
    assert targets.variants_of(3, [100]) == [
        "/demo/image/upload/c_limit,f_auto,w_100/v4/a.jpg",
        "/demo/image/upload/v4/a.jpg",
    ]
    assert targets.of(Record(0, "", Kind.VIEW, 0, path="/x?y")) == "/x?y"
    assert "avif" in accept_of(Record(0, "", Kind.VIEW, 0, 9, "avif"))
    assert "avif" not in accept_of(Record(0, "", Kind.VIEW, 0, 9, "jpg"))


def test_on_the_terminal_names_are_no_markup_and_a_slow_client_is_told() -> None:
    """A PoP's name is a field of whoever answered."""
    tally = Tally(late_seconds=0.25)
    tally.add(Record(0, "[/here]", Kind.VIEW, 0), 0.1, Answered(200, 0.1, pop="[/red]"))
    tally.add(Record(0, "[/here]", Kind.VIEW, 0), 0.1, Answered(503, 0.1))
    console = Console(width=100, record=True, file=StringIO())
    console.print(view(tally, 3.0, 60.0))
    said = console.export_text()
    assert said.startswith("3 of 60 s, 2 answers")
    for part in ("[/here]", "[/red]", "failed: 1 × status 503", "asked up to 0.25 s too late"):
        assert part in said


def test_eighty_columns_are_enough_and_no_name_is_cut() -> None:
    """Thousands of requests, seconds of p99, names of 14 characters beside figures; what is longer still is folded."""
    tally = Tally()
    names = ("johannesburg-1", "frankfurt-a", "a-place-with-a-name-that-nobody-can-remember")
    for name in names:
        for nth in range(2000):
            answer = Answered(200, 9.999, 90_000_000, f"{name}; hit", "edge;dur=9876.5", name)
            tally.add(Record(0, name, Kind.VIEW, nth), 0.1, answer)
    link = f"{names[0]}--viewers.{names[2]}"
    for carried in (0, 10**12):
        tally.links.note("shield", {link: {"out": carried, "back": 0}}, 0.0)
    file = StringIO()
    Console(width=80, file=file).print(view(tally, 3.0, None))
    lines = file.getvalue().splitlines()
    assert "…" not in file.getvalue()
    assert max(map(len, lines)) <= 80
    firsts = [line.split()[0] for line in lines if line.strip()]
    for name in names[:2]:
        assert firsts.count(name) == 4  # of regions, parts, PoPs and caches
    assert link in "".join(firsts)
