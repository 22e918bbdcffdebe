"""Edge-Control, Edge-Cache-Tag, the caching modes, and what viewers' own caches are told (cdn-vendors §13, §14)."""

from __future__ import annotations

from pathlib import Path
from tempfile import mkstemp
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred, gatherResults

from edge.control.purge import Purge, carry_out
from edge.core.ruling import BYPASS
from edge.personality.akamai.caching import reading_of, tags_of
from edge.personality.akamai.edge_control import EdgeControl
from edge.personality.akamai.settings import Caching, Mode, Property
from edge.settings import Limits
from tests.edge.personality.akamai.test_access import an_edge
from tests.support.edge_node import get, pause, running_edge, until
from tests.support.scripted_origin import Asked, Gate, Line, ScriptedOrigin, head, held, reply, saying
from tests.support.viewer import connect, request
from wire.http.dates import format_date
from wire.http.fields import Fields, ResponseHead

NOW = 1_800_000_000.0


def read(told: Property | None = None, status: int = 200, **fields: str) -> dict[str, str | None]:
    """The directives that a response comes to."""
    head = ResponseHead(status, Fields.of(Date=format_date(NOW), **fields))
    return dict(reading_of(told or Property())(head, NOW).control.directives)


def modal(mode: Mode, seconds: float = 0.0) -> Property:
    return Property(caching=Caching(mode, seconds))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("max-age=90", EdgeControl(seconds=90)),
        ("cache-maxage=7d, max-age=90", EdgeControl(seconds=7 * 86_400)),
        ("max-age=2m, downstream-ttl=1h", EdgeControl(seconds=120, downstream_seconds=3600)),
        ("!no-store, max-age=1s", EdgeControl(no_store=False, seconds=1)),
        ("no-store, !no-store", EdgeControl(no_store=False)),
        ("max-age=5, !max-age", EdgeControl()),
        ("max-age=soon, bypass-cache, dca=esi, must-revalidate", EdgeControl(None, True, True)),
        ("max-age=5x", EdgeControl()),
    ],
)
def test_edge_control(text: str, told: EdgeControl) -> None:
    """What has a mistake in it is not there."""
    assert EdgeControl.of(Fields.of(Edge_Control=text)) == told


class TestReading:
    def test_edge_control_comes_before_cache_control(self) -> None:
        assert read(Edge_Control="max-age=1m", Cache_Control="private")["max-age"] == "60"
        assert "private" not in read(Edge_Control="max-age=1m", Cache_Control="private")
        assert read(Edge_Control="no-store", Cache_Control="max-age=60") == {"no-store": None}
        assert read(Edge_Control="bypass-cache, max-age=60") == {BYPASS: None}
        assert "must-revalidate" in read(Edge_Control="must-revalidate", Cache_Control="max-age=5")

    def test_a_fixed_lifetime_is_that_whatever_the_origin_says(self) -> None:
        told = modal("MAX_AGE", 600)
        assert read(told, Cache_Control="no-store")["max-age"] == "600"
        assert read(told, Edge_Control="no-store") == {"no-store": None}

    def test_what_is_not_to_be_kept(self) -> None:
        assert read(modal("NO_STORE"), Cache_Control="max-age=5") == {"no-store": None}
        assert read(modal("BYPASS_CACHE"), Cache_Control="max-age=5") == {BYPASS: None}
        assert read(modal("NO_STORE"), Edge_Control="!no-store, max-age=5")["max-age"] == "5"
        assert read(modal("BYPASS_CACHE"), Edge_Control="!bypass-cache, max-age=5")["max-age"] == "5"

    def test_whose_word_is_honoured(self) -> None:
        later = format_date(NOW + 100)
        assert read(modal("CACHE_CONTROL", 7), Expires=later)["max-age"] == "7"
        assert read(modal("EXPIRES", 7), Expires=later, Cache_Control="max-age=5")["max-age"] == "100"
        both = modal("CACHE_CONTROL_AND_EXPIRES", 7)
        assert read(both, Expires=later, Cache_Control="s-maxage=6, max-age=5")["max-age"] == "6"
        assert read(both, Expires=later)["max-age"] == "100"
        assert read(both)["max-age"] == "7"
        assert "no-store" in read(both, Cache_Control="no-store")

    def test_errors_have_their_own_lifetime(self) -> None:
        assert read(status=404, Cache_Control="max-age=600")["max-age"] == "10"
        assert read(status=500) == {"no-store": None}
        assert read(status=410, Cache_Control="max-age=600") == {"no-store": None}

    def test_must_revalidate_forbids_what_is_stale(self) -> None:
        told = Property(caching=Caching(must_revalidate=True))
        assert "stale-if-error" not in read(told, Cache_Control="max-age=5, stale-if-error=60")
        assert read(Cache_Control="max-age=5")["stale-if-error"] == "3600"

    def test_surrogate_control_is_read_where_it_is_switched_on(self) -> None:
        """§13.3: after Edge-Control, before Cache-Control."""
        said: dict[str, Any] = {"Surrogate_Control": "max-age=7", "Cache_Control": "max-age=5"}
        told = Property(caching=Caching(surrogate_control=True))
        assert read(told, **said)["max-age"] == "7"
        assert read(told, Edge_Control="max-age=9", **said)["max-age"] == "9"
        assert read(**said)["max-age"] == "5"

    def test_vary_may_forbid(self) -> None:
        told = Property(vary="uncacheable")
        assert read(told, Vary="Accept", Cache_Control="max-age=5") == {BYPASS: None}
        assert read(told, Vary="Accept-Encoding", Cache_Control="max-age=5") == {BYPASS: None}
        compressed = read(told, Vary="Accept-Encoding", Content_Encoding="gzip", Cache_Control="max-age=5")
        assert compressed["max-age"] == "5"


def test_tags() -> None:
    """The first field alone; what is none can never be purged by it."""
    fields = Fields([("Edge-Cache-Tag", "one, album:7, Two ,one," + "x" * 129), ("Edge-Cache-Tag", "three")])
    assert tags_of(fields) == ("one", "Two")
    assert len(tags_of(Fields.of(Edge_Cache_Tag=",".join(map(str, range(200)))))) == 128


@pytest_twisted.ensureDeferred
async def test_viewers_are_told_what_is_left() -> None:
    """The smaller of the edge's and the origin's; or what Edge-Control sets."""
    async with an_edge(Property()) as (edge, origin):
        origin.on("/both", reply(b"1", Cache_Control="public, s-maxage=60, max-age=600"))
        assert (await get(edge, "/both")).get("Cache-Control") == "public, max-age=60"
        origin.on(
            "/set", reply(b"1", Cache_Control="max-age=600", Edge_Control="max-age=1h, downstream-ttl=5s")
        )
        for _ in range(2):
            assert (await get(edge, "/set")).get("Cache-Control") == "max-age=5"
        origin.on("/never", reply(b"1", Cache_Control="max-age=600", Edge_Control="no-store"))
        never = await get(edge, "/never")
        assert never.get("Cache-Control") == "max-age=0, no-cache, no-store"
        assert (never.get("Pragma"), bool(never.get("Expires"))) == ("no-cache", True)


@pytest.mark.parametrize(("mode", "word"), [("NO_STORE", "!no-store"), ("BYPASS_CACHE", "!bypass-cache")])
@pytest_twisted.ensureDeferred
async def test_viewers_keep_nothing_that_the_edge_may_not(mode: Mode, word: str) -> None:
    """§14.3: nor where the property says so, unless the origin takes that back."""
    async with an_edge(modal(mode)) as (edge, origin):
        origin.on("/a", reply(b"1", Cache_Control="max-age=600"))
        told = await get(edge, "/a")
        assert told.get("Cache-Control") == "max-age=0, no-cache, no-store"
        assert (told.get("Pragma"), bool(told.get("Expires"))) == ("no-cache", True)
        origin.on("/b", reply(b"1", Cache_Control="max-age=600", Edge_Control=f"{word}, max-age=60"))
        assert (await get(edge, "/b")).get("Cache-Control") == "max-age=60"


@pytest_twisted.ensureDeferred
async def test_late_in_its_life_an_object_is_refreshed_behind_a_viewer() -> None:
    """§15.2: once for all who ask meanwhile."""
    told = Property(caching=Caching(prefresh_percent=0))
    async with an_edge(told) as (edge, origin):
        origin.on("/a", reply(b"one", Cache_Control="max-age=600", ETag='"1"'))
        await get(edge, "/a")
        gate = Gate()
        origin.on("/a", held(gate, reply(b"two", Cache_Control="max-age=600")))
        assert [(await get(edge, "/a")).body for _ in range(3)] == [b"one"] * 3
        await gate.arrived(1)
        gate.open()
        assert edge.machinery is not None
        machinery = edge.machinery
        await until(lambda: machinery.in_flight.count == 0)
        assert origin.count("/a") == 2
        assert (await get(edge, "/a")).body == b"two"


@pytest_twisted.ensureDeferred
async def test_a_refresh_that_fails_changes_nothing() -> None:
    """§15.2."""
    async with an_edge(Property(caching=Caching(prefresh_percent=0))) as (edge, origin):
        origin.on("/a", reply(b"one", Cache_Control="max-age=600"))
        await get(edge, "/a")
        origin.on("/a", reply(b"", 503))
        first = await get(edge, "/a", Pragma="akamai-x-cache-on")
        await until(lambda: origin.count("/a") == 2)
        again = await get(edge, "/a", Pragma="akamai-x-cache-on")
        assert (first.body, first.cache) == (again.body, again.cache)
        assert (again.status, again.body) == (200, b"one")


@pytest_twisted.ensureDeferred
async def test_a_range_of_what_is_not_held_is_a_part() -> None:
    """§14.7; also of what turns out how long it is when all of it is there."""
    async with an_edge(Property()) as (edge, origin):
        origin.on("/a", reply(b"picture", Cache_Control="max-age=60"))
        answer = await get(edge, "/a", Range="bytes=1-2")
        assert (answer.status, answer.body) == (206, b"ic")
        chunked = head(200, Cache_Control="max-age=60", Transfer_Encoding="chunked")
        origin.on("/b", saying(chunked + b"7\r\npicture\r\n0\r\n\r\n"))
        for wanted, part, place in (("1-2", b"ic", "1-2/7"), ("-3", b"ure", "4-6/7")):
            for _ in range(2):
                answer = await get(edge, "/b", Range=f"bytes={wanted}")
                assert (answer.status, answer.body) == (206, part)
                assert answer.get("Content-Range") == f"bytes {place}"
        assert origin.count("/b") == 1


@pytest_twisted.ensureDeferred
async def test_a_range_of_what_may_not_be_kept_is_a_part() -> None:
    """§14.7, from an origin that ignores ranges."""
    body = bytes(range(250)) * 2400
    async with an_edge(Property()) as (edge, origin):
        origin.on("/a", reply(body, Cache_Control="no-store"))
        chunked = head(200, Cache_Control="no-store", Transfer_Encoding="chunked")
        origin.on("/b", saying(chunked + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)))
        for path in ("/a", "/b"):
            for wanted, start in (("599000-599009", 599_000), ("-10", 599_990), ("0-9", 0)):
                answer = await get(edge, path, Range=f"bytes={wanted}")
                assert (answer.status, answer.body) == (206, body[start : start + 10])
                assert answer.get("Content-Range") == f"bytes {start}-{start + 9}/600000"
            several = await get(edge, path, Range="bytes=599000-599009,0-9")
            assert (several.status, several.body.count(body[:10])) == (206, 2)
            assert (await get(edge, path, Range="bytes=600000-")).status == 416
            assert (await get(edge, path)).body == body


@pytest_twisted.ensureDeferred
async def test_the_rest_of_what_may_not_be_kept_is_not_waited_for() -> None:
    """Who has his part wants no more: his connection goes on, and the origin's ends."""
    piece, pieces, ended = b"0123456789" * 6000, 800, list[bool]()

    async def long(asked: Asked, line: Line) -> None:
        line.send(head(200, pieces * len(piece), Cache_Control="no-store"))
        for _ in range(pieces):
            line.send(piece)
            await pause(0)
        ended.append(line.is_lost)

    async with an_edge(Property()) as (edge, origin):
        origin.on("/a", long)
        viewer = await connect(edge.port)
        for parts in (1, 2):
            viewer.send(request("/a", Range="bytes=2-3", Connection="keep-alive"))
            while viewer.received.count(b"\r\n\r\n23") < parts:
                await viewer.until(len(viewer.received) + 1)
        await until(lambda: len(ended) == origin.count("/a") == 3)  # the first is for the whole
        assert all(ended)
        machinery = edge.machinery
        assert machinery is not None
        await until(lambda: machinery.in_flight.count == 0)
        viewer.leave()


@pytest.mark.parametrize(("control", "files"), [("no-store", 0), ("max-age=60", 1)])
@pytest_twisted.ensureDeferred
async def test_what_waits_for_its_length_and_may_not_be_kept_waits_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, control: str, files: int
) -> None:
    """http-caching 22.4."""
    made: list[str] = []

    def noted(**how: Any) -> tuple[int, str]:
        file, name = mkstemp(**how)
        made.append(name)
        return file, name

    monkeypatch.setattr("wire.web.spool.tempfile.mkstemp", noted)
    origin, body = ScriptedOrigin().listen(), bytes(600_000)
    chunked = head(200, Cache_Control=control, Transfer_Encoding="chunked")
    origin.on("/a", saying(chunked + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)))
    played: dict[str, Any] = {"personality": "akamai", "cache_dir": str(tmp_path)}
    async with running_edge(origin.url, **played) as edge:
        assert (await get(edge, "/a", Range="bytes=0-9")).status == 206
    assert len(made) == files
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_an_error_is_kept_before_a_stale_object_that_may_not_stand_in() -> None:
    """§14.6: 10 s, and the object is there after it."""
    async with an_edge(Property()) as (edge, origin):
        origin.once("/a", reply(b"picture", Cache_Control="max-age=0, must-revalidate", ETag='"1"'))
        await get(edge, "/a")
        origin.on("/a", reply(b"down", 503))
        seen = [await get(edge, "/a", Pragma="akamai-x-cache-on") for _ in range(3)]
        assert [(answer.status, answer.body) for answer in seen] == [(503, b"down")] * 3
        assert origin.count("/a") == 2


@pytest_twisted.ensureDeferred
async def test_who_wants_ranges_of_the_same_waits_for_one_length() -> None:
    """§14.7, §14.8: one question, each its own part, and the whole to who wants that."""
    async with an_edge(Property()) as (edge, origin):
        gate = Gate()
        body = (
            head(200, Cache_Control="max-age=60", Transfer_Encoding="chunked") + b"7\r\npicture\r\n0\r\n\r\n"
        )
        origin.on("/a", held(gate, saying(body)))
        ranges: tuple[dict[str, str], ...] = (
            {"Range": "bytes=1-2"},
            {"Range": "bytes=3-"},
            {"Range": "bytes=9-"},
            {},
        )
        asking = [get(edge, "/a", **wanted) for wanted in ranges]
        answers = gatherResults([Deferred.fromCoroutine(each) for each in asking])
        await gate.arrived(1)
        assert edge.machinery is not None
        flights = edge.machinery.flights
        await until(lambda: flights.waiting == 3)
        gate.open()
        got = [(answer.status, answer.body) for answer in await answers]
        assert got == [(206, b"ic"), (206, b"ture"), (416, b""), (200, b"picture")]
        assert origin.count("/a") == 1


@pytest_twisted.ensureDeferred
async def test_what_is_too_much_to_be_waited_for_goes_out_whole(tmp_path: Path) -> None:
    """From its first byte, though it outgrew what is kept before there was an answer."""
    piece = bytes(range(256)) * 256
    origin = ScriptedOrigin().listen()

    async def endless(asked: Asked, line: Line) -> None:
        line.send(head(200, Cache_Control="max-age=60", Transfer_Encoding="chunked"))
        for _ in range(8):
            line.send(b"%x\r\n%b\r\n" % (len(piece), piece))
            await pause(0)
        line.send(b"0\r\n\r\n")

    origin.on("/a", endless)
    played: dict[str, Any] = {"personality": "akamai", "cache_dir": str(tmp_path)}
    async with running_edge(origin.url, **played, limits=Limits(object_bytes=3 * len(piece))) as edge:
        answer = await get(edge, "/a", Range="bytes=1-2")
        assert (answer.status, answer.body) == (200, 8 * piece)
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_an_answer_with_too_large_headers_is_none() -> None:
    """§13.1.3: 8,192 bytes, unless the property says otherwise; what is stored stands in."""
    for most, statuses in ((8192, [200, 502]), (20_000, [200, 200])):
        async with an_edge(Property(reply_header_bytes=most)) as (edge, origin):
            for path, size in (("/small", 7000), ("/large", 8192)):
                origin.on(path, reply(b"x", Cache_Control="max-age=60", X_Large="x" * size))
            assert [(await get(edge, path)).status for path in ("/small", "/large")] == statuses
            origin.on("/stale", reply(b"old", Cache_Control="max-age=0", ETag='"1"'))
            await get(edge, "/stale")
            origin.on("/stale", reply(b"new", Cache_Control="max-age=0", ETag='"2"', X_Large="x" * 8192))
            assert (await get(edge, "/stale")).body == (b"old" if most == 8192 else b"new")


@pytest_twisted.ensureDeferred
async def test_a_bypass_leaves_alone_what_is_stored() -> None:
    """And no-store drops it."""
    async with an_edge(Property()) as (edge, origin):
        for word in ("bypass-cache", "no-store"):
            path = f"/{word}"
            origin.on(path, reply(b"old", Cache_Control="max-age=0", ETag='"1"'))
            await get(edge, path)
            origin.once(path, reply(b"new", Edge_Control=word))
            assert (await get(edge, path)).body == b"new"
            origin.on(path, reply(b"", status=304, ETag='"1"'))
            await get(edge, path)
            names = {name.lower() for name, _ in origin.requests[-1].fields}
            assert ("if-none-match" in names) is (word == "bypass-cache")


@pytest_twisted.ensureDeferred
async def test_a_304_leaves_the_stored_tags_alone() -> None:
    """§13.1.3: an object goes by the tags that it came with."""
    told: dict[str, Any] = {"Edge_Control": "max-age=0", "ETag": '"1"'}
    async with an_edge() as (edge, origin):
        origin.on("/open", reply(b"x", Edge_Cache_Tag="first", **told))
        await get(edge, "/open")
        origin.on(
            "/open", reply(b"", status=304, Edge_Cache_Tag="second", Edge_Control="max-age=600", ETag='"1"')
        )
        shown = await get(edge, "/open", Pragma="akamai-x-get-cache-tags, akamai-x-cache-on")
        assert shown.cache.startswith("TCP_REFRESH_HIT")
        assert shown.get("Edge-Cache-Tag") == "first"
        assert edge.machinery is not None
        assert await carry_out(Purge(keys=("second",)), edge.machinery) == 0
        assert await carry_out(Purge(keys=("first",)), edge.machinery) == 1
