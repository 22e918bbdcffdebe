"""EdgeAuth tokens at a running edge: in the URL, a cookie or a header, before the cache."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_twisted

from edge.personality.akamai.settings import Property, VerifyToken
from edge.service import EdgeNode
from tests.support.edge_node import get, running_edge
from tests.support.edgeauth import E1, E2, E3, E6, E7, E8, KEY
from tests.support.scripted_origin import ScriptedOrigin, reply
from wire.tokens.edgeauth import Lock

LOCKED = Property(tokens=(VerifyToken(Lock(KEY), "/media/*"),))


@asynccontextmanager
async def an_edge(told: Property = LOCKED, **fields: str) -> AsyncIterator[tuple[EdgeNode, ScriptedOrigin]]:
    """An edge that plays Akamai before an origin of ours."""
    origin = ScriptedOrigin().listen()
    for path in ("/media/a.jpg", "/media/hls/1.ts", "/open"):
        origin.on(path, reply(b"picture", 200, **({"Cache_Control": "max-age=600"} | fields)))
    async with running_edge(origin.url, personality="akamai", akamai=told) as edge:
        yield edge, origin
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_token_may_stand_in_three_places() -> None:
    """Wherever it stands, it names no object and never reaches the origin."""
    async with an_edge() as (edge, origin):
        assert (await get(edge, f"/media/a.jpg?w=1&__token__={E1}")).status == 200
        assert (await get(edge, "/media/a.jpg?w=1", Cookie=f"a=b; __token__={E1}")).status == 200
        assert (await get(edge, "/media/a.jpg?w=1", __token__=E1)).status == 403  # names of headers have no _
        assert [asked.target for asked in origin.requests] == ["/media/a.jpg?w=1"]
    header = Property(tokens=(VerifyToken(Lock(KEY), "/media/*", ("header",), "X-Token"),))
    async with an_edge(header) as (edge, origin):
        assert (await get(edge, "/media/a.jpg", X_Token=E1)).status == 200
        assert (await get(edge, f"/media/a.jpg?X-Token={E1}")).status == 403
        assert "x-token" not in {name.lower() for name, _ in origin.requests[0].fields}


@pytest_twisted.ensureDeferred
async def test_the_vectors() -> None:
    async with an_edge() as (edge, _):
        for token, path, status in (
            *((E1, "/media/a.jpg", 200), (E2, "/media/hls/1.ts", 200), (E2, "/media/a.jpg", 200)),
            *((E2, "/media/b.jpg", 403), (E3, "/media/a.jpg", 200), (E3, "/media/b.jpg", 403)),
            *((E7, "/media/a.jpg", 403), (E8, "/media/a.jpg", 403), (E6, "/media/a.jpg", 403)),
        ):
            assert (await get(edge, f"{path}?__token__={token}")).status == status


@pytest_twisted.ensureDeferred
async def test_the_first_place_that_shows_a_token_decides() -> None:
    async with an_edge() as (edge, _):
        assert (await get(edge, f"/media/a.jpg?__token__={E7}", Cookie=f"__token__={E1}")).status == 403


@pytest_twisted.ensureDeferred
async def test_the_refusal_is_a_page_of_akamais_form() -> None:
    """And says so to who asks for debug headers."""
    async with an_edge() as (edge, origin):
        await get(edge, f"/media/a.jpg?__token__={E1}")
        refused = await get(edge, "/media/a.jpg?x=<b>", Pragma="akamai-x-cache-on")
        assert refused.status == 403
        assert refused.get("Server") == "AkamaiGHost"
        assert refused.get("Mime-Version") == "1.0"
        assert refused.get("Content-Type") == "text/html"
        assert b"<H1>Access Denied</H1>" in refused.body
        assert b"http&#58;&#47;&#47;cdn&#46;example&#47;media&#47;a&#46;jpg" in refused.body
        assert b"Reference&#32;&#35;18&#46;" in refused.body
        assert refused.cache.startswith("TCP_DENIED from ")
        assert origin.count() == 1


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    "target", ["/open/../media/a.jpg", "/%6dedia/a.jpg", "http://cdn.example/media/a.jpg"]
)
async def test_no_other_spelling_goes_round(target: str) -> None:
    async with an_edge() as (edge, origin):
        assert (await get(edge, target)).status == 403
        assert origin.count() == 0


@pytest_twisted.ensureDeferred
async def test_a_property_may_only_report() -> None:
    """Just Verify lets everybody in."""
    told: Any = Property(tokens=(VerifyToken(Lock(KEY), failure="report"),))
    async with an_edge(told) as (edge, _):
        assert (await get(edge, "/media/a.jpg")).status == 200
