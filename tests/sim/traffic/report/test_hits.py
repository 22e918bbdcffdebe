"""sim.traffic.report.hits: hit ratios by key and by asset, for terminals, programs and browsers."""

from __future__ import annotations

import json
from io import StringIO

from rich.console import Console

from sim.traffic.answers import Answered
from sim.traffic.record import Kind, Record
from sim.traffic.report.hits import rows_of
from sim.traffic.report.page import page
from sim.traffic.report.terminal import view
from sim.traffic.tally import Tally


def run(edges: tuple[str, ...] = ("<fra>", "sin")) -> Tally:
    """Of four questions to each edge one hits, one is a new variant of an asset, one shares a fetch, one is new; half
    of what comes to the shield hits. In the second second the same again."""
    tally = Tally()
    for at in (0.5, 1.5):
        for edge in edges:
            for status, had_another in (
                (f"shield; fwd=uri-miss, {edge}; hit", frozenset({edge})),
                (f"shield; fwd=uri-miss, {edge}; fwd=uri-miss", frozenset({edge, "shield"})),
                (f"shield; hit, {edge}; fwd=uri-miss; collapsed", frozenset()),
                (f"shield; hit, {edge}; fwd=uri-miss", frozenset()),
            ):
                answer = Answered(200, 0.1, cache_status=status, had_another=had_another)
                tally.add(Record(0, "here", Kind.VIEW, 0), at, answer)
    return tally


def test_a_tier_has_a_line_and_each_of_its_caches_where_there_are_several() -> None:
    """Shields are asked what edges do not have."""
    assert list(rows_of(run())) == [
        ["all edges", "16", "25.0 %", "50.0 %", "25.0 %"],
        ["<fra>", "8", "25.0 %", "50.0 %", "25.0 %"],
        ["sin", "8", "25.0 %", "50.0 %", "25.0 %"],
        ["all shields", "8", "50.0 %", "100.0 %", "0.0 %"],
    ]
    assert [name for name, *_ in rows_of(run(edges=("fra",)))] == ["all edges", "all shields"]
    assert list(rows_of(Tally())) == []


def test_what_never_came_came_from_no_cache() -> None:
    tally = Tally()
    tally.add(Record(0, "here", Kind.VIEW, 0), 0.1, Answered(503, 0.1, cache_status="fra; hit"))
    assert list(rows_of(tally)) == []


def test_terminals_programs_and_browsers_see_them() -> None:
    tally = run()
    said = StringIO()
    Console(width=80, file=said).print(view(tally, 2.0, None))
    assert ["all", "shields", "8", "50.0", "%", "100.0", "%", "0.0", "%"] in map(
        str.split, said.getvalue().splitlines()
    )
    told = json.loads(json.dumps(tally.as_plain()))
    edges = {"asked": 16, "hit_ratio": 0.25, "hit_ratio_by_asset": 0.5, "shared": 0.25}
    assert told["all"]["caches"]["edge"] == told["regions"]["here"]["caches"]["edge"] == edges
    assert told["caches"]["edge"]["sin"] == {**edges, "asked": 8}
    assert told["by_second"]["1"]["caches"]["shield"]["hit_ratio_by_asset"] == 1.0
    shown = page("Traffic", {}, tally)
    assert "<title>edges, by asset</title>" in shown
    assert "<title>shields, by key</title>" in shown
    assert "&lt;fra&gt;" in shown
    assert "<fra>" not in shown
    assert "hit ratio of the edges, by asset</td><td>50.0 %</td>" in shown


def test_where_no_cache_tells_of_itself_nothing_is_shown() -> None:
    tally = Tally()
    tally.add(Record(0, "here", Kind.VIEW, 0), 0.1, Answered(200, 0.1))
    assert "by key and by asset" not in page("Traffic", {}, tally)
    assert "hit ratio of the edges, by key</td><td>–</td>" in page("Traffic", {}, tally)


def test_a_crowds_requests_to_origins_are_counted_by_key() -> None:
    """One for each PoP, or one for the shield before it: that is what coalescing is for."""
    tally = Tally()
    wanted = [Record(0, "here", Kind.FLASH, 7, width) for width in (100, 320, 320)]
    for record in (*wanted, Record(0, "here", Kind.VIEW, 7, 320)):
        tally.add(record, 0.1, Answered(200, 0.1, cache_status="shield; fwd=uri-miss, fra; fwd=uri-miss"))
        tally.add(
            record, 0.1, Answered(200, 0.1, cache_status="shield; fwd=uri-miss, fra; fwd=uri-miss; collapsed")
        )
    assert tally.as_plain()["crowds"] == {"keys": 2, "most_origin_requests_a_key": 2}
    assert "origin requests for one key, at most</td><td>2</td>" in page("Traffic", {}, tally)
    assert "flash crowds" not in page("Traffic", {}, run())
