"""1xx answers on their way through the balancer (sheet 16.4, RFC 9110 §15.2)."""

from __future__ import annotations

import re

import pytest_twisted
from twisted.internet import reactor

from edge.balancer.heads import informed
from tests.support.balancer import stage
from tests.support.scripted import Conversation, Received, connect, request_bytes
from wire.http.fields import Fields, ResponseHead

EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </s.css>; rel=preload\r\nConnection: X-Hop\r\nX-Hop: 1\r\n\r\n"
STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3}) ")


def hinting(request: Received, viewer: Conversation) -> None:
    viewer.send(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" + EARLY)
    if request.target != "/held":
        viewer.answer(b"hello")


def statuses(received: bytes) -> list[int]:
    return [int(status) for status in STATUS.findall(received)]


def test_100_is_for_the_balancer_alone() -> None:
    """The others go on, less what was for the upstream's connection."""
    assert informed(ResponseHead(100), "bal") is None
    told = informed(ResponseHead(103, Fields.of(Link="</a>", Connection="X-Hop", X_Hop="1")), "bal")
    assert told is not None
    assert list(told.fields) == [("Link", "</a>"), ("Via", "1.1 bal")]


@pytest_twisted.ensureDeferred
async def test_102_and_103_are_relayed_in_order_and_at_once() -> None:
    """Before there is a final head; nothing of them is in it."""
    async with stage(reactor, {"eu": hinting}) as world:
        viewer = await connect(reactor, world.port, request_bytes("/a"))
        await viewer.ended
        assert statuses(viewer.data) == [102, 103, 200]
        final = viewer.data[viewer.data.rindex(b"HTTP/1.1 200") :]
        assert b"Link" not in final
        assert final.endswith(b"hello")
        early = await connect(reactor, world.port, request_bytes("/held"))
        await early.received(len(EARLY))
        await early.received(viewer.data.index(b"HTTP/1.1 200"))
        assert statuses(early.data) == [102, 103]
        assert b"X-Hop" not in early.data
        early.transport.abortConnection()
        await early.ended


@pytest_twisted.ensureDeferred
async def test_http_1_0_is_told_none() -> None:
    """It would take it for the answer."""
    async with stage(reactor, {"eu": hinting}) as world:
        viewer = await connect(reactor, world.port, b"GET /a HTTP/1.0\r\nHost: h\r\n\r\n")
        await viewer.ended
    assert statuses(viewer.data) == [200]
