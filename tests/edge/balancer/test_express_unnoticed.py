"""Nobody can tell the express lane from the full way: random questions and answers, byte for byte."""

from __future__ import annotations

import re
from random import Random

import pytest
import pytest_twisted
from twisted.internet import reactor

from edge.balancer.service import make_service
from tests.support.balancer import port_of, stage
from tests.support.chunks import dechunked
from tests.support.kept import Kept
from tests.support.scripted import Conversation, Received, Script

FIELDS = (
    b"Accept: image/avif", b"Accept-Encoding: gzip", b"Cookie: a=b; viewer-region=na", b"Cookie: viewer-region=eu",
    b"X-Viewer-Region: na", b"X-Forwarded-For: 10.0.0.1", b"X-Forwarded-Proto: https", b"Via: 1.1 other",
    b"Connection: x-gone", b"Connection: close", b"X-Gone: 1", b"TE: trailers", b"Max-Forwards: 3", b"Range: bytes=0-9",
    b"If-None-Match: *", b"Expect: 100-continue", b"Content-Length: 0", b"Host: twice.example", b"Bad header",
    b"X-Latin: \xe9", b"Forwarded: for=9.9.9.9;region=mars",
)  # fmt: skip
TARGETS = (
    b"/a",
    b"/a?region=eu",
    b"/a?x=1&region=na&y=%20",
    b"/a?region=mars",
    b"http://abs.example/b?region=eu",
    b"a",
)
HEADS = (
    "ETag: \"v1\"", "Cache-Control: max-age=9", "Set-Cookie: a=1", "Set-Cookie: b=2", "Connection: x-hop", "X-Hop: 1",
    "Via: 1.1 edge", "Access-Control-Allow-Origin: *", "Access-Control-Expose-Headers: X-A", "Keep-Alive: 5",
    "X-Viewer-Region: theirs", "Content-Type: image/png", "Connection: close", "Content-Length: 7", "X-Latin: \xe9",
)  # fmt: skip


PORT = re.compile(r"(?<=for=\"127\.0\.0\.1):[0-9]+")
DATE = re.compile(rb"Date: [^\r]*\r\n")


def plain(answer: bytes) -> tuple[bytes, bytes, bool]:
    """Less what the time decides: refusals' dates, and where chunks end."""
    head, _, body = DATE.sub(b"", answer).partition(b"\r\n\r\n")
    return (head, *dechunked(body)) if b"\r\nTransfer-Encoding: chunked" in head else (head, body, True)


def question(rng: Random) -> bytes:
    fields = rng.sample(FIELDS, rng.randrange(4))
    line = b"%b %b HTTP/1.%d" % (
        rng.choice((b"GET", b"GET", b"HEAD")),
        rng.choice(TARGETS),
        rng.random() < 0.9,
    )
    return b"\r\n".join((line, b"Host: media.example", *fields, b"", b""))


def answering(rng: Random) -> list[bytes]:
    """What a PoP sends, piece by piece; b"" resets the connection, and None at its end closes it."""
    size = rng.choice((0, 5, 1000, 20_000, 70_000, 300_000))
    body = bytes(rng.randrange(256) for _ in range(50)) * (size // 50 + 1)
    body = body[:size]
    status = rng.choice(
        ("200 OK", "200 Fine", "404 Not Found", "503 Service Unavailable", "304 Not Modified", "204 x")
    )
    lines = [f"HTTP/1.{rng.random() < 0.9:d} {status}", *rng.sample(HEADS, rng.randrange(5))]
    framing = rng.choice(("length", "length", "length", "chunked", "none"))
    if framing == "length":
        lines.append(f"Content-Length: {size}")
    elif framing == "chunked":
        lines.append("Transfer-Encoding: chunked")
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (size, body) if size else b"0\r\n\r\n"
    data = "\r\n".join([*lines, "", ""]).encode("latin-1") + body
    before = rng.choice(
        (b"", b"", b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", b"HTTP/1.1 100 x\r\n\r\n")
    )
    data = before + data
    match rng.choice(("whole", "whole", "whole", "more", "cut", "reset", "garbage")):
        case "more":
            data += b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nglue"
        case "cut":
            data = data[: rng.randrange(len(data))]
            return [data, b"close"]
        case "reset":
            return [data[: rng.randrange(40)], b""]
        case "garbage":
            data = rng.choice((b"garbage\r\n\r\n", b"HTTP/2 200\r\n\r\n", data.replace(b": ", b" ", 1)))
            return [data, b"close"]
    pieces = [data]
    if rng.random() < 0.3:
        at = rng.randrange(len(data))
        pieces = [data[:at], data[at:]]
    return [*pieces, b"close"] if framing == "none" or rng.random() < 0.1 else pieces


def told_in(request: Received) -> list[tuple[str, str]]:
    """A PoP's fields, less the port by which alone two viewers differ."""
    return [(name, PORT.sub("", value)) for name, value in request.fields.items()]


def sends(pieces: list[bytes]) -> Script:
    def script(request: Received, viewer: Conversation) -> None:
        for piece in pieces:
            if piece == b"":
                viewer.reset()
            elif piece == b"close":
                viewer.close()
            else:
                viewer.send(piece)

    return script


@pytest.mark.parametrize("seed", range(30))
@pytest_twisted.ensureDeferred
async def test_nobody_can_tell_the_lane_from_the_full_way(seed: int) -> None:
    """Byte for byte: what PoPs are asked, and what viewers get, however PoPs misbehave."""
    rng, pieces = Random(seed), [b""]
    script: Script = lambda request, viewer: sends(pieces)(request, viewer)  # noqa: E731
    introduced = ["eu"] * (seed % 2)
    async with stage(reactor, {"eu": script}, check_timeout_seconds=20.0, introduced=introduced) as world:
        other = make_service(world.node.settings, reactor=reactor)
        other._site.lane = None
        other.startService()
        viewers = Kept(world.port), Kept(port_of(other.port))
        pop = world.pops["eu"]
        for _ in range(6):
            raw, pieces = question(rng), answering(rng)
            for _ in range(3):
                answers: list[tuple[bytes, bytes, bool]] = []
                asked: list[list[object]] = []
                for viewer in viewers:
                    before = len(pop.requests)
                    answers.append(plain(await viewer.ask(raw)))
                    asked.append([(r.method, r.target, told_in(r)) for r in pop.requests[before:]])
                assert answers[0] == answers[1]
                assert asked[0][:1] == asked[1][:1]  # where a connection ends at its next use, once more
        for viewer in viewers:
            viewer.leave()
        await other.stopService()
