"""Answers carried from PoPs that refuse, stall and break off: hidden, gone on with, or cut."""

from __future__ import annotations

import json
from typing import Any

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import Deferred

from tests.support.balancer import ETAG, IMAGE, breaks_off, image, resets, says, silent, stage
from tests.support.edge_node import until
from tests.support.scripted import Conversation, Received, Script, connect, request_bytes, seen
from wire.web.limits import ConnectionLimits

# Before the viewer is told anything


@pytest.mark.parametrize("first", [resets, breaks_off(100, 1000), breaks_off(0, 5)])
@pytest_twisted.ensureDeferred
async def test_what_fails_before_the_viewer_is_told_costs_it_nothing(first: Script) -> None:
    """A short body is taken in whole before its head is sent, so another PoP can still answer."""
    async with stage(reactor, {"eu": first, "na": says("na")}) as world:
        answer = await world.ask("/a?region=eu")
    assert (answer.status, answer.body, answer.is_whole) == (200, b"na /a", True)


@pytest_twisted.ensureDeferred
async def test_a_pop_that_takes_too_long_to_begin_is_passed_over() -> None:
    """Only where asking twice does no harm."""
    async with stage(reactor, {"eu": silent, "na": says("na")}, first_byte_seconds=0.2) as world:
        assert (await world.ask("/a?region=eu")).body == b"na /a"
    async with stage(reactor, {"eu": silent, "na": says("na")}, first_byte_seconds=0.2) as world:
        assert (await world.ask("/a?region=eu", "POST", b"x")).status == 504


@pytest_twisted.ensureDeferred
async def test_head_and_not_modified_pass_without_bodies() -> None:
    """Their Content-Length promises nothing that comes."""

    def script(request: Received, viewer: Conversation) -> None:
        if request.method == "HEAD":
            viewer.begin(len(IMAGE), ETag=ETAG)
        else:
            viewer.send(b'HTTP/1.1 304 Not Modified\r\nETag: "v1"\r\n\r\n')

    async with stage(reactor, {"eu": script}) as world:
        head = await world.ask("/a", "HEAD")
        not_modified = await world.ask("/a", If_None_Match=ETAG)
    assert (head.status, head.fields["content-length"], head.body) == (200, str(len(IMAGE)), b"")
    assert (not_modified.status, not_modified.body) == (304, b"")


# In the middle of a body


@pytest_twisted.ensureDeferred
async def test_a_viewer_who_takes_nothing_is_cut_off() -> None:
    """And the PoP is asked for no more: nobody else is, either."""
    size = 32 << 20  # far more than sockets hold

    def large(request: Received, viewer: Conversation) -> None:
        viewer.begin(size, ETag=ETAG)
        viewer.send(bytes(size))

    limits = ConnectionLimits(stall_seconds=0.5)
    async with stage(reactor, {"eu": large, "na": large}, viewers=limits) as world:
        viewer = await connect(reactor, world.port, request_bytes("/a?region=eu"))
        await viewer.received(1)
        viewer.transport.pauseProducing()
        assert world.node.status()["in_flight"] == 1
        await until(lambda: world.node.status()["in_flight"] == 0, 30)
        viewer.transport.resumeProducing()
        await viewer.ended
        assert len(viewer.data) < size
        assert [len(pop.requests) for pop in world.pops.values()] == [1, 0]


@pytest.mark.parametrize("end", ["cut", "stall"])
@pytest_twisted.ensureDeferred
async def test_a_long_body_goes_on_where_it_broke_off(end: str) -> None:
    """The rest comes from another PoP by Range and If-Range, and the viewer sees one whole answer."""
    pops = {"eu": breaks_off(300_000, end=end, ETag=ETAG), "na": image}
    async with stage(reactor, pops, resume_seconds=0.3) as world:
        answer = await world.ask("/a?region=eu")
        rest = world.pops["na"].requests[0]
    assert answer.is_whole
    assert answer.body == IMAGE
    assert (rest.fields["range"], rest.fields["if-range"]) == ("bytes=300000-", ETAG)


@pytest.mark.parametrize("end", ["cut", "stall"])
@pytest_twisted.ensureDeferred
async def test_a_viewers_own_range_goes_on_where_it_broke_off(end: str) -> None:
    """What is left of the part, and no more, comes from another PoP that has the very same image."""

    def half_a_part(request: Received, viewer: Conversation) -> None:
        fields = {"ETag": ETAG, "Content_Range": f"bytes 100-400099/{len(IMAGE)}"}
        viewer.begin(400_000, "206 Partial Content", **fields)
        viewer.send(IMAGE[100:250_100])
        if end == "cut":
            viewer.close()

    async with stage(reactor, {"eu": half_a_part, "na": image}, resume_seconds=0.3) as world:
        answer = await world.ask("/a?region=eu", Range="bytes=100-400099")
        rest = world.pops["na"].requests[0]
    assert (answer.status, answer.is_whole) == (206, True)
    assert answer.body == IMAGE[100:400_100]
    assert answer.fields["content-range"] == f"bytes 100-400099/{len(IMAGE)}"
    assert (rest.fields["range"], rest.fields["if-range"]) == ("bytes=250100-400099", ETAG)


@pytest.mark.parametrize(
    ("fields", "other"),
    [
        ({"ETag": ETAG, "Content_Range": "bytes 100-400099/9999999"}, image),  # not of the same whole
        ({"ETag": ETAG}, image),  # of nobody knows which bytes: several parts, say
        ({"Content_Range": f"bytes 100-400099/{len(IMAGE)}"}, image),
        ({"ETag": ETAG, "Content_Range": f"bytes 100-400099/{len(IMAGE)}"}, says("it has changed")),
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_part_that_cannot_go_on_is_cut(fields: dict[str, str], other: Script) -> None:
    """A short 206 must not look like a whole one."""

    def half_a_part(request: Received, viewer: Conversation) -> None:
        viewer.begin(400_000, "206 Partial Content", **fields)
        viewer.send(IMAGE[100:250_100])
        viewer.close()

    async with stage(reactor, {"eu": half_a_part, "na": other}) as world:
        answer = await world.ask("/a?region=eu", Range="bytes=100-400099")
    assert not answer.is_whole
    assert IMAGE[100:].startswith(answer.body)


@pytest_twisted.ensureDeferred
async def test_a_slow_body_that_nobody_could_go_on_with_is_waited_for() -> None:
    """Leaving it would only cut the viewer."""

    def slow(request: Received, viewer: Conversation) -> None:
        viewer.begin(len(IMAGE))
        viewer.send(IMAGE[:200_000])
        loop: Any = reactor
        loop.callLater(0.5, viewer.send, IMAGE[200_000:])

    async with stage(reactor, {"eu": slow, "na": image}, resume_seconds=0.1) as world:
        answer = await world.ask("/a?region=eu")
    assert answer.body == IMAGE


@pytest.mark.parametrize(
    ("fields", "other"),
    [
        ({}, image),  # nothing says that the rest would fit
        ({"ETag": 'W/"v1"'}, image),  # a weak validator does not promise the same bytes
        ({"ETag": ETAG}, says("another image")),  # 200: it has changed
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_body_that_cannot_go_on_is_cut_and_never_ended_cleanly(
    fields: dict[str, str], other: Script
) -> None:
    """A viewer must be able to tell that it has not got all (RFC 9112 §8)."""
    async with stage(reactor, {"eu": breaks_off(300_000, len(IMAGE), "cut", **fields), "na": other}) as world:
        answer = await world.ask("/a?region=eu")
        status = json.loads((await world.control("/status")).body)
    assert not answer.is_whole
    assert IMAGE.startswith(answer.body)
    assert status["cut"] == 1


@pytest_twisted.ensureDeferred
async def test_a_chunked_body_that_is_cut_has_no_last_chunk() -> None:
    """Its framing is the only sign there is."""

    def script(request: Received, viewer: Conversation) -> None:
        viewer.send(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n30000\r\n" + IMAGE[:0x30000] + b"\r\n"
        )
        viewer.close()

    async with stage(reactor, {"eu": script, "na": says("na")}) as world:
        answer = await world.ask("/a?region=eu")
    assert answer.fields["transfer-encoding"] == "chunked"
    assert not answer.is_whole


@pytest_twisted.ensureDeferred
async def test_a_viewer_who_does_not_read_holds_the_pop_back() -> None:
    """Back-pressure end to end: a slow viewer costs no memory here, and still gets every byte."""
    size = 256 * len(IMAGE)  # 128 MiB
    written = [0]
    paused: Deferred[None] = Deferred()

    class Pour:
        def __init__(self, viewer: Conversation) -> None:
            self.viewer, self.is_open = viewer, True

        def resumeProducing(self) -> None:
            self.is_open = True
            while self.is_open and written[0] < size:
                written[0] += len(IMAGE)
                self.viewer.send(IMAGE)
            if written[0] == size and self.is_open:
                self.viewer.transport.unregisterProducer()

        def pauseProducing(self) -> None:
            self.is_open = False
            loop: Any = reactor
            loop.callLater(0.3, self.still_paused, written[0])

        def still_paused(self, before: int) -> None:
            if written[0] == before and not paused.called:
                paused.callback(None)

        def stopProducing(self) -> None:
            self.is_open = False

    def script(request: Received, viewer: Conversation) -> None:
        viewer.begin(size)
        pour: Any = Pour(viewer)
        viewer.transport.registerProducer(pour, True)
        pour.resumeProducing()

    async with stage(reactor, {"eu": script}) as world:
        viewer = await connect(reactor, world.port, request_bytes("/a"))
        viewer.transport.pauseProducing()
        await paused
        assert written[0] < size // 4
        viewer.transport.resumeProducing()
        await viewer.ended
    assert seen(viewer.data).is_whole


@pytest_twisted.ensureDeferred
async def test_a_viewer_who_leaves_ends_what_was_done_for_it() -> None:
    """The connection to the PoP is given up, not left to pour into nothing."""
    conversations: list[Conversation] = []

    def script(request: Received, viewer: Conversation) -> None:
        conversations.append(viewer)

    async with stage(reactor, {"eu": script}) as world:
        viewer = await connect(reactor, world.port, request_bytes("/a"))
        await world.pops["eu"].asked_times(1)
        viewer.transport.abortConnection()
        await conversations[0].lost
        assert json.loads((await world.control("/status")).body)["in_flight"] == 0
