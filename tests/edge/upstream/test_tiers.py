"""What goes past a parent: whatever no cache keeps (cdn-vendors §5.1, §15.1)."""

from __future__ import annotations

import pytest
import pytest_twisted

from edge.personality.akamai.settings import Caching, Mode, Property
from edge.personality.cloudfront.behavior import PathBehavior, Ttl
from edge.personality.cloudfront.settings import Distribution
from edge.settings import Secondary, Settings
from tests.support.edge_node import running_edge
from tests.support.scripted_origin import ScriptedOrigin, reply
from tests.support.viewer import ask

KEPT, OTHERS = ("GET", "HEAD"), ("POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@pytest_twisted.ensureDeferred
async def test_only_what_may_be_kept_takes_the_parent() -> None:
    """While it is there; and nothing is lost when the origin is not."""
    parent, origin = ScriptedOrigin().listen(), ScriptedOrigin().listen()
    for each in (parent, origin):
        each.on("/a", reply(b"x", Cache_Control="no-store"))
    async with running_edge(parent.url, origin.url, parents=(parent.url,)) as edge:
        for method in (*KEPT, *OTHERS):
            assert (await ask(edge.port, "/a", method)).status == 200
        assert {asked.method for asked in parent.requests} == {"GET"}  # a HEAD is asked as GET, to be kept
        assert [asked.method for asked in origin.requests] == list(OTHERS)
        await origin.stop()
        assert (await ask(edge.port, "/a", "POST", b"x")).status == 200
        assert (parent.requests[-1].method, parent.requests[-1].body) == ("POST", b"x")
    await parent.stop()


@pytest_twisted.ensureDeferred
async def test_what_passes_the_parent_takes_the_origins_shield() -> None:
    """§5.1: what is kept comes by both, or by the shield alone when the parent has gone; nothing goes round that
    while it is there."""
    origin = ScriptedOrigin().listen()
    for path in ("/a", "/b"):
        origin.on(path, reply(b"x", Cache_Control="max-age=60"))
    async with running_edge(origin.url, name="main-shield", role="shield") as shield:
        above = f"http://127.0.0.1:{shield.port}"
        async with running_edge(above, origin.url, name="eu", role="shield") as regional:
            by = f"http://127.0.0.1:{regional.port}"
            async with running_edge(by, above, origin.url, parents=(by,)) as edge:
                assert (await ask(edge.port, "/a")).status == 200
                assert (await ask(edge.port, "/a", "POST", b"x")).status == 200
                await regional.stopService()
                assert (await ask(edge.port, "/b")).status == 200
    seen = [asked.get("via") or "" for asked in origin.requests]
    assert [asked.method for asked in origin.requests] == ["GET", "POST", "GET"]
    assert all("main-shield" in via for via in seen)
    assert ["eu" in via for via in seen] == [True, False, False]
    await origin.stop()


@pytest.mark.parametrize("mode", ["NO_STORE", "BYPASS_CACHE", "MAX_AGE"])
@pytest_twisted.ensureDeferred
async def test_a_property_that_keeps_nothing_asks_no_parent(mode: Mode) -> None:
    parent, origin = ScriptedOrigin().listen(), ScriptedOrigin().listen()
    for each in (parent, origin):
        each.on("/a", reply(b"x"))
    async with running_edge(
        *(parent.url, origin.url),
        parents=(parent.url,),
        personality="akamai",
        akamai=Property(caching=Caching(mode, 60)),
    ) as edge:
        assert (await ask(edge.port, "/a")).status == 200
    assert (parent.count(), origin.count()) == ((1, 0) if mode == "MAX_AGE" else (0, 1))
    await parent.stop()
    await origin.stop()


@pytest.mark.parametrize(("path", "takes_it"), [("/a", True), ("/live", False), ("/never", False)])
@pytest_twisted.ensureDeferred
async def test_a_behavior_that_keeps_nothing_asks_no_parent(path: str, takes_it: bool) -> None:
    """§5.1: by path; and each member of an origin group is asked past its own."""
    parent, origin, second, last = nodes = [ScriptedOrigin().listen() for _ in range(4)]
    for node in (parent, origin):
        node.on(path, reply(b"", 503, Cache_Control="no-store"))
    for node in (second, last):
        node.on(path, reply(b"x", Cache_Control="no-store"))
    told = Distribution(
        failover=(503,),
        behaviors=(
            PathBehavior(path_pattern="/live", cache_policy="CachingDisabled"),
            PathBehavior(path_pattern="/never", ttl=Ttl(0, 0, 0)),
        ),
    )
    async with running_edge(
        *(parent.url, origin.url),
        secondary=Secondary((second.url, last.url)),
        parents=(parent.url, second.url),
        personality="cloudfront",
        cloudfront=told,
    ) as edge:
        assert (await ask(edge.port, path)).body == b"x"
    assert [node.count() for node in nodes] == ([1, 0, 1, 0] if takes_it else [0, 1, 0, 1])
    for node in nodes:
        await node.stop()


def test_parents_are_upstreams() -> None:
    with pytest.raises(ValueError, match="'parents' must name upstreams: http://b is none of them"):
        Settings(upstreams=("http://a",), parents=("http://b",))
