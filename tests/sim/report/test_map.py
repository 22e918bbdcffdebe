"""The map of the page, in a real browser: where regions are drawn, what flows where, and how that is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.support.browser import Page
from tests.support.library import Library

AT = {"na-east": [39.0, -77.5], "eu-central": [50.1, 8.7], "se-asia": [1.35, 103.8]}
PACIFIC = {"na-west": [45.8, -119.7], "japan": [35.7, 139.7], "oceania": [-33.9, 151.2]}
WHERE = """Object.fromEntries([...document.querySelectorAll("#map .place")].map((each) => [
  each.querySelector(".name").textContent,
  ["cx", "cy"].map((side) => Number(each.querySelector("circle").getAttribute(side)))]))"""
LANES = """[...document.querySelectorAll("#map .lane")].map((each) => {
  const [from, to] = [each.getPointAtLength(0), each.getPointAtLength(each.getTotalLength())];
  const { display, strokeWidth, animationName, animationDuration } = getComputedStyle(each);
  return { from: [from.x, from.y], to: [to.x, to.y], display, width: parseFloat(strokeWidth), animationName,
           seconds: parseFloat(animationDuration) };
})"""
WAY = """[...document.querySelectorAll("#map .second")].map((each) => {
  const way = each.querySelector(".way");
  const [from, middle, to] = [0, 0.5, 1].map((part) => way.getPointAtLength(part * way.getTotalLength()));
  const { strokeDasharray } = getComputedStyle(way);
  return { from: [from.x, from.y], middle: [middle.x, middle.y], to: [to.x, to.y], strokeDasharray,
           title: each.querySelector("title").textContent };
})"""
LAWS = """(async () => {
  const { projection, apart, around } = await import("/projection.js");
  let seed = 1;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  const broken = [];
  for (let turn = 0; turn < 300; turn++) {
    const width = 280 + random() * 620;
    const places = Array.from({ length: 1 + (turn % 12) }, () => [random() * 150 - 70, random() * 360 - 180]);
    const map = projection(places, width);
    const points = places.map(map.place);
    const isInside = ({ x, y }) => x >= 0 && x <= width && y >= 0 && y <= map.height;
    if (!points.every(isInside)) broken.push(["outside", places, width]);
    for (const [number, { x }] of points.entries()) {
      const turns = ((x - points[0].x) / map.scale - (places[number][1] - places[0][1])) / 360;
      if (Math.abs(turns - Math.round(turns)) > 1e-6) broken.push(["not east by as many degrees", places, width]);
    }
    const shown = apart(points, 40, map, 38);
    if (!shown.every(isInside)) broken.push(["pushed outside", places, width]);
    const between = (one) => (other) => Math.hypot(one.x - other.x, one.y - other.y);
    const nearest = shown.flatMap((one, at) => shown.slice(at + 1).map(between(one)));
    if (nearest.some((distance) => distance < 36)) broken.push(["on top of each other", places, width]);
    if (!around(places.length, width).points.every(({ x }) => x >= 0 && x <= width)) broken.push(["ellipse", width]);
  }
  return broken.slice(0, 3);
})()"""


def world_of(library: Library, places: dict[str, list[float]], **changes: Any) -> dict[str, Any]:
    """The world's own picture, with other regions and links in it."""
    state = library.world.http.request("GET", f"{library.world.ready['page_url']}/state").json()
    names = [*places]
    told = {
        "ready": 2,
        "of": 2,
        "requests_per_second": 12.5,
        "hit_ratio": 0.97,
        "p95": {"ms": 45.1, "is_over": False},
    }
    links = [
        {
            "ends": [one, other],
            "rtt_ms": 92,
            "count": 2,
            "state": "whole",
            "terms": ["92ms"],
            "toward": {one: 0, other: 0},
        }
        for number, one in enumerate(names)
        for other in names[number + 1 :]
    ]
    made = {
        "regions": names,
        "nodes": [],
        "links": links,
        "viewers_links": [],
        "access_lines": [],
        "with_links": True,
        "seconds": [],
    }
    return {
        **state,
        **made,
        "places": [{"name": name, "at": at, **told} for name, at in places.items()],
        **changes,
    }


@contextmanager
def drawn(library: Library, picture: dict[str, Any], width: int = 1280) -> Iterator[Page]:
    """The page that shows this picture, and is told no other."""
    page = library.browser.page("about:blank", width=width)
    try:
        page.call("Network.enable")
        page.call("Network.setBlockedURLs", urls=["*/events", "*/state"])
        page.call("Page.navigate", url=library.world.ready["page_url"])
        page.until("document.getElementById('regions')")
        page.run(f"import('/page.js').then(({{ show }}) => show({json.dumps(picture)}))")
        yield page
    finally:
        page.close()


def near(one: list[float], other: list[float]) -> bool:
    return abs(one[0] - other[0]) < 45 and abs(one[1] - other[1]) < 45


def test_regions_lie_where_they_do_on_the_globe(library: Library) -> None:
    with drawn(library, world_of(library, AT)) as page:
        at = page.run(WHERE)
        assert at["na-east"][0] < at["eu-central"][0] < at["se-asia"][0]
        assert at["eu-central"][1] < at["na-east"][1] < at["se-asia"][1]
        assert page.run("document.querySelectorAll('#map .land').length") == 3


def test_no_ocean_with_neighbours_on_both_shores_is_cut(library: Library) -> None:
    """Across the Pacific, America lies in the east."""
    with drawn(library, world_of(library, PACIFIC)) as page:
        at = page.run(WHERE)
        assert at["japan"][0] < at["oceania"][0] < at["na-west"][0]


def test_a_region_whose_place_nobody_knows_makes_it_a_schema(library: Library) -> None:
    picture = world_of(library, AT)
    with drawn(library, {**picture, "regions": [*AT, "the-moon"]}) as page:
        assert set(
            page.run("[...document.querySelectorAll('#map .name')].map((each) => each.textContent)")
        ) == {
            *AT,
            "the-moon",
        }
        assert page.run("document.querySelectorAll('#map .land').length") == 0


def test_places_keep_their_laws_wherever_they_are(library: Library) -> None:
    with drawn(library, world_of(library, AT)) as page:
        assert page.run(LAWS) == []


def test_what_flows_is_seen_by_direction_and_amount(library: Library) -> None:
    """From where it comes to where it goes; ten times as much is wider and faster. What does not flow has no lane."""
    picture = world_of(library, AT)
    first = next(link for link in picture["links"] if link["ends"] == ["na-east", "eu-central"])
    first["toward"] = {"na-east": 2_000, "eu-central": 2_000_000}
    with drawn(library, picture) as page:
        page.prefers_motion(reduced=False)
        at = page.run(WHERE)
        lanes = [lane for lane in page.run(LANES) if lane["display"] != "none"]
        (much,) = (lane for lane in lanes if near(lane["to"], at["eu-central"]))
        (little,) = (lane for lane in lanes if near(lane["to"], at["na-east"]))
        assert near(much["from"], at["na-east"])
        assert near(little["from"], at["eu-central"])
        assert much["width"] > little["width"]
        assert much["seconds"] < little["seconds"]
        assert {lane["animationName"] for lane in lanes} == {"flow"}
        title = page.run("document.querySelector('#map .link title').textContent")
        assert title == "na-east ↔ eu-central: whole, 92 ms, 2.0 kB/s to na-east, 2.0 MB/s to eu-central"


def test_nothing_moves_for_those_who_want_it_so(library: Library) -> None:
    """An arrow is left to tell the direction."""
    picture = world_of(library, AT)
    picture["links"][0]["toward"] = {"na-east": 0, "eu-central": 5_000}
    with drawn(library, picture) as page:
        page.prefers_motion(reduced=True)
        assert {lane["animationName"] for lane in page.run(LANES)} == {"none"}
        assert page.run("document.querySelector('#map .lane').getAttribute('marker-end')") == "url(#toward)"


@pytest.mark.parametrize(("state", "said"), [("cut", "cut"), ("changed", "92 ms")])
def test_a_link_that_is_not_as_it_should_be_looks_so(library: Library, state: str, said: str) -> None:
    picture = world_of(library, AT)
    picture["links"][1]["state"] = state
    with drawn(library, picture) as page:
        assert page.run(f"document.querySelectorAll('#map .link.{state}').length") == 1
        assert (
            page.run("[...document.querySelectorAll('#map .trip')].map((each) => each.textContent)")[1]
            == said
        )


def test_the_same_is_told_in_words(library: Library) -> None:
    """For those who see no map; a latency beyond what is counted is said to be over it."""
    picture = world_of(library, AT)
    picture["places"][1] |= {"ready": 0, "requests_per_second": 0, "hit_ratio": None, "p95": None}
    picture["places"][2]["p95"] = {"ms": 10000.0, "is_over": True}
    with drawn(library, picture) as page:
        cells = "(row) => [...row.cells].map((each) => each.innerText)"
        rows = page.run(f"[...document.querySelectorAll('#regions tbody tr')].map({cells})")
        assert rows == [
            ["na-east", "2 of 2", "12.5", "97 %", "45.1 ms"],
            ["eu-central", "0 of 2", "0.0", "–", "–"],
            ["se-asia", "2 of 2", "12.5", "97 %", "over 10 s"],
        ]
        assert page.run("document.querySelector('#map .bad .hits').textContent") == "0 of 2 ready"
        title = page.run("document.querySelector('#map .bad title').textContent")
        assert title == "eu-central: 0 of 2 nodes ready, 0.0 requests a second, hits –, 95 % within –"


def test_a_region_without_nodes_is_neither_well_nor_ill(library: Library) -> None:
    picture = world_of(library, AT)
    picture["places"][1] |= {"ready": 0, "of": 0, "requests_per_second": 0, "hit_ratio": None, "p95": None}
    with drawn(library, picture) as page:
        assert page.run("document.querySelectorAll('#map .place.good').length") == 2
        title = page.run("document.querySelector('#map .place.empty title').textContent")
        assert title == "eu-central: no nodes, 0.0 requests a second, hits –, 95 % within –"
        assert page.run("document.querySelectorAll('#regions tbody tr')[1].cells[1].innerText") == "none here"


def test_a_map_fits_its_window_and_follows_it(library: Library) -> None:
    with drawn(library, world_of(library, AT), width=360) as page:
        assert page.run("document.documentElement.scrollWidth <= 360")
        page.resize(900, 700)
        page.until("document.querySelector('#map svg').clientWidth > 700")


def asked(pop: str, second: str) -> dict[str, str]:
    return {"pop": pop, "first": "shield", "second": second}


def test_the_way_to_a_second_member_is_a_dotted_bow(library: Library) -> None:
    """Beside the link, from who asks to who is asked; none where both are in one region."""
    seconds = [
        {"from": "eu-central", "to": "se-asia", "asked": [asked("fra", "spare"), asked("ber", "spare")]},
        {"from": "se-asia", "to": "se-asia", "asked": [asked("sin", "spare")]},
    ]
    with drawn(library, world_of(library, AT, seconds=seconds)) as page:
        at = page.run(WHERE)
        (way,) = page.run(WAY)
        assert near(way["from"], at["eu-central"])
        assert near(way["to"], at["se-asia"])
        assert way["strokeDasharray"] != "none"
        assert way["title"] == "fra asks spare where shield fails; ber asks spare where shield fails"
        assert page.run("document.querySelector('#map .then').textContent") == "then spare"
        straight = [(at["eu-central"][side] + at["se-asia"][side]) / 2 for side in (0, 1)]
        assert not near(way["middle"], straight)


def test_a_bow_keeps_away_from_the_regions_between(library: Library) -> None:
    """Europe lies north of the way from America to Asia, Africa south of it."""
    for between, is_above in (({"eu": [30.0, 8.7]}, False), ({"af": [5.0, 8.7]}, True)):
        at = {"na-east": AT["na-east"], "se-asia": AT["se-asia"], **between}
        ways = [{"from": "na-east", "to": "se-asia", "asked": [asked("iad", "spare")]}]
        with drawn(library, world_of(library, at, seconds=ways)) as page:
            places = page.run(WHERE)
            (way,) = page.run(WAY)
            straight = (places["na-east"][1] + places["se-asia"][1]) / 2
            assert (way["middle"][1] < straight) is is_above
