"""Viewers who come to the balancer over TLS stay on TLS."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest_twisted
from twisted.internet import reactor

from edge.tls.settings import Tls
from tests.support.balancer import Stage, port_of, stage
from tests.support.scripted import Conversation, Received, Script
from tests.support.tls import authority_in, client_context, in_thread, shake
from tests.support.viewer import Answer, answer_of, request


def says(word: str) -> Script:
    """Answers with its name and what it heard of the viewer's scheme."""

    def script(received: Received, viewer: Conversation) -> None:
        viewer.answer(f"{word} {received.fields.get('x-forwarded-proto', 'nothing')}".encode())

    return script


async def securely(world: Stage, folder: Path, target: str, **fields: str) -> Answer:
    """One request over TLS."""
    context = client_context(authority_in(folder))
    port, raw = port_of(world.node.tls_port), request(target, "GET", b"", **fields)
    _, received, _ = await in_thread(shake, port, context, data=raw)
    return answer_of(received)


def tls(folder: Path) -> dict[str, Any]:
    return {"tls": Tls(listen="127.0.0.1:0", authority=str(folder))}


@pytest_twisted.ensureDeferred
async def test_the_scheme_goes_to_an_origin_and_no_further_word_of_it(tmp_path: Path) -> None:
    """An edge's answer is shared by both; an API is told how its caller came, whatever the caller says."""
    async with stage(reactor, {"eu": says("eu")}, (says("api"),), **tls(tmp_path)) as world:
        picture = await securely(world, tmp_path, "/a", X_Forwarded_Proto="gopher")
        called = await securely(world, tmp_path, "/v1_1/demo/ping", X_Forwarded_Proto="gopher")
        plain = await world.ask("/v1_1/demo/ping", X_Forwarded_Proto="https")
    assert (picture.body, called.body, plain.body) == (b"eu nothing", b"api https", b"api http")


@pytest_twisted.ensureDeferred
async def test_redirects_keep_the_scheme(tmp_path: Path) -> None:
    """An edge without TLS gets no viewer who came with it."""
    secure = {"eu1": "https://127.0.0.1:9403"}
    pops = {"eu0": says("eu0"), "eu1": says("eu1")}
    async with stage(reactor, pops, mode="redirect", secure_urls=secure, **tls(tmp_path)) as world:
        for path in ("/a", "/b", "/c", "/d"):
            sent = await securely(world, tmp_path, path)
            assert (sent.status, sent.get("Location")) == (302, f"https://127.0.0.1:9403{path}")
        plain = await world.ask("/a")
        assert plain.fields["location"] in {f"{pop.url}/a" for pop in world.pops.values()}


@pytest_twisted.ensureDeferred
async def test_where_no_edge_speaks_tls_its_viewers_are_served(tmp_path: Path) -> None:
    """A redirect from TLS to none would tell the wire what was asked."""
    async with stage(reactor, {"eu": says("eu")}, mode="redirect", **tls(tmp_path)) as world:
        assert (await securely(world, tmp_path, "/a")).status == 200
        assert (await world.ask("/a")).status == 302
