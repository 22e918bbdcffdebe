"""The fields of DataStream 2, each held to what the viewer sent and got (cdn-vendors §17)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from edge.control.lines import Asked, Line
from edge.core.outcome import Outcome, Verdict
from edge.personality.akamai.log import datastream
from edge.personality.akamai.settings import Property, VerifyToken
from edge.personality.geography import Geography, Locality
from tests.support.edge_node import get
from tests.support.edgeauth import E7, KEY
from tests.support.scripted_origin import reply
from tests.support.vendor_logs import logging_edge, stream_lines
from tests.support.viewer import answer_of, connect, request
from wire.http.fields import Fields
from wire.tokens.edgeauth import Lock

OF_THE_SHEET = """
    streamId cp reqId reqTimeSec
    cliIP statusCode proto reqHost reqMethod reqPath reqPort queryStr UA referer cookie range accLang xForwardedFor
    bytes rspContentLen rspContentType objSize uncompressedSize overheadBytes totalBytes fileSizeBucket lastByte
    maxAgeSec brotliStatus
    cacheStatus cacheable breadcrumbs errorCode
    reqEndTimeMSec turnAroundTimeMSec transferTimeMSec timeToFirstByte dnsLookupTimeMSec tlsOverheadTimeMSec tlsVersion
    edgeIP country state city serverCountry billingRegion asn
    customField securityRules ewUsageInfo ewExecutionInfo cmcd
"""
NAMES = OF_THE_SHEET.split()
HIT = Outcome(Verdict.HIT, 200, "", "", started_at=10.0, answered_at=10.25)
LINE = Line(
    Asked("192.0.2.1", "GET", "/a", "1.1", "[::1]", edge="127.0.0.3"),
    HIT,
    100,
    10.5,
    answer=Fields.of(Content_Length="100"),
    answer_bytes=300,
)
PLACE = Locality(country="SG", asn=64513)


def told_of(line: Line, told: Property | None = None) -> dict[str, Any]:
    """What a line comes to."""
    text = datastream(told or Property(), Geography(), PLACE).written(line, "node", "pop")
    found: dict[str, Any] = json.loads(text)
    return found


def test_the_fields_are_those_of_the_sheet() -> None:
    """All of them, under these names; `-` for what is empty."""
    told = told_of(LINE)
    assert list(told)[:3] == ["version", "streamId", "cp"]
    assert set(told) - {"version"} == set(NAMES)
    assert (told["reqHost"], told["reqPort"], told["queryStr"], told["cookie"]) == ("[::1]", "80", "-", "-")


@pytest_twisted.ensureDeferred
async def test_every_field_is_what_the_viewer_sent_or_got(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    asked = request(
        "/p/a%20b?x=1&__token__=hush",
        Host="site.example:8443",
        Referer="http://r/?__token__=hush&__cld_token__=hush",
        User_Agent="a b\tü",
        Cookie="a=b;__token__=hush",
        X_Forwarded_For="192.0.2.1",
        Accept_Language="de",
        Range="bytes=2-6",
    )
    played = Property(cpcode=7, stream=9, tokens=(VerifyToken(Lock(KEY), "/locked/*"),), log_cookies=True)
    places: dict[str, Any] = {
        "trusted_proxies": ("127.0.0.1",),
        "region": "asia",
        "geography": {
            "eu": Locality(("192.0.2.0/24",), "DE", "HE", "Köln", asn=64512),
            "asia": Locality(country="SG", asn=64513),
        },
    }
    async with logging_edge(log, played, **places) as (edge, origin):
        origin.on("/p/a%20b", reply(b"picture", Cache_Control="max-age=600", Content_Type="image/png"))
        viewer = await connect(edge.port)
        viewer.send(asked)
        await viewer.ended
        await get(edge, f"/locked/a?__token__={E7}")
    told, denied = stream_lines(log)
    answer = answer_of(bytes(viewer.received))
    assert answer.status == 206
    assert denied["errorCode"] == "ERR_ACCESS_DENIED"
    times = {name: told.pop(name) for name in NAMES if name.endswith("MSec")}
    assert {name for name, value in times.items() if not value.isdecimal()} == {"dnsLookupTimeMSec"}
    assert told.pop("timeToFirstByte") == times["turnAroundTimeMSec"]
    assert float(told.pop("reqTimeSec")) > 1_700_000_000
    assert len(told.pop("reqId")) == 8
    crumbs = f"//BC/%5Ba=127.0.0.1,c=g,k=0,l={times['turnAroundTimeMSec']},n=SG,o=64513%5D"
    assert told.pop("breadcrumbs") == crumbs
    assert {name: value for name, value in told.items() if value != "-"} == {
        "version": 2,
        "streamId": "9",
        "cp": "7",
        "cliIP": "192.0.2.1",
        "statusCode": "206",
        "proto": "HTTP",
        "reqHost": "site.example",
        "reqMethod": "GET",
        "reqPath": "p/a%20b",
        "reqPort": "8443",
        "queryStr": "x=1&__token__=…",
        "UA": "a%20b%09%C3%BC",
        "referer": "http://r/?__token__=…&__cld_token__=…",
        "cookie": "a=b;%20__token__=…",
        "range": "bytes=2-6",
        "accLang": "de",
        "xForwardedFor": "192.0.2.1",
        "bytes": "5",
        "rspContentLen": "5",
        "rspContentType": "image/png",
        "objSize": "7",
        "uncompressedSize": "7",
        "overheadBytes": str(len(viewer.received) - 5),
        "totalBytes": str(len(viewer.received)),
        "fileSizeBucket": "0-1KB",
        "lastByte": "1",
        "maxAgeSec": "600",
        "cacheStatus": "0",
        "cacheable": "1",
        "edgeIP": "127.0.0.1",
        "country": "DE",
        "state": "HE",
        "city": "K%C3%B6ln",
        "serverCountry": "SG",
        "asn": "64512",
    }


@pytest.mark.parametrize(
    ("status", "method", "fields", "sizes", "last"),
    [
        (200, "GET", {"Content-Length": "100"}, ("100", "100"), "1"),
        (200, "GET", {}, ("100", "100"), "1"),  # in chunks
        (200, "GET", {"Content-Length": "100", "Content-Encoding": "br"}, ("100", "-"), "1"),
        (200, "HEAD", {"Content-Length": "900"}, ("900", "900"), "1"),
        (200, "HEAD", {}, ("-", "-"), "1"),
        (206, "GET", {"Content-Range": "bytes 0-99/900"}, ("900", "900"), "0"),
        (206, "GET", {"Content-Range": "bytes 800-899/900"}, ("900", "900"), "1"),
        (206, "GET", {"Content-Range": "bytes 800-899/*"}, ("-", "-"), "0"),
        (206, "GET", {"Content-Type": "multipart/byteranges"}, ("-", "-"), "1"),
        (304, "GET", {}, ("-", "-"), "1"),
    ],
)
def test_the_objects_size_is_not_the_answers(
    status: int, method: str, fields: dict[str, str], sizes: tuple[str, str], last: str
) -> None:
    line = evolve(
        LINE,
        asked=evolve(LINE.asked, method=method),
        outcome=evolve(HIT, status=status),
        answer=Fields(fields.items()),
    )
    told = told_of(line)
    assert (told["objSize"], told["uncompressedSize"]) == sizes
    assert told["lastByte"] == last
    assert (told["bytes"], told["overheadBytes"], told["totalBytes"]) == ("100", "200", "300")


def test_an_answer_that_broke_off_has_no_last_byte() -> None:
    assert told_of(evolve(LINE, has_left=True))["lastByte"] == "0"
    assert told_of(evolve(LINE, outcome=evolve(HIT, complete=False)))["lastByte"] == "0"


@pytest.mark.parametrize(
    ("size", "bucket"),
    [
        *((0, "0-1KB"), (1023, "0-1KB"), (1024, "1KB-10KB"), (200_000, "100KB-1MB"), (1 << 20, "1MB-10MB")),
        *(((1 << 30) - 1, "100MB-1GB"), (1 << 30, "1GB+")),
    ],
)
def test_answers_are_grouped_by_size(size: int, bucket: str) -> None:
    assert told_of(evolve(LINE, sent_bytes=size))["fileSizeBucket"] == bucket


def test_times_begin_where_the_request_ends() -> None:
    """The time that its body took is not the edge's."""
    told = told_of(evolve(LINE, request_seconds=0.2))
    names = ("reqEndTimeMSec", "turnAroundTimeMSec", "transferTimeMSec", "timeToFirstByte")
    assert [told[name] for name in names] == ["200", "50", "250", "250"]


@pytest.mark.parametrize(
    ("verdict", "stored", "collapsed", "flags"),
    [
        *((Verdict.HIT, False, False, "11"), (Verdict.STALE, False, False, "11")),
        *((Verdict.MISS, True, False, "01"), (Verdict.MISS, False, False, "00")),
        *((Verdict.MISS, False, True, "11"), (Verdict.REVALIDATED, False, False, "01")),
        (Verdict.PASS, False, False, "00"),
    ],
)
def test_what_the_cache_did(verdict: Verdict, stored: bool, collapsed: bool, flags: str) -> None:
    told = told_of(evolve(LINE, outcome=evolve(HIT, verdict=verdict, stored=stored, collapsed=collapsed)))
    assert told["cacheStatus"] + told["cacheable"] == flags


@given(st.text(st.characters(max_codepoint=255), max_size=40))
def test_whatever_viewers_send_a_line_is_one_of_printable_ascii(text: str) -> None:
    """§17; and JSON reads back what was percent-encoded."""
    asked = Asked(text, text, f"/{text}?{text}", "1.1", text, text, text, range=text, cookies=text)
    written = datastream(Property(log_cookies=True), Geography(), PLACE).written(
        evolve(LINE, asked=asked), "node", "pop"
    )
    assert all(" " <= each <= "~" or each == "…" for each in written)
    told = json.loads(written)
    assert all(value and " " not in value for name, value in told.items() if name != "version")
