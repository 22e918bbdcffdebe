"""The 33 fields of CloudFront's standard log, each held to what the viewer sent and got (cdn-vendors §8)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest_twisted

from edge.personality.cloudfront.settings import Distribution
from tests.edge.personality.cloudfront.test_access import SIGNED
from tests.support.edge_node import until
from tests.support.scripted_origin import head, reply, saying
from tests.support.vendor_logs import logging_edge, standard_lines
from tests.support.viewer import answer_of, connect, request

LARGE = bytes(300_000)


ASKED = {
    "a miss": request("/a"),
    "a hit": request("/a"),
    "a hit's head": request("/a", "HEAD"),
    "part of it": request("/a", Range="bytes=1-2"),
    "what has not changed": request("/a", If_None_Match='"1"'),
    "a large file": request("/large"),
    "the same from disk": request("/large"),
    "an answer in chunks": request("/chunked"),
    "a body": request("/put", "PUT", b"x" * 1000),
    "a body in chunks": (
        b"PUT /put HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"5\r\nhello\r\n0\r\n\r\n"
    ),
    "a body that waits for leave": request("/put", "PUT", b"x" * 10, Expect="100-continue"),
    "an error": request("/nothing"),
    "a refusal": request("/" + "x" * 8200),
}


@pytest_twisted.ensureDeferred
async def test_bytes_are_those_of_the_wire(tmp_path: Path) -> None:
    """Fields 4 and 18: heads and framing among them, wherever the body comes from."""
    log, wire = tmp_path / "access.log", list[tuple[int, int]]()
    async with logging_edge(log, Distribution(), cache_dir=str(tmp_path / "cache")) as (edge, origin):
        machinery = edge.machinery
        assert machinery is not None
        origin.on("/a", reply(b"picture", Cache_Control="max-age=600", ETag='"1"'))
        origin.on("/large", reply(LARGE, Cache_Control="max-age=600"))
        origin.on("/put", reply(b"done"))
        origin.on(
            "/chunked", saying(head(200, Transfer_Encoding="chunked") + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
        )
        for asked in ASKED.values():
            viewer = await connect(edge.port)
            viewer.send(asked)
            await viewer.ended
            wire.append((len(viewer.received), len(asked)))
            await until(lambda: machinery.in_flight.count == 0)  # so that lines are in this order
    lines = standard_lines(log)
    assert [line["sc-status"] for line in lines][:6] == ["200", "200", "200", "206", "304", "200"]
    assert [(int(line["sc-bytes"]), int(line["cs-bytes"])) for line in lines] == wire


@pytest_twisted.ensureDeferred
async def test_every_field_is_what_the_viewer_sent_or_got(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    told = Distribution(domain="d111.cloudfront.net")
    async with logging_edge(log, told, trusted_proxies=("127.0.0.1",)) as (edge, origin):
        origin.on("/p/a%20b", reply(b"picture", Cache_Control="max-age=600", Content_Type="image/png; q=1"))
        asked = request(
            "http://site.example/p/a%20b?x=1&y",
            Host="site.example",
            Referer="http://r/?a=1",
            User_Agent='a "b"\tc%',
            Cookie="secret=1",
            X_Forwarded_For="192.0.2.1",
            Range="bytes=2-4",
        )
        viewer = await connect(edge.port)
        viewer.send(asked)
        await viewer.ended
        answer = answer_of(bytes(viewer.received))
    (line,) = standard_lines(log)
    datetime.fromisoformat(f"{line.pop('date')}T{line.pop('time')}+00:00")
    took, first = float(line.pop("time-taken")), float(line.pop("time-to-first-byte"))
    assert 0 <= first <= took < 60
    assert line == {
        "x-edge-location": answer.get("X-Amz-Cf-Pop"),
        "sc-bytes": str(len(viewer.received)),
        "c-ip": "192.0.2.1",
        "cs-method": "GET",
        "cs(Host)": "d111.cloudfront.net",
        "cs-uri-stem": "/p/a%20b",
        "sc-status": "206",
        "cs(Referer)": "http://r/?a=1",
        "cs(User-Agent)": 'a%20"b"%09c%',
        "cs-uri-query": "x=1&y",
        "cs(Cookie)": "-",
        "x-edge-result-type": "Miss",
        "x-edge-request-id": answer.get("X-Amz-Cf-Id"),
        "x-host-header": "site.example",
        "cs-protocol": "http",
        "cs-bytes": str(len(asked)),
        "x-forwarded-for": "192.0.2.1",
        "ssl-protocol": "-",
        "ssl-cipher": "-",
        "x-edge-response-result-type": "Miss",
        "cs-protocol-version": "HTTP/1.1",
        "fle-status": "-",
        "fle-encrypted-fields": "-",
        "c-port": "-",
        "x-edge-detailed-result-type": "Miss",
        "sc-content-type": "image/png;%20q=1",
        "sc-content-len": "3",
        "sc-range-start": "2",
        "sc-range-end": "4",
    }


@pytest_twisted.ensureDeferred
async def test_cookies_are_logged_where_that_is_switched_on(tmp_path: Path) -> None:
    """Field 13: all of them, and nothing that lets a viewer in."""
    for is_on, wanted in ((True, "a=b;%20CloudFront-Signature=…;%20{rest}"), (False, "-")):
        log = tmp_path / f"{is_on}.log"
        told = Distribution(log_cookies=is_on)
        async with logging_edge(log, told) as (edge, origin):
            origin.on("/a", reply(b"x"))
            viewer = await connect(edge.port)
            viewer.send(request("/a", Cookie="a=b;CloudFront-Signature=sig; __cld_token__=exp; c=ü"))
            await viewer.ended
        (line,) = standard_lines(log)
        assert line["cs(Cookie)"] == wanted.format(rest="__cld_token__=…;%20c=%C3%BC")


@pytest_twisted.ensureDeferred
async def test_no_field_tells_what_signs_a_request(tmp_path: Path) -> None:
    """Not the query, not a referring page's, not cookies."""
    log = tmp_path / "access.log"
    async with logging_edge(log, SIGNED) as (edge, origin):
        origin.on("/media/b/c.mp4", reply(b"x"))
        viewer = await connect(edge.port)
        viewer.send(
            request(
                "/media/b/c.mp4?__cld_token__=hush&Policy=hush&Signature=hush&w=1",
                Referer="http://edge.test/media/?Signature=hush&Policy=hush&__cld_token__=hush&w=2",
                Cookie="CloudFront-Signature=hush",
            )
        )
        await viewer.ended
    (line,) = standard_lines(log)
    assert "hush" not in log.read_text("utf-8")
    assert line["cs-uri-query"] == "__cld_token__=…&Policy=…&Signature=…&w=1"
    assert line["cs(Referer)"].endswith("&w=2")
