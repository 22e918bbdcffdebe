"""What an operator prefetches lies under the key, and by the rules, that viewers of this edge meet."""

from __future__ import annotations

import time
from typing import Any

import pytest
import pytest_twisted
from attrs import evolve

from edge.personality.plain import Guarded
from tests.edge.control.test_prefetching import words
from tests.edge.personality.akamai.test_access import LOCKED
from tests.edge.personality.cloudfront.test_access import BELOW, SIGNED
from tests.support.cloudfront import C1, target_of
from tests.support.edge_node import get, running_edge
from tests.support.edgeauth import E1
from tests.support.scripted_origin import ScriptedOrigin, reply
from wire.tokens.cloudinary import NAME, generate

HOST = "edge.test:8080"
PATH = "/media/a.jpg"
KEY = "00112233FF99"
TOKEN = generate(KEY, expires=int(time.time()) + 86_400, acl=["/media/*"])
PLAYED: dict[str, tuple[dict[str, Any], str]] = {
    "plain": ({"guarded": (Guarded("/media/*", (KEY,)),)}, f"{PATH}?{NAME}={TOKEN}"),
    "akamai": ({"akamai": LOCKED}, f"{PATH}?__token__={E1}"),
    "cloudfront": (
        {"cloudfront": evolve(SIGNED, behaviors=(evolve(BELOW, headers=("CloudFront-Is-Mobile-Viewer",)),))},
        target_of(C1),
    ),
}
"""By whom an edge plays: what lets viewers in below /media/, and what one who is let in asks for."""


@pytest.mark.parametrize("name", PLAYED)
@pytest_twisted.ensureDeferred
async def test_what_was_prefetched_is_what_viewers_get(name: str) -> None:
    """The operator shows no token; viewers must."""
    settings, target = PLAYED[name]
    origin = ScriptedOrigin().listen()
    origin.on(PATH, reply(b"picture", Cache_Control="max-age=600"))
    async with running_edge(origin.url, personality=name, **settings) as edge:
        url = f"http://{HOST}{PATH}"
        assert await words(edge, url) == {url: "stored"}
        assert (await get(edge, PATH, Host=HOST)).status in (401, 403)
        assert (await get(edge, target, Host=HOST)).body == b"picture"
        assert await words(edge, url) == {url: "held"}
        assert [asked.target for asked in origin.requests] == [PATH]
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_prefetch_for_other_viewers_is_another_object() -> None:
    """Where what the vendor says of a viewer is in the key."""
    settings, target = PLAYED["cloudfront"]
    origin = ScriptedOrigin().listen()
    origin.on(PATH, reply(b"picture", Cache_Control="max-age=600"))
    async with running_edge(origin.url, personality="cloudfront", **settings) as edge:
        url = f"http://{HOST}{PATH}"
        assert await words(edge, url, **{"User-Agent": "iPhone"}) == {url: "stored"}
        assert (await get(edge, target, Host=HOST)).cache == "Miss from cloudfront"
        assert (await get(edge, target, Host=HOST, User_Agent="iPhone")).cache == "Hit from cloudfront"
        told = [asked.get("cloudfront-is-mobile-viewer") for asked in origin.requests]
        assert told == ["true", "false"]
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_what_no_viewer_may_ask_for_is_not_prefetched() -> None:
    """Nobody would ever be answered with it."""
    origin = ScriptedOrigin().listen()
    origin.on("/open.jpg", reply(b"picture", Cache_Control="max-age=600"))
    https = evolve(SIGNED, protocol="https-only")
    async with running_edge(origin.url, personality="cloudfront", cloudfront=https) as edge:
        urls = [f"{scheme}://{HOST}/open.jpg" for scheme in ("http", "https")]
        assert await words(edge, *urls) == {urls[0]: "refused", urls[1]: "stored"}
        assert origin.count() == 1
    await origin.stop()
