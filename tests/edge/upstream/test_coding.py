"""Texts through a real edge that compresses: stored once per coding, whole, and never another's."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import brotli
import pytest
import pytest_twisted
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from edge.core.policy import Compression
from edge.upstream.coding import CODERS
from tests.support.edge_node import get, pause, running_edge, until
from tests.support.scripted_origin import Asked, Gate, Line, ScriptedOrigin, head, reply
from tests.support.viewer import connect

TEXT = b"".join(b"line %d of a text that repeats itself\n" % number for number in range(500))
FIELDS = {"Content_Type": "text/plain", "Cache_Control": "max-age=60", "ETag": '"v1"'}
DECODED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
}


@given(st.lists(st.binary(max_size=200), max_size=8), st.sampled_from(sorted(CODERS)), st.booleans())
def test_what_is_coded_is_decoded_to_the_same(pieces: list[bytes], coding: str, flushes: bool) -> None:
    """However it comes in."""
    coder = CODERS[coding]()
    coded = b"".join(coder.code(piece) + (coder.flush() if flushes else b"") for piece in pieces)
    assert DECODED[coding](coded + coder.finish()) == b"".join(pieces)


@pytest_twisted.ensureDeferred
async def test_each_coding_is_fetched_and_stored_once() -> None:
    """Four kinds of viewers, four fetches, and then hits: each gets what it can read."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(TEXT, 200, **FIELDS))
    async with running_edge(origin.url) as edge:
        for expected in ("MISS", "HIT"):
            for coding in ("gzip", "br", "zstd"):
                answer = await get(edge, "/a", Accept_Encoding=f"{coding}, deflate")
                assert (answer.cache, answer.get("Content-Encoding")) == (expected, coding)
                assert answer.get("Vary") == "Accept-Encoding"
                assert DECODED[coding](answer.body) == TEXT
                assert len(answer.body) < len(TEXT) / 4
            plain = await get(edge, "/a")
            assert (plain.cache, plain.body, plain.get("ETag")) == (expected, TEXT, '"v1"')
        assert (await get(edge, "/a", Accept_Encoding="gzip, deflate, br, zstd")).cache == "HIT"
    assert origin.count() == 4
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_pictures_are_never_coded_and_share_one_entry() -> None:
    """Whatever the viewer accepts."""
    origin = ScriptedOrigin().listen()
    origin.on("/a.png", reply(TEXT, 200, **FIELDS | {"Content_Type": "image/png"}))
    async with running_edge(origin.url) as edge:
        for accepted, cache in (("gzip", "MISS"), ("br", "HIT"), ("", "HIT")):
            answer = await get(edge, "/a.png", Accept_Encoding=accepted)
            assert (answer.cache, answer.body) == (cache, TEXT)
            assert not answer.get("Content-Encoding")
            assert not answer.get("Vary")
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_ranges_and_preconditions_are_of_the_coded_bytes() -> None:
    """Parts add up to the stored coding; its tag is weak, so If-Range gets the whole (RFC 9110 §13.1.5)."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(TEXT, 200, **FIELDS))
    async with running_edge(origin.url) as edge:
        whole = await get(edge, "/a", Accept_Encoding="gzip")
        length = len(whole.body)
        parts = [
            await get(edge, "/a", Accept_Encoding="gzip", Range=f"bytes={start}-{start + 99}")
            for start in range(0, length, 100)
        ]
        assert {part.status for part in parts} == {206}
        assert {part.get("Content-Range").partition("/")[2] for part in parts} == {str(length)}
        assert b"".join(part.body for part in parts) == whole.body
        tag = whole.get("ETag")
        assert tag == 'W/"v1~gzip"'
        assert (await get(edge, "/a", Accept_Encoding="gzip", If_None_Match=tag)).status == 304
        assert (await get(edge, "/a", Accept_Encoding="br", If_None_Match=tag)).status == 200
        assert (await get(edge, "/a", If_None_Match=tag)).status == 200
        ranged = await get(edge, "/a", Accept_Encoding="gzip", Range="bytes=0-9", If_Range=tag)
        assert (ranged.status, ranged.body) == (200, whole.body)
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_stale_coding_is_validated_by_the_upstreams_own_tag() -> None:
    """And goes on being served without a second body."""
    origin = ScriptedOrigin().listen()
    stale = FIELDS | {"Cache_Control": "max-age=0"}

    async def validating(asked: Asked, line: Line) -> None:
        if asked.get("If-None-Match") == '"v1"':
            line.send(head(304, None, **stale))
        else:
            line.send(head(200, len(TEXT), **stale) + TEXT)

    origin.on("/a", validating)
    async with running_edge(origin.url) as edge:
        first = await get(edge, "/a", Accept_Encoding="br")
        again = await get(edge, "/a", Accept_Encoding="br")
        assert (again.cache, again.body) == ("REVALIDATED", first.body)
        assert again.get("ETag") == first.get("ETag") == 'W/"v1~br"'
        assert brotli.decompress(again.body) == TEXT
    assert [asked.get("If-None-Match") for asked in origin.requests] == [None, '"v1"']
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_body_that_breaks_off_is_not_ended_as_if_it_were_whole() -> None:
    """No trailer is written over a loss, nothing is stored."""
    origin = ScriptedOrigin().listen()

    async def breaks_off(asked: Asked, line: Line) -> None:
        line.send(head(200, len(TEXT), **FIELDS) + TEXT[:9000])
        await pause(0.05)
        line.cut()

    origin.once("/a", breaks_off)
    origin.on("/a", reply(TEXT, 200, **FIELDS))
    async with running_edge(origin.url) as edge:
        cut = await get(edge, "/a", Accept_Encoding="gzip")
        assert not cut.is_whole
        whole = await get(edge, "/a", Accept_Encoding="gzip")
        assert (whole.cache, gzip.decompress(whole.body)) == ("MISS", TEXT)
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_streamed_text_is_readable_as_far_as_it_has_come() -> None:
    """Who watches a page grow must not wait for the coder's buffer."""
    origin, gate = ScriptedOrigin().listen(), Gate()

    async def slowly(asked: Asked, line: Line) -> None:
        line.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n")
        line.send(b"5\r\nfirst\r\n")
        await gate.passed()
        line.send(b"6\r\nsecond\r\n0\r\n\r\n")

    origin.on("/a", slowly)
    async with running_edge(origin.url) as edge:
        viewer = await connect(edge.port)
        viewer.send(b"GET /a HTTP/1.0\r\nHost: site\r\nAccept-Encoding: gzip\r\n\r\n")

        def readable() -> bytes:
            _, _, body = viewer.received.partition(b"\r\n\r\n")
            return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(bytes(body))

        await until(lambda: readable() == b"first")
        gate.open()
        await until(lambda: readable() == b"firstsecond")
    await origin.stop()


@pytest.mark.parametrize("codings", [("lzma",), ("GZIP",)])
def test_a_coding_that_is_none_is_refused(codings: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="codings"):
        Compression(codings=codings)
