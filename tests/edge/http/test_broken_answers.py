"""An upstream that breaks at every byte of its answer: no cut body is passed off as whole, and nothing of it stays.

What a viewer may get is judged by a naive reader of the very bytes that were sent. Viewers who leave at every byte are
in test_every_byte.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Iterable
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from attrs import evolve, frozen
from twisted.internet.defer import Deferred, DeferredSemaphore, gatherResults

from edge.service import EdgeNode
from edge.settings import Breaker
from tests.support.descriptors import counted, open_in
from tests.support.edge_node import QUICK, get, pause, running_edge, until
from tests.support.scripted_origin import Asked, Line, Script, ScriptedOrigin, head
from tests.support.viewer import Answer, answer_of

BODY = b"0123456789"
FIELDS: dict[str, Any] = {"Cache_Control": "max-age=999", "ETag": '"1"'}
GARBAGE = b"\0\xfe\r\n\r\n~ "
PATIENT = evolve(QUICK, connect_seconds=60.0, first_byte_seconds=60.0, between_bytes_seconds=60.0)
HASTY = evolve(PATIENT, first_byte_seconds=0.7, between_bytes_seconds=0.7)
AT_ONCE = 100  # requests under way together


@frozen
class Kind:
    """An answer that will be broken, and how it is come by."""

    head: bytes
    rest: bytes
    """Its body as it is framed."""
    body: bytes = BODY
    """What a viewer is due who gets it whole."""
    status: int = 200
    wanted: str = ""
    """The viewer's Range."""
    before: str = ""
    """Cache-Control of what the origin said before, which the viewer's question then validates."""

    @property
    def raw(self) -> bytes:
        return self.head + self.rest

    @property
    def has_stand_in(self) -> bool:
        """Whether what was said before may be served in place of no answer (sheet 14.4)."""
        return self.before == "max-age=0"


OK, SOON, TAG = b"HTTP/1.1 200 OK\r\n", b"Cache-Control: max-age=999\r\n", b'ETag: "1"\r\n'
EARLY = b"HTTP/1.1 103 X\r\n\r\n"
PART = b"HTTP/1.1 206 X\r\nContent-Range: bytes 2-7/10\r\nContent-Length: 6\r\n"
CHUNKS = b"4;x\r\n0123\r\n6\r\n456789\r\n0\r\nT: 1\r\n\r\n"
SAME = b"HTTP/1.1 304 X\r\n" + TAG + b"\r\n"
KINDS = {
    "counted": Kind(OK + SOON + TAG + b"Content-Length: 10\r\n\r\n", BODY),
    "chunked": Kind(EARLY + OK + SOON + b"Transfer-Encoding: chunked\r\n\r\n", CHUNKS),
    "until-close": Kind(OK + SOON + b"\r\n", BODY),
    "part": Kind(PART + SOON + TAG + b"\r\n", BODY[2:8], BODY[2:8], 206, "bytes=2-7"),
    "confirming": Kind(SAME, b"", before="max-age=0"),
    "must-confirm": Kind(SAME, b"", before="no-cache"),
}


# How it breaks. Each is told what it may send, and what should have followed.


async def is_reset(sent: bytes, rest: bytes, line: Line) -> None:
    line.cut(behind=sent)


async def closes(sent: bytes, rest: bytes, line: Line) -> None:
    line.send(sent)
    line.close()


async def stalls(sent: bytes, rest: bytes, line: Line) -> None:
    line.send(sent)
    await line.lost()


async def goes_on_with_garbage(sent: bytes, rest: bytes, line: Line) -> None:
    line.send(sent + garbage(len(rest)) + GARBAGE)
    await line.lost()


def garbage(size: int) -> bytes:
    """So many bytes of it."""
    return (GARBAGE * (size // len(GARBAGE) + 1))[:size]


Way = Callable[[bytes, bytes, Line], Coroutine[Any, Any, None]]


@frozen
class Case:
    """One kind of answer that breaks behind so many bytes."""

    name: str
    at: int
    way: Way

    @property
    def kind(self) -> Kind:
        return KINDS[self.name]

    @property
    def path(self) -> str:
        return f"/{self.name}/{self.at}"

    @property
    def is_hasty(self) -> bool:
        """Whether nothing but a time limit ends it; on a slow machine that may be too short even for what is whole."""
        return self.way in (stalls, goes_on_with_garbage)

    @property
    def due(self) -> bytes | None:
        """What a viewer is due by a naive reading of what was sent; None if that was no whole answer."""
        kind, sent = self.kind, self.kind.raw[: self.at]
        if self.way is goes_on_with_garbage:
            if self.at < len(kind.head):
                return None
            sent += garbage(len(kind.raw) - self.at)
        said = answer_of(sent, cleanly=self.way is closes)
        if not said.is_whole:
            return None
        return kind.body if said.status == 304 else said.body

    async def script(self, asked: Asked, line: Line) -> None:
        """The origin's part in it. What is whole leaves nothing to stall: it answers what comes next on that line."""
        raw = self.kind.raw
        if self.way is stalls and self.due is not None:
            line.send(raw)
        else:
            await self.way(raw[: self.at], raw[self.at :], line)


def cases(way: Way) -> Iterable[Case]:
    """Every position of every kind, the end included."""
    return [Case(name, at, way) for name, kind in KINDS.items() for at in range(len(kind.raw) + 1)]


def before(control: str) -> Script:
    """The whole body, with a validator."""

    async def script(asked: Asked, line: Line) -> None:
        line.send(head(200, len(BODY), ETag='"1"', Cache_Control=control) + BODY)

    return script


async def well(asked: Asked, line: Line) -> None:
    """An origin that sends the body, the rest of it, or that it is still the same."""
    wanted = re.fullmatch("bytes=([0-9]+)-([0-9]*)", asked.get("Range") or "")
    if asked.get("If-None-Match") == '"1"':
        line.send(head(304, **FIELDS))
    elif wanted is not None and asked.get("If-Range") in (None, '"1"'):
        start, stop = int(wanted[1]), int(wanted[2] or len(BODY) - 1) + 1
        span = f"bytes {start}-{stop - 1}/{len(BODY)}"
        line.send(head(206, stop - start, Content_Range=span, **FIELDS) + BODY[start:stop])
    else:
        line.send(head(200, len(BODY), **FIELDS) + BODY)


def judge(case: Case, answer: Answer) -> None:
    """Whole and right, an error that says what it is, what is stale where that is allowed, or visibly cut."""
    kind, due = case.kind, case.due
    may_fail = due is None or case.is_hasty
    if not answer.is_whole:
        assert may_fail, "what came whole is passed on whole"
        assert answer.status == kind.status, "the head stood already"
        assert kind.body.startswith(answer.body) or case.way is goes_on_with_garbage
    elif answer.status in (502, 504):
        assert may_fail
        assert not kind.has_stand_in or case.way is goes_on_with_garbage
        error = answer.get("Proxy-Status").removeprefix("fra-1; error=")
        assert error.partition("_")[0] in ("http", "connection"), error
        is_late = error.endswith("_timeout")
        assert is_late or case.way is not stalls, error
        assert answer.status == (504 if is_late or is_unconfirmed(kind, error) else 502), error
    elif due is None or answer.cache == "STALE":
        assert may_fail
        assert kind.has_stand_in
        assert (answer.status, answer.body, answer.cache) == (200, BODY, "STALE")
    else:
        assert (answer.status, answer.body) == (kind.status, due)


def is_unconfirmed(kind: Kind, error: str) -> bool:
    """Whether no answer came to a validation: 504, whatever the reason (RFC 9111 §5.2.2.2)."""
    return bool(kind.before) and error != "http_protocol_error"


def kept(case: Case) -> bytes:
    """What a later viewer is due of the whole: what came whole is what there is, by all that a cache can know."""
    due = case.due
    if due is None:
        return BODY
    return BODY[:2] + due + BODY[8:] if case.name == "part" else due


async def ask_broken(case: Case, edge: EdgeNode, origin: ScriptedOrigin) -> None:
    """The viewer's question, and its end."""
    origin.on(case.path, case.script)
    answer = await get(edge, case.path, **({"Range": case.kind.wanted} if case.kind.wanted else {}))
    try:
        judge(case, answer)
    except AssertionError as wrong:
        raise AssertionError(f"{case}: {answer}: {wrong}") from wrong


async def ask_before(case: Case, edge: EdgeNode, origin: ScriptedOrigin) -> None:
    """What will have to be validated is stored."""
    origin.on(case.path, before(case.kind.before))
    assert (await get(edge, case.path)).body == BODY


async def ask_again(case: Case, edge: EdgeNode, origin: ScriptedOrigin) -> None:
    """The upstream is well again."""
    origin.on(case.path, well)
    answer = await get(edge, case.path)
    assert (answer.status, answer.body, answer.is_whole) in (
        (200, kept(case), True),
        (200, BODY if case.is_hasty else kept(case), True),  # the limit may have come before the end
    ), f"{case}: {answer}"


def has_before(case: Case) -> bool:
    return bool(case.kind.before)


async def together(cases: Iterable[Case], do: Callable[[Case], Coroutine[Any, Any, None]]) -> None:
    """All of them, many at a time."""
    turns = DeferredSemaphore(AT_ONCE)
    running = [turns.run(lambda each: Deferred.fromCoroutine(do(each)), case) for case in cases]
    await gatherResults(running, consumeErrors=True)


@pytest.mark.parametrize("way", [is_reset, closes, stalls, goes_on_with_garbage])
@pytest_twisted.ensureDeferred
async def test_an_upstream_that_breaks_at_any_byte(way: Way, tmp_path: Path) -> None:
    """Sheet 12.1, 12.3, 12.5, 14.4; and whoever asks when it is well gets all of it, from a node that lost nothing.

    Where nothing is stored, and no flight or turn is taken, a later question is like a first one."""
    sockets = counted()["sockets"]
    origin = ScriptedOrigin().listen()
    every = list(cases(way))
    async with running_edge(
        origin.url,
        cache_dir=str(tmp_path),
        limits=PATIENT,
        range_fill="forward",
        breaker=Breaker(failures=0),  # it is to be asked, however often it broke
    ) as edge:
        node = edge.machinery
        assert node is not None
        upstreams = node.upstreams
        await together(filter(has_before, every), lambda case: ask_before(case, edge, origin))
        node.upstreams = evolve(upstreams, limits=HASTY if every[0].is_hasty else PATIENT)
        await together(every, lambda case: ask_broken(case, edge, origin))
        await until(lambda: edge.status()["in_flight"] == 0, 30.0)
        node.upstreams = upstreams
        held = []
        for case in every:
            for entry in await node.variants(f"http://cdn.example{case.path}"):
                assert entry.is_part or case.due is not None or case.kind.before, case
                held.append(case)
        await together(held, lambda case: ask_again(case, edge, origin))
        await until(lambda: edge.status()["in_flight"] == 0 and not edge._viewers.channels, 30.0)
        assert not edge._pool._busy
        assert (edge._pool.waiting, len(node.flights), len(node.spools)) == (0, 0, 0)
        assert edge._pool.open_count == sum(map(len, edge._pool._idle.values()))
        assert not list(tmp_path.rglob("spool-*"))
    await origin.stop()
    assert not origin.failures
    await pause(0.1)
    assert counted()["sockets"] <= sockets
    assert not [name for name in open_in() if str(tmp_path) in name and "cache.db" not in name]
