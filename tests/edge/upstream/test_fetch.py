"""Several upstreams behind one edge: refused, reset, dead midway, and back again."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar, cast

import pytest
import pytest_twisted
from attrs import evolve
from twisted.internet import reactor as real_reactor
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.logger import ILogObserver, LogEvent, globalLogPublisher
from twisted.python.failure import Failure

from edge.core.events import Failure as Reason
from edge.settings import Limits
from edge.upstream.failing import UpstreamFailed
from edge.upstream.fetch import Fetching
from tests.support.edge_node import QUICK, get, pause, running_edge, until
from tests.support.loose_ends import no_loose_ends
from tests.support.scripted_origin import (
    Asked,
    Gate,
    Line,
    ScriptedOrigin,
    head,
    held,
    reactor_port,
    reply,
    saying,
)
from tests.support.viewer import ask, connect
from wire.http.fields import RequestHead, ResponseHead

reactor: Any = real_reactor

BODY = bytes(range(256)) * 400


def dies_after(count: int, **fields: str) -> object:
    """A script that sends so many bytes of the body, then resets."""

    async def script(asked: Asked, line: Line) -> None:
        line.send(head(200, len(BODY), **fields) + BODY[:count])
        await pause(0.05)
        line.cut()

    return script


async def by_range(asked: Asked, line: Line) -> None:
    """An origin that honours Range with If-Range."""
    wanted = asked.get("Range")
    fields = {"ETag": '"v1"', "Cache_Control": "max-age=60"}
    if wanted is None or asked.get("If-Range") != '"v1"':
        line.send(head(200, len(BODY), **fields) + BODY)
        return
    first, _, last = wanted.removeprefix("bytes=").partition("-")
    start, stop = int(first), int(last) + 1 if last else len(BODY)
    part = BODY[start:stop]
    fields["Content_Range"] = f"bytes {start}-{stop - 1}/{len(BODY)}"
    line.send(head(206, len(part), **fields) + part)


@pytest_twisted.ensureDeferred
async def test_a_dead_shield_is_bypassed_and_returned_to() -> None:
    """Viewers do not notice; once it answers again, it is asked first again."""
    shield, origin = ScriptedOrigin().listen(), ScriptedOrigin().listen()
    for upstream in (shield, origin):
        upstream.on("/a", reply(BODY))
    port = shield.port
    async with running_edge(shield.url, origin.url) as edge:
        assert (await get(edge, "/a")).status == 200
        await shield.stop()
        for _ in range(3):
            assert (await get(edge, "/a")).status == 200
        assert (shield.count(), origin.count()) == (1, 3)
        shield.listen(port)
        await pause(0.6)  # its first ejection has run out
        assert (await get(edge, "/a")).status == 200
        assert shield.count() == 2
    await shield.stop()
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_reset_before_the_head_is_retried_at_the_next_upstream() -> None:
    """Idempotent requests only (RFC 9110 §9.2.2)."""
    first, second = ScriptedOrigin().listen(), ScriptedOrigin().listen()

    async def reset(asked: Asked, line: Line) -> None:
        line.cut()

    first.on("/a", reset)
    second.on("/a", reply(BODY))
    async with running_edge(first.url, second.url) as edge:
        answer = await get(edge, "/a")
        assert (answer.status, answer.body) == (200, BODY)
        await pause(0.6)
        posted = await ask(edge.port, "/a", "POST", b"once only")
        assert posted.status == 502
    assert [asked.method for asked in first.requests] == ["GET", "POST"]
    assert [asked.method for asked in second.requests] == ["GET"]
    await first.stop()
    await second.stop()


@pytest_twisted.ensureDeferred
async def test_a_kept_connection_that_died_is_replaced_without_blame() -> None:
    """The race of a keep-alive close is nobody's fault: the same upstream is asked on a fresh connection."""
    origin = ScriptedOrigin().listen()

    async def reset(asked: Asked, line: Line) -> None:
        line.cut()

    origin.once("/a", reply(b"one"))
    origin.once("/a", reset)
    origin.on("/a", reply(b"two"))
    async with running_edge(origin.url) as edge:
        assert (await get(edge, "/a")).body == b"one"
        assert (await get(edge, "/a")).body == b"two"
    assert (origin.count(), origin.connections) == (3, 2)
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_connections_are_kept_and_used_again() -> None:
    """Twenty misses in a row cost one connection."""
    origin = ScriptedOrigin().listen()
    async with running_edge(origin.url) as edge:
        for number in range(20):
            await get(edge, f"/{number}")
        await ask(edge.port, "/a", "HEAD")
    assert (origin.count(), origin.connections) == (21, 1)
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_body_is_resumed_at_the_next_upstream_unnoticed(tmp_path: Path) -> None:
    """Same strong ETag, known length: the rest comes by Range and If-Range, and is a HIT after."""
    first, second = ScriptedOrigin().listen(), ScriptedOrigin().listen()
    first.on("/a", dies_after(5000, ETag='"v1"', Cache_Control="max-age=60"))  # type: ignore[arg-type]
    second.on("/a", by_range)
    async with running_edge(first.url, second.url, cache_dir=str(tmp_path)) as edge:
        answer = await get(edge, "/a")
        assert answer.is_whole
        assert answer.body == BODY
        hit = await get(edge, "/a")
        assert (hit.cache, hit.body) == ("HIT", BODY)
    (rest,) = second.requests
    assert (rest.get("Range"), rest.get("If-Range")) == ("bytes=5000-", '"v1"')
    await first.stop()
    await second.stop()


@pytest_twisted.ensureDeferred
async def test_a_part_is_resumed_like_a_whole() -> None:
    """What is left of it, by the same strong tag, up to where the viewer's own range ends."""
    first, second = ScriptedOrigin().listen(), ScriptedOrigin().listen()

    async def dies_in_the_part(asked: Asked, line: Line) -> None:
        span = f"bytes 1000-60999/{len(BODY)}"
        line.send(head(206, 60_000, ETag='"v1"', Content_Range=span) + BODY[1000:21_000])
        await pause(0.05)
        line.cut()

    first.on("/a", dies_in_the_part)
    second.on("/a", by_range)
    async with running_edge(first.url, second.url) as edge:
        answer = await get(edge, "/a", Range="bytes=1000-60999", If_Match='"v1"')  # not for a cache to judge
    assert (answer.status, answer.is_whole) == (206, True)
    assert answer.body == BODY[1000:61_000]
    (rest,) = second.requests
    assert (rest.get("Range"), rest.get("If-Range")) == ("bytes=21000-60999", '"v1"')
    await first.stop()
    await second.stop()


@pytest_twisted.ensureDeferred
async def test_a_changed_body_is_never_spliced(tmp_path: Path) -> None:
    """The other upstream has another version: the viewer is cut off, nothing is stored."""
    first, second = ScriptedOrigin().listen(), ScriptedOrigin().listen()
    first.once("/a", dies_after(5000, ETag='"v0"', Cache_Control="max-age=60"))  # type: ignore[arg-type]
    first.on("/a", by_range)
    second.on("/a", by_range)
    async with running_edge(first.url, second.url, cache_dir=str(tmp_path)) as edge:
        answer = await get(edge, "/a")
        assert not answer.is_whole
        assert answer.body == BODY[:5000]
        whole = await get(edge, "/a")
        assert (whole.cache, whole.body) == ("MISS", BODY)
    await first.stop()
    await second.stop()


@pytest_twisted.ensureDeferred
async def test_without_a_strong_tag_a_body_is_not_resumed() -> None:
    """A weak tag says nothing of bytes (RFC 9110 §13.1.5)."""
    first, second = ScriptedOrigin().listen(), ScriptedOrigin().listen()
    first.on("/a", dies_after(5000, ETag='W/"v1"', Cache_Control="max-age=60"))  # type: ignore[arg-type]
    second.on("/a", by_range)
    async with running_edge(first.url, second.url) as edge:
        assert not (await get(edge, "/a")).is_whole
    assert second.count() == 0
    await first.stop()
    await second.stop()


@pytest_twisted.ensureDeferred
async def test_an_answer_before_the_upload_is_done_is_passed_on() -> None:
    """A refusal by the head alone does not wait for the body."""
    origin, never = ScriptedOrigin().listen(), Gate()
    origin.on("/up", held(never, reply(b"")))
    async with running_edge(origin.url) as edge:
        posting = ask(edge.port, "/up", "POST", b"x" * 100_000)
        never.open()
        assert (await posting).status == 200
        await until(lambda: edge.status()["in_flight"] == 0)
    await origin.stop()


class Deaf(Protocol):
    """An upstream that takes connections and reads nothing."""

    transport: Any
    lines: ClassVar[set[Deaf]] = set()

    def connectionMade(self) -> None:
        self.lines.add(self)
        self.transport.pauseProducing()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.lines.discard(self)


@pytest_twisted.ensureDeferred
async def test_an_upstream_that_does_not_take_the_upload_is_a_504() -> None:
    """It is given up after a while, and everything that was held for it is free again."""
    deaf = reactor.listenTCP(0, Factory.forProtocol(Deaf), interface="127.0.0.1")
    limits = evolve(QUICK, send_seconds=0.3, first_byte_seconds=60.0)
    async with running_edge(f"http://127.0.0.1:{reactor_port(deaf)}", limits=limits) as edge:
        answer = await ask(edge.port, "/up", "POST", b"x" * (16 << 20))
        assert answer.status == 504
        await until(lambda: edge.status()["in_flight"] == 0)
        assert edge._pool.open_count == 0
    await deaf.stopListening()
    for line in tuple(Deaf.lines):
        line.transport.abortConnection()


@pytest.mark.parametrize("viewer", ["leaves", "stays"])
@pytest_twisted.ensureDeferred
async def test_an_upstream_lost_before_the_viewers_body_is_leaves_no_loose_end(viewer: str) -> None:
    """Two failures of one question, and one of them is told."""
    origin = ScriptedOrigin().listen()
    with no_loose_ends():
        async with running_edge(origin.url) as edge:
            posting = await connect(edge.port)
            posting.send(b"POST /up HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nx")
            await until(lambda: origin.lines)
            for line in tuple(origin.lines):
                line.cut()
            if viewer == "stays":
                await until(lambda: b"502" in posting.received)
            posting.leave()
            await until(lambda: edge.status()["in_flight"] == 0)
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_garbage_is_a_502_and_is_not_stored() -> None:
    """What is not HTTP is refused in a sentence (sheet 12.5)."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", saying(b"HTTP/1.1 200 OK\r\nCache-Control : max-age=60\r\nContent-Length: 2\r\n\r\nhi"))
    async with running_edge(origin.url) as edge:
        answer = await get(edge, "/a")
        assert answer.status == 502
        assert edge.status()["cache"]["entries"] == 0
    await origin.stop()


class _Told:
    """A listener that only remembers how it ended."""

    def __init__(self) -> None:
        self.ends: list[tuple[Reason, str]] = []

    def head_arrived(self, head: ResponseHead, requested_at: float) -> None: ...

    def body_outgrew(self) -> None: ...

    def body_completed(self, size: int) -> None: ...

    def interim_arrived(self, head: ResponseHead) -> None: ...

    def fetch_failed(self, failure: UpstreamFailed) -> None:
        self.ends.append((failure.reason, str(failure)))


@pytest.mark.parametrize("is_cancelled", [False, True])
def test_a_defect_of_ours_ends_the_wait(is_cancelled: bool) -> None:
    """It is logged with its traceback, even if nobody waits any more; who does is told nothing of what went
    wrong."""
    logged: list[LogEvent] = []
    note = cast(ILogObserver, logged.append)
    globalLogPublisher.addObserver(note)

    def broken() -> float:
        if is_cancelled:
            fetching.cancel()
        raise ZeroDivisionError

    upstreams: Any = SimpleNamespace(now=broken, limits=Limits())
    listener = _Told()
    fetching = Fetching(upstreams, RequestHead("GET", "/a"), listener)
    fetching.start()
    globalLogPublisher.removeObserver(note)
    (event,) = (event for event in logged if "log_failure" in event)
    assert event["log_failure"].check(ZeroDivisionError)
    assert listener.ends == ([] if is_cancelled else [(Reason.CUT, "Internal error")])
