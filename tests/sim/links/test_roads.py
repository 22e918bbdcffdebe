"""sim.links.roads: who is far away, told by real requests over real sockets."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest_twisted
from twisted.internet import reactor as real_reactor

from sim.links.cables import Cables
from sim.links.figures import LinkFigures
from sim.links.link import Link, Viewers
from sim.links.roads import DirectRoads, Roads
from sim.links.way import Way
from tests.support.balancer import says, stage
from tests.support.edge_node import running_edge
from tests.support.scripted import ask, connect
from tests.support.scripted_origin import ScriptedOrigin, reply

reactor: Any = real_reactor

RTT_SECONDS = 0.2
ASIA = "127.3.0.1"
PLAIN = b"GET /a HTTP/1.1\r\nHost: media.example\r\n\r\n"
VIEWERS = Viewers({"asia": ("127.3.0.0/16",), "eu": ()}, ("bal",))


def cables_of(pop: str, region: str) -> Cables:
    """One node's: viewers in Asia are far away, those in Europe live next door."""
    links = tuple(
        Link((pop, "eu"), (f"viewers.{name}", name), out=Way(rtt, 1e9), back=Way(rtt, 1e9), viewers=name)
        for name, rtt in ((region, RTT_SECONDS), ("eu", 0.001))
    )
    return Cables(links, reactor, Random(1))


async def seconds_to(port: int, **told: Any) -> float:
    """How long a viewer's question takes, its connection included."""
    began = reactor.seconds()
    answer = await ask(reactor, port, "/a", **told)
    assert (answer.status, answer.is_whole) == (200, True)
    return float(reactor.seconds() - began)


@pytest_twisted.ensureDeferred
async def test_a_pop_feels_far_from_where_its_viewer_lives() -> None:
    """By address, header or cookie; whom a balancer brings has felt it there, and an unknown name is nobody's. Hits of
    those next door go the express lane, the others never: its answers know no distance."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(b"x" * 1000, Cache_Control="max-age=60"))
    cables = cables_of("fra-1", "asia")
    roads = DirectRoads(Roads(cables), VIEWERS, "fra-1")
    figures = LinkFigures("fra-1", cables)
    async with running_edge(origin.url, afar=roads, more=figures) as node:
        near = await connect(reactor, node.port, PLAIN)
        for _ in range(3):
            await near.received(1000)
            await seconds_to(node.port)
            near.transport.write(PLAIN)
        await near.received(4000)
        hits = node.tally.express_hits
        assert hits > 0
        afar = await connect(reactor, node.port, PLAIN, ASIA)  # the very bytes that the lane knows
        await afar.received(1000)
        far: tuple[dict[str, str], ...] = (
            {"source": ASIA},
            {"X_Viewer_Region": "asia"},
            {"Cookie": "viewer-region=asia"},
        )
        for told in (*far, *far):
            assert await seconds_to(node.port, **told) >= 2 * RTT_SECONDS
        assert node.tally.express_hits == hits
        next_door: tuple[dict[str, str], ...] = (
            {},
            {"X_Viewer_Region": "mars"},
            {"X_Viewer_Region": "eu", "source": ASIA},
            {"Via": "1.1 bal", "source": ASIA},
        )
        for told in next_door:
            assert min([await seconds_to(node.port, **told) for _ in range(5)]) < RTT_SECONDS
        told = json.loads((await ask(reactor, node.control_port, "/status")).body)
        carried = cables.by_viewers["asia", "fra-1"]
        assert told["links"]["fra-1--viewers.asia"] == {"out": carried.out.bytes, "back": carried.back.bytes}
        assert told["links"]["fra-1--viewers.eu"]["out"] > 1000
        assert carried.out.bytes > 7 * 1000  # bodies and heads
        assert 7 * 50 < carried.back.bytes < 7 * 300
        metrics = (await ask(reactor, node.control_port, "/metrics")).body.decode()
        labels = 'far="viewers.asia",near="fra-1",node="fra-1",toward="viewers.asia"'
        assert f"pixeledge_link_bytes_total{{{labels}}} {float(carried.out.bytes)}" in metrics
        for viewer in (near, afar):
            viewer.transport.loseConnection()
            await viewer.ended
    await origin.stop()
    assert cables.by_viewers["asia", "fra-1"].riders == {}


@pytest_twisted.ensureDeferred
async def test_a_balancer_feels_as_far_as_the_pop_that_it_chose() -> None:
    """In mode proxy: whatever the viewer says of where it lives, the link is that to the PoP which answers."""
    cables = cables_of("eu-1", "na")
    roads = Roads(cables)
    async with stage(reactor, {"eu-1": says("eu")}, afar=roads) as world:
        for told in ({"source": "127.1.0.1"}, {"X_Viewer_Region": "na"}, {"Cookie": "viewer-region=na"}):
            assert await seconds_to(world.port, **told) >= 2 * RTT_SECONDS
        assert min([await seconds_to(world.port, source="127.2.0.1") for _ in range(5)]) < RTT_SECONDS
        cables.by_viewers["na", "eu-1"].change(Way(0.001), Way(0.001))
        assert min([await seconds_to(world.port, source="127.1.0.1") for _ in range(5)]) < RTT_SECONDS


def test_addresses_of_viewers_are_known_before_they_ask() -> None:
    roads = DirectRoads(Roads(Cables((), reactor, Random(1))), VIEWERS, "fra-1")
    assert [roads.is_far(address) for address in (ASIA, "::ffff:127.3.0.9", "127.4.0.1", "-")] == [
        True,
        True,
        False,
        False,
    ]
