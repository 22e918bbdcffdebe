"""What a connection carried for each of its requests, to the byte."""

from __future__ import annotations

from typing import Any

import pytest_twisted
from twisted.internet import reactor as real_reactor
from twisted.internet.task import Clock

from tests.support.frames import HELLO, Hand, data, frames_in
from tests.support.h2_client import Pipe
from tests.support.h2_menu import More
from tests.support.scripted_origin import reactor_port
from tests.support.viewer import connect
from wire.http2.frames import END_HEADERS, Kind
from wire.http2.limits import Limits
from wire.web.http2.connection import Http2Channel
from wire.web.site import StreamingSite

reactor: Any = real_reactor

QUESTIONS = (
    b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n",  # answered in chunks
    b"HEAD /large HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /hints HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /begin HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    b"POST /count HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n",
    b"PUT /count HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n",
)
BODY = b"hello"


@pytest_twisted.ensureDeferred
async def test_all_bytes_of_a_connection_are_its_requests() -> None:
    """Whatever framing they have, pipelined: the sums are what the viewer sent and got."""
    sample = More()
    port = reactor.listenTCP(0, StreamingSite(lambda _: sample, reactor=reactor), interface="127.0.0.1")
    viewer = await connect(reactor_port(port))
    viewer.send(b"".join(QUESTIONS))
    await viewer.until(4 << 20)
    while b"100 Continue" not in viewer.received:
        await viewer.until(len(viewer.received) + 1)
    viewer.send(BODY + b"GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    await viewer.ended
    await port.stopListening()
    carried = [request.carried for request in sample.requests]
    last = len(b"GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    lengths = [*map(len, QUESTIONS), last]
    lengths[-2] += len(BODY)
    assert [each.received for each in carried] == lengths
    assert sum(each.sent for each in carried) == len(viewer.received)
    first = viewer.received.index(b"0\r\n\r\n") + 5
    assert carried[0].sent == first
    assert b"hello" in viewer.received[:first]


def test_of_http2_it_is_packed_heads_and_bodies() -> None:
    """As many bytes as the frames hold."""
    clock, sample, pipe, hand = Clock(), More(), Pipe(), Hand()
    site = StreamingSite(lambda _: sample, reactor=clock, scheme="https")
    channel = Http2Channel(site, Limits())
    channel.makeConnection(pipe)
    lines = ((b":method", b"POST"), (b":scheme", b"https"), (b":authority", b"x"), (b":path", b"/count"))
    asked = hand.headers(1, lines, END_HEADERS)
    channel.dataReceived(HELLO + asked)
    clock.advance(2)
    channel.dataReceived(data(1, b"hello", last=True))
    clock.advance(0)
    (carried,) = [request.carried for request in sample.requests]
    assert carried.received == len(asked) - 9 + len(b"hello")
    assert carried.receiving_seconds == 2
    told = [each for each in frames_in(bytes(pipe.written)) if each.kind in (Kind.HEADERS, Kind.DATA)]
    assert carried.sent == sum(len(each.payload) for each in told)
    assert len(told) >= 2


def test_the_time_that_a_body_takes_is_told() -> None:
    clock, sample = Clock(), More()
    site = StreamingSite(lambda _: sample, reactor=clock)
    channel: Any = site.buildProtocol(None)
    channel.makeConnection(Pipe())
    channel.dataReceived(b"POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe")
    clock.advance(3)
    channel.dataReceived(b"llo")
    assert sample.requests[0].carried.receiving_seconds == 3
