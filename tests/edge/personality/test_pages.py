"""Pages that an edge makes itself, whomever it plays."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_twisted

from edge.personality.akamai.settings import Property, VerifyToken
from edge.personality.cloudfront.settings import Distribution
from edge.personality.plain import Guarded
from tests.support.edge_node import running_edge
from tests.support.edgeauth import KEY
from tests.support.scripted_origin import ScriptedOrigin
from tests.support.viewer import ask
from wire.http.dates import parse_date
from wire.tokens.edgeauth import Lock

REFUSING: list[tuple[dict[str, Any], int]] = [
    ({"guarded": (Guarded("/a", ("00112233FF99",)),)}, 401),
    ({"personality": "cloudfront", "cloudfront": Distribution(methods="read")}, 403),
    ({"personality": "akamai", "akamai": Property(tokens=(VerifyToken(Lock(KEY)),))}, 403),
]


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(("settings", "status"), REFUSING)
async def test_a_refusal_has_its_date(settings: dict[str, Any], status: int) -> None:
    """RFC 9110 §6.6.1: whoever makes an answer and has a clock says when."""
    origin = ScriptedOrigin().listen()
    async with running_edge(origin.url, **settings) as edge:
        answer = await ask(edge.port, "/a", "DELETE", b"")
        assert answer.status == status
        assert parse_date(answer.get("Date") or "", edge.machinery.now()) is not None  # type: ignore[union-attr]
    assert origin.count() == 0
    await origin.stop()


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("played", ["cloudfront", "akamai"])
async def test_so_has_what_is_said_of_an_origin_that_is_gone(played: str) -> None:
    origin = ScriptedOrigin().listen()
    async with running_edge(origin.url, personality=played) as edge:
        await origin.stop()
        answer = await ask(edge.port, "/a", "GET", b"")
        assert answer.status == 502
        assert answer.get("Date")
