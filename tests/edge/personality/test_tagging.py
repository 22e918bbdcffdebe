"""A node before vendors' edges finds by tag what they find by tag."""

from __future__ import annotations

import pytest_twisted

from edge.control.purge import Purge, carry_out
from edge.personality.tagging import tagging_of
from tests.support.edge_node import get, running_edge
from tests.support.scripted_origin import ScriptedOrigin, reply
from wire.http.fields import Fields


def test_each_header_is_read_as_its_vendor_reads_it() -> None:
    """§7.4: CloudFront's without case, and any printable; §13.1: Akamai's with case, in its own alphabet."""
    fields = Fields.of(X_Tags="Album:7, x", Edge_Cache_Tag="Album-7,bad:1", Own="o")
    read = tagging_of(
        lambda found: (found.get("own") or "",), {"X-Tags": "cloudfront", "Edge-Cache-Tag": "akamai"}
    )
    assert read is not None
    assert read(fields) == ("o", "album:7", "x", "Album-7")
    assert tagging_of(None, {}) is None


@pytest_twisted.ensureDeferred
async def test_a_purge_by_tag_clears_a_plain_shield() -> None:
    origin = ScriptedOrigin().listen()
    for path, tags in (("/a", "Album:7"), ("/b", "other")):
        origin.on(path, reply(b"x", Cache_Control="max-age=600", X_Tags=tags))
    async with running_edge(origin.url, role="shield", tags={"X-Tags": "cloudfront"}) as shield:
        for path in ("/a", "/b"):
            await get(shield, path)
        assert shield.machinery is not None
        assert await carry_out(Purge(keys=("album:7",)), shield.machinery) == 1
        assert [(await get(shield, path)).cache for path in ("/a", "/b")] == ["MISS", "HIT"]
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_purge_of_a_picture_clears_what_was_made_of_it_at_a_plain_shield() -> None:
    """§16: it is asked for the others by Akamai's edges. Where none asks so, a URL is that URL alone."""
    origin = ScriptedOrigin().listen()
    made = "/demo/image/upload/c_limit,w_320/q_85/f_jpg/a.jpg"
    own = "/demo/image/upload/w_320/a.jpg"
    for path in (made, own):
        origin.on(path, reply(b"x", Cache_Control="max-age=600"))
    for renditions, removed in ((True, 1), (False, 0)):
        async with running_edge(origin.url, role="shield", renditions=renditions) as shield:
            for path in (made, own):
                await get(shield, path)
            assert shield.machinery is not None
            gone = Purge(urls=("http://cdn.example/demo/image/upload/a.jpg?imwidth=300",))
            assert await carry_out(gone, shield.machinery) == removed
            assert (await get(shield, own)).cache == "HIT"
    await origin.stop()
