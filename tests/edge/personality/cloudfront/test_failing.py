"""An origin that fails is asked again once its error-caching time is over, and what is stored stands in (§4.4.2)."""

from __future__ import annotations

import pytest
import pytest_twisted

from edge.control.purge import Purge, carry_out
from edge.personality.cloudfront.settings import Distribution
from tests.support.edge_node import get, running_edge
from tests.support.scripted_origin import ScriptedOrigin, reply


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(("error_ttl", "asked"), [({}, 2), ({"502": 0.0}, 6)])
async def test_a_failing_origin_is_asked_once_in_each_error_caching_period(
    error_ttl: dict[str, float], asked: int
) -> None:
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(b"old", Cache_Control="max-age=60"))
    told = Distribution(error_ttl=error_ttl)
    async with running_edge(origin.url, personality="cloudfront", cloudfront=told) as edge:
        await get(edge, "/a")
        assert edge.machinery is not None
        await carry_out(Purge(urls=("/a",), soft=True), edge.machinery)  # stale from now on
        origin.on("/a", reply(b"", status=503))
        answers = [await get(edge, "/a") for _ in range(5)]
        assert [(answer.status, answer.body) for answer in answers] == [(200, b"old")] * 5
        assert origin.count("/a") == asked
    await origin.stop()


@pytest.mark.parametrize("ban", ["stale-if-error=0", "must-revalidate"])
@pytest_twisted.ensureDeferred
async def test_an_error_that_nothing_may_stand_in_for_is_kept_as_any(ban: str) -> None:
    """§4.4.3, §4.5: and the object is confirmed when the origin is back."""
    origin = ScriptedOrigin().listen()
    origin.once("/a", reply(b"old", Cache_Control=f"max-age=0, {ban}", ETag='"1"'))
    origin.on("/a", reply(b"down", status=503))
    told = Distribution(error_ttl={"503": 60.0})
    async with running_edge(origin.url, personality="cloudfront", cloudfront=told) as edge:
        assert (await get(edge, "/a")).status == 200
        answers = [await get(edge, "/a") for _ in range(3)]
        assert [(answer.status, answer.body) for answer in answers] == [(503, b"down")] * 3
        assert {answer.get("X-Cache") for answer in answers} == {"Error from cloudfront"}
        assert origin.count("/a") == 2
        assert edge.machinery is not None
        await carry_out(Purge(urls=("/a",), soft=True), edge.machinery)  # the error's time is over
        origin.on("/a", reply(b"", status=304, ETag='"1"', Cache_Control=f"max-age=60, {ban}"))
        assert [(await get(edge, "/a")).body for _ in range(2)] == [b"old"] * 2
        assert origin.count("/a") == 3
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_what_is_validated_each_time_is_no_other() -> None:
    """Nobody waits for another's answer there; a failure counts for all the same, and not for ever anew."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(b"old", Cache_Control="max-age=0", ETag='"1"'))
    async with running_edge(origin.url, personality="cloudfront") as edge:
        for _ in range(2):
            await get(edge, "/a")
        origin.on("/a", reply(b"", status=503))
        answers = [await get(edge, "/a") for _ in range(5)]
        assert [(answer.status, answer.body) for answer in answers] == [(200, b"old")] * 5
        assert origin.count("/a") == 3
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_who_is_out_of_reach_is_called_once_for_many_viewers() -> None:
    """Also where nothing is stored: the error is CloudFront's own, and kept like others (§4.5)."""
    origin = ScriptedOrigin().listen()
    url = origin.url
    await origin.stop()
    async with running_edge(url, personality="cloudfront") as edge:
        answers = [await get(edge, "/a") for _ in range(5)]
        assert {answer.status for answer in answers} == {502}
        assert "502 ERROR" in answers[-1].body.decode()
        assert edge.tally.upstream_requests <= 2
    await origin.stop()
