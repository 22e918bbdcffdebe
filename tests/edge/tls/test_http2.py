"""HTTP/2 of an edge, as clients that are not ours speak it: by ALPN, over TLS, on real sockets."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted

from tests.edge.tls.test_listening import secured
from tests.support.edge_node import until
from tests.support.scripted_origin import Asked, Gate, Line, reply
from tests.support.tls import client_context, in_thread, shake

MIB = 1 << 20


def program(name: str) -> str:
    """The path of a client; skips, or fails where all must be there."""
    found = shutil.which(name)
    if found is None:
        assert not os.environ.get("PIXELEDGE_REQUIRE_SERVERS"), f"{name} is not installed"
        pytest.skip(f"{name} is not installed")
    return found


async def curl(folder: Path, port: int, path: str, *arguments: str) -> tuple[bytes, dict[str, Any]]:
    """What curl got, and what it tells of it."""
    url = f"https://localhost:{port}{path}"
    out = folder / "out"
    done = await in_thread(
        subprocess.run,
        [
            *(program("curl"), "-sS", "--http2", "--max-time", "30", "-o", str(out), "-w", "%{json}"),
            *("--cacert", str(folder / "authority" / "ca.pem"), *arguments, url),
        ],
        capture_output=True,
        timeout=40,
    )
    assert done.stderr == b""
    return (out.read_bytes() if out.exists() else b""), json.loads(done.stdout)


@pytest_twisted.ensureDeferred
async def test_curl_speaks_http_2_and_finds_what_http_1_stored(tmp_path: Path) -> None:
    """One cache behind both; Range, conditions and HEAD as ever."""
    async with secured(tmp_path) as (edge, origin, authority):
        origin.on("/a", reply(b"hello", 200, Cache_Control="max-age=60", ETag='"e"'))
        context = client_context(authority, "http/1.1")
        await in_thread(
            shake,
            edge.tls_port,
            context,
            data=b"GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        )
        body, told = await curl(tmp_path, edge.tls_port, "/a", "-H", "Host: localhost")
        assert (body, told["http_version"], told["response_code"]) == (b"hello", "2", 200)
        assert len(origin.requests) == 1
        body, told = await curl(tmp_path, edge.tls_port, "/a", "-H", "Host: localhost", "-r", "1-2")
        assert (body, told["response_code"]) == (b"el", 206)
        _, told = await curl(
            tmp_path, edge.tls_port, "/a", "-H", "Host: localhost", "-H", 'If-None-Match: "e"'
        )
        assert told["response_code"] == 304
        _, told = await curl(tmp_path, edge.tls_port, "/a", "-H", "Host: localhost", "-I")
        assert told["response_code"] == 200


@pytest_twisted.ensureDeferred
async def test_the_upstream_hears_how_the_viewer_spoke(tmp_path: Path) -> None:
    """Via says 2 (RFC 9110 §7.6.3); the cookie's crumbs are one line."""
    async with secured(tmp_path) as (edge, origin, _):
        await curl(tmp_path, edge.tls_port, "/a", "-H", "Cookie: a=1", "-H", "Cookie: b=2")
        (asked,) = origin.requests
        assert asked.get("via") == "2 fra-1"
        assert asked.get("cookie") == "a=1; b=2"
        assert asked.get("host") == f"localhost:{edge.tls_port}"
        assert asked.get("x-forwarded-proto") == "https"


@pytest_twisted.ensureDeferred
async def test_large_bodies_go_both_ways_whole(tmp_path: Path) -> None:
    """8 MiB up and down, the windows at work."""
    async with secured(tmp_path) as (edge, origin, _):
        large = os.urandom(8 * MIB)
        origin.on("/large", reply(large, 200, Cache_Control="no-store"))
        body, told = await curl(tmp_path, edge.tls_port, "/large")
        assert (body == large, told["http_version"]) == (True, "2")
        (tmp_path / "up").write_bytes(large)
        origin.on("/up", reply(b"taken", 200))
        body, _ = await curl(tmp_path, edge.tls_port, "/up", "--data-binary", f"@{tmp_path / 'up'}")
        assert (body, origin.requests[-1].body == large) == (b"taken", True)


@pytest_twisted.ensureDeferred
async def test_a_viewer_that_leaves_ends_its_own_request_only(tmp_path: Path) -> None:
    """Two viewers wait for one upstream: one hangs up, the other gets the answer."""
    gate = Gate()

    async def held(asked: Asked, line: Line) -> None:
        await gate.passed()
        line.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nCache-Control: max-age=9\r\n\r\nok")

    async with secured(tmp_path) as (edge, origin, _):
        origin.on("/held", held)
        stays = curl(tmp_path, edge.tls_port, "/held")
        from twisted.internet.defer import Deferred

        staying = Deferred.fromCoroutine(stays)
        await gate.arrived()
        quick = [program("curl"), "-sS", "--http2", "--max-time", "0.5"]
        quick += [
            "--cacert",
            str(tmp_path / "authority" / "ca.pem"),
            f"https://localhost:{edge.tls_port}/held",
        ]
        left = await in_thread(subprocess.run, quick, capture_output=True, timeout=20)
        assert left.returncode == 28
        gate.open()
        body, told = await staying
        assert (body, told["response_code"], len(origin.requests)) == (b"ok", 200, 1)
        assert edge.machinery is not None
        machinery = edge.machinery
        await until(lambda: machinery.in_flight.count == 0)


@pytest_twisted.ensureDeferred
async def test_http_2_can_be_left_out(tmp_path: Path) -> None:
    """`http2: false`: the same clients get HTTP/1.1."""
    async with secured(tmp_path, http2=False) as (edge, _, _authority):
        body, told = await curl(tmp_path, edge.tls_port, "/a")
        assert (body, told["http_version"]) == (b"hello", "1.1")


@pytest_twisted.ensureDeferred
async def test_nghttp_multiplexes(tmp_path: Path) -> None:
    """A second client, a hundred streams on one connection."""
    async with secured(tmp_path) as (edge, _, _authority):
        url = f"https://localhost:{edge.tls_port}/a"
        done = await in_thread(
            subprocess.run,
            [program("h2load"), "-n", "300", "-c", "2", "-m", "100", url],
            capture_output=True,
            timeout=60,
        )
        assert b"300 succeeded, 0 failed, 0 errored" in done.stdout
        assert b"Application protocol: h2" in done.stdout
