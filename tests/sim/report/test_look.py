"""The page at a glance and by ear, in a real browser: what is wrong in one sentence, and who each button is about."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sim.report.test_map import AT, drawn, world_of
from tests.support.library import Library

BUTTONS = """[...document.querySelectorAll('[data-node="%s"] button')].map((each) => each.getAttribute("aria-label"))"""


def node(name: str, health: str = "ready", **changes: Any) -> dict[str, Any]:
    """A node as the picture has it."""
    told: dict[str, Any] = {
        "name": name,
        "kind": "edge",
        "region": "na-east",
        "url": "http://127.0.0.1:1",
        "asks": "shield",
        "then": None,
        "health": health,
        "reasons": [],
        "pid": 1 if health == "ready" else None,
        "restarts": 0,
        "requests": 10,
        "requests_per_second": 1.0,
        "hit_ratio": 0.5,
        "p50": {"ms": 0.5, "is_over": False},
        "p95": {"ms": 2071.4, "is_over": False},
        "draining": False,
        "cache_fill": 0.1,
        "cache_bytes": 1_000,
    }
    return told | changes


@pytest.mark.parametrize(
    ("nodes", "state", "said"),
    [
        ([node("a"), node("b")], "whole", "2 nodes are ready, every link as in the topology."),
        ([node("a"), node("b", "standby")], "whole", "1 node is ready, every link as in the topology."),
        ([node("a", "stopped"), node("b")], "whole", "Not as it should be: a stopped."),
        ([node("a", draining=True)], "whole", "Not as it should be: a draining."),
        ([node("a")], "cut", "Not as it should be: na-east ↔ eu-central cut."),
        (
            [node(f"n{number}", "no answer") for number in range(8)],
            "whole",
            f"Not as it should be: {', '.join(f'n{number} no answer' for number in range(6))}, and 2 more.",
        ),
    ],
)
def test_what_is_wrong_is_one_sentence(
    library: Library, nodes: list[dict[str, Any]], state: str, said: str
) -> None:
    """Read out when it changes, and only then."""
    picture = world_of(library, AT, nodes=nodes)
    picture["links"][0]["state"] = state
    with drawn(library, picture) as page:
        assert page.text("#health") == said
        assert page.run("document.getElementById('health').getAttribute('role')") == "status"


def test_a_button_says_whom_it_is_about(library: Library) -> None:
    """To those who hear it without what stands around it."""
    nodes = [node("a"), node("b", draining=True)]
    with drawn(library, world_of(library, AT, nodes=nodes)) as page:
        words = ("Restart", "Kill", "Die", "Stop", "Start", "Freeze", "Thaw")
        assert page.run(BUTTONS % "a") == [f"{word} a" for word in (*words, "Drain")]
        assert page.run(BUTTONS % "b") == [f"{word} b" for word in (*words, "Fill again")]
        names = "[...document.querySelectorAll('#traffic button, #scenario button')].map((each) => each.ariaLabel)"
        assert page.run(names) == [
            *("Start traffic", "Stop traffic", "Run the scenario", "Stop the scenario"),
        ]


def test_whom_a_node_asks_and_what_took_long_is_told_in_words(library: Library) -> None:
    with drawn(library, world_of(library, AT, nodes=[node("a", then="backup")])) as page:
        row = page.text('[data-node="a"]')
        assert "edge, asks shield, and backup where that fails" in row
        assert "p50 0.5 ms, p95 2.1 s" in row


@pytest.mark.parametrize("width", [360, 1280])
def test_neither_long_names_nor_many_nodes_break_the_page(library: Library, width: int) -> None:
    """The longest that a document may say; forty nodes in three regions."""
    long = "a-region-whose-name-is-as-long-as-names-may-be-" + "x" * 80
    at = {long: AT["na-east"], "eu-central": AT["eu-central"], "se-asia": AT["se-asia"]}
    regions = [*at]
    nodes = [
        node(f"{'n' * 100}-{number}", region=regions[number % 3], then="backup-" + "b" * 90)
        for number in range(40)
    ]
    asked = {"pop": nodes[0]["name"], "first": "shield", "second": "backup-" + "b" * 90}
    ways = [{"from": long, "to": "eu-central", "asked": [asked]}]
    picture = world_of(library, at, nodes=nodes, seconds=ways)
    picture["access_lines"] = [picture["links"][0] | {"ends": [f"viewers.{long}", "access"]}]
    with drawn(library, picture, width=width) as page:
        page.run("for (const each of document.querySelectorAll('details')) each.open = true")
        assert page.run("document.documentElement.scrollWidth") <= width
        letters = "[...document.querySelectorAll('#map text')].map((each) => each.textContent.length)"
        assert max(page.run(letters)) < 40
        assert page.run("document.querySelectorAll('[data-node]').length") == 40


def test_a_world_of_one_region_has_no_links_to_show(library: Library) -> None:
    with drawn(
        library, world_of(library, {"home": [50.1, 8.7]}, nodes=[node("only", region="home")])
    ) as page:
        assert "There is one region." in page.text("section[aria-labelledby='links-title']")
    with drawn(library, world_of(library, AT)) as page:
        assert "There is one region." not in page.text("section[aria-labelledby='links-title']")


def test_a_hit_is_one_in_every_vendors_words(library: Library) -> None:
    told = ("HIT", "Hit from cloudfront", "TCP_HIT from a23-1", "TCP_MEM_HIT from a23-1")
    others = (
        "MISS",
        "Miss from cloudfront",
        "RefreshHit from cloudfront",
        "TCP_MISS from a23-1",
        "STALE",
        "–",
    )
    with drawn(library, world_of(library, AT)) as page:
        seen = page.run(
            f"import('/words.js').then(({{ isHit }}) => {json.dumps([*told, *others])}.map((each) => isHit(each)))"
        )
    assert seen == [True] * len(told) + [False] * len(others)
