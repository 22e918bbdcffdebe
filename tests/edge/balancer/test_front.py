"""The balancer over real sockets, before upstreams that refuse, stall, break off, die and return."""

from __future__ import annotations

import json
from typing import Any

import pytest
import pytest_twisted
from attrs import evolve
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory, Protocol

from edge.balancer.front import FrontResource
from edge.balancer.settings import Upstream
from edge.upstream.standings import Standing
from tests.support.balancer import ETAG, IMAGE, port_of, stage
from tests.support.scripted import Conversation, Received, Script, connect, request_bytes, seen


def says(word: str) -> Script:
    """Answers with its name and the target."""
    return lambda request, viewer: viewer.answer(f"{word} {request.target}".encode())


def image(request: Received, viewer: Conversation) -> None:
    """A whole image, or the rest of it."""
    begin = request.fields.get("range")
    if begin is None:
        viewer.answer(IMAGE, ETag=ETAG)
        return
    assert request.fields["if-range"] == ETAG
    first, _, last = begin.removeprefix("bytes=").partition("-")
    start, stop = int(first), int(last) + 1 if last else len(IMAGE)
    content_range = f"bytes {start}-{stop - 1}/{len(IMAGE)}"
    viewer.answer(IMAGE[start:stop], "206 Partial Content", ETag=ETAG, Content_Range=content_range)


def breaks_off(at: int, length: int = len(IMAGE), end: str = "reset", **fields: str) -> Script:
    """Promises a body, sends some of it, and is gone (or silent)."""

    def script(request: Received, viewer: Conversation) -> None:
        viewer.begin(length, **fields)
        viewer.send(IMAGE[:at])
        # what was written leaves with an orderly close, but the message is cut all the same
        if end != "stall":
            viewer.close()

    return script


def resets(request: Received, viewer: Conversation) -> None:
    """Dies with the question in its hands."""
    viewer.reset()


def silent(request: Received, viewer: Conversation) -> None:
    """Takes the question and never answers."""


# Where viewers go


@pytest_twisted.ensureDeferred
async def test_a_viewer_is_sent_to_the_nearest_pop() -> None:
    """By what the request says of its region, which the answer repeats and the upstream never sees."""
    async with stage(reactor, {"eu": says("eu"), "na": says("na")}) as world:
        by_query = await world.ask("/a?region=na&w=1")
        by_header = await world.ask("/a", X_Viewer_Region="eu")
        by_address = await world.ask("/a", source="127.1.0.9")
    assert (by_query.body, by_query.fields["x-viewer-region"]) == (b"na /a?w=1", "na")
    assert (by_header.body, by_header.fields["x-viewer-region"]) == (b"eu /a", "eu")
    assert (by_address.body, by_address.fields["x-viewer-region"]) == (b"na /a", "na")


@pytest_twisted.ensureDeferred
async def test_an_unknown_region_is_told_which_there_are() -> None:
    """Rather than measured from the wrong continent."""
    async with stage(reactor, {"eu": says("eu")}) as world:
        refused = await world.ask("/a?region=mars")
    assert refused.status == 400
    assert refused.body == b'Unknown region "mars". Known regions: eu, na\n'


@pytest_twisted.ensureDeferred
async def test_redirect_mode_names_the_pop_and_is_never_cached() -> None:
    """302 for GET, 307 where the method must stay; an API call is carried all the same."""
    async with stage(reactor, {"eu": says("eu")}, (says("api"),), mode="redirect") as world:
        got = await world.ask("/a%20b?x=1&region=eu")
        posted = await world.ask("/a", "POST", b"x")
        called = await world.ask("/v1_1/demo/ping")
        pop = world.pops["eu"]
    assert (got.status, got.fields["location"]) == (302, f"{pop.url}/a%20b?x=1")
    assert got.fields["cache-control"] == "no-store"
    assert got.fields["access-control-allow-origin"] == "*"  # a page's script may follow
    assert posted.status == 307
    assert called.body == b"api /v1_1/demo/ping"
    assert pop.requests == []


@pytest_twisted.ensureDeferred
async def test_redirect_mode_serves_those_who_came_to_a_clouds_own_host() -> None:
    """At the PoP's address the path would mean something else."""
    hosts = {"demo-res.localhost": "demo"}
    async with stage(reactor, {"eu": says("eu")}, mode="redirect", hosts=hosts) as world:
        own = await world.ask("/image/upload/a.jpg", Host="demo-res-2.localhost:8000")
        shared = await world.ask("/demo/image/upload/a.jpg", Host="res.localhost:8000")
        (seen,) = world.pops["eu"].requests
    assert (own.status, own.body) == (200, b"eu /image/upload/a.jpg")
    assert seen.fields["host"] == "demo-res-2.localhost:8000"  # whose it is, the edge must hear too
    assert shared.status == 302


@pytest_twisted.ensureDeferred
async def test_who_opens_the_front_door_itself_is_sent_home() -> None:
    """And nobody else is; without a home, the PoP answers for itself."""
    async with stage(reactor, {"eu": says("eu")}, home="http://127.0.0.1:8001") as world:
        opened, asked = await world.ask("/"), await world.ask("/a")
    assert (opened.status, opened.fields["location"]) == (302, "http://127.0.0.1:8001")
    assert asked.status == 200
    async with stage(reactor, {"eu": says("eu")}) as world:
        assert (await world.ask("/")).status == 200


# Failures before the viewer is told anything


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


# Failures in the middle of a body


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


# Death and return


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
async def test_when_nobody_is_left_the_viewer_is_asked_to_come_back() -> None:
    """503 with Retry-After and a sentence, at once; the node lives on and says that it is not ready."""
    async with stage(reactor, {"eu": says("eu")}, (says("api"),)) as world:
        for upstream in (world.pops["eu"], world.origins[0]):
            await upstream.die()
            await world.becomes(upstream, Standing.DOWN)
        image_answer, api_answer = await world.ask("/a"), await world.ask("/v1_1/demo/ping")
        ready = await world.control("/readyz")
    assert (image_answer.status, image_answer.fields["retry-after"]) == (503, "2")
    assert image_answer.body == b"No healthy PoP right now; please try again\n"
    assert image_answer.fields["cache-control"] == "no-store"
    assert json.loads(api_answer.body) == {
        "error": {"message": "No healthy origin right now; please try again"}
    }
    assert (ready.status, json.loads(ready.body)["reasons"]) == (503, ["no healthy PoP", "no healthy origin"])


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


# API calls


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


@pytest_twisted.ensureDeferred
async def test_a_loop_is_broken() -> None:
    """A PoP whose upstream is the balancer would ask for ever."""
    async with stage(reactor, {"eu": says("eu")}) as world:
        assert (await world.ask("/a", Via="1.1 bal, 1.1 fra")).status == 508


# The end


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
