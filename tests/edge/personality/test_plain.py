"""`__cld_token__` at the edge: for a site that is no pixeledge origin."""

from __future__ import annotations

import time

import pytest
import pytest_twisted

from edge.personality.plain import Guarded
from tests.support.edge_node import get, running_edge, until
from tests.support.scripted_origin import ScriptedOrigin, reply
from tests.support.viewer import connect
from wire.tokens.cloudinary import NAME, generate

KEY = "00112233FF99"


@pytest_twisted.ensureDeferred
async def test_a_token_opens_and_is_shared_with_nobody() -> None:
    """Whoever was let in gets the same object as all others; without a token there is none."""
    origin = ScriptedOrigin().listen()
    origin.on("/private/a", reply(b"mine", Cache_Control="max-age=60"))
    origin.on("/a", reply(b"open", Cache_Control="max-age=60"))
    soon = int(time.time()) + 600
    async with running_edge(origin.url, guarded=(Guarded("/private/*", (KEY,)),)) as edge:
        token = generate(KEY, expires=soon, acl=["/private/*"])
        refused = await get(edge, "/private/a")
        assert (refused.status, refused.get("X-Cld-Error")) == (401, "deny or ACL failure")
        assert (await get(edge, f"/private/a?{NAME}={token}&w=1")).body == b"mine"
        assert (await get(edge, "/private/a?w=1", Cookie=f"b=1; {NAME}={token}")).cache == "HIT"
        other = generate("00112233FF98", expires=soon, acl=["/private/*"])
        assert (await get(edge, "/private/a?w=1", Cookie=f"{NAME}={other}")).status == 401
        late = generate(KEY, expires=soon - 6000, acl=["/private/*"])
        assert (await get(edge, f"/private/a?{NAME}={late}")).status == 401
        for_one = generate(KEY, expires=soon, url="/private/a?w=1")
        assert (await get(edge, f"/private/a?w=1&{NAME}={for_one}")).cache == "HIT"
        assert (await get(edge, "/a")).body == b"open"
        assert [asked.target for asked in origin.requests] == ["/private/a?w=1", "/a"]
        assert all(name.lower() != "cookie" for asked in origin.requests for name, _ in asked.fields)
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_token_for_one_place_opens_no_other() -> None:
    """Not by dot segments, which are taken out before anything is looked up, nor by other slashes."""
    origin = ScriptedOrigin().listen()
    origin.on("/private/a", reply(b"mine", Cache_Control="max-age=60"))
    token = generate(KEY, expires=int(time.time()) + 600, acl=["/open/*"])
    async with running_edge(origin.url, guarded=(Guarded("/private/*", (KEY,)),)) as edge:
        for path in ("/open/../private/a", "/open/%2e%2e/private/a", "/private%2Fa", "//private/a"):
            assert (await get(edge, f"{path}?{NAME}={token}")).status == 401
            assert (await get(edge, path)).status == 401
        assert origin.count() == 0
    await origin.stop()


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(("path", "tickets"), [("/a", 1), ("/private/a", 0)])
async def test_what_is_behind_a_check_never_travels_express(path: str, tickets: int) -> None:
    """On a kept connection, where a hit that is for everybody does."""
    origin = ScriptedOrigin().listen()
    origin.on(path, reply(b"hello", Cache_Control="max-age=60"))
    token = generate(KEY, expires=int(time.time()) + 600, acl=["/private/*"])
    async with running_edge(origin.url, guarded=(Guarded("/private/*", (KEY,)),)) as edge:
        viewer = await connect(edge.port)
        for _ in range(3):
            viewer.received.clear()
            viewer.send(f"GET {path} HTTP/1.1\r\nHost: a\r\nCookie: {NAME}={token}\r\n\r\n".encode())
            await until(lambda: viewer.received.endswith(b"hello"), 30)
        assert edge.machinery is not None
        assert [len(lane) for lane in edge.machinery.lanes] == [tickets]
        viewer.leave()
    await origin.stop()
