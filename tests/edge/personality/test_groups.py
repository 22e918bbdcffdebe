"""Two origins as a group, and what else stands in for one that fails (cdn-vendors §5.3, §15.4)."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_twisted
from attrs import evolve

from edge.core.events import Failure
from edge.personality.akamai.settings import Property, SiteFailover
from edge.personality.cloudfront.settings import Distribution
from edge.settings import Secondary, Settings
from edge.upstream.group import Group
from tests.support.edge_node import QUICK, get, running_edge
from tests.support.scripted_origin import Gate, ScriptedOrigin, held, reply
from tests.support.viewer import ask

GROUPS: list[dict[str, Any]] = [
    {"personality": "cloudfront", "cloudfront": Distribution(failover=(404, 503), methods="all")},
    {
        "personality": "akamai",
        "akamai": Property(site_failover=SiteFailover("upstream", statuses=(404, 503))),
    },
]


def test_what_counts_as_which_status_where_no_answer_came() -> None:
    """§5.3: no connection is 503, no answer in time 504; and nothing is asked twice that may not be."""
    refused, slow = Group(frozenset({503})), Group(frozenset({504}))
    assert refused.goes_on_without("GET", Failure.UNREACHABLE)
    assert not refused.goes_on_without("GET", Failure.TIMED_OUT)
    assert slow.goes_on_without("HEAD", Failure.TIMED_OUT)
    assert not slow.goes_on_without("GET", Failure.UNREACHABLE)
    assert refused.goes_on("OPTIONS", 503)
    assert not refused.goes_on("POST", 503)
    assert not refused.goes_on("GET", 500)


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("settings", GROUPS)
async def test_the_second_is_asked_after_some_answers_of_the_first(settings: dict[str, Any]) -> None:
    """Each question goes to the first first, whatever it answered before."""
    first, second = ScriptedOrigin().listen(), ScriptedOrigin().listen()
    for path in ("/a", "/b", "/c"):
        second.on(path, reply(b"second", Cache_Control="no-store"))
    first.on("/b", reply(b"", status=503))
    first.on("/c", reply(b"broken", status=500))
    async with running_edge(first.url, second.url, **settings) as edge:
        answers = {path: await get(edge, path) for path in ("/a", "/b", "/c")}
        assert {path: answer.body for path, answer in answers.items()} == {
            "/a": b"second",
            "/b": b"second",
            "/c": b"broken",
        }
        for _ in range(6):
            await get(edge, "/b")
        assert first.count("/b") == 7
        assert (await ask(edge.port, "/b", "POST", b"x")).status == 503
        await first.stop()
        assert (await get(edge, "/a")).body == b"second"
    await second.stop()


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("settings", GROUPS)
async def test_of_several_instances_two_are_the_group_and_none_that_is_not_there(
    settings: dict[str, Any],
) -> None:
    """For each URL the one that has it, and the next of those that are there."""
    origins = [ScriptedOrigin().listen() for _ in range(4)]
    away, *here = origins
    for path in (paths := [f"/{number}" for number in range(12)]):
        for origin in origins:
            origin.on(path, reply(b"", status=503, Cache_Control="no-store"))
    urls = [origin.url for origin in origins]
    async with running_edge(*urls, balance="hash", standby=(away.url,), **settings) as edge:
        for path in paths:
            assert (await get(edge, path)).status == 503
    assert away.count() == 0
    assert sum(origin.count() for origin in here) == 2 * len(paths)
    assert all(origin.count() for origin in here)
    for origin in origins:
        await origin.stop()


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("settings", GROUPS)
async def test_a_member_may_be_several_that_stand_in_for_each_other(settings: dict[str, Any]) -> None:
    """A shield and the origin behind it: one that is out of reach is gone round before the other member is asked."""
    names = ("shield", "first", "second shield", "second")
    nodes = {name: ScriptedOrigin().listen() for name in names}
    for name, node in nodes.items():
        node.on("/a", reply(name.encode(), Cache_Control="no-store"))
        node.on(
            "/b", reply(b"", status=503 if name in ("shield", "first") else 200, Cache_Control="no-store")
        )
    shield, first, *second = (node.url for node in nodes.values())
    async with running_edge(shield, first, secondary=Secondary(tuple(second)), **settings) as edge:
        for _ in range(3):
            assert (await get(edge, "/a")).body == b"shield"
            assert (await get(edge, "/b")).status == 200
        assert [nodes[name].count("/b") for name in names] == [3, 0, 3, 0]
        await nodes["shield"].stop()
        assert (await get(edge, "/a")).body == b"first"
        assert (await get(edge, "/b")).status == 200
        assert [nodes[name].count("/b") for name in names] == [3, 1, 4, 0]
        await nodes["first"].stop()
        for _ in range(8):
            assert (await get(edge, "/a")).body == b"second shield"
        await nodes["second shield"].stop()
        assert (await get(edge, "/a")).body == b"second"
        assert (await ask(edge.port, "/a", "POST", b"x")).status == 502
    await nodes["second"].stop()


@pytest_twisted.ensureDeferred
async def test_a_slow_member_is_left_only_if_504_is_chosen() -> None:
    """§5.3: and what is no failure of the chosen kinds is the answer."""
    first, second, gate = ScriptedOrigin().listen(), ScriptedOrigin().listen(), Gate()
    first.on("/a", held(gate, reply(b"first")))
    second.on("/a", reply(b"second", Cache_Control="no-store"))
    limits = evolve(QUICK, first_byte_seconds=0.2)
    for statuses, status in (((504,), 200), ((503,), 504)):
        told = Distribution(failover=statuses, error_ttl={"504": 0, "502": 0})
        async with running_edge(
            *(first.url,),
            personality="cloudfront",
            cloudfront=told,
            secondary=Secondary((second.url,)),
            limits=limits,
        ) as edge:
            assert (await get(edge, "/a")).status == status
    assert second.count("/a") == 1
    gate.open()
    await first.stop()
    await second.stop()


def test_no_upstream_is_of_both_members() -> None:
    with pytest.raises(ValueError, match="upstreams of its own"):
        Settings(upstreams=("http://a",), secondary=Secondary(("http://a",)))


@pytest_twisted.ensureDeferred
async def test_viewers_of_a_property_may_be_sent_elsewhere_or_shown_another_object() -> None:
    origin = ScriptedOrigin().listen()
    origin.on("/down", reply(b"", status=503))
    origin.on("/sorry.html", reply(b"sorry", Cache_Control="max-age=600"))
    elsewhere = Property(site_failover=SiteFailover("redirect", "https://backup.example"))
    async with running_edge(origin.url, personality="akamai", akamai=elsewhere) as edge:
        sent = await get(edge, "/down?a=1")
        assert (sent.status, sent.get("Location")) == (302, "https://backup.example/down?a=1")
        assert sent.get("Cache-Control") == "no-store"
        assert (await get(edge, "/missing")).status == 404
    another = Property(site_failover=SiteFailover("object", "/sorry.html"))
    async with running_edge(origin.url, personality="akamai", akamai=another) as edge:
        for _ in range(2):
            shown = await get(edge, "/down")
            assert (shown.status, shown.body) == (200, b"sorry")
        assert origin.count("/sorry.html") == 1
    await origin.stop()


@pytest.mark.parametrize(("action", "to"), [("redirect", "/a"), ("object", "https://a"), ("upstream", "/a")])
def test_each_way_out_has_its_own_kind_of_goal(action: Any, to: str) -> None:
    with pytest.raises(ValueError, match="cannot go to"):
        SiteFailover(action, to)
