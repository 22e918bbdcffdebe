"""A real edge over real sockets, before an origin that does as it is told."""

from __future__ import annotations

import errno
import gc
import resource
import shutil
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from attrs import evolve
from twisted.internet import reactor as real_reactor
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol

from edge.cache.interface import Body, BodyMissing
from edge.core.entry import Entry
from edge.settings import Limits
from tests.support.edge_node import QUICK, get, pause, running_edge, until
from tests.support.scripted_origin import Asked, Gate, Line, ScriptedOrigin, head, held, reply
from tests.support.viewer import Answer, Connection, answer_of, ask, connect, request

reactor: Any = real_reactor

BODY = bytes(range(256)) * 40
MIB = 1 << 20


def asking(port: int, target: str, count: int) -> Deferred[list[Answer]]:
    """As many viewers at once."""
    return gatherResults([Deferred.fromCoroutine(ask(port, target)) for _ in range(count)])


@pytest_twisted.ensureDeferred
async def test_the_second_viewer_is_served_from_the_store(tmp_path: Path) -> None:
    """First MISS, then HIT, the same bytes, and one request upstream."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(BODY, Cache_Control="max-age=60", ETag='"v1"', X_Odd="1"))
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        first, second = await get(edge, "/a"), await get(edge, "/a")
        assert (first.cache, second.cache) == ("MISS", "HIT")
        assert first.body == second.body == BODY
        assert second.get("X-PoP") == "fra-1"
        assert second.get("Age") == "0"
        assert "fra-1; hit" in second.get("Cache-Status")
        assert "1.1 fra-1" in second.get("Via")
        assert second.get("X-Odd") == "1"
    assert origin.count("/a") == 1
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_cold_head_fills_the_cache_like_a_get(tmp_path: Path) -> None:
    """`curl -I` twice shows a miss and a hit."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(BODY, Cache_Control="max-age=60", ETag='"v1"'))
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        first, second = await ask(edge.port, "/a", "HEAD"), await ask(edge.port, "/a", "HEAD")
        whole = await get(edge, "/a")
    assert (first.cache, second.cache, whole.cache) == ("MISS", "HIT", "HIT")
    assert first.get("Content-Length") == second.get("Content-Length") == str(len(BODY))
    assert (first.body, second.body, whole.body) == (b"", b"", BODY)
    assert origin.count("/a") == 1
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_fifty_viewers_of_one_cold_url_cost_one_fetch(tmp_path: Path) -> None:
    """All but the first wait for its flight and drink from its spool, while it grows (sheet 18.1)."""
    origin, gate, end = ScriptedOrigin().listen(), Gate(), Gate()

    async def script(asked: Asked, line: Line) -> None:
        await gate.passed()
        line.send(head(200, len(BODY), Cache_Control="max-age=60") + BODY[:100])
        await end.passed()
        line.send(BODY[100:])

    origin.on("/a", script)
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        all_asking = asking(edge.port, "/a", 50)
        await until(lambda: edge.status()["waiting_for_flight"] == 49)
        gate.open()
        await until(lambda: edge.status()["waiting_for_flight"] == 0)
        end.open()
        answers = await all_asking
        assert {answer.body for answer in answers} == {BODY}
        assert all(answer.is_whole and answer.status == 200 for answer in answers)
        assert (await get(edge, "/a")).cache == "HIT"
    assert origin.count("/a") == 1
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_what_is_private_does_not_queue_its_viewers() -> None:
    """Followers of an unshareable answer are released at its head, and fetch side by side (sheet 18.1)."""
    origin, gate = ScriptedOrigin().listen(), Gate()
    origin.once("/me", held(gate, reply(b"one", Cache_Control="private")))
    origin.on("/me", reply(b"other", Cache_Control="private"))
    async with running_edge(origin.url) as edge:
        all_asking = asking(edge.port, "/me", 5)
        await until(lambda: edge.status()["waiting_for_flight"] == 4)
        gate.open()
        answers = await all_asking
    assert sorted(answer.body for answer in answers) == [b"one"] + [b"other"] * 4
    assert origin.count("/me") == 5
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_the_flight_goes_on_when_its_first_viewer_leaves(tmp_path: Path) -> None:
    """The fetch belongs to the cache, not to the first client (sheet 18.4)."""
    origin, gate = ScriptedOrigin().listen(), Gate()
    origin.on("/a", held(gate, reply(BODY, Cache_Control="max-age=60")))
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        leader = await connect(edge.port)
        leader.send(request("/a"))
        await gate.arrived()
        following = Deferred.fromCoroutine(ask(edge.port, "/a"))
        await until(lambda: edge.status()["waiting_for_flight"] == 1)
        leader.leave()
        await pause(0.05)
        gate.open()
        follower = await following
        assert follower.is_whole
        assert follower.body == BODY
    assert origin.count("/a") == 1
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_body_cut_by_its_length_is_never_ended_cleanly_nor_stored(tmp_path: Path) -> None:
    """The viewer can tell that it is not whole, and the next one gets a fresh fetch (sheet 12.1)."""
    origin = ScriptedOrigin().listen()

    async def cut_short(asked: Asked, line: Line) -> None:
        line.send(head(200, len(BODY), Cache_Control="max-age=60") + BODY[:500])
        await pause(0.02)
        line.close()

    origin.once("/a", cut_short)
    origin.on("/a", reply(BODY, Cache_Control="max-age=60"))
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        first, second = await get(edge, "/a"), await get(edge, "/a")
        assert not first.is_whole
        assert BODY.startswith(first.body)
        assert (second.cache, second.body) == ("MISS", BODY)
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_chunked_body_that_is_cut_is_cut_for_every_viewer(tmp_path: Path) -> None:
    """No last chunk is invented, for the leader or for those who follow it (sheet 12.1, 18.5)."""
    origin, gate, cut = ScriptedOrigin().listen(), Gate(), Gate()

    async def cut_short(asked: Asked, line: Line) -> None:
        await gate.passed()
        line.send(head(200, Transfer_Encoding="chunked", Cache_Control="max-age=60") + b"5\r\nhello\r\n")
        await cut.passed()
        line.cut()

    origin.on("/a", cut_short)
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        all_asking = asking(edge.port, "/a", 4)
        await until(lambda: edge.status()["waiting_for_flight"] == 3)
        gate.open()
        await until(lambda: edge.status()["waiting_for_flight"] == 0)
        await pause(0.02)
        cut.open()
        answers = await all_asking
        assert not any(answer.is_whole for answer in answers)
        stats = edge.status()["cache"]
        assert stats["entries"] == 0
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_close_delimited_body_is_whole_only_if_the_close_is_orderly(tmp_path: Path) -> None:
    """An HTTP/1.0 origin without lengths is cached; the same with a reset is not (sheet 12.1)."""
    origin = ScriptedOrigin().listen()

    async def orderly(asked: Asked, line: Line) -> None:
        line.send(b"HTTP/1.0 200 OK\r\nCache-Control: max-age=60\r\n\r\n" + BODY)
        line.close()

    async def reset(asked: Asked, line: Line) -> None:
        line.send(b"HTTP/1.0 200 OK\r\nCache-Control: max-age=60\r\n\r\n" + BODY)
        await pause(0.05)
        line.cut()

    origin.on("/closed", orderly)
    origin.on("/reset", reset)
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        first, second = await get(edge, "/closed"), await get(edge, "/closed")
        assert first.is_whole
        assert (second.cache, second.body) == ("HIT", BODY)
        first, second = await get(edge, "/reset"), await get(edge, "/reset")
        assert not first.is_whole
        assert second.cache != "HIT"
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_stale_answer_is_better_than_an_error_when_the_origin_allows_it() -> None:
    """stale-if-error covers 5xx and silence alike (sheet 14.3)."""
    origin = ScriptedOrigin().listen()
    origin.once("/a", reply(BODY, Cache_Control="max-age=0, stale-if-error=60", ETag='"v1"'))
    origin.on("/a", reply(b"broken", 503))
    async with running_edge(origin.url) as edge:
        await get(edge, "/a")
        stale = await get(edge, "/a")
        assert (stale.status, stale.cache, stale.body) == (200, "STALE", BODY)
        await origin.stop()
        unreachable = await get(edge, "/a")
        assert (unreachable.status, unreachable.body) == (200, BODY)


@pytest_twisted.ensureDeferred
async def test_a_confirmed_answer_costs_no_body() -> None:
    """A stale entry is validated by its own ETag; 304 serves the stored bytes (sheet 9.2)."""
    origin = ScriptedOrigin().listen()
    origin.once("/a", reply(BODY, Cache_Control="max-age=0", ETag='"v1"'))
    origin.on("/a", reply(b"", 304, Cache_Control="max-age=60", ETag='"v1"'))
    async with running_edge(origin.url) as edge:
        await get(edge, "/a")
        confirmed, hit = await get(edge, "/a"), await get(edge, "/a")
        assert (confirmed.cache, confirmed.body) == ("REVALIDATED", BODY)
        assert (hit.cache, hit.body) == ("HIT", BODY)
    assert origin.requests[1].get("If-None-Match") == '"v1"'
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_stale_while_revalidate_refreshes_behind_the_viewer() -> None:
    """The viewer has its stale answer at once; one validation runs in the background (sheet 14.6)."""
    origin, gate = ScriptedOrigin().listen(), Gate()
    origin.once("/a", reply(b"old", Cache_Control="max-age=0, stale-while-revalidate=60", ETag='"v1"'))
    origin.on("/a", held(gate, reply(b"new", Cache_Control="max-age=60", ETag='"v2"')))
    async with running_edge(origin.url) as edge:
        await get(edge, "/a")
        assert [(await get(edge, "/a")).body for _ in range(3)] == [b"old"] * 3
        await gate.arrived()
        gate.open()
        await until(lambda: edge.status()["in_flight"] == 0)
        fresh = await get(edge, "/a")
        assert (fresh.cache, fresh.body) == ("HIT", b"new")
    assert origin.count("/a") == 2
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_restarted_node_still_has_its_disk(tmp_path: Path) -> None:
    """What was stored before the stop is a HIT after the start."""
    origin = ScriptedOrigin().listen()
    large = BODY * 800
    origin.on("/small", reply(BODY, Cache_Control="max-age=600"))
    origin.on("/large", reply(large, Cache_Control="max-age=600"))
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        for target in ("/small", "/large"):
            assert (await get(edge, target)).cache == "MISS"
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        small, whole = await get(edge, "/small"), await get(edge, "/large")
        assert (small.cache, small.body) == ("HIT", BODY)
        assert (whole.cache, whole.body == large) == ("HIT", True)
    assert len(origin.requests) == 2
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_post_is_written_through_and_forgets_what_was_stored() -> None:
    """The body reaches the origin as it was; a success invalidates the target (sheet 13.4)."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(b"read", Cache_Control="max-age=60"))
    async with running_edge(origin.url) as edge:
        await get(edge, "/a")
        posted = await ask(edge.port, "/a", "POST", BODY * 10, Content_Type="image/x")
        assert posted.status == 200
        assert (await get(edge, "/a")).cache == "MISS"
    written = origin.requests[1]
    assert (written.method, written.body, written.get("Content-Type")) == ("POST", BODY * 10, "image/x")
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_chunked_upload_is_streamed_through_chunked() -> None:
    """A body of unknown length needs no gathering."""
    origin = ScriptedOrigin().listen()
    origin.on("/up", reply(b"thanks"))
    async with running_edge(origin.url) as edge:
        viewer = await connect(edge.port)
        viewer.send(
            b"PUT /up HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
        )
        await until(lambda: len(origin.lines) == 1)
        viewer.send(b"6\r\n world\r\n0\r\n\r\n")
        await viewer.ended
        assert viewer.received.endswith(b"thanks")
    assert origin.requests[0].body == b"hello world"
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_an_upload_that_is_cut_never_reaches_the_origin_as_whole() -> None:
    """The viewer leaves halfway: the upstream's connection is cut, not ended."""
    origin = ScriptedOrigin().listen()
    origin.on("/up", reply(b"thanks"))
    async with running_edge(origin.url) as edge:
        viewer = await connect(edge.port)
        viewer.send(b"POST /up HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        await until(lambda: len(origin.lines) == 1)
        viewer.leave()
        await until(lambda: not origin.lines)
        await until(lambda: edge.status()["in_flight"] == 0)
    assert not origin.requests
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_ranges_and_head_are_answered_from_the_store(tmp_path: Path) -> None:
    """One stored body serves them all (sheet 11.2, 13.3)."""
    origin = ScriptedOrigin().listen()
    large = BODY * 600
    origin.on("/a", reply(large, Cache_Control="max-age=60", ETag='"v1"'))
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        await get(edge, "/a")
        await until(lambda: edge.status()["in_flight"] == 0)  # it is on disk
        part = await get(edge, "/a", Range="bytes=1000-2999")
        assert (part.status, part.body) == (206, large[1000:3000])
        assert part.get("Content-Range") == f"bytes 1000-2999/{len(large)}"
        tail = await get(edge, "/a", Range="bytes=-70000")
        assert (tail.status, tail.body == large[-70000:]) == (206, True)
        several = await get(edge, "/a", Range="bytes=0-9,1000-1009")
        assert several.status == 206
        assert several.body.count(b"Content-Range: bytes") == 2
        assert several.is_whole
        assert (await get(edge, "/a", Range=f"bytes={len(large)}-")).status == 416
        bare = await ask(edge.port, "/a", "HEAD")
        assert (bare.status, bare.body, bare.get("Content-Length")) == (200, b"", str(len(large)))
        assert (await get(edge, "/a", If_None_Match='"v1"')).status == 304
    assert len(origin.requests) == 1
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_no_upstream_is_a_502_that_says_so_in_a_sentence() -> None:
    """An unreachable origin is told in plain text, with no trace of our insides."""
    origin = ScriptedOrigin().listen()
    await origin.stop()
    async with running_edge(origin.url) as edge:
        answer = await get(edge, "/a")
    assert answer.status in (502, 504)
    assert answer.get("Content-Type").startswith("text/plain")
    assert answer.body.strip()
    assert b"Traceback" not in answer.body


@pytest_twisted.ensureDeferred
async def test_a_silent_upstream_is_a_504() -> None:
    """The first byte has its time limit."""
    origin, never = ScriptedOrigin().listen(), Gate()
    origin.on("/a", held(never, reply(b"")))
    limits = Limits(first_byte_seconds=0.2, drain_seconds=0.2)
    async with running_edge(origin.url, limits=limits) as edge:
        assert (await get(edge, "/a")).status == 504
    never.open()
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_an_upstream_that_falls_silent_midway_cuts_its_viewers() -> None:
    """The time between bytes is limited too; what came is not passed off as whole."""
    origin, never = ScriptedOrigin().listen(), Gate()

    async def stall(asked: Asked, line: Line) -> None:
        line.send(head(200, 100, Cache_Control="max-age=60") + b"some")
        await never.passed()

    origin.on("/a", stall)
    limits = Limits(between_bytes_seconds=0.2, drain_seconds=0.2)
    async with running_edge(origin.url, limits=limits) as edge:
        answer = await get(edge, "/a")
        assert not answer.is_whole
        assert edge.status()["cache"]["entries"] == 0
    never.open()
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_loop_of_nodes_is_refused() -> None:
    """A node that meets its own name in CDN-Loop answers 508 (sheet 16.2)."""
    async with running_edge("http://127.0.0.1:9", name="fra-1") as edge:
        assert (await get(edge, "/a", CDN_Loop="pixeledge; node=fra-1")).status == 508


@pytest_twisted.ensureDeferred
async def test_two_edges_that_ask_each_other_do_not_turn_in_circles() -> None:
    """The loop guard works over the wire: the request ends with 508, not with a storm."""
    async with AsyncExitStack() as nodes:
        one = await nodes.enter_async_context(running_edge("http://127.0.0.1:9", name="one"))
        two = await nodes.enter_async_context(running_edge(f"http://127.0.0.1:{one.port}", name="two"))
        assert one.machinery is not None
        around = evolve(one.machinery.upstreams, urls=(f"http://127.0.0.1:{two.port}",))
        one.machinery.upstreams = around
        assert (await get(one, "/a")).status == 508


@pytest_twisted.ensureDeferred
async def test_surrogate_keys_reach_our_edges_but_no_viewer() -> None:
    """A shield passes them on to a node of ours; the edge strips them (sheet 20.2)."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(BODY, Cache_Control="max-age=60", Surrogate_Key="p1 shoes"))
    async with AsyncExitStack() as nodes:
        shield = await nodes.enter_async_context(running_edge(origin.url, name="shield", role="shield"))
        edge = await nodes.enter_async_context(running_edge(f"http://127.0.0.1:{shield.port}"))
        answer = await get(edge, "/a")
        assert answer.get("Surrogate-Key") == ""
        assert answer.get("X-PoP") == "fra-1"
        assert answer.cache == "MISS"
        assert answer.get("Via").count("1.1") == 2
        assert edge.machinery is not None
        assert await edge.machinery.cache.purge_tags(("shoes",)) == 1
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_hop_by_hop_fields_stop_here() -> None:
    """Both ways: the connection's own fields, and those that Connection names (sheet 16.1)."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(BODY, Connection="X-Hop", X_Hop="1", X_End="2", Keep_Alive="timeout=5"))
    async with running_edge(origin.url) as edge:
        answer = await get(edge, "/a", Connection="close, X-Trace", X_Trace="1", TE="trailers")
        assert (answer.get("X-Hop"), answer.get("X-End"), answer.get("Keep-Alive")) == ("", "2", "")
    asked = origin.requests[0]
    assert (asked.get("X-Trace"), asked.get("TE")) == (None, None)
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_what_reaches_the_upstream_says_whence_it_came_and_asks_for_no_other_protocol() -> None:
    """X-Forwarded-For is added to, unkeyed forwarding fields and Upgrade are not passed on (16.1, 16.3, 22.2);
    an upgrade that is sent all the same is an error."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(BODY, Cache_Control="max-age=60"))

    async def switches(asked: Asked, line: Line) -> None:
        line.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")

    origin.on("/ws", switches)
    wanted = {"Connection": "close, Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2_Settings": "AAMAAABk"}
    told = {"X_Forwarded_For": "9.9.9.9", "X_Forwarded_Host": "evil", "X_Forwarded_Proto": "https"}
    async with running_edge(origin.url) as edge:
        assert (await get(edge, "/a", **wanted, **told)).status == 200
        assert (await get(edge, "/ws", Connection="close, Upgrade", Upgrade="h2c")).status == 502
        for line in ("CONNECT cdn.example:443", "CONNECT /a"):
            viewer = await connect(edge.port)
            viewer.send(f"{line} HTTP/1.1\r\nHost: cdn.example\r\nConnection: close\r\n\r\n".encode())
            await viewer.ended
            assert answer_of(bytes(viewer.received)).status == 405
    plain, upgrade = origin.requests
    names = {name.lower() for name, _ in plain.fields}
    assert names == {"host", "x-forwarded-for", "x-forwarded-proto", "via", "cdn-loop"}
    assert plain.get("x-forwarded-proto") == "http"
    assert plain.get("X-Forwarded-For") == "9.9.9.9, 127.0.0.1"
    assert upgrade.get("Upgrade") is None
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_what_varies_on_the_viewers_address_is_for_that_address_alone() -> None:
    """Even where another's request has the same bytes, and the lane is quick (22.2)."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(BODY, Cache_Control="max-age=60", Vary="X-Forwarded-For"))
    raw = b"GET /a HTTP/1.1\r\nHost: cdn.example\r\n\r\n"
    seen = []
    async with running_edge(origin.url, listen="0.0.0.0:0") as edge:
        for address in ("127.0.0.1", "127.0.0.1", "127.0.0.2", "127.0.0.2", "127.0.0.1"):
            endpoint = TCP4ClientEndpoint(reactor, address, edge.port, bindAddress=(address, 0))
            viewer = await connectProtocol(endpoint, Connection())
            for _ in range(2):
                viewer.received.clear()
                viewer.send(raw)
                await until(lambda viewer=viewer: viewer.received.endswith(BODY))
            seen.append(answer_of(bytes(viewer.received)).cache)
            viewer.leave()
    assert seen == ["HIT"] * 5
    assert [asked.get("X-Forwarded-For") for asked in origin.requests] == ["127.0.0.1", "127.0.0.2"]
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_an_answer_with_two_framings_is_passed_on_in_one_and_not_stored(tmp_path: Path) -> None:
    """Chunked wins; who else reads this origin may see it otherwise (sheet 12.3)."""
    origin = ScriptedOrigin().listen()

    async def twofold(asked: Asked, line: Line) -> None:
        line.send(head(200, 3, Cache_Control="max-age=60", Transfer_Encoding="chunked"))
        line.send(b"5\r\nhello\r\n0\r\n\r\n")

    origin.on("/a", twofold)
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        answers = [await get(edge, "/a") for _ in range(2)]
        assert [answer.cache for answer in answers] == ["MISS", "MISS"]
        assert {(answer.body, answer.is_whole, answer.get("Content-Length")) for answer in answers} == {
            (b"hello", True, "")
        }
        assert edge.status()["cache"]["entries"] == 0
    assert (origin.count(), origin.connections) == (2, 2)
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_part_of_what_is_being_filled_follows_it(tmp_path: Path) -> None:
    """One fetch; and the part is whole before the fill is (sheet 11.6)."""
    origin, end = ScriptedOrigin().listen(), Gate()
    large = BODY * 100

    async def script(asked: Asked, line: Line) -> None:
        line.send(head(200, len(large), Cache_Control="max-age=60", ETag='"v1"') + large[:300_000])
        await end.passed()
        line.send(large[300_000:])

    origin.on("/a", script)
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        whole = Deferred.fromCoroutine(get(edge, "/a"))
        await end.arrived()
        part = await get(edge, "/a", Range="bytes=1000-1999")
        assert (part.status, part.body) == (206, large[1000:2000])
        tail = Deferred.fromCoroutine(get(edge, "/a", Range="bytes=-10"))
        await pause(0.05)
        end.open()
        assert (await tail).body == large[-10:]
        assert (await whole).body == large
    assert origin.count() == 1
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_encodings_pass_untouched(tmp_path: Path) -> None:
    """What the origin coded stays coded, byte for byte."""
    origin = ScriptedOrigin().listen()
    coded = b"\x1f\x8b" + BODY
    origin.on("/a", reply(coded, Cache_Control="max-age=60", Content_Encoding="gzip", Vary="Accept-Encoding"))
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        for expected in ("MISS", "HIT"):
            answer = await get(edge, "/a", Accept_Encoding="gzip")
            assert (answer.cache, answer.body, answer.get("Content-Encoding")) == (expected, coded, "gzip")
    assert origin.requests[0].get("Accept-Encoding") == "gzip"
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_large_body_streams_through_with_flat_memory(tmp_path: Path) -> None:
    """64 MiB to a slow reader and a quick one, stored on disk: the process does not grow by the body."""
    origin, size, piece = ScriptedOrigin().listen(), 64 * MIB, bytes(64 * 1024)

    async def large(asked: Asked, line: Line) -> None:
        line.send(head(200, size, Cache_Control="max-age=60"))
        for _ in range(size // len(piece)):
            line.send(piece)
            await pause(0)

    origin.on("/film", large)
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        gc.collect()
        before = resident_bytes()
        received = await swallowed(edge.port, "/film")
        assert received == size
        await until(lambda: edge.status()["in_flight"] == 0)
        assert await swallowed(edge.port, "/film") == size
        assert resident_bytes() - before < 24 * MIB
        assert edge.status()["hits"] == 1
    assert origin.count("/film") == 1
    assert not list(tmp_path.rglob("spool-*"))
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_what_may_not_be_stored_never_touches_the_disk(tmp_path: Path) -> None:
    """Not even as a temporary file (sheet 22.4); and a slow viewer holds its upstream back instead."""
    origin, size, piece = ScriptedOrigin().listen(), 16 * MIB, bytes(64 * 1024)
    sent = 0

    async def large(asked: Asked, line: Line) -> None:
        nonlocal sent
        line.send(head(200, size, Cache_Control="no-store"))
        for _ in range(size // len(piece)):
            line.send(piece)
            sent += len(piece)
            await pause(0)

    origin.on("/secret", large)
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        viewer = await connect(edge.port)
        viewer.transport.pauseProducing()
        viewer.send(request("/secret"))
        await until(lambda: sent == size)
        await pause(0.1)
        assert not list(tmp_path.rglob("spool-*"))
        assert edge.machinery is not None
        (line,) = origin.lines
        assert len(line.transport.dataBuffer) + len(line.transport._tempDataBuffer) > 0  # it is held back
        viewer.transport.resumeProducing()
        await viewer.ended
        assert len(viewer.received) > size
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_pipeline_on_one_connection_is_answered_in_order() -> None:
    """Keep-alive and pipelining, HTTP/1.1 and an HTTP/1.0 client that asked to stay."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(b"AAA", Cache_Control="max-age=60"))
    origin.on("/b", reply(b"BBB", Cache_Control="max-age=60"))
    async with running_edge(origin.url) as edge:
        viewer = await connect(edge.port)
        viewer.send(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n" + request("/a"))
        await viewer.ended
        text = bytes(viewer.received)
        assert text.count(b"HTTP/1.1 200") == 3
        assert text.index(b"AAA") < text.index(b"BBB") < text.rindex(b"AAA")
        old = await connect(edge.port)
        old.send(
            b"GET /a HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n\r\nGET /b HTTP/1.0\r\nHost: x\r\n\r\n"
        )
        await old.ended
        assert b"AAA" in old.received
        assert old.received.endswith(b"BBB")
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_stopping_node_lets_running_answers_end() -> None:
    """No new connections, the old answer whole, then gone."""
    origin, gate = ScriptedOrigin().listen(), Gate()
    origin.on("/a", held(gate, reply(BODY)))
    async with running_edge(origin.url, limits=QUICK) as edge:
        running = Deferred.fromCoroutine(ask(edge.port, "/a"))
        await gate.arrived()
        stopping = edge.stopService()
        await pause(0.02)
        gate.open()
        answer = await running
        assert answer.is_whole
        await stopping
    await origin.stop()


def resident_bytes() -> int:
    """What the process holds in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


async def swallowed(port: int, target: str) -> int:
    """How many body bytes a viewer that keeps none of them is sent."""
    viewer = await connect(port)
    count = 0
    head_bytes = 0

    def swallow(data: bytes) -> None:
        nonlocal count, head_bytes
        if not head_bytes:
            head_bytes = data.index(b"\r\n\r\n") + 4
        count += len(data)

    viewer.dataReceived = swallow  # type: ignore[method-assign]
    viewer.send(request(target))
    await viewer.ended
    return count - head_bytes


@pytest_twisted.ensureDeferred
async def test_methods_that_make_no_sense_here_are_refused_in_a_sentence() -> None:
    """CONNECT would make a tunnel of us, TRACE would show what was hidden (sheet 13.1)."""
    async with running_edge("http://127.0.0.1:9") as edge:
        for line in ("CONNECT cdn.example:443", "TRACE /a", "GET relative"):
            viewer = await connect(edge.port)
            viewer.send(f"{line} HTTP/1.1\r\nHost: cdn.example\r\nConnection: close\r\n\r\n".encode())
            await viewer.ended
            answer = answer_of(bytes(viewer.received))
            assert answer.status in (400, 405, 501)
            assert answer.body.strip()
        assert edge.status()["upstream_requests"] == 0


@pytest_twisted.ensureDeferred
async def test_an_object_over_the_limit_streams_through_unstored(tmp_path: Path) -> None:
    """With a length or without: every byte arrives, none stays (sheet 12.7)."""
    origin = ScriptedOrigin().listen()

    async def unannounced(asked: Asked, line: Line) -> None:
        line.send(head(200, Transfer_Encoding="chunked", Cache_Control="max-age=60"))
        for start in range(0, len(large), 50_000):
            part = large[start : start + 50_000]
            line.send(b"%x\r\n%b\r\n" % (len(part), part))
            await pause(0)
        line.send(b"0\r\n\r\n")

    large = BODY * 60
    origin.on("/known", reply(large, Cache_Control="max-age=60"))
    origin.on("/unknown", unannounced)
    limits = Limits(object_bytes=300_000, drain_seconds=0.5)
    async with running_edge(origin.url, cache_dir=str(tmp_path), limits=limits) as edge:
        for target in ("/known", "/unknown"):
            for _ in range(2):
                answer = await get(edge, target)
                assert (answer.cache == "HIT", answer.body == large, answer.is_whole) == (False, True, True)
        await until(lambda: edge.status()["in_flight"] == 0)
        assert edge.status()["cache"]["entries"] == 0
        assert not list(tmp_path.rglob("spool-*"))
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_cache_folder_that_vanishes_costs_no_viewer_its_answer(tmp_path: Path) -> None:
    """The body is whole; that it could not be stored is the cache's own trouble."""
    origin, end = ScriptedOrigin().listen(), Gate()
    large = BODY * 2000

    async def script(asked: Asked, line: Line) -> None:
        line.send(head(200, len(large), Cache_Control="max-age=60") + large[:500_000])
        await end.passed()
        line.send(large[500_000:])

    origin.on("/a", script)
    folder = tmp_path / "cache"
    async with running_edge(origin.url, cache_dir=str(folder)) as edge:
        viewer = await connect(edge.port)
        viewer.send(request("/a"))
        await until(lambda: any((folder / "spools").rglob("spool-*")))
        await end.arrived()
        viewer.transport.pauseProducing()
        shutil.rmtree(folder)
        end.open()
        flights = edge.machinery.flights if edge.machinery is not None else None
        await until(lambda: not flights)  # all is here and dealt with, but for the viewer
        viewer.transport.resumeProducing()
        await viewer.ended
        assert answer_of(bytes(viewer.received)).body == large
        assert (await get(edge, "/a")).body == large
        await until(lambda: edge.status()["in_flight"] == 0)
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_on_a_full_disk_a_follower_whose_beginning_is_gone_asks_for_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be kept is passed on; who comes too late for its first bytes gets them all the same."""
    origin, end = ScriptedOrigin().listen(), Gate()
    large = BODY * 100

    async def script(asked: Asked, line: Line) -> None:
        line.send(head(200, len(large), Cache_Control="max-age=60") + large[:500_000])
        await end.passed()
        line.send(large[500_000:])

    def full(**_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    origin.on("/a", script)
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        monkeypatch.setattr("wire.web.spool.tempfile.mkstemp", full)
        first = await connect(edge.port)
        first.send(request("/a"))
        await first.until(450_000)
        second = Deferred.fromCoroutine(get(edge, "/a"))
        await until(lambda: origin.count() == 2)
        end.open()
        late = await second
        assert (late.status, late.is_whole, late.body == large) == (200, True, True)
        await first.ended
        assert answer_of(bytes(first.received)).body == large
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_who_left_while_its_answer_went_away_is_fetched_nothing_instead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Evicted between look-up and use, and nobody there for what would come in its place (sheet 12.6)."""
    origin, gate = ScriptedOrigin().listen(), Gate()
    origin.on("/a", reply(BODY, Cache_Control="max-age=60"))

    async def evicted(entry: Entry) -> Body:
        await gate.passed()
        raise BodyMissing(entry.key)

    async with running_edge(origin.url) as edge:
        await get(edge, "/a")
        assert edge.machinery is not None
        monkeypatch.setattr(edge.machinery.cache, "open", evicted)
        viewer = await connect(edge.port)
        viewer.send(request("/a"))
        await gate.arrived()
        viewer.leave()
        await until(lambda: not edge._viewers.channels)
        gate.open()
        await until(lambda: edge.status()["in_flight"] == 0)
    assert origin.count("/a") == 1
    await origin.stop()
