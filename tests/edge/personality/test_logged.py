"""Access logs in the manner of the vendor that an edge plays; no line shows what lets a viewer in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import pytest_twisted

from edge.http.machinery import Machinery
from edge.personality.akamai.settings import Property, VerifyToken
from edge.personality.cloudfront.behavior import OriginRequest, PathBehavior
from edge.personality.cloudfront.log import FIELDS
from edge.personality.cloudfront.settings import Distribution, Geo
from edge.personality.geography import Locality
from edge.service import EdgeNode
from edge.tls.authority import load
from edge.tls.settings import Tls
from tests.edge.personality.cloudfront.test_access import SIGNED
from tests.support.cloudfront import C1, C5, target_of
from tests.support.edge_node import get, pause, until
from tests.support.edgeauth import E1, E7, KEY
from tests.support.scripted_origin import Asked, Gate, Line, head, held, reply
from tests.support.tls import client_context, in_thread, shake
from tests.support.vendor_logs import logging_edge, standard_lines, stream_lines
from tests.support.viewer import ask, connect, request
from wire.tokens.edgeauth import Lock
from wire.web.spool import Spool

HOST = "edge.test:8080"


def lines_of(edge: EdgeNode, log: Path) -> str:
    """What the log has by now."""
    assert edge.machinery is not None
    assert edge.machinery.access_log is not None
    edge.machinery.access_log.flush()
    return log.read_text("utf-8")


@pytest_twisted.ensureDeferred
async def test_cloudfronts_standard_log(tmp_path: Path) -> None:
    """33 fields behind two lines of head, which begin the file once."""
    log = tmp_path / "access.log"
    for _ in range(2):
        async with logging_edge(log, SIGNED) as (edge, origin):
            origin.on("/media/a.jpg", reply(b"picture", Cache_Control="max-age=600"))
            hit = await get(edge, target_of(C1), Host=HOST, User_Agent="a\tb ü")
            await get(edge, target_of(C5), Host=HOST)
    version, fields, *_ = log.read_text("utf-8").splitlines()
    assert version == "#Version: 1.0"
    assert fields.split(" ")[1:] == list(FIELDS)
    assert len(FIELDS) == 33
    told = standard_lines(log)
    assert [each["x-edge-result-type"] for each in told] == ["Miss", "Error", "Miss", "Error"]
    assert [each["sc-status"] for each in told[:2]] == ["200", "403"]
    first = told[2]
    assert first["x-edge-request-id"] == hit.get("X-Amz-Cf-Id")
    assert first["x-edge-location"] == hit.get("X-Amz-Cf-Pop")
    assert first["cs-uri-stem"] == "/media/a.jpg"
    assert first["cs-uri-query"] == "Expires=1893456000&Signature=…&Key-Pair-Id=K2TESTTHROWAWY"
    assert first["cs(User-Agent)"].startswith("a%09b%20")
    assert (first["x-host-header"], first["ssl-cipher"], first["cs(Cookie)"]) == (HOST, "-", "-")


@pytest_twisted.ensureDeferred
async def test_akamais_datastream(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    told = Property(cpcode=7, stream=9, tokens=(VerifyToken(Lock(KEY), "/media/*"),))
    async with logging_edge(log, told) as (edge, origin):
        origin.on("/media/a.jpg", reply(b"picture", Cache_Control="max-age=600"))
        for token in (E1, E1, E7):
            await get(edge, f"/media/a.jpg?w=1&__token__={token}", Host=HOST)
    lines = stream_lines(log)
    assert [list(line)[:3] for line in lines] == [["version", "streamId", "cp"]] * 3
    assert [(line["statusCode"], line["cacheStatus"]) for line in lines] == [
        *(("200", "0"), ("200", "1"), ("403", "0"))
    ]
    line = lines[0]
    assert (line["streamId"], line["cp"], line["reqPath"], line["reqHost"]) == (
        "9",
        "7",
        "media/a.jpg",
        "edge.test",
    )
    assert (line["queryStr"], line["reqPort"], line["referer"]) == ("w=1&__token__=…", "8080", "-")
    assert "hmac" not in log.read_text("utf-8")


@pytest_twisted.ensureDeferred
async def test_lines_tell_who_asked_and_what_of(tmp_path: Path) -> None:
    """§8, §17: the viewer behind a proxy whose word is taken, where it is, the range and the answer's type."""
    cloudfronts, akamais = tmp_path / "cloudfront.log", tmp_path / "akamai.log"
    geography = {"eu": Locality(("192.0.2.0/24",), "DE", asn=64512)}
    logs: tuple[tuple[Path, Distribution | Property], ...] = (
        (cloudfronts, Distribution()),
        (akamais, Property()),
    )
    for log, told in logs:
        async with logging_edge(log, told, trusted_proxies=("127.0.0.1",), geography=geography) as (
            edge,
            origin,
        ):
            origin.on("/a", reply(b"picture", Cache_Control="max-age=600", Content_Type="image/png"))
            for _ in range(2):
                await get(edge, "/a", X_Forwarded_For="192.0.2.1", Range="bytes=1-2")
    standard = standard_lines(cloudfronts)[-1]
    fields = (
        "c-ip",
        "x-forwarded-for",
        "sc-content-type",
        "sc-content-len",
        "sc-range-start",
        "sc-range-end",
    )
    assert [standard[name] for name in fields] == ["192.0.2.1", "192.0.2.1", "image/png", "2", "1", "2"]
    stream = stream_lines(akamais)[-1]
    names = ("cliIP", "country", "city", "asn", "range", "rspContentType", "rspContentLen", "accLang")
    assert [stream[name] for name in names] == [
        *("192.0.2.1", "DE", "-", "64512", "bytes=1-2", "image/png", "2", "-"),
    ]


@pytest_twisted.ensureDeferred
async def test_a_line_tells_https_from_http(tmp_path: Path) -> None:
    """As the viewer asked, though the line is written when the connection has gone on."""
    log = tmp_path / "access.log"
    tls = Tls(listen="127.0.0.1:0", authority=str(tmp_path / "authority"))
    introducing = Distribution(origin_request=OriginRequest(headers=("CloudFront-Viewer-TLS",)))
    async with logging_edge(log, introducing, tls=tls) as (edge, origin):
        origin.on("/a", reply(b"picture", Cache_Control="max-age=600"))
        authority = load(tmp_path / "authority")
        assert authority is not None
        context = client_context(authority, "http/1.1")
        await in_thread(shake, edge.tls_port, context, data=request("/a", Host="localhost"))
        await get(edge, "/a", Host="localhost")
    lines = standard_lines(log)
    assert [line["cs-protocol"] for line in lines] == ["https", "http"]
    assert [line["ssl-protocol"] for line in lines] == ["TLSv1.3", "-"]
    assert lines[0]["ssl-cipher"].startswith("TLS_")
    told = [asked.get("cloudfront-viewer-tls") for asked in origin.requests]
    assert told == [f"TLSv1.3:{lines[0]['ssl-cipher']}", None]
    assert all(0 < int(line["c-port"]) < 65536 for line in lines)


@pytest_twisted.ensureDeferred
async def test_cloudfronts_words_for_what_became_of_a_request(tmp_path: Path) -> None:
    """§8: fields 9, 14, 23 and 29."""
    log = tmp_path / "access.log"
    gate = Gate()
    told = Distribution(
        geo=Geo(block=("DE",)), behaviors=(PathBehavior(path_pattern="/read", methods="read"),)
    )
    settings: dict[str, Any] = {
        "origin_shields": ("shield",),
        "trusted_proxies": ("127.0.0.1",),
        "geography": {"eu": Locality(("192.0.2.0/24",), "DE")},
    }
    said_by = {
        "/shielded": "shield; hit; ttl=5",
        "/regional": "shield; hit; ttl=5, rec; hit; ttl=5",
        "/behind": "shield; hit; ttl=5, rec; fwd=uri-miss",
        "/missed": "shield; fwd=uri-miss",
    }
    async with logging_edge(log, told, **settings) as (edge, origin):
        for path, status in said_by.items():
            origin.on(path, reply(b"x", Cache_Control="max-age=60", Cache_Status=status))
        origin.on("/broken", reply(b"x", status=500))
        origin.on("/empty", reply(b"", status=503))
        origin.on("/gone", reply(b"x", status=404))
        origin.on("/late", held(gate, reply(b"x", Cache_Control="no-store")))
        for path in ("/shielded", *said_by, "/broken", "/empty", "/gone"):
            await get(edge, path)
        await ask(edge.port, "/read", "PUT", b"x")
        await ask(edge.port, "/read", "GET", b"x")
        await get(edge, "/x", X_Forwarded_For="192.0.2.1")
        await get(edge, f"/{'x' * 8200}")
        leaving = await connect(edge.port)
        leaving.send(request("/late"))
        await gate.arrived(1)
        leaving.leave()
        await until(lambda: "/late" in lines_of(edge, log), 30)
        hung_up = await connect(edge.port)
        hung_up.send(b"PUT /half HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf")
        await until(lambda: edge.machinery is not None and edge.machinery.in_flight.count == 1)
        hung_up.leave()
        await until(lambda: "/half" in lines_of(edge, log), 30)
        gate.open()
        await origin.stop()
        await get(edge, "/nobody")
    lines = standard_lines(log)
    names = ("x-edge-response-result-type", "x-edge-result-type", "x-edge-detailed-result-type")
    found = [" ".join(line[name] for name in ("cs-uri-stem", "sc-status", *names)) for line in lines]
    assert found == [
        "/shielded 200 Miss Miss OriginShieldHit",
        "/shielded 200 Hit Hit Hit",
        "/regional 200 Miss Miss Miss",
        "/behind 200 Miss Miss OriginShieldHit",
        "/missed 200 Miss Miss Miss",
        "/broken 500 Error Error OriginError",
        "/empty 503 Error Error OriginZeroSizeObjectError",
        "/gone 404 Error Error Error",
        "/read 403 Error Error InvalidRequestMethod",
        "/read 403 Error Error InvalidRequest",
        "/x 403 Error Error ClientGeoBlocked",
        f"/{'x' * 8200} 413 LimitExceeded LimitExceeded LimitExceeded",
        "/late 000 Miss Error ClientCommError",
        "/half 000 Error Error ClientHungUpRequest",
        "/nobody 502 Error Error OriginConnectError",
    ]


@pytest_twisted.ensureDeferred
async def test_an_origin_that_waited_for_the_viewer_and_gave_up_has_a_word_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """§8, field 29: `SlowReaderOriginError`; an origin that gave up by itself is another matter."""
    log, made, real = tmp_path / "access.log", list[Spool](), Machinery.spool
    size, piece = 16 << 20, bytes(64 * 1024)

    async def gives_up(asked: Asked, line: Line) -> None:
        line.send(head(200, size + 1, Cache_Control="no-store"))
        for _ in range(size // len(piece)):
            line.send(piece)
            await pause(0)
        line.close()

    async def gives_up_at_once(asked: Asked, line: Line) -> None:
        line.send(head(200, 9, Cache_Control="no-store") + b"x")
        line.close()

    def spool(machinery: Machinery, **how: bool) -> Spool:
        made.append(real(machinery, **how))
        return made[-1]

    monkeypatch.setattr(Machinery, "spool", spool)
    async with logging_edge(log, Distribution()) as (edge, origin):
        origin.on("/slow", gives_up)
        origin.on("/cut", gives_up_at_once)
        viewer = await connect(edge.port)
        viewer.transport.pauseProducing()
        viewer.send(request("/slow"))
        await until(lambda: any(each.was_held_back for each in made))
        viewer.transport.resumeProducing()
        await viewer.ended
        other = await connect(edge.port)
        other.send(request("/cut"))
        await other.ended
        await until(lambda: "/slow" in lines_of(edge, log))
    found = {line["cs-uri-stem"]: line["x-edge-detailed-result-type"] for line in standard_lines(log)}
    assert found == {"/slow": "SlowReaderOriginError", "/cut": "AbortedOrigin"}


@pytest_twisted.ensureDeferred
async def test_datastreams_words_for_what_became_of_a_request(tmp_path: Path) -> None:
    """§17: how long viewers may keep it, whether all of it went, and why not."""
    log = tmp_path / "access.log"
    async with logging_edge(log, Property()) as (edge, origin):
        origin.on("/x", reply(b"x", Cache_Control="max-age=60"))
        await get(edge, "/x")
        await origin.stop()
        await get(edge, "/nobody")
    lines = stream_lines(log)
    names = ("maxAgeSec", "lastByte", "errorCode", "tlsVersion")
    assert [lines[0][name] for name in names] == ["60", "1", "-", "-"]
    assert lines[1]["errorCode"] == "connection_refused"
