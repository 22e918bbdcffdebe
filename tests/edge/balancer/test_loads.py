"""How busy PoPs say they are."""

from __future__ import annotations

import json

import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.web.client import Agent

from edge.balancer.loads import Loads
from tests.support.scripted import Conversation, Received, ScriptedUpstream


@pytest_twisted.ensureDeferred
async def test_every_pop_is_asked_and_who_says_nothing_of_use_is_passed_over() -> None:
    """A PoP of another make must not break the loop, nor one that is away."""
    told: dict[str, int] = {}
    heard: Deferred[None] = Deferred()

    def tell(url: str, running: int) -> None:
        told[url] = running
        if busy.url in told and len(other.requests) > 1 and not heard.called:
            heard.callback(None)

    def says_seven(request: Received, viewer: Conversation) -> None:
        viewer.answer(json.dumps({"in_flight": 7}).encode())

    busy = ScriptedUpstream(reactor, says_seven).listen()
    other = ScriptedUpstream(reactor, lambda request, viewer: viewer.answer(b'"ready"')).listen()
    questions = {pop.url: f"{pop.url}/status" for pop in (busy, other)} | {
        "http://gone": "http://127.0.0.1:1/"
    }
    loads = Loads(
        questions, tell, Agent(reactor), reactor, interval_seconds=0.02, timeout_seconds=5.0
    )  # fmt: skip
    loads.startService()
    await heard
    loads.stopService()
    for pop in (busy, other):
        await pop.die()
    assert told == {busy.url: 7}
    assert {request.target for request in busy.requests} == {"/status"}
