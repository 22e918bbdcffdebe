"""What travels on the express lane, and what leaves it on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import Deferred, succeed

from edge.balancer.express.lane import Lane
from edge.balancer.service import BalancerNode
from edge.settings import Concurrency
from tests.support.balancer import ETAG, IMAGE, Stage, breaks_off, image, resets, says, silent, stage
from tests.support.edge_node import until
from tests.support.kept import PLAIN, Kept
from tests.support.scripted import Conversation, Received, Script, Seen, seen
from wire.web.limits import ConnectionLimits


def lane_of(node: BalancerNode) -> Lane:
    lane = node._site.lane
    assert lane is not None
    return lane


def express(world: Stage) -> int:
    return world.node.front.counted["express"]


def then(*scripts: Script) -> Script:
    """One after the other, the last for ever."""
    left = list(scripts)
    return lambda request, viewer: (left.pop(0) if len(left) > 1 else left[0])(request, viewer)


@asynccontextmanager
async def boarded(pops: dict[str, Script], **told: Any) -> AsyncIterator[tuple[Stage, Kept]]:
    """A viewer whose first question has been answered, so that the next will travel express."""
    async with stage(reactor, pops, **told) as world:
        viewer = Kept(world.port)
        await viewer.ask()
        try:
            yield world, viewer
        finally:
            viewer.leave()


@pytest_twisted.ensureDeferred
async def test_a_second_question_travels_express_and_is_counted_as_any_other() -> None:
    """The first found no connection that was idle."""
    async with boarded({"eu": says("eu")}) as (world, viewer):
        assert express(world) == 0
        first = await viewer.ask()
        again = await viewer.ask()
        status = world.node.status()
        metrics = (await world.control("/metrics")).body
    assert seen(first).body == b"eu /a"
    assert first == again
    assert express(world) == 2
    (pop,) = status["pops"]
    assert (status["requests"], status["errors"], status["in_flight"]) == (3, 0, 0)
    assert (pop["requests"], pop["chosen"], pop["running"], pop["failures"]) == (3, 3, 0, 0)
    assert b'pixeledge_requests_total{node="bal",outcome="proxied",status="2xx"} 3.0' in metrics
    assert b'pixeledge_sent_bytes_total{node="bal"} 15.0' in metrics


@pytest_twisted.ensureDeferred
async def test_errors_of_a_pop_count_on_the_lane() -> None:
    """Outliers are ejected wherever their answers went."""
    failing: Script = lambda request, viewer: viewer.answer(b"x", "500 Internal Server Error")  # noqa: E731
    async with boarded({"eu": failing, "na": says("na")}, outlier_errors=3) as (world, viewer):
        assert seen(await viewer.ask()).status == 500
        assert seen(await viewer.ask()).status == 500
        assert world.node.standings.records[world.pops["eu"].url].failures == 1
        assert express(world) == 2


# What leaves the lane


@pytest.mark.parametrize("wrong", [resets, breaks_off(100, 1000), breaks_off(0, 5), silent])
@pytest_twisted.ensureDeferred
async def test_what_fails_on_the_lane_costs_the_viewer_nothing(wrong: Script) -> None:
    """Another PoP answers, within the budget."""
    pops = {"eu": then(says("eu"), wrong), "na": says("na")}
    async with boarded(pops, first_byte_seconds=0.3) as (world, viewer):
        assert seen(await viewer.ask()).body == b"na /a"
        assert world.node.standings.records[world.pops["eu"].url].requests >= 2
        assert world.node.front.pops.budget._left < 100
        assert world.node.status()["in_flight"] == 0


@pytest.mark.parametrize(
    ("wrong", "status"),
    [(breaks_off(100, 1000), 502), (lambda r, v: v.send(b"what\r\n\r\n"), 502), (silent, 504)],
)
@pytest_twisted.ensureDeferred
async def test_where_nobody_else_is_the_refusal_is_the_same(wrong: Script, status: int) -> None:
    """As if it had never been on the lane."""
    async with boarded({"eu": then(says("eu"), wrong)}, first_byte_seconds=0.3) as (_, viewer):
        answer = seen(await viewer.ask())
    assert answer.status == status
    assert answer.fields["x-viewer-region"] == "eu"


@pytest_twisted.ensureDeferred
async def test_a_connection_that_ends_as_it_is_used_is_nobodys_fault() -> None:
    """It had been idle: asked once more on a new one, and counted as one question."""
    async with boarded({"eu": then(says("eu"), resets, says("eu"))}) as (world, viewer):
        assert seen(await viewer.ask()).body == b"eu /a"
        record = world.node.standings.records[world.pops["eu"].url]
        assert (record.requests, record.failures) == (2, 0)


@pytest_twisted.ensureDeferred
async def test_a_long_body_is_carried_by_the_full_machinery() -> None:
    """Which goes on with it elsewhere when it breaks off; nothing is asked for twice."""
    pops = {"eu": then(says("eu"), breaks_off(300_000, ETag=ETAG)), "na": image}
    async with boarded(pops) as (world, viewer):
        answer = await viewer.ask()
        rest = world.pops["na"].requests[0]
        assert len(world.pops["eu"].requests) == 2
    assert seen(answer).body == IMAGE
    assert rest.fields["range"] == "bytes=300000-"


@pytest_twisted.ensureDeferred
async def test_what_takes_long_goes_on_where_every_limit_is_known() -> None:
    """With what had come, and without another question."""
    gate: Deferred[None] = Deferred()

    async def slow(request: Received, pop: Conversation) -> None:
        pop.begin(6)
        pop.send(b"abc")
        await gate
        pop.send(b"def")

    async with boarded({"eu": then(says("eu"), slow)}) as (world, viewer):
        await viewer.send(PLAIN)
        await world.pops["eu"].asked_times(2)
        await until(lambda: not lane_of(world.node)._riding)
        assert world.node.status()["in_flight"] == 1
        gate.callback(None)
        answer = await viewer.answer()
        assert (seen(answer).body, len(world.pops["eu"].requests), express(world)) == (b"abcdef", 2, 0)
        assert world.node.status()["in_flight"] == 0


@pytest_twisted.ensureDeferred
async def test_a_viewer_who_leaves_takes_the_question_along() -> None:
    """The connection it was put on is of no more use."""
    async with boarded({"eu": then(says("eu"), silent)}) as (world, viewer):
        (line,) = world.pops["eu"].conversations[-1:]
        asking = await viewer.send(PLAIN)
        await world.pops["eu"].asked_times(2)
        asking.transport.abortConnection()
        await line.lost
        await until(lambda: world.node.status()["in_flight"] == 0)
        assert world.node.status()["errors"] == 1
        assert world.node.routing.busy(world.node.settings.pops[0]) == 0


@pytest_twisted.ensureDeferred
async def test_what_comes_behind_a_question_waits_for_its_answer() -> None:
    """Answers keep the order of their questions."""
    gate: Deferred[None] = Deferred()

    async def slow(request: Received, pop: Conversation) -> None:
        await gate
        pop.answer(b"first")

    async with boarded({"eu": then(says("eu"), slow, says("eu"))}) as (world, viewer):
        await viewer.send(PLAIN)
        await world.pops["eu"].asked_times(2)
        await viewer.send(PLAIN.replace(b"/a", b"/b"))
        gate.callback(None)
        assert seen(await viewer.answer()).body == b"first"
        assert seen(await viewer.answer()).body == b"eu /b"


@pytest.mark.parametrize("times_before", [0, 2])
@pytest_twisted.ensureDeferred
async def test_a_node_that_stops_says_so_in_answers_that_are_under_way(times_before: int) -> None:
    """Connection: close can still be said, so it is; also where the answer's head is known."""
    gate: Deferred[None] = Deferred()
    at_once: Script = lambda request, pop: pop.answer(b"at last")  # noqa: E731

    async def slow(request: Received, pop: Conversation) -> None:
        await gate
        pop.answer(b"at last")

    scripts = [says("eu"), *[at_once] * times_before, slow]
    async with boarded({"eu": then(*scripts)}) as (world, viewer):
        for _ in range(times_before):
            await viewer.ask()
        await viewer.send(PLAIN)
        await world.pops["eu"].asked_times(len(scripts))
        world.node._site.close_idle()
        gate.callback(None)
        answer = seen(await viewer.answer())
        assert viewer.viewer is not None
        await viewer.viewer.ended
    assert (answer.body, answer.fields["connection"]) == (b"at last", "close")


@pytest_twisted.ensureDeferred
async def test_a_connection_that_its_pop_is_about_to_close_is_not_asked_again() -> None:
    """However often the same head has said so."""
    asked: list[Conversation] = []

    def script(request: Received, pop: Conversation) -> None:
        asked.append(pop)
        pop.answer(b"x", **({"Connection": "close"} if asked.count(pop) == 2 else {}))

    async with boarded({"eu": script}) as (world, viewer):
        for _ in range(7):
            assert seen(await viewer.ask()).body == b"x"
        assert express(world) == 4
    assert max(map(asked.count, asked)) == 2


@pytest_twisted.ensureDeferred
async def test_a_request_that_may_take_no_longer_is_refused() -> None:
    """The limits of viewers hold on the lane."""
    limits = ConnectionLimits(request_seconds=0.05)
    async with boarded({"eu": then(says("eu"), silent)}, viewers=limits) as (world, viewer):
        answer = seen(await viewer.ask())
        assert answer.status == 503
        await until(lambda: world.node.status()["in_flight"] == 0)


@pytest_twisted.ensureDeferred
async def test_more_than_an_answer_is_never_passed_on() -> None:
    """What is behind its end answers no question; the connection is not asked again."""
    glued: Script = lambda request, viewer: viewer.send(  # noqa: E731
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
    )
    whole: Script = lambda request, viewer: viewer.answer(b"ok")  # noqa: E731
    async with boarded({"eu": then(whole, whole, glued, whole)}) as (_, viewer):
        answers = [await viewer.ask() for _ in range(4)]
        assert {seen(answer).body for answer in answers} == {b"ok"}
        assert viewer.viewer is not None
        assert viewer.viewer.data.count(b"evil") == 0


# What does not board


@pytest_twisted.ensureDeferred
async def test_a_viewer_without_its_cookie_gets_one_and_with_it_travels_express() -> None:
    """Sticky viewers return to their PoP on the lane, too."""
    async with boarded({"eu": says("eu"), "na": says("na")}, sticky=True) as (world, viewer):
        assert "set-cookie" in seen(await viewer.ask()).fields
        assert express(world) == 0
        known = PLAIN[:-2] + b"Cookie: pixeledge-pop=eu\r\n\r\n"
        answer = seen(await viewer.ask(known))
        assert (answer.body, "set-cookie" in answer.fields, express(world)) == (b"eu /a", False, 1)
        assert "cookie" not in world.pops["eu"].requests[-1].fields


@pytest_twisted.ensureDeferred
async def test_the_lane_keeps_to_the_turns_of_a_pop() -> None:
    """Who finds no place stands in line with all others."""
    gate: Deferred[None] = Deferred()

    async def slow(request: Received, pop: Conversation) -> None:
        await gate
        pop.answer(b"first")

    one = Concurrency(requests=1, waiting=8)
    async with boarded({"eu": then(says("eu"), slow, says("eu"))}, concurrency=one) as (world, viewer):
        await viewer.send(PLAIN)
        await world.pops["eu"].asked_times(2)
        second = Kept(world.port)
        await second.send(PLAIN)
        await until(lambda: world.node._pool.waiting == 1)
        assert len(world.pops["eu"].requests) == 2
        gate.callback(None)
        assert seen(await viewer.answer()).body == b"first"
        assert seen(await second.answer()).body == b"eu /a"
        second.leave()


@pytest_twisted.ensureDeferred
async def test_viewers_who_are_far_away_go_the_full_way() -> None:
    """There the miles between them and their PoP are felt."""

    class Far:
        def is_far(self, region: str, pop: str) -> bool:
            return region == "eu"

        def arriving(self, request: object, region: str, pop: str) -> Deferred[None] | None:
            return succeed(None) if region == "eu" else None

    async with boarded({"eu": says("eu"), "na": says("na")}, afar=Far()) as (world, viewer):
        near = PLAIN.replace(b"=eu", b"=na")
        for raw in (PLAIN, PLAIN, near, near):
            await viewer.ask(raw)
        assert express(world) == 1


@pytest_twisted.ensureDeferred
async def test_redirect_mode_has_no_lane() -> None:
    """It carries next to nothing."""
    async with stage(reactor, {"eu": says("eu")}, mode="redirect") as world:
        assert world.node._site.lane is None
        viewer = Kept(world.port)
        assert {seen(await viewer.ask()).status for _ in range(2)} == {302}
        viewer.leave()


@pytest_twisted.ensureDeferred
async def test_a_lane_remembers_no_more_than_it_may() -> None:
    """However many different questions come, and answers."""
    async with boarded({"eu": says("eu")}) as (world, viewer):
        lane = world.node._site.lane = Lane(
            world.node.front, "http", ConnectionLimits(), capacity_bytes=20_000
        )
        for number in range(40):
            raw = PLAIN.replace(b"/a", b"/%d" % number)
            answer: Seen = seen(await viewer.ask(raw))
            assert answer.body == b"eu /%d" % number
            assert lane.occupied_bytes <= 40_000
        assert express(world) == 40
        lane.stop()
