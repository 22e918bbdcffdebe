"""PoPs that die, drain, fall silent and return, and what their viewers see of it."""

from __future__ import annotations

import json
from typing import Any

import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import Deferred

from edge.upstream.standings import Standing
from tests.support.balancer import ETAG, IMAGE, breaks_off, image, says, stage
from tests.support.edge_node import until
from tests.support.scripted import Conversation, Received, connect, request_bytes, seen
from tests.support.severable import Severable, missed_by

LEFT_ALONE: dict[str, Any] = {
    "check_interval_seconds": 600.0,
    "connect_seconds": 600.0,
    "first_byte_seconds": 600.0,
}
"""No other limit ends a wait."""


@pytest_twisted.ensureDeferred
async def test_a_killed_pop_gets_no_viewers_until_it_is_back() -> None:
    """And not one request fails meanwhile."""
    async with stage(reactor, {"eu": says("eu"), "na": says("na")}) as world:
        eu = world.pops["eu"]
        assert (await world.ask("/a?region=eu")).body == b"eu /a"
        await eu.die()
        assert (await world.ask("/a?region=eu")).body == b"na /a"
        await world.becomes(eu, Standing.DOWN)
        eu.requests.clear()
        eu.listen()
        await world.becomes(eu, Standing.UP)
        assert eu.requests == []
        assert (await world.ask("/a?region=eu")).body == b"eu /a"


@pytest_twisted.ensureDeferred
async def test_a_pop_that_says_it_is_not_ready_is_left_alone() -> None:
    """A draining edge answers still, but should not be asked."""
    async with stage(reactor, {"eu": says("eu"), "na": says("na")}) as world:
        eu = world.pops["eu"]
        eu.ready = False
        await world.becomes(eu, Standing.DOWN)
        assert (await world.ask("/a?region=eu")).body == b"na /a"
        told = json.loads((await world.control("/status")).body)["pops"][0]
        assert (told["healthy"], told["standing"]) == (False, "down")
        assert "not ready" in told["reason"]


@pytest_twisted.ensureDeferred
async def test_who_waits_at_a_pop_that_went_silent_is_helped_elsewhere() -> None:
    """A stopped process resets nothing; the checks find out long before an image may be called late."""
    pops = {"eu": says("eu"), "na": says("na")}
    async with stage(reactor, pops, check_timeout_seconds=0.2, first_byte_seconds=60.0) as world:
        assert (await world.ask("/a?region=eu")).body == b"eu /a"
        world.pops["eu"].is_stopped = True
        assert (await world.ask("/b?region=eu")).body == b"na /b"
        assert world.node.standings.records[world.pops["eu"].url].standing is Standing.DOWN
        world.pops["eu"].is_stopped = False
        await world.becomes(world.pops["eu"], Standing.UP)


@pytest_twisted.ensureDeferred
async def test_who_waits_at_a_pop_that_left_the_network_is_helped_elsewhere() -> None:
    """No check has found out yet, and none is needed. The next is not even asked of it."""
    way = Severable()
    pops = {"eu": says("eu"), "na": says("na")}
    async with stage(reactor, pops, connect=way, **LEFT_ALONE) as world:
        eu = world.pops["eu"]
        assert (await world.ask("/a?region=eu")).body == b"eu /a"
        eu.is_stopped = True
        way.cut(eu.url)
        assert (await world.ask("/b?region=eu")).body == b"na /b"
        assert (await world.ask("/c?region=eu")).body == b"na /c"
        assert [asked.target for asked in eu.requests] == ["/a", "/b"]
        assert world.node.standings.records[eu.url].failures == 1


@pytest_twisted.ensureDeferred
async def test_who_waits_at_the_only_pop_waits_on() -> None:
    """The network may be back in a moment, and there is nobody else."""
    way = Severable()
    async with stage(reactor, {"eu": says("eu")}, connect=way, **LEFT_ALONE) as world:
        eu = world.pops["eu"]
        assert (await world.ask("/a")).body == b"eu /a"
        missing = missed_by(world.node._pool)
        eu.is_stopped = True
        way.cut(eu.url)
        asking = Deferred.fromCoroutine(world.ask("/b"))
        await until(lambda: missing == [eu.url])
        eu.conversations[0].answer(b"eu /b")
        assert (await asking).body == b"eu /b"


@pytest_twisted.ensureDeferred
async def test_a_call_to_an_origin_that_left_the_network_is_put_to_another() -> None:
    """It was never reached before, so it gets a second."""
    way = Severable()
    origins = says("zero"), says("one")
    async with stage(reactor, {"eu": says("eu")}, origins, connect=way, **LEFT_ALONE) as world:
        way.cut(world.origins[0].url)
        answers = [await world.ask("/v1_1/demo/ping") for _ in range(3)]
        assert [answer.body for answer in answers] == [b"one /v1_1/demo/ping"] * 3
        assert way.calls_in_vain >= 1


@pytest_twisted.ensureDeferred
async def test_a_call_that_waits_at_an_origin_that_went_silent_is_helped_by_another() -> None:
    """What may not be done twice is left with it: it may be at work on that."""
    begun: Deferred[Conversation] = Deferred()

    def zero(request: Received, viewer: Conversation) -> None:
        if request.method == "POST":
            begun.callback(viewer)

    told: dict[str, Any] = {**LEFT_ALONE, "check_interval_seconds": 0.05, "check_timeout_seconds": 0.2}
    async with stage(reactor, {"eu": says("eu")}, (zero, says("one")), **told) as world:
        silent = world.origins[0]
        posting = Deferred.fromCoroutine(world.ask("/v1_1/demo/upload", "POST", b"file"))
        viewer = await begun
        next(world.node.front.origins.turns)  # that of the other
        getting = Deferred.fromCoroutine(world.ask("/v1_1/demo/ping"))
        await silent.asked_times(2)
        silent.is_stopped = True
        assert (await getting).body == b"one /v1_1/demo/ping"
        viewer.answer(b"done")
        assert (await posting).body == b"done"


@pytest_twisted.ensureDeferred
async def test_a_draining_pop_finishes_what_it_has_begun() -> None:
    """Not ready is no reason to hang up."""
    gate: Deferred[None] = Deferred()

    async def script(request: Received, viewer: Conversation) -> None:
        await gate
        viewer.answer(b"eu, at last")

    async with stage(reactor, {"eu": script, "na": says("na")}) as world:
        viewer = await connect(reactor, world.port, request_bytes("/a?region=eu"))
        await world.pops["eu"].asked_times(1)
        world.pops["eu"].ready = False
        await world.becomes(world.pops["eu"], Standing.DOWN)
        gate.callback(None)
        await viewer.ended
    assert seen(viewer.data).body == b"eu, at last"


@pytest_twisted.ensureDeferred
async def test_requests_under_way_survive_a_kill() -> None:
    """Twenty viewers in the middle of an image when its edge dies: twenty whole images."""
    gate: Deferred[None] = Deferred()
    begun: list[Conversation] = []

    def half(request: Received, viewer: Conversation) -> None:
        viewer.begin(len(IMAGE), ETag=ETAG)
        viewer.send(IMAGE[:200_000])
        begun.append(viewer)
        if len(begun) == 20:
            gate.callback(None)

    async with stage(reactor, {"eu": half, "na": image}) as world:
        viewers = [await connect(reactor, world.port, request_bytes("/a?region=eu")) for _ in range(20)]
        await gate
        for viewer in viewers:
            await viewer.received(150_000)
        await world.pops["eu"].die()
        for viewer in viewers:
            await viewer.ended
    assert [seen(viewer.data).body == IMAGE for viewer in viewers] == [True] * 20


@pytest_twisted.ensureDeferred
async def test_one_broken_image_does_not_take_every_pop_out() -> None:
    """An origin that breaks off makes every PoP break off; they are suspects, and still asked for other
    images.
    """

    def script(request: Received, viewer: Conversation) -> None:
        if request.target == "/broken":
            breaks_off(300_000)(request, viewer)
        else:
            viewer.answer(b"fine")

    async with stage(reactor, {"eu": script, "na": script}, check_interval_seconds=60.0) as world:
        assert not (await world.ask("/broken")).is_whole
        assert (await world.ask("/other")).body == b"fine"


@pytest_twisted.ensureDeferred
async def test_a_pop_that_hands_on_its_origins_errors_stays_where_viewers_go() -> None:
    """However many in a row: a broken image asked for again and again is no fault of the PoP's. And each counts as a
    request that it answered."""

    def script(request: Received, viewer: Conversation) -> None:
        viewer.answer(b"broken", "502 Bad Gateway")

    async with stage(reactor, {"eu": script, "na": script}, check_interval_seconds=60.0) as world:
        statuses = [(await world.ask("/broken?region=eu")).status for _ in range(7)]
        eu = world.node.standings.records[world.pops["eu"].url]
        told = json.loads((await world.control("/status")).body)["pops"][0]
        asked = [len(pop.requests) for pop in world.pops.values()]
    assert statuses == [502] * 7
    assert asked == [7, 0]
    assert eu.standing is Standing.UP
    assert (told["requests"], told["failures"]) == (7, 0)
