"""What an upstream cut short or left unfinished is never passed off as whole (sheet 12.1, 12.3)."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
import pytest_twisted

from edge.settings import Limits
from tests.support.edge_node import get, pause, running_edge, until
from tests.support.scripted_origin import Asked, Gate, Line, ScriptedOrigin, head, reply, saying
from tests.support.viewer import asking

BODY = bytes(range(256)) * 40


@pytest_twisted.ensureDeferred
async def test_a_body_cut_by_its_length_is_never_ended_cleanly_nor_stored(tmp_path: Path) -> None:
    """The viewer can tell that it is not whole, and the next one gets a fresh fetch (sheet 12.1)."""
    origin = ScriptedOrigin().listen()

    async def cut_short(asked: Asked, line: Line) -> None:
        line.send(head(200, len(BODY), Cache_Control="max-age=60") + BODY[:500])
        await pause(0.02)
        line.close()

    origin.once("/a", cut_short)
    origin.on("/a", reply(BODY, Cache_Control="max-age=60"))
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        first, second = await get(edge, "/a"), await get(edge, "/a")
        assert not first.is_whole
        assert BODY.startswith(first.body)
        assert (second.cache, second.body) == ("MISS", BODY)
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_chunked_body_that_is_cut_is_cut_for_every_viewer(tmp_path: Path) -> None:
    """No last chunk is invented, for the leader or for those who follow it (sheet 12.1, 18.5)."""
    origin, gate, cut = ScriptedOrigin().listen(), Gate(), Gate()

    async def cut_short(asked: Asked, line: Line) -> None:
        await gate.passed()
        line.send(head(200, Transfer_Encoding="chunked", Cache_Control="max-age=60") + b"5\r\nhello\r\n")
        await cut.passed()
        line.cut()

    origin.on("/a", cut_short)
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        all_asking = asking(edge.port, "/a", 4)
        await until(lambda: edge.status()["waiting_for_flight"] == 3)
        gate.open()
        await until(lambda: edge.status()["waiting_for_flight"] == 0)
        await pause(0.02)
        cut.open()
        answers = await all_asking
        assert not any(answer.is_whole for answer in answers)
        stats = edge.status()["cache"]
        assert stats["entries"] == 0
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_close_delimited_body_is_whole_only_if_the_close_is_orderly(tmp_path: Path) -> None:
    """An HTTP/1.0 origin without lengths is cached; the same with a reset is not (sheet 12.1)."""
    origin = ScriptedOrigin().listen()

    async def orderly(asked: Asked, line: Line) -> None:
        line.send(b"HTTP/1.0 200 OK\r\nCache-Control: max-age=60\r\n\r\n" + BODY)
        line.close()

    async def reset(asked: Asked, line: Line) -> None:
        line.send(b"HTTP/1.0 200 OK\r\nCache-Control: max-age=60\r\n\r\n" + BODY)
        await pause(0.05)
        line.cut()

    origin.on("/closed", orderly)
    origin.on("/reset", reset)
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        first, second = await get(edge, "/closed"), await get(edge, "/closed")
        assert first.is_whole
        assert (second.cache, second.body) == ("HIT", BODY)
        first, second = await get(edge, "/reset"), await get(edge, "/reset")
        assert not first.is_whole
        assert second.cache != "HIT"
    await origin.stop()


@pytest.mark.parametrize("coding", ["identity", "gzip"])
@pytest.mark.parametrize("end", ["closed", "reset", "short"])
@pytest_twisted.ensureDeferred
async def test_what_does_not_end_in_chunked_is_whole_with_an_orderly_close(
    coding: str, end: str, tmp_path: Path
) -> None:
    """Sheet 12.3: read to the close, decoded, and stored if that was orderly; viewers learn of no coding."""
    origin = ScriptedOrigin().listen()
    coded = gzip.compress(BODY) if coding == "gzip" else BODY
    missing = 1 if end == "short" else 0  # an orderly close where the coding is not at its end

    async def script(asked: Asked, line: Line) -> None:
        line.send(head(200, Cache_Control="max-age=60", Transfer_Encoding=coding))
        line.send(coded[: len(coded) - missing])
        if end == "reset":
            await pause(0.05)
            line.cut()
        else:
            line.close()

    origin.on("/a", script)
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        first, second = await get(edge, "/a"), await get(edge, "/a")
        is_whole = end == "closed" or (end, coding) == ("short", "identity")
        assert (first.is_whole, second.cache == "HIT") == (is_whole, is_whole)
        if is_whole:
            assert second.body == BODY[: len(BODY) - missing]
            assert second.get("Content-Encoding") == second.get("Transfer-Encoding") == ""
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_an_upstream_that_falls_silent_midway_cuts_its_viewers() -> None:
    """The time between bytes is limited too; what came is not passed off as whole."""
    origin, never = ScriptedOrigin().listen(), Gate()

    async def stall(asked: Asked, line: Line) -> None:
        line.send(head(200, 100, Cache_Control="max-age=60") + b"some")
        await never.passed()

    origin.on("/a", stall)
    limits = Limits(between_bytes_seconds=0.2, drain_seconds=0.2)
    async with running_edge(origin.url, limits=limits) as edge:
        answer = await get(edge, "/a")
        assert not answer.is_whole
        assert edge.status()["cache"]["entries"] == 0
    never.open()
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_an_answer_with_two_framings_is_passed_on_in_one_and_not_stored(tmp_path: Path) -> None:
    """Chunked wins; who else reads this origin may see it otherwise (sheet 12.3)."""
    origin = ScriptedOrigin().listen()
    twofold = head(200, 3, Cache_Control="max-age=60", Transfer_Encoding="chunked")
    origin.on("/a", saying(twofold + b"5\r\nhello\r\n0\r\n\r\n"))
    async with running_edge(origin.url, cache_dir=str(tmp_path)) as edge:
        answers = [await get(edge, "/a") for _ in range(2)]
        assert [answer.cache for answer in answers] == ["MISS", "MISS"]
        assert {(answer.body, answer.is_whole, answer.get("Content-Length")) for answer in answers} == {
            (b"hello", True, "")
        }
        assert edge.status()["cache"]["entries"] == 0
    assert (origin.count(), origin.connections) == (2, 2)
    await origin.stop()
