"""Requests that start at their heads, bodies that stream, connections that live as long as they may."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest_twisted
from twisted.internet import reactor as real_reactor
from twisted.internet.defer import Deferred

from tests.support.edge_node import pause, until
from tests.support.scripted_origin import reactor_port
from tests.support.viewer import answer_of, ask, connect
from wire.errors import NotFound, Unavailable
from wire.http.fields import Fields, ResponseHead
from wire.web.resource import CoroutineResource
from wire.web.sending import send_bytes, send_json
from wire.web.site import ConnectionLimits, StreamingChannel, StreamingRequest, StreamingSite

reactor: Any = real_reactor
MIB = 1 << 20


class Sample(CoroutineResource):
    """A bit of everything."""

    def __init__(self) -> None:
        super().__init__()
        self.started = 0
        self.cancelled = 0
        self.chunks: list[int] = []
        self.gate: Deferred[None] = Deferred()

    async def answer(self, request: StreamingRequest) -> None:  # noqa: C901  a menu
        self.started += 1
        match request.path:
            case b"/count":
                size = await request.body.deliver(lambda chunk: self.chunks.append(len(chunk)), limit=8 * MIB)
                send_json(request, 200, {"size": size})
            case b"/slow-count":
                await self.gate
                send_json(request, 200, {"size": await request.body.deliver(lambda chunk: pause(0))})
            case b"/deaf":
                raise NotFound("No such thing")
            case b"/busy":
                raise Unavailable("Too much to do", retry_after_seconds=7)
            case b"/wait":
                try:
                    await self.gate
                except BaseException:
                    self.cancelled += 1
                    raise
            case b"/bug":
                raise ZeroDivisionError
            case b"/half":
                request.setHeader(b"Content-Length", b"100")
                request.write(b"half")
                raise ZeroDivisionError
            case b"/large":
                request.setHeader(b"Content-Length", b"%d" % (4 * MIB))
                await send_bytes(request, bytes(4 * MIB))
            case b"/begin":
                fields = Fields([("b", "1"), ("A", "2"), ("b", "3"), ("Content-Length", "2")])
                request.begin(ResponseHead(200, fields, "Fine"), b"hi")
            case _:
                request.write(b"hello")


@asynccontextmanager
async def serving(**kwargs: Any) -> AsyncIterator[tuple[int, Sample, StreamingSite]]:
    """A site on a port of its own."""
    sample = Sample()
    site = StreamingSite(lambda _: sample, reactor=reactor, **kwargs)
    port = reactor.listenTCP(0, site, interface="127.0.0.1")
    try:
        yield reactor_port(port), sample, site
    finally:
        await port.stopListening()
        await site.drain(0.2)


@pytest_twisted.ensureDeferred
async def test_a_body_is_counted_while_it_streams() -> None:
    """The resource starts at the head; nothing is gathered."""
    async with serving() as (port, sample, _):
        answer = await ask(port, "/count", "POST", b"x" * 3 * MIB)
        assert answer.body == b'{"size":3145728}\n'
        assert len(sample.chunks) > 3


@pytest_twisted.ensureDeferred
async def test_a_slow_reader_holds_the_client_back() -> None:
    """Bytes wait in the client's socket, not in our memory."""
    async with serving() as (port, sample, site):
        viewer = await connect(port)
        viewer.send(
            b"POST /slow-count HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 33554432\r\n\r\n"
        )
        viewer.send(bytes(32 * MIB))
        await until(lambda: any(c.request is not None and c.request.body.is_paused for c in site.channels))
        await pause(0.1)
        (channel,) = site.channels
        assert channel.request is not None
        assert channel.request.body.received < MIB
        sample.gate.callback(None)
        await viewer.ended
        assert viewer.received.endswith(b'{"size":33554432}\n')


@pytest_twisted.ensureDeferred
async def test_an_oversized_upload_is_told_so_even_while_it_sends() -> None:
    """413 with its sentence arrives: the rest of the body is let fall rather than reset upon."""
    async with serving() as (port, _, _site):
        answer = await ask(port, "/count", "POST", b"x" * 12 * MIB)
        assert answer.status == 413
        assert b"Got 12582912. Maximum is 8388608" in answer.body


@pytest_twisted.ensureDeferred
async def test_a_refused_body_leaves_the_connection_in_step() -> None:
    """An answer before the end of the body: the next request is read where the body ends."""
    async with serving() as (port, _, _site):
        viewer = await connect(port)
        viewer.send(b"POST /deaf HTTP/1.1\r\nHost: x\r\nContent-Length: 26\r\n\r\nGET /busy HTTP")
        await until(lambda: b"No such thing" in viewer.received)
        viewer.send(b"/1.1\r\n\r\nxxxx")
        viewer.send(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        await viewer.ended
        assert viewer.received.count(b"HTTP/1.1 404") == 1
        assert b"hello" in viewer.received
        assert b"503" not in viewer.received


@pytest_twisted.ensureDeferred
async def test_100_continue_is_said_only_when_somebody_reads() -> None:
    """A refusal by the head spares the client its body (RFC 9110 §10.1.1)."""
    head = "POST {} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
    async with serving() as (port, _, _site):
        reading = await connect(port)
        reading.send(head.format("/count").encode())
        await until(lambda: b"100 Continue" in reading.received)
        reading.send(b"hello")
        await until(lambda: b'{"size":5}' in reading.received)
        reading.leave()
        refused = await connect(port)
        refused.send(head.format("/deaf").encode())
        await refused.ended
        answer = answer_of(bytes(refused.received))
        assert (answer.status, answer.get("Connection")) == (404, "close")


@pytest_twisted.ensureDeferred
async def test_requests_that_could_be_read_two_ways_are_refused() -> None:
    """Bodies on GET, two lengths, length with chunks, bad chunks, two hosts (RFC 9112 §11.2)."""
    lines = (
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
        b"POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        b"PUT /count HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\nabc",
        b"POST /count HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-3\r\nabc\r\n",
        b"POST /count HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
        b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
    )
    async with serving() as (port, _, _site):
        for raw in lines:
            viewer = await connect(port)
            viewer.send(raw)
            await viewer.ended
            assert viewer.received.startswith((b"HTTP/1.1 400", b"HTTP/1.1 501")), raw
            assert viewer.received.count(b"HTTP/1.1 ") == 1, raw


@pytest_twisted.ensureDeferred
async def test_a_viewer_that_leaves_ends_what_was_done_for_it() -> None:
    """The coroutine is cancelled."""
    async with serving() as (port, sample, _):
        viewer = await connect(port)
        viewer.send(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
        await until(lambda: sample.started == 1)
        viewer.leave()
        await until(lambda: sample.cancelled == 1)


@pytest_twisted.ensureDeferred
async def test_errors_before_the_first_byte_are_explained_and_after_it_cut() -> None:
    """A refusal keeps its status; a bug is a 500 without a trace, or an answer that is visibly not whole."""
    async with serving() as (port, _, _site):
        assert (await ask(port, "/deaf")).body == b"No such thing\n"
        busy = await ask(port, "/busy")
        assert (busy.status, busy.get("Retry-After")) == (503, "7")
        bug = await ask(port, "/bug")
        assert (bug.status, bug.body) == (500, b"Internal error\n")
        half = await ask(port, "/half")
        assert (half.body, half.is_whole) == (b"half", False)


@pytest_twisted.ensureDeferred
async def test_a_slow_viewer_is_sent_a_large_answer_at_its_pace() -> None:
    """Four MiB arrive whole although nobody reads for a while."""
    async with serving() as (port, _, site):
        viewer = await connect(port)
        viewer.transport.pauseProducing()
        viewer.send(b"GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        await until(lambda: [c.is_full for c in site.channels if isinstance(c, StreamingChannel)] == [True])
        viewer.transport.resumeProducing()
        await viewer.ended
        assert answer_of(bytes(viewer.received)).is_whole


@pytest_twisted.ensureDeferred
async def test_a_head_of_our_own_goes_out_as_it_is() -> None:
    """Order, case and repetition are kept; only framing is added."""
    async with serving() as (port, _, _site):
        answer = await ask(port, "/begin")
        assert answer.fields == (
            ("b", "1"),
            ("A", "2"),
            ("b", "3"),
            ("Content-Length", "2"),
            ("Connection", "close"),
        )
        assert answer.body == b"hi"


@pytest_twisted.ensureDeferred
async def test_http_1_0_stays_only_where_the_length_is_known() -> None:
    """Without a length the close is the end of the body."""
    async with serving() as (port, _, _site):
        known = await connect(port)
        known.send(b"GET /begin HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")
        await until(lambda: known.received.endswith(b"hi"))
        assert b"Connection: keep-alive" in known.received
        known.send(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        await known.ended
        assert known.received.endswith(b"hello")
        assert b"chunked" not in known.received


@pytest_twisted.ensureDeferred
async def test_draining_closes_idle_connections_and_flushes_busy_ones() -> None:
    """Nobody is cut off in the middle of an answer."""
    async with serving() as (port, sample, site):
        idle, busy = await connect(port), await connect(port)
        idle.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        busy.send(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
        await until(lambda: sample.started == 2 and b"0\r\n\r\n" in idle.received)
        draining = Deferred.fromCoroutine(site.drain(2.0))
        await idle.ended
        sample.gate.callback(None)
        await busy.ended
        assert busy.received.startswith(b"HTTP/1.1 200")
        assert await draining


@pytest_twisted.ensureDeferred
async def test_a_viewer_that_takes_nothing_for_too_long_is_let_go() -> None:
    """What was held for it is free again."""
    async with serving(limits=ConnectionLimits(stall_seconds=0.1)) as (port, sample, site):
        viewer = await connect(port)
        viewer.transport.pauseProducing()
        viewer.send(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n" * 4)
        await until(lambda: sample.started > 0 and not site.channels)
        viewer.leave()
