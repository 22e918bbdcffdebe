"""API calls, which no cache has a say in: carried to an origin whole, and never twice where that may harm."""

from __future__ import annotations

import json
from typing import Any

import pytest_twisted
from attrs import evolve
from twisted.internet import reactor
from twisted.internet.protocol import Factory, Protocol

from edge.balancer.resource import FrontResource
from edge.balancer.settings import Upstream
from tests.support.balancer import IMAGE, port_of, resets, says, stage
from tests.support.scripted import connect, seen


@pytest_twisted.ensureDeferred
async def test_an_upload_reaches_an_origin_whole_with_its_method_and_headers() -> None:
    """No cache has a say in it; a refused connection costs the client nothing."""
    body = IMAGE * 8
    async with stage(
        reactor, {"eu": says("eu")}, (says("one"), says("two")), check_interval_seconds=60.0
    ) as world:
        await world.origins[0].die()
        answers = [
            await world.ask(
                "/v1_1/demo/image/upload", "POST", body, Content_Type="multipart/form-data; boundary=x"
            )
            for _ in range(2)
        ]
        received = world.origins[1].requests
    assert [answer.body for answer in answers] == [b"two /v1_1/demo/image/upload"] * 2
    assert [request.body == body for request in received] == [True, True]
    assert received[0].fields["content-type"] == "multipart/form-data; boundary=x"
    assert received[0].fields["host"] == "media.example"


@pytest_twisted.ensureDeferred
async def test_a_post_that_broke_off_is_not_sent_twice() -> None:
    """The origin may have done it: 502 in the API's own words, and the client decides."""
    async with stage(reactor, {"eu": says("eu")}, (resets, resets)) as world:
        answer = await world.ask("/v1_1/demo/image/upload", "POST", b"once")
        asked = sum(len(origin.requests) for origin in world.origins)
    assert (answer.status, asked) == (502, 1)
    assert json.loads(answer.body) == {"error": {"message": "The origin broke off before it answered"}}


@pytest_twisted.ensureDeferred
async def test_an_origin_that_does_not_take_an_upload_is_given_up() -> None:
    """504 in the API's own words, and nothing is held for it any more."""

    class Deaf(Protocol):
        transport: Any

        def connectionMade(self) -> None:
            self.transport.pauseProducing()
            lines.append(self)

    lines: list[Any] = []
    loop: Any = reactor
    deaf = loop.listenTCP(0, Factory.forProtocol(Deaf), interface="127.0.0.1")
    limits = {"send_seconds": 0.3, "first_byte_seconds": 60.0}
    async with stage(reactor, {"eu": says("eu")}, (says("api"),), **limits) as world:
        upstream = Upstream("deaf", f"http://127.0.0.1:{port_of(deaf)}")
        world.node.standings.watch([upstream.url], is_probed=False)
        told = evolve(world.node.front.settings, origins=(upstream,))
        world.node.front = evolve(world.node.front, settings=told)
        world.node._site.resource_for = lambda _: FrontResource(world.node.front)
        answer = await world.ask("/v1_1/demo/image/upload", "POST", b"x" * (16 << 20))
        assert world.node._fresh.open_count == 0
    assert answer.status == 504
    assert json.loads(answer.body) == {"error": {"message": "The origin took too long to answer"}}
    await deaf.stopListening()
    for line in lines:
        line.transport.abortConnection()


@pytest_twisted.ensureDeferred
async def test_an_api_read_is_repeated_at_another_origin() -> None:
    """A GET may be asked twice."""
    async with stage(reactor, {"eu": says("eu")}, (resets, says("two"))) as world:
        answers = {(await world.ask("/v1_1/demo/resources/image")).body for _ in range(3)}
    assert answers == {b"two /v1_1/demo/resources/image"}


@pytest_twisted.ensureDeferred
async def test_an_upload_over_the_limit_is_refused_before_an_origin_hears_of_it() -> None:
    """By its announced length, or when a chunked one has grown past it."""
    async with stage(reactor, {"eu": says("eu")}, (says("api"),), api_body_bytes=1000) as world:
        announced = await world.ask("/v1_1/demo/image/upload", "POST", b"x" * 1001)
        chunked = (
            b"POST /v1_1/demo/image/upload HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n400\r\n" + b"x" * 1024 + b"\r\n0\r\n\r\n"
        )
        viewer = await connect(reactor, world.port, chunked)
        await viewer.ended
        allowed = await world.ask("/v1_1/demo/image/upload", "POST", b"x" * 1000)
        asked = len(world.origins[0].requests)
    assert (announced.status, seen(viewer.data).status, allowed.status, asked) == (413, 413, 200, 1)
    assert json.loads(announced.body)["error"]["message"] == "File size too large. Got 1001. Maximum is 1000."
