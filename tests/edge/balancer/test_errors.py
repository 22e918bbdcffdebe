"""What upstreams' own errors mean to the balancer: an answer like any other, which it hands on."""

from __future__ import annotations

import json

import pytest_twisted
from twisted.internet import reactor

from edge.upstream.standings import Standing
from tests.support.balancer import stage
from tests.support.scripted import Conversation, Received


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
