"""Signed URLs and cookies at a running edge: looked at before the cache, on every request, and never express."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest_twisted
from attrs import evolve
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from edge.personality.cloudfront.behavior import PathBehavior
from edge.personality.cloudfront.settings import Distribution
from edge.service import EdgeNode
from tests.support.cloudfront import (
    C1,
    C2,
    C3,
    C4,
    C5,
    KEY_ID,
    cookies_of,
    private_key,
    public_pem,
    target_of,
)
from tests.support.edge_node import get, running_edge
from tests.support.scripted_origin import ScriptedOrigin, reply
from tests.support.viewer import Answer, connect
from wire.tokens.cloudfront.policy import canned
from wire.tokens.cloudfront.signed import encoded

HOST = "edge.test:8080"
BELOW = PathBehavior(path_pattern="/media/*", trusted_key_groups=("g",), query="all")
SIGNED = Distribution(
    public_keys={KEY_ID: public_pem()},
    key_groups={"g": (KEY_ID,)},
    behaviors=(BELOW,),
    query="all",
)


@asynccontextmanager
async def an_edge(
    distribution: Distribution = SIGNED, **settings: Any
) -> AsyncIterator[tuple[EdgeNode, ScriptedOrigin]]:
    """An edge that plays CloudFront before an origin of ours."""
    origin = ScriptedOrigin().listen()
    for path in ("/media/a.jpg", "/media/b/c.mp4", "/open.jpg"):
        origin.on(path, reply(b"picture", Cache_Control="max-age=600", ETag='"1"'))
    async with running_edge(
        origin.url, personality="cloudfront", cloudfront=distribution, **settings
    ) as edge:
        yield edge, origin
    await origin.stop()


def code_of(answer: Answer) -> str:
    """The code of a refusal."""
    assert answer.status == 403
    return answer.body.partition(b"<Code>")[2].partition(b"</Code>")[0].decode()


@pytest_twisted.ensureDeferred
async def test_the_vectors_let_in_and_share_one_object() -> None:
    """What signs a URL is neither in the key nor told to the origin; the rest of the query is both."""
    async with an_edge() as (edge, origin):
        first = await get(edge, target_of(C1), Host=HOST)
        assert (first.status, first.cache) == (200, "Miss from cloudfront")
        second = await get(edge, target_of(C4), Host=HOST)
        assert (second.status, second.cache) == (200, "Hit from cloudfront")
        by_cookie = await get(edge, "/media/a.jpg", Host=HOST, Cookie=f"a=b; {cookies_of()}")
        assert by_cookie.cache == "Hit from cloudfront"
        assert (await get(edge, target_of(C2), Host=HOST)).status == 200
        assert (await get(edge, target_of(C3), Host=HOST)).status == 200
        assert [asked.target for asked in origin.requests] == [
            *("/media/a.jpg", "/media/a.jpg?w=640&fmt=webp", "/media/b/c.mp4")
        ]
        told = {name.lower() for asked in origin.requests for name, _ in asked.fields}
        assert "cookie" not in told


@pytest_twisted.ensureDeferred
async def test_refusals_are_xml_and_say_why() -> None:
    """Also for what is stored: a hit and a 304 are looked at like any other."""
    async with an_edge() as (edge, origin):
        await get(edge, target_of(C1), Host=HOST)
        refused = await get(edge, target_of(C5), Host=HOST, If_None_Match='"1"')
        assert code_of(refused) == "AccessDenied"
        assert refused.body == (
            b'<?xml version="1.0" encoding="UTF-8"?>'
            b"<Error><Code>AccessDenied</Code><Message>Access denied</Message></Error>"
        )
        assert refused.get("Content-Type") == "text/xml"
        assert refused.get("Server") == "CloudFront"
        assert refused.cache == "Error from cloudfront"
        assert code_of(await get(edge, "/media/a.jpg", Host=HOST)) == "MissingKey"
        assert code_of(await get(edge, target_of(C1).replace(KEY_ID, "K"), Host=HOST)) == "InvalidKey"
        assert code_of(await get(edge, target_of(C1), Host="other.test:8080")) == "AccessDenied"
        assert origin.count() == 1


@pytest_twisted.ensureDeferred
async def test_no_other_spelling_of_a_path_goes_round_the_check() -> None:
    """Escapes, dot segments, an absolute target; slashes that a server behind us may take for one."""
    async with an_edge() as (edge, origin):
        for target in (
            *("/%6dedia/a.jpg", "/open/../media/a.jpg", "/./media/a.jpg", "/media/x/%2e%2e/a.jpg"),
            *("http://edge.test:8080/media/a.jpg", "HTTP://edge.test:8080/media/a.jpg"),
            *("/media%2Fa.jpg", "/media%2fa.jpg", "//media/a.jpg", "/open%2F..%2Fmedia/a.jpg"),
        ):
            assert code_of(await get(edge, target, Host=HOST)) == "MissingKey"
        assert (
            code_of(await get(edge, "/media/a.jpg", Host=HOST, CDN_Loop="pixeledge; node=x")) == "MissingKey"
        )
        assert origin.count() == 0


@pytest_twisted.ensureDeferred
async def test_an_open_path_before_a_signed_one_opens_nothing_else() -> None:
    """The first pattern that fits decides, in each way that a server behind us may read the path."""
    opened = evolve(SIGNED, trusted_key_groups=("g",), behaviors=(PathBehavior(path_pattern="open*"),))
    async with an_edge(opened) as (edge, origin):
        assert (await get(edge, "/open.jpg", Host=HOST)).status == 200
        for target in ("/media/a.jpg", "/open/../media/a.jpg", "/open%2F..%2Fmedia/a.jpg"):
            assert code_of(await get(edge, target, Host=HOST)) == "MissingKey"
        assert origin.count() == 1


@pytest_twisted.ensureDeferred
async def test_each_path_trusts_its_own_keys() -> None:
    """§1.1.6, §2.4: a key of another group lets nobody in."""
    stranger = generate_private_key(65537, 2048).public_key()
    pem = stranger.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    told = evolve(
        SIGNED,
        public_keys={**SIGNED.public_keys, "KOTHER": pem},
        key_groups={**SIGNED.key_groups, "others": ("KOTHER",)},
        behaviors=(evolve(BELOW, path_pattern="/media/b/*"), evolve(BELOW, trusted_key_groups=("others",))),
    )
    async with an_edge(told) as (edge, _):
        assert (await get(edge, target_of(C3), Host=HOST)).status == 200
        assert code_of(await get(edge, target_of(C1), Host=HOST)) == "InvalidKey"


@pytest_twisted.ensureDeferred
async def test_elsewhere_the_parameters_are_ordinary() -> None:
    """Enforcement goes by path."""
    async with an_edge() as (edge, origin):
        answer = await get(edge, "/open.jpg?Expires=1&Signature=2", Host=HOST)
        assert answer.status == 200
        assert origin.requests[0].target == "/open.jpg?Expires=1&Signature=2"


@pytest_twisted.ensureDeferred
async def test_behind_a_proxy_the_public_name_is_what_was_signed() -> None:
    """The edge sees plain HTTP, the signer HTTPS."""
    raw = canned("https://cdn.test/media/a.jpg", "1893456000")
    signature = encoded(private_key().sign(raw, PKCS1v15(), SHA1()))
    target = f"/media/a.jpg?Expires=1893456000&Signature={signature}&Key-Pair-Id={KEY_ID}"
    async with an_edge() as (edge, _):
        assert code_of(await get(edge, target, Host="cdn.test")) == "AccessDenied"
    async with an_edge(evolve(SIGNED, bases=("https://cdn.test",))) as (edge, _):
        assert (await get(edge, target, Host="cdn.test")).status == 200
        assert code_of(await get(edge, target, Host="other.test")) == "AccessDenied"


@pytest_twisted.ensureDeferred
async def test_what_is_behind_a_check_never_travels_express() -> None:
    """On one connection the same bytes are looked at each time."""
    async with an_edge() as (edge, _):
        raw = f"GET {target_of(C1)} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()
        viewer = await connect(edge.port)
        for _ in range(3):
            before = len(viewer.received)
            viewer.send(raw)
            await viewer.until(before + 1)
            while not viewer.received.endswith(b"picture"):
                await viewer.until(len(viewer.received) + 1)
        assert edge.machinery is not None
        assert [len(lane) for lane in edge.machinery.lanes] == [0]
        ids = {line for line in bytes(viewer.received).split(b"\r\n") if line.startswith(b"X-Amz-Cf-Id")}
        assert len(ids) == 3
        viewer.leave()
