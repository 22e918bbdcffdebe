"""Pages that viewers see in place of errors (cdn-vendors §4.4.4, §4.5)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest_twisted
from attrs import evolve
from twisted.internet.defer import Deferred

from edge.control.purge import Purge, carry_out
from edge.personality.cloudfront.settings import Distribution, ErrorPage
from edge.service import EdgeNode
from tests.edge.personality.cloudfront.test_access import an_edge
from tests.support.edge_node import QUICK, get, until
from tests.support.scripted_origin import Gate, ScriptedOrigin, head, held, reply, saying
from tests.support.viewer import ask

SORRY = ErrorPage("/errors/sorry.html", 200)
PAGES = Distribution(
    error_pages={"404": ErrorPage("/errors/404.html"), "502": SORRY, "504": SORRY, "503": SORRY}
)


@asynccontextmanager
async def with_pages(
    told: Distribution = PAGES, **settings: Any
) -> AsyncIterator[tuple[EdgeNode, ScriptedOrigin]]:
    async with an_edge(told, **settings) as (edge, origin):
        for name in ("404", "sorry"):
            origin.on(f"/errors/{name}.html", reply(name.encode(), Cache_Control="max-age=600", ETag='"p"'))
        yield edge, origin


@pytest_twisted.ensureDeferred
async def test_a_page_is_shown_in_place_of_an_error() -> None:
    """With the error's status unless another is told; the page is fetched once and the error is kept as ever."""
    async with with_pages() as (edge, origin):
        for _ in range(3):
            answer = await get(edge, "/missing", If_None_Match='"p"', Range="bytes=0-0")
            assert (answer.status, answer.body) == (404, b"404")
            assert answer.cache == "Error from cloudfront"
        assert (origin.count("/missing"), origin.count("/errors/404.html")) == (1, 1)
        short = await ask(edge.port, "/missing", "HEAD", b"")
        assert (short.status, short.body) == (404, b"")
        assert (await get(edge, "/open.jpg")).status == 200
        assert edge.tally.total == 5


@pytest_twisted.ensureDeferred
async def test_an_origin_out_of_reach_is_excused() -> None:
    """From what is stored of the page; where nothing is, the viewer sees the error itself."""
    async with with_pages() as (edge, origin):
        origin.on("/down", reply(b"", status=503))
        assert (await get(edge, "/down")).body == b"sorry"
        await origin.stop()
        excused = await get(edge, "/other")
        assert (excused.status, excused.body) == (200, b"sorry")
    async with with_pages() as (edge, origin):
        await origin.stop()
        plain = await get(edge, "/other")
        assert plain.status in (502, 504)
        assert b"The request could not be satisfied" in plain.body


@pytest_twisted.ensureDeferred
async def test_a_stale_object_comes_before_a_page() -> None:
    async with with_pages() as (edge, origin):
        await get(edge, "/open.jpg")
        assert edge.machinery is not None
        await carry_out(Purge(urls=("/open.jpg",), soft=True), edge.machinery)
        origin.on("/open.jpg", reply(b"", status=503))
        answer = await get(edge, "/open.jpg")
        assert (answer.status, answer.body) == (200, b"picture")


@pytest_twisted.ensureDeferred
async def test_who_waits_for_anothers_error_gets_the_page_too() -> None:
    gate = Gate()
    async with with_pages() as (edge, origin):
        origin.on("/gone", held(gate, reply(b"x" * 100, status=404)))
        asking = [Deferred.fromCoroutine(get(edge, "/gone")) for _ in range(3)]
        machinery = edge.machinery
        assert machinery is not None
        await until(lambda: machinery.flights.waiting == 2)
        gate.open()
        answers = [await each for each in asking]
        assert [(answer.status, answer.body) for answer in answers] == [(404, b"404")] * 3


@pytest_twisted.ensureDeferred
async def test_an_error_that_nobody_reads_and_nobody_keeps_is_left_off() -> None:
    """Its body may never end; the viewer has the page, and the upstream's connection is given up."""
    told = Distribution(error_pages={"400": SORRY})
    patient = evolve(QUICK, between_bytes_seconds=60.0)
    async with with_pages(told, limits=patient) as (edge, origin):
        origin.on("/endless", saying(head(400, length=1 << 30) + b"x" * 1000))
        assert (await get(edge, "/endless")).body == b"sorry"
        machinery = edge.machinery
        assert machinery is not None
        await until(lambda: machinery.in_flight.count == 0)


@pytest_twisted.ensureDeferred
async def test_a_page_that_is_not_there_is_no_page() -> None:
    """One error is not exchanged for another's page, nor for ever."""
    told = Distribution(error_pages={"404": ErrorPage("/nowhere.html", 200)})
    async with with_pages(told) as (edge, origin):
        answer = await get(edge, "/missing")
        assert answer.status == 404
        assert origin.count("/nowhere.html") == 1
