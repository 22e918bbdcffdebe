"""What viewers and origins see of an edge that plays CloudFront (cdn-vendors §3, §4, §6)."""

from __future__ import annotations

import re

import pytest
import pytest_twisted
from attrs import evolve

from edge.personality.cloudfront.behavior import OriginRequest, Ttl
from edge.personality.cloudfront.marks import Place
from edge.personality.cloudfront.settings import Distribution
from edge.settings import Limits
from tests.edge.personality.cloudfront.test_access import an_edge
from tests.support.edge_node import get, running_edge, until
from tests.support.scripted_origin import Gate, held, reply
from tests.support.viewer import ask, asking, connect, request

OPEN = Distribution()


@pytest_twisted.ensureDeferred
async def test_every_answer_is_marked() -> None:
    """Hit or miss; the origin's own fields stay as they are."""
    async with an_edge(OPEN) as (edge, origin):
        origin.on(
            "/x", reply(b"x", Cache_Control="max-age=60", Set_Cookie="a=b", Vary="Accept, Accept-Encoding")
        )
        answers = [await get(edge, "/x") for _ in range(2)]
        assert [answer.cache for answer in answers] == ["Miss from cloudfront", "Hit from cloudfront"]
        for answer in answers:
            assert re.fullmatch(r"1\.1 [0-9a-f]{32}\.cloudfront\.net \(CloudFront\)", answer.get("Via"))
            assert re.fullmatch(r"[A-Z]{3}\d\d-P\d", answer.get("X-Amz-Cf-Pop"))
            assert re.fullmatch(r"[\w-]{54}==", answer.get("X-Amz-Cf-Id"))
            assert answer.get("Cache-Control") == "max-age=60"
            assert answer.get("Vary") == "Accept-Encoding"
            names = {name.lower() for name, _ in answer.fields}
            assert names.isdisjoint({"cache-status", "x-pop", "server-timing", "set-cookie"})
        assert answers[0].get("X-Amz-Cf-Id") != answers[1].get("X-Amz-Cf-Id")
        assert answers[1].get("Age") == "0"


@pytest_twisted.ensureDeferred
async def test_what_became_of_stale_objects_and_errors() -> None:
    async with an_edge(OPEN) as (edge, origin):
        origin.on("/s", reply(b"one", Cache_Control="max-age=0", ETag='"1"'))
        await get(edge, "/s")
        origin.once("/s", reply(b"", status=304, ETag='"1"', Cache_Control="max-age=0"))
        assert (await get(edge, "/s")).cache == "RefreshHit from cloudfront"
        origin.once("/s", reply(b"", status=503))
        stale = await get(edge, "/s")
        assert (stale.status, stale.cache) == (200, "Hit from cloudfront")
        for _ in range(2):
            missing = await get(edge, "/missing")
            assert (missing.status, missing.cache) == (404, "Error from cloudfront")
        assert origin.count("/missing") == 1


@pytest_twisted.ensureDeferred
async def test_who_waited_for_anothers_fetch_has_a_hit() -> None:
    gate = Gate()
    async with an_edge(OPEN) as (edge, origin):
        origin.on("/x", held(gate, reply(b"x", Cache_Control="max-age=60")))
        waiting = asking(edge.port, "/x", 3)
        machinery = edge.machinery
        assert machinery is not None
        await until(lambda: machinery.flights.waiting == 2, 30)
        gate.open()
        words = sorted(answer.cache for answer in await waiting)
        assert words == ["Hit from cloudfront", "Hit from cloudfront", "Miss from cloudfront"]


@pytest.mark.parametrize(
    ("behavior", "collapses"),
    [
        (OPEN, True),
        (Distribution(cookie_rule="none", cookies=("a",)), True),
        (Distribution(cookies=("a",)), False),
        (Distribution(origin_request=OriginRequest(cookie_rule="all")), False),
        (Distribution(origin_request=OriginRequest(headers=("Cookie",))), False),
        (Distribution(cache_policy="CachingDisabled"), False),
        (Distribution(ttl=Ttl(0, 0, 0)), False),
    ],
)
@pytest_twisted.ensureDeferred
async def test_nobody_waits_for_an_answer_that_may_not_be_theirs(
    behavior: Distribution, collapses: bool
) -> None:
    """§4.6: cookies go to the origin, be it beside the key, or nothing is cached."""
    gate = Gate()
    async with an_edge(behavior) as (edge, origin):
        origin.on("/x", held(gate, reply(b"x", Cache_Control="max-age=60")))
        waiting = asking(edge.port, "/x", 3)
        machinery = edge.machinery
        assert machinery is not None
        await until(lambda: machinery.flights.waiting + origin.count("/x") == 3, 30)
        gate.open()
        assert all(answer.body == b"x" for answer in await waiting)
        assert origin.count("/x") == (1 if collapses else 3)


@pytest.mark.parametrize("said", ["private", "no-store", "no-cache", "max-age=0"])
@pytest.mark.parametrize("least", [0, 100])
@pytest_twisted.ensureDeferred
async def test_who_waited_for_what_is_anothers_asks_for_himself(said: str, least: float) -> None:
    """§4.6: and who comes after him does not wait; a least TTL makes it everybody's."""
    gate = Gate()
    async with an_edge(Distribution(ttl=Ttl(least, 100, 100))) as (edge, origin):
        origin.on("/x", held(gate, reply(b"x", Cache_Control=said)))
        waiting = asking(edge.port, "/x", 3)
        machinery = edge.machinery
        assert machinery is not None
        await until(lambda: machinery.flights.waiting == 2, 30)
        gate.open()
        assert all(answer.body == b"x" for answer in await waiting)
        assert origin.count("/x") == (1 if least else 3)
        last = Gate()
        origin.on("/x", held(last, reply(b"x", Cache_Control=said)))
        if not least:
            waiting = asking(edge.port, "/x", 2)
            await until(lambda: origin.count("/x") == 5, 30)
            last.open()
            await waiting


@pytest_twisted.ensureDeferred
async def test_what_the_origin_is_told() -> None:
    """Little of the viewer, unless it was asked for."""
    sent = {
        "Accept": "image/avif",
        "Accept_Language": "de",
        "Referer": "http://r/",
        "User_Agent": "Mozilla/5.0 (iPhone)",
        "Cookie": "b=2; a=1; CloudFront-Policy=x",
        "Authorization": "Basic eDp5",
        "X_Real_IP": "9.9.9.9",
        "X_Edge_Thing": "1",
        "CloudFront_Is_Mobile_Viewer": "false",
        "X_Own": "kept",
        "X_Amz_Cf_Id": "mine",
        "X_Forwarded_Proto": "https",
    }
    async with an_edge(OPEN) as (edge, origin):
        await get(edge, "/open.jpg", **sent)
        told = {name.lower(): value for name, value in origin.requests[0].fields}
        assert told["user-agent"] == "Amazon CloudFront"
        assert told["x-own"] == "kept"
        assert told["via"].endswith(".cloudfront.net (CloudFront)")
        assert told["x-forwarded-for"] == "127.0.0.1"
        assert [len(value) for name, value in origin.requests[0].fields if name.lower() == "x-amz-cf-id"] == [
            56
        ]
        assert told.keys().isdisjoint(
            {"accept", "accept-language", "referer", "cookie", "authorization", "x-real-ip", "x-edge-thing"}
            | {"x-forwarded-proto"}
        )
        assert "cloudfront-is-mobile-viewer" not in told
    wanted = evolve(
        OPEN,
        cookies=("a", "b"),
        headers=("Accept",),
        origin_request=OriginRequest(headers=("CloudFront-Is-Mobile-Viewer", "User-Agent")),
    )
    async with an_edge(wanted) as (edge, origin):
        await get(edge, "/open.jpg?gone=1", **sent)
        asked = origin.requests[0]
        told = {name.lower(): value for name, value in asked.fields}
        assert (told["cookie"], told["accept"]) == ("a=1; b=2", "image/avif")
        assert told["cloudfront-is-mobile-viewer"] == "true"
        assert told["user-agent"] == "Mozilla/5.0 (iPhone)"
        assert asked.target == "/open.jpg"


@pytest_twisted.ensureDeferred
async def test_a_shield_hands_on_what_the_edge_wrote() -> None:
    """It cannot see the viewer: what it would say of the device would be said of the edge."""
    wanted = evolve(OPEN, headers=("CloudFront-Is-Mobile-Viewer",))
    async with (
        an_edge(wanted, role="shield") as (shield, origin),
        running_edge(
            f"http://127.0.0.1:{shield.port}", name="near", personality="cloudfront", cloudfront=wanted
        ) as edge,
    ):
        for agent, told in (("Mozilla/5.0 (iPhone)", "true"), ("Mozilla/5.0 (X11)", "false")):
            await get(edge, "/open.jpg", User_Agent=agent)
            assert origin.requests[-1].get("CloudFront-Is-Mobile-Viewer") == told
        assert origin.count() == 2


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    "framing", ["Content-Length: 1\r\n\r\nx", "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"]
)
async def test_a_read_with_a_body_is_refused(framing: str) -> None:
    """With 403, before anything is looked up; the connection goes on behind the body."""
    async with an_edge(OPEN) as (edge, origin):
        viewer = await connect(edge.port)
        viewer.send(f"GET /open.jpg HTTP/1.1\r\nHost: a\r\n{framing}".encode() + request("/open.jpg"))
        await viewer.ended
        received = bytes(viewer.received)
        assert received.startswith(b"HTTP/1.1 403 ")
        assert b"X-Cache: Error from cloudfront" in received
        assert b"The request could not be satisfied" in received
        assert received.endswith(b"picture")
        assert origin.count() == 1


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("told", [Distribution(headers=("Cookie",)), Distribution(cookies=("a",)), OPEN])
async def test_an_origin_that_sees_cookies_sets_them(told: Distribution) -> None:
    """§4.2: all of them, or those that are named; where none is forwarded, none comes back."""
    async with an_edge(told) as (edge, origin):
        origin.on("/x", reply(b"x", Cache_Control="max-age=60", Set_Cookie="a=2"))
        answers = [await get(edge, "/x", Cookie=f"a={number}; b=1") for number in (1, 2)]
        is_seen = told is not OPEN
        assert origin.count("/x") == (2 if is_seen else 1)
        assert [answer.get("Set-Cookie") for answer in answers] == (["a=2"] * 2 if is_seen else [""] * 2)


@pytest_twisted.ensureDeferred
async def test_several_ranges_ascend_or_the_whole_is_answered() -> None:
    """§6.1: from the store and on a miss."""
    body = bytes(1000)
    ascending = "0-9", "500-", "-10", "0-9,200-209", "0-9,200-209,400-", "0-9,-10"
    others = "200-209,0-9", "0-209,200-409", "400-,500-509", "-10,0-9", "0-9,9-20"
    async with an_edge(OPEN) as (edge, origin):
        for number, ranges in enumerate((*ascending, *others)):
            origin.on(f"/{number}", reply(body, Cache_Control="max-age=60"))
            answers = [await get(edge, f"/{number}", Range=f"bytes={ranges}") for _ in range(2)]
            status = 206 if ranges in ascending else 200
            assert [answer.status for answer in answers] == [status] * 2, ranges


@pytest_twisted.ensureDeferred
async def test_a_part_is_one_of_the_plain_bytes() -> None:
    """§6.1, §6.3: on a miss, too, and whatever else is stored. What is answered with the whole is compressed."""
    text = b"0123456789" * 200
    async with an_edge(Distribution(compress=True)) as (edge, origin):
        origin.on("/x", reply(text, Cache_Control="max-age=60", Content_Type="text/css", ETag='"1"'))
        for part in ("0-9", "1990-"):
            answer = await get(edge, "/x", Range=f"bytes={part}", Accept_Encoding="gzip")
            assert (answer.status, answer.get("Content-Encoding"), answer.body) == (206, "", b"0123456789")
        for whole in ("", "bytes=5-2", "bytes=9-,0-1"):
            answer = await get(edge, "/x", Accept_Encoding="gzip", **({"Range": whole} if whole else {}))
            assert (answer.status, answer.get("Content-Encoding")) == (200, "gzip")
        answer = await get(edge, "/x", Range="bytes=0-9", Accept_Encoding="gzip")
        assert (answer.status, answer.cache) == (206, "Hit from cloudfront")
        assert origin.count("/x") == 2


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    ("url", "head", "shown"),
    [(9000, 0, True), (0, 33_000, True), (0, 70_000, False), (20_000, 0, False)],
)
async def test_what_is_too_large_is_413(url: int, head: int, shown: bool) -> None:
    """§9: in a page of its own; what is larger still is not read."""
    async with an_edge(OPEN) as (edge, _):
        answer = await get(edge, f"/{'x' * url}", X_Large="x" * head)
        assert (answer.status, answer.get("X-Cache") == "Error from cloudfront") == (413, shown)
    async with an_edge(OPEN, limits=Limits(head_bytes=1000)) as (edge, _):
        assert (await get(edge, "/", X_Large="x" * 1000)).status == 413


@pytest_twisted.ensureDeferred
async def test_a_viewer_forces_nothing() -> None:
    async with an_edge(OPEN) as (edge, origin):
        await get(edge, "/open.jpg")
        for fields in ({"Cache_Control": "no-cache"}, {"Pragma": "no-cache"}, {"Cache_Control": "no-store"}):
            assert (await get(edge, "/open.jpg", **fields)).cache == "Hit from cloudfront"
        assert origin.count() == 1


@pytest_twisted.ensureDeferred
async def test_pages_of_its_own() -> None:
    """Methods, sizes, and an origin that is not there."""
    async with an_edge(evolve(OPEN, methods="read")) as (edge, origin):
        posted = await ask(edge.port, "/open.jpg", "POST", b"x")
        assert (posted.status, posted.cache) == (403, "Error from cloudfront")
        assert b"The request could not be satisfied" in posted.body
        assert f"Request ID: {posted.get('X-Amz-Cf-Id')}".encode() in posted.body
        assert (await get(edge, "/" + "x" * 8192)).status == 413
        assert origin.count() == 0
        await origin.stop()
        lost = await get(edge, "/open.jpg")
        assert lost.status in (502, 504)
        assert b"Generated by cloudfront (CloudFront)" in lost.body
        assert lost.cache == "Error from cloudfront"


@pytest_twisted.ensureDeferred
async def test_viewers_may_be_sent_to_https() -> None:
    async with an_edge(evolve(OPEN, protocol="redirect-to-https")) as (edge, _):
        sent = await get(edge, "/open.jpg?a=1", Host="edge.test")
        assert (sent.status, sent.get("Location")) == (301, "https://edge.test/open.jpg?a=1")
        assert sent.cache == "Redirect from cloudfront"


def test_a_place_keeps_its_name() -> None:
    assert Place.of("fra") == Place.of("fra")
    assert Place.of("fra").code.startswith("FRA")
    assert Place.of("fra").host != Place.of("sin").host
