"""The way that what no cache keeps takes to the origin (cdn-vendors §15.3)."""

from __future__ import annotations

from typing import Any

import pytest_twisted
from attrs import define, field
from twisted.internet.defer import Deferred

from edge.personality.akamai.settings import Caching, Property, SureRoute
from edge.service import EdgeNode
from edge.upstream.routes import STRAIGHT, Routes
from tests.support.edge_node import pause, running_edge, until
from tests.support.scripted_origin import Gate, ScriptedOrigin, held, reply
from tests.support.viewer import ask

TEST, ONE, OTHER = "/test", "http://one", "http://other"


@define
class Races:
    """Routes whose tests end when this says so."""

    now: float = 0.0
    running: dict[str, Deferred[float | None]] = field(factory=dict)
    count: int = 0
    routes: Routes = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.routes = Routes((ONE, OTHER), 1800.0, lambda: self.now, self._try)

    def _try(self, way: str) -> Deferred[float | None]:
        self.count += 1
        trying = self.running[way] = Deferred()
        return trying

    def end(self, **seconds: float | None) -> None:
        """All of them, with these figures."""
        running, self.running = self.running, {}
        named = {"straight": STRAIGHT, "one": ONE, "other": OTHER}
        for name, way in named.items():
            running[way].callback(seconds.get(name))


def test_it_is_straight_on_until_another_way_was_found_faster() -> None:
    races = Races()
    assert races.routes.way() == races.routes.way() == STRAIGHT
    assert races.count == 3  # once each, however many ask meanwhile
    races.end(straight=0.3, one=0.2, other=0.1)
    assert races.routes.way() == OTHER


def test_it_is_measured_anew_after_half_an_hour() -> None:
    """And what was found before serves until that has ended."""
    races = Races()
    races.routes.way()
    races.end(straight=0.3, one=0.2)
    races.now = 1799.0
    assert (races.routes.way(), races.count) == (ONE, 3)
    races.now = 1800.0
    assert (races.routes.way(), races.count) == (ONE, 6)
    races.end(straight=0.1, one=0.1)
    assert races.routes.way() == STRAIGHT  # as good is not better


def test_a_way_without_a_connection_is_left_at_once() -> None:
    races = Races()
    races.routes.way()
    races.end(straight=0.3, one=0.2, other=0.25)
    races.routes.failed(OTHER)
    assert (races.routes.way(), races.count) == (ONE, 3)
    races.routes.failed(ONE)
    assert (races.routes.way(), races.count) == (STRAIGHT, 6)
    races.end(straight=0.3, other=0.25)
    assert races.routes.way() == OTHER


def test_an_origin_without_a_connection_is_gone_round() -> None:
    races = Races()
    races.routes.way()
    races.end(straight=0.1, one=0.2, other=0.3)
    races.routes.failed("http://origin")
    races.end(one=0.2, other=0.3)
    assert races.routes.way() == ONE
    races.routes.failed(ONE)
    races.end()
    assert races.routes.way() == STRAIGHT


def test_who_stops_wants_no_figures() -> None:
    races = Races()
    races.routes.way()
    races.routes.stop()
    assert all(trying.called for trying in races.running.values())


def a_property(*through: str, **more: Any) -> dict[str, Any]:
    sure_route = SureRoute(test_object=TEST, through=through)
    return {"personality": "akamai", "akamai": Property(sure_route=sure_route, **more)}


async def found(edge: EdgeNode) -> None:
    """The fastest way is known."""
    assert edge.machinery is not None
    routes = edge.machinery.upstreams.routes
    assert routes is not None
    await until(lambda: routes.best != STRAIGHT)


async def slow_origin(edge: EdgeNode, gate: Gate, origin: ScriptedOrigin, other: ScriptedOrigin) -> None:
    """Its test takes longer than the other's."""
    await ask(edge.port, "/a", "POST", b"first")
    await gate.arrived(1)
    await until(lambda: other.count(TEST) == 1)
    await pause(0.1)
    gate.open()
    await found(edge)


@pytest_twisted.ensureDeferred
async def test_what_is_not_kept_takes_the_fastest_way() -> None:
    """And no way through an edge that is gone; what may be kept goes as ever."""
    origin, other, gate = ScriptedOrigin().listen(), ScriptedOrigin().listen(), Gate()
    origin.on(TEST, held(gate, reply(b"t", Cache_Control="no-store")))
    other.on(TEST, reply(b"t"))
    for each in (origin, other):
        each.on("/a", reply(b"x", Cache_Control="max-age=60"))
    async with running_edge(origin.url, **a_property(other.url)) as edge:
        await slow_origin(edge, gate, origin, other)
        assert (await ask(edge.port, "/a", "POST", b"second")).status == 200
        assert (other.requests[-1].method, other.requests[-1].body) == ("POST", b"second")
        assert (await ask(edge.port, "/a")).status == 200
        assert origin.requests[-1].method == "GET"
        from_another = {"CDN_Loop": "pixeledge; node=sin"}
        await ask(edge.port, "/a", "POST", b"third", **from_another)
        assert (origin.requests[-1].method, origin.requests[-1].body) == ("POST", b"third")
        await other.stop()
        tests = origin.count(TEST)
        assert (await ask(edge.port, "/a", "POST", b"fourth")).status == 200
        assert origin.requests[-1].body == b"fourth"
        await until(lambda: origin.count(TEST) == tests + 1)
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_the_other_edge_is_one_of_the_same_property() -> None:
    """It goes straight on, though it has ways of its own, and keeps nothing: there is no way back."""
    origin, gate = ScriptedOrigin().listen(), Gate()
    origin.on("/a", reply(b"x"))
    origin.on(TEST, reply(b"t"))
    slow = ScriptedOrigin().listen()
    slow.on(TEST, held(gate, reply(b"t")))
    slow.on("/a", reply(b"x"))
    told = {"caching": Caching("NO_STORE")}
    async with running_edge(origin.url, name="sin", **a_property(slow.url, **told)) as sin:
        there = f"http://127.0.0.1:{sin.port}"
        async with running_edge(slow.url, name="fra", **a_property(there, **told)) as fra:
            await slow_origin(fra, gate, slow, origin)
            before = origin.count("/a")
            assert [(await ask(fra.port, "/a")).body for _ in range(2)] == [b"x"] * 2
            assert origin.count("/a") == before + 2
            fields = {name.lower(): value for name, value in origin.requests[-1].fields}
            assert fields["cdn-loop"] == "pixeledge; node=fra, pixeledge; node=sin"
    await origin.stop()
    await slow.stop()
