"""What PoPs that play a vendor are told of viewers, on the express lane and beside it, and nobody else is."""

from __future__ import annotations

from pathlib import Path

import pytest_twisted
from twisted.internet import reactor

from edge.tls.settings import Tls
from tests.support.balancer import port_of, resets, says, stage
from tests.support.kept import Kept
from tests.support.scripted import ViewerConnection
from tests.support.tls import authority_in, client_context, in_thread, shake
from tests.support.viewer import request
from wire.http.asker import Asker
from wire.http.fields import Fields

FORGED = b"Forwarded: for=9.9.9.9;proto=https;region=na\r\n"


def asker_in(fields: dict[str, str]) -> Asker | None:
    return Asker.introduced_by(Fields(fields.items()))


def own_port(viewer: ViewerConnection | None) -> int:
    assert viewer is not None
    return port_of(viewer.transport)


def question(fields: bytes = b"", target: bytes = b"/a") -> bytes:
    return b"GET %b HTTP/1.1\r\nHost: media.example\r\n%b\r\n" % (target, fields)


@pytest_twisted.ensureDeferred
async def test_a_pop_is_told_who_asks_whichever_way_the_question_takes() -> None:
    """The lane remembers questions, and each viewer's introduction; what viewers say of themselves falls."""
    async with stage(reactor, {"eu": says("eu")}, introduced={"eu"}) as world:
        viewers = Kept(world.port), Kept(world.port)
        for _ in range(3):
            for viewer in viewers:
                await viewer.ask(question(FORGED))
        asked = [asker_in(each.fields) for each in world.pops["eu"].requests]
        ports = [own_port(viewer.viewer) for viewer in viewers]
        assert world.node.front.counted["express"] >= 4
        for viewer in viewers:
            viewer.leave()
    assert asked == [Asker("127.0.0.1", port, "http", "1.1") for port in ports] * 3


@pytest_twisted.ensureDeferred
async def test_the_region_goes_with_it_that_the_viewer_names() -> None:
    """In any of the ways; one that follows from the address alone, the PoP can tell itself."""
    named = [
        (b"", b"/a?region=na"),
        (b"X-Viewer-Region: na\r\n", b"/a"),
        (b"Cookie: viewer-region=na\r\n", b"/a"),
    ]
    async with stage(reactor, {"eu": says("eu")}, introduced={"eu"}) as world:
        viewer = Kept(world.port)
        for _ in range(2):
            for fields, target in (*named, (b"", b"/a")):
                await viewer.ask(question(fields, target))
        viewer.leave()
        asked = [asker_in(each.fields) for each in world.pops["eu"].requests]
    assert [each.region if each is not None else None for each in asked] == ["na", "na", "na", ""] * 2


@pytest_twisted.ensureDeferred
async def test_nobody_else_is_told() -> None:
    """To a plain edge two viewers' questions are the same bytes; and nobody is told what a viewer wrote there."""
    async with stage(reactor, {"eu": says("eu")}) as world:
        viewer = Kept(world.port)
        for _ in range(3):
            await viewer.ask(question(FORGED))
        viewer.leave()
        assert all("forwarded" not in each.fields for each in world.pops["eu"].requests)


@pytest_twisted.ensureDeferred
async def test_who_is_asked_instead_is_told_if_they_want_it() -> None:
    """Of two PoPs each gets its own head, though the question is one."""
    async with stage(reactor, {"eu": resets, "na": says("na")}, introduced={"na"}) as world:
        assert (await world.ask("/a", X_Viewer_Region="eu")).body == b"na /a"
        (first, *_), (second,) = (world.pops[name].requests for name in ("eu", "na"))
    told = asker_in(second.fields)
    assert "forwarded" not in first.fields
    assert told is not None
    assert (told.address, told.region) == ("127.0.0.1", "eu")


@pytest_twisted.ensureDeferred
async def test_what_secures_the_viewers_connection_is_told(tmp_path: Path) -> None:
    """The PoP is asked in the clear."""
    tls = Tls(listen="127.0.0.1:0", authority=str(tmp_path))
    async with stage(reactor, {"eu": says("eu")}, introduced={"eu"}, tls=tls) as world:
        port, context = port_of(world.node.tls_port), client_context(authority_in(tmp_path))
        raw = question() + request("/b")
        await in_thread(shake, port, context, data=raw)
        asked = [asker_in(each.fields) for each in world.pops["eu"].requests]
    assert len(asked) == 2
    for each in asked:
        assert each is not None
        assert each.secured is not None
        assert (each.scheme, each.secured.protocol) == ("https", "TLSv1.3")
        assert each.secured.cipher.startswith("TLS_")
