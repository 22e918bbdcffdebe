"""What every node tells of itself, and to whom it does not."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

import pytest_twisted
from prometheus_client import CollectorRegistry
from twisted.internet import reactor as real_reactor
from twisted.internet.defer import succeed

from tests.support.scripted_origin import reactor_port
from tests.support.viewer import ask
from wire.web.metrics import RequestMetrics
from wire.web.probes import ControlSite, Probes, Refusal
from wire.web.site import StreamingSite

reactor: Any = real_reactor


@asynccontextmanager
async def a_control_endpoint(reasons: list[str]) -> AsyncIterator[int]:
    """The probes of a node that gives these reasons for not being ready."""
    registry = CollectorRegistry()
    metrics = RequestMetrics(registry, "n1")
    metrics.answered("HIT", 200, 10, 0.01)
    metrics.running(3)

    def not_ready() -> Awaitable[list[str]]:
        waited: Awaitable[list[str]] = succeed(reasons)
        return waited

    probes = Probes(not_ready=not_ready, status=lambda: {"name": "n1"}, registry=registry)
    control = ControlSite(probes, {b"/refused": Refusal()})
    site = StreamingSite(control.resource_for, reactor=reactor)
    port = reactor.listenTCP(0, site, interface="127.0.0.1")
    try:
        yield reactor_port(port)
    finally:
        await port.stopListening()
        await site.drain(0.2)


@pytest_twisted.ensureDeferred
async def test_a_node_is_alive_even_when_it_is_not_ready() -> None:
    """healthz is about the process, readyz about what it needs; its reasons are told."""
    async with a_control_endpoint(["the store is out of reach"]) as port:
        assert (await ask(port, "/healthz")).status == 200
        answer = await ask(port, "/readyz")
        assert answer.status == 503
        assert json.loads(answer.body) == {"ready": False, "reasons": ["the store is out of reach"]}
    async with a_control_endpoint([]) as port:
        answer = await ask(port, "/readyz")
        assert (answer.status, json.loads(answer.body)) == (200, {"ready": True})


@pytest_twisted.ensureDeferred
async def test_figures_are_told_in_two_forms() -> None:
    """JSON for our own tools, text for Prometheus."""
    async with a_control_endpoint([]) as port:
        assert json.loads((await ask(port, "/status")).body) == {"name": "n1"}
        metrics = await ask(port, "/metrics")
        assert metrics.get("Content-Type").startswith("text/plain")
        assert b'pixeledge_requests_total{node="n1",outcome="HIT",status="2xx"} 1.0' in metrics.body
        assert b'pixeledge_in_flight{node="n1"} 3.0' in metrics.body


@pytest_twisted.ensureDeferred
async def test_pages_and_strangers_get_a_reason_in_json() -> None:
    """No cross-site request, no other method, no other path."""
    async with a_control_endpoint([]) as port:
        for status, answer in (
            (403, await ask(port, "/status", Origin="http://evil.example")),
            (403, await ask(port, "/x", "POST", b"a=b", Content_Type="application/x-www-form-urlencoded")),
            (405, await ask(port, "/status", "DELETE")),
            (404, await ask(port, "/else")),
            (400, await ask(port, "/refused")),
        ):
            assert answer.status == status
            assert json.loads(answer.body)["error"]["message"]
