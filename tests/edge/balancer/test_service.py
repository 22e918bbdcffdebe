"""The node: its document, its probes, and its way out."""

from __future__ import annotations

import json
from typing import Any

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError

from edge.balancer.service import make_service
from edge.balancer.settings import Settings
from edge.upstream.standings import Standing
from tests.support.balancer import stage
from tests.support.scripted import Conversation, Received, ask, connect, request_bytes, seen
from wire import document
from wire.web.agent import PlainConnect

DOCUMENT = """
name: balancer
listen: 127.0.0.1:0
control: 127.0.0.1:0
mode: redirect
route: nearest
regions: {eu: {at: [50.1, 8.7], viewers: [127.2.0.0/16]}}
pops: [{name: fra, region: eu, url: "http://127.0.0.1:1", control: "http://127.0.0.1:2"}]
origins: [{name: main-1, url: "http://127.0.0.1:3", control: "http://127.0.0.1:4"}]
rtt_ms: {eu: {eu: 2.0}}
"""


def test_a_document_becomes_settings() -> None:
    """As `sim` writes it for each node."""
    settings = document.read(DOCUMENT, Settings)
    assert settings.regions["eu"].at == (50.1, 8.7)
    assert (settings.pops[0].region, settings.origins[0].region) == ("eu", "")
    assert (settings.mode, settings.fall, settings.rise) == ("redirect", 2, 2)


@pytest.mark.parametrize("wrong", [{"mode": "dns"}, {"fall": 0}, {"check_interval_seconds": 0}])
def test_settings_that_make_no_sense_cannot_be_built(wrong: dict[str, Any]) -> None:
    """The document is refused, not the first viewer."""
    with pytest.raises(ValueError):
        Settings(name="b", listen="", control="", pops=(), **wrong)


@pytest_twisted.ensureDeferred
async def test_it_is_ready_once_a_pop_and_an_origin_have_said_so() -> None:
    """`up` waits for it: the first viewer must not be the first to find out."""
    async with stage(reactor, {"eu": lambda request, viewer: None}, (lambda request, viewer: None,)) as world:
        assert (await world.control("/healthz")).status == 200
        while (ready := await world.control("/readyz")).status != 200:
            assert json.loads(ready.body)["reasons"]
        assert json.loads(ready.body) == {"ready": True}


@pytest_twisted.ensureDeferred
async def test_status_tells_of_every_pop_and_origin() -> None:
    """What the page shows: name, region, health, requests and failures."""
    async with stage(
        reactor, {"eu": lambda r, v: v.answer(b"x"), "na": lambda r, v: v.answer(b"y")}
    ) as world:
        await world.ask("/a?region=eu")
        await world.ask("/a?region=eu")
        await world.pops["na"].die()
        await world.becomes(world.pops["na"], Standing.DOWN)
        told = json.loads((await world.control("/status")).body)
        metrics = (await world.control("/metrics")).body
    eu, na = told["pops"]
    assert (told["name"], told["role"], told["requests"], told["errors"]) == ("bal", "balancer", 2, 0)
    assert (eu["name"], eu["region"], eu["healthy"], eu["requests"], eu["failures"]) == (
        "eu",
        "eu",
        True,
        2,
        0,
    )
    assert (na["healthy"], na["standing"]) == (False, "down")
    assert b'pixeledge_requests_total{node="bal",outcome="proxied",status="2xx"} 2.0' in metrics


@pytest_twisted.ensureDeferred
async def test_a_taken_port_is_told_to_who_starts_it() -> None:
    """Rather than a node that runs and cannot be reached."""
    async with stage(reactor, {"eu": lambda r, v: v.answer(b"x")}) as world:
        settings = Settings(name="b", listen=f"127.0.0.1:{world.port}", control="127.0.0.1:0", pops=())
        other = make_service(settings, reactor=reactor)
        with pytest.raises(CannotListenError):
            other.startService()
        await other.stopService()


@pytest_twisted.ensureDeferred
async def test_every_connection_goes_the_way_it_was_given() -> None:
    """`sim` shapes links there: viewers' requests and checks alike."""
    ways: list[bytes] = []

    class Counted(PlainConnect):
        def endpointForURI(self, uri: Any) -> Any:
            ways.append(uri.netloc)
            return super().endpointForURI(uri)

    async with stage(reactor, {"eu": lambda r, v: v.answer(b"x")}) as world:
        node = make_service(world.node.settings, reactor=reactor, connect=Counted(reactor))
        node.startService()
        assert node.port is not None
        answer = await ask(reactor, node.port.getHost().port, "/a")  # type: ignore[attr-defined]
        await node.stopService()
        netloc = world.pops["eu"].url.removeprefix("http://").encode()
    assert answer.body == b"x"
    assert ways.count(netloc) >= 2


@pytest_twisted.ensureDeferred
async def test_a_stopping_balancer_finishes_what_it_has_begun() -> None:
    """No new viewers, and the one under way gets its answer."""
    gate: Deferred[None] = Deferred()

    async def script(request: Received, viewer: Conversation) -> None:
        await gate
        viewer.answer(b"at last")

    async with stage(reactor, {"eu": script}) as world:
        viewer = await connect(reactor, world.port, request_bytes("/a"))
        await world.pops["eu"].asked_times(1)
        stopping = world.node.stopService()
        gate.callback(None)
        await stopping
        await viewer.ended
        world.node.stopService = lambda: Deferred.fromCoroutine(nothing())  # type: ignore[method-assign]
    assert seen(viewer.data).body == b"at last"


async def nothing() -> None:
    """It is stopped already."""
