"""Where viewers are sent, over real sockets: which PoP, redirected or served, or refused."""

from __future__ import annotations

import json

import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import Deferred, gatherResults

from edge.settings import Concurrency
from edge.upstream.standings import Standing
from tests.support.balancer import resets, says, stage
from tests.support.scripted import Conversation, Script


@pytest_twisted.ensureDeferred
async def test_a_viewer_is_sent_to_the_nearest_pop() -> None:
    """By what the request says of its region, which the answer repeats and the upstream never sees."""
    async with stage(reactor, {"eu": says("eu"), "na": says("na")}) as world:
        by_query = await world.ask("/a?region=na&w=1")
        by_header = await world.ask("/a", X_Viewer_Region="eu")
        by_address = await world.ask("/a", source="127.1.0.9")
    assert (by_query.body, by_query.fields["x-viewer-region"]) == (b"na /a?w=1", "na")
    assert (by_header.body, by_header.fields["x-viewer-region"]) == (b"eu /a", "eu")
    assert (by_address.body, by_address.fields["x-viewer-region"]) == (b"na /a", "na")


@pytest_twisted.ensureDeferred
async def test_an_unknown_region_is_told_which_there_are() -> None:
    """Rather than measured from the wrong continent."""
    async with stage(reactor, {"eu": says("eu")}) as world:
        refused = await world.ask("/a?region=mars")
    assert refused.status == 400
    assert refused.body == b'Unknown region "mars". Known regions: eu, na\n'


@pytest_twisted.ensureDeferred
async def test_redirect_mode_names_the_pop_and_is_never_cached() -> None:
    """302 for GET, 307 where the method must stay; an API call is carried all the same."""
    async with stage(reactor, {"eu": says("eu")}, (says("api"),), mode="redirect") as world:
        got = await world.ask("/a%20b?x=1&region=eu")
        posted = await world.ask("/a", "POST", b"x")
        called = await world.ask("/v1_1/demo/ping")
        pop = world.pops["eu"]
    assert (got.status, got.fields["location"]) == (302, f"{pop.url}/a%20b?x=1")
    assert got.fields["cache-control"] == "no-store"
    assert got.fields["access-control-allow-origin"] == "*"  # a page's script may follow
    assert posted.status == 307
    assert called.body == b"api /v1_1/demo/ping"
    assert pop.requests == []


@pytest_twisted.ensureDeferred
async def test_redirect_mode_serves_those_who_came_to_a_clouds_own_host() -> None:
    """At the PoP's address the path would mean something else."""
    hosts = {"demo-res.localhost": "demo"}
    async with stage(reactor, {"eu": says("eu")}, mode="redirect", hosts=hosts) as world:
        own = await world.ask("/image/upload/a.jpg", Host="demo-res-2.localhost:8000")
        shared = await world.ask("/demo/image/upload/a.jpg", Host="res.localhost:8000")
        (seen,) = world.pops["eu"].requests
    assert (own.status, own.body) == (200, b"eu /image/upload/a.jpg")
    assert seen.fields["host"] == "demo-res-2.localhost:8000"  # whose it is, the edge must hear too
    assert shared.status == 302


@pytest_twisted.ensureDeferred
async def test_who_opens_the_front_door_itself_is_sent_home() -> None:
    """And nobody else is; without a home, the PoP answers for itself."""
    async with stage(reactor, {"eu": says("eu")}, home="http://127.0.0.1:8001") as world:
        opened, asked = await world.ask("/"), await world.ask("/a")
    assert (opened.status, opened.fields["location"]) == (302, "http://127.0.0.1:8001")
    assert asked.status == 200
    async with stage(reactor, {"eu": says("eu")}) as world:
        assert (await world.ask("/")).status == 200


@pytest_twisted.ensureDeferred
async def test_when_nobody_is_left_the_viewer_is_asked_to_come_back() -> None:
    """503 with Retry-After and a sentence, at once; the node lives on and says that it is not ready."""
    async with stage(reactor, {"eu": says("eu")}, (says("api"),)) as world:
        for upstream in (world.pops["eu"], world.origins[0]):
            await upstream.die()
            await world.becomes(upstream, Standing.DOWN)
        image_answer, api_answer = await world.ask("/a"), await world.ask("/v1_1/demo/ping")
        ready = await world.control("/readyz")
    assert (image_answer.status, image_answer.fields["retry-after"]) == (503, "2")
    assert image_answer.body == b"No healthy PoP right now; please try again\n"
    assert image_answer.fields["cache-control"] == "no-store"
    assert json.loads(api_answer.body) == {
        "error": {"message": "No healthy origin right now; please try again"}
    }
    assert (ready.status, json.loads(ready.body)["reasons"]) == (503, ["no healthy PoP", "no healthy origin"])


@pytest_twisted.ensureDeferred
async def test_options_about_the_server_is_answered_by_the_balancer() -> None:
    """204 with what is allowed (RFC 9110 §9.3.7); no PoP is asked."""
    async with stage(reactor, {"eu": says("eu")}) as world:
        answer = await world.ask("*", "OPTIONS")
        assert world.pops["eu"].requests == []
    assert (answer.status, answer.body, "content-length" in answer.fields) == (204, b"", False)
    assert answer.fields["allow"] == "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"


@pytest_twisted.ensureDeferred
async def test_a_loop_is_broken() -> None:
    """A PoP whose upstream is the balancer would ask for ever."""
    async with stage(reactor, {"eu": says("eu")}) as world:
        assert (await world.ask("/a", Via="1.1 bal, 1.1 fra")).status == 508


@pytest_twisted.ensureDeferred
async def test_a_cookie_says_where_a_page_is_seen_from() -> None:
    """Less than a query or a header do; one of yesterday's map is passed over, and none goes any further."""
    async with stage(reactor, {"eu": says("eu"), "na": says("na")}) as world:
        by_cookie = await world.ask("/a", Cookie="a=1; viewer-region=na")
        by_query = await world.ask("/a?region=eu", Cookie="viewer-region=na")
        unknown = await world.ask("/a", Cookie="viewer-region=mars", source="127.1.0.9")
        seen = world.pops["na"].requests[0]
    assert [each.fields["x-viewer-region"] for each in (by_cookie, by_query, unknown)] == ["na", "eu", "na"]
    assert seen.fields["cookie"] == "a=1"


@pytest_twisted.ensureDeferred
async def test_a_sticky_viewer_keeps_its_pop_until_that_is_gone() -> None:
    """By a cookie, which only a change sets anew."""
    async with stage(reactor, {"eu": says("eu"), "na": says("na")}, sticky=True) as world:
        first = await world.ask("/a?region=na")
        kept = await world.ask("/b?region=eu", Cookie="pixeledge-pop=na")
        await world.pops["na"].die()
        await world.becomes(world.pops["na"], Standing.DOWN)
        moved = await world.ask("/b?region=na", Cookie="pixeledge-pop=na")
    assert first.fields["set-cookie"] == "pixeledge-pop=na; Path=/; HttpOnly; SameSite=lax"
    assert (kept.body, "set-cookie" in kept.fields) == (b"na /b", False)
    assert (moved.body, moved.fields["set-cookie"].partition(";")[0]) == (b"eu /b", "pixeledge-pop=eu")


@pytest_twisted.ensureDeferred
async def test_who_finds_a_pop_full_is_helped_elsewhere_or_told_to_come_back() -> None:
    """The line before a PoP has an end: beyond it another is asked, and when all are full, 503."""
    gates: list[Conversation] = []
    few = Concurrency(requests=1, waiting=0)
    scripts: dict[str, Script] = dict.fromkeys(("eu", "na"), lambda request, viewer: gates.append(viewer))
    async with stage(reactor, scripts, concurrency=few) as world:
        asking = [Deferred.fromCoroutine(world.ask(f"/{n}?region=eu")) for n in range(2)]
        for pop in world.pops.values():
            await pop.asked_times(1)
        refused = await world.ask("/more?region=eu")
        for viewer in gates:
            viewer.answer(b"served")
        served = await gatherResults(asking)
    assert (refused.status, refused.fields["retry-after"]) == (503, "2")
    assert refused.body == b"Every edge is too busy; please try again\n"
    assert [each.body for each in served] == [b"served", b"served"]


@pytest_twisted.ensureDeferred
async def test_retries_are_a_share_of_all_questions() -> None:
    """A PoP that breaks off is not asked about twice as often as one that answers."""
    async with stage(reactor, {"eu": resets, "na": says("na")}, retry_share=0.0) as world:
        world.node.front.pops.budget.most = 0.0
        world.node.front.pops.budget.asked()
        refused = await world.ask("/a?region=eu")
        again = await world.ask("/a?region=eu")
    assert (refused.status, again.body) == (502, b"na /a")
