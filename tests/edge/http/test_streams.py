"""The express lane of HTTP/2: the same answers as the full way's, and none that it may not give."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import pytest_twisted

from edge.http.streams import raw_of
from edge.tls.settings import Tls
from tests.edge.tls.test_http2 import curl
from tests.edge.tls.test_listening import secured
from tests.support.caches import pattern
from tests.support.edge_node import running_edge, until
from tests.support.scripted_origin import ScriptedOrigin, reply
from tests.support.tls import client_context, in_thread, shake
from tests.support.viewer import answer_of, ask
from wire.http.incoming import Incoming

HOST = (b"host", b"a.example")


def incoming(method: bytes, length: int | None = 0, *lines: tuple[bytes, bytes]) -> Incoming:
    return Incoming(method, b"/a?b", b"HTTP/2", (HOST, *lines), length, True, False)


def test_a_request_stands_for_itself_in_the_lane() -> None:
    """Every line counts, and no request of HTTP/1 has the same bytes."""
    raw = raw_of(incoming(b"GET", 0, (b"accept", b"*/*")))
    assert raw == b"GET /a?b HTTP/2\r\nhost: a.example\r\naccept: */*\r\n\r\n"
    assert raw_of(incoming(b"HEAD")) == b"HEAD /a?b HTTP/2\r\nhost: a.example\r\n\r\n"


def test_what_is_no_plain_read_is_not_the_lanes() -> None:
    """Bodies, other methods, and what is too long to remember."""
    assert raw_of(incoming(b"POST")) is None
    assert raw_of(incoming(b"OPTIONS")) is None
    assert raw_of(incoming(b"GET", None)) is None
    assert raw_of(incoming(b"GET", 0, (b"x", b"y" * 5000))) is None


@pytest_twisted.ensureDeferred
async def test_the_lane_answers_as_the_core_did_and_is_counted(tmp_path: Path) -> None:
    """The third of the same is the lane's: same body, same lines; HEAD has its own; a purge ends it."""
    async with secured(tmp_path) as (edge, origin, _):
        origin.on("/a", reply(b"hello", 200, Cache_Control="max-age=60", ETag='"e"', Date="x"))

        async def got(*arguments: str) -> tuple[bytes, str]:
            head = tmp_path / "head"
            body, told = await curl(tmp_path, edge.tls_port, "/a", "-D", str(head), *arguments)
            assert (told["http_version"], told["response_code"]) == ("2", 200)
            lines = head.read_text().lower().splitlines()[1:]
            return body, "\n".join(
                sorted(each for each in lines if not each.startswith(("age", "cache-s", "server-t")))
            )

        await got()
        by_core = await got()
        assert edge.tally.express_hits == 0
        by_lane = await got()
        assert edge.tally.express_hits == 1
        assert by_lane == by_core
        assert by_lane[0] == b"hello"
        await got("-I")
        assert (await got("-I"))[1] == by_core[1]
        assert edge.tally.express_hits == 2
        await got("-H", "X-Other: 1")
        assert edge.tally.express_hits == 2
        status = (
            await ask(edge.control_port, f"/purge?url=https://localhost:{edge.tls_port}/a", "POST")
        ).status
        assert status == 200
        assert "x-cache: miss" in (await got())[1]
        assert len(origin.requests) == 2


@pytest_twisted.ensureDeferred
async def test_what_one_version_was_answered_is_no_answer_in_another(tmp_path: Path) -> None:
    """Bytes that stand for a request of HTTP/2 are none of HTTP/1, whoever sends them."""
    async with secured(tmp_path) as (edge, _origin, authority):
        for _ in range(2):
            await curl(tmp_path, edge.tls_port, "/a", "-A", "", "-H", "Accept:")
        raw = b"GET /a HTTP/2\r\nhost: localhost:%d\r\n\r\n" % edge.tls_port
        context = client_context(authority, "http/1.1")
        _, said, _ = await in_thread(shake, edge.tls_port, context, data=raw)
        assert answer_of(said).status == 400
        assert edge.tally.express_hits == 0
        await curl(tmp_path, edge.tls_port, "/a", "-A", "", "-H", "Accept:")
        assert edge.tally.express_hits == 1


@pytest_twisted.ensureDeferred
async def test_a_body_larger_than_the_viewers_window_comes_whole(tmp_path: Path) -> None:
    """From the lane, too."""
    async with secured(tmp_path) as (edge, origin, _):
        large = bytes(range(256)) * 800
        origin.on("/large", reply(large, 200, Cache_Control="max-age=60"))
        for _ in range(4):
            body, told = await curl(tmp_path, edge.tls_port, "/large")
            assert body == large
            assert told["response_code"] == 200
        assert edge.tally.express_hits >= 1


@pytest.mark.parametrize("size", [40_000, 300_000, 1_000_000])
@pytest_twisted.ensureDeferred
async def test_a_body_that_lies_open_on_disk_is_the_lanes(size: int, tmp_path: Path) -> None:
    """Read once a second where it is small, else as the viewer takes it."""
    settings = {"cache_dir": str(tmp_path / "cache"), "hot_bytes": 2_000}
    async with secured(tmp_path, settings) as (edge, origin, _):
        origin.on("/large", reply(pattern(size), 200, Cache_Control="max-age=60"))
        await curl(tmp_path, edge.tls_port, "/large")
        await until(lambda: edge.status()["cache"]["entries"] == 1)
        await curl(tmp_path, edge.tls_port, "/large")
        before = edge.tally.express_hits
        for _ in range(3):
            assert (await curl(tmp_path, edge.tls_port, "/large"))[0] == pattern(size)
        assert edge.tally.express_hits - before >= 2
        assert len(origin.requests) == 1


@pytest_twisted.ensureDeferred
async def test_what_the_lane_answers_is_logged(tmp_path: Path) -> None:
    """As a request of HTTP/2."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(b"hello", 200, Cache_Control="max-age=60"))
    log = tmp_path / "access.json"
    tls = Tls(listen="127.0.0.1:0", authority=str(tmp_path / "authority"))
    async with running_edge(origin.url, tls=tls, access_log=str(log)) as edge:
        for _ in range(3):
            await curl(tmp_path, edge.tls_port, "/a")
        assert edge.tally.express_hits == 1
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["cache"] for line in lines] == ["MISS", "HIT", "HIT"]
    assert lines[2]["bytes"] == 5
    assert lines[1]["uri"] == lines[2]["uri"] == "/a"
    await origin.stop()
