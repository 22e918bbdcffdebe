"""A pool of upstreams that grows and shrinks, over real sockets: who is there is asked, and nobody notices a change."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import Deferred

from edge.service import EdgeNode
from edge.settings import Checks, Settings
from tests.support.balancer import Stage, says, stage
from tests.support.crew import running_crew
from tests.support.edge_node import get, running_edge, until
from tests.support.scripted import ask as ask_scripted
from tests.support.scripted_origin import Gate, ScriptedOrigin, held, reply
from tests.support.viewer import Answer, ask

TARGETS = [f"/{number}" for number in range(16)]


@asynccontextmanager
async def origins(count: int) -> AsyncIterator[list[ScriptedOrigin]]:
    """So many, each of which answers every target with its number."""
    found = [ScriptedOrigin().listen() for _ in range(count)]
    for number, origin in enumerate(found):
        for target in TARGETS:
            origin.on(target, reply(b"%d" % number, Cache_Control="no-store"))
    try:
        yield found
    finally:
        for origin in found:
            await origin.stop()


async def tell(port: int, told: Any) -> Answer:
    return await ask(port, "/members", "POST", json.dumps(told).encode(), Content_Type="application/json")


async def who_answers(edge: EdgeNode) -> set[bytes]:
    answers = [await get(edge, target) for target in TARGETS]
    assert {answer.status for answer in answers} == {200}
    return {answer.body for answer in answers}


@pytest_twisted.ensureDeferred
async def test_who_joins_is_asked_from_the_next_question_on_and_who_leaves_is_not() -> None:
    """By URL, so that the two share the keys; the status says who is away."""
    async with (
        origins(2) as (one, two),
        running_edge(one.url, two.url, balance="hash", standby=(two.url,)) as edge,
    ):
        assert await who_answers(edge) == {b"0"}
        assert edge.status()["upstreams"] == {one.url: "up", two.url: "away"}
        joined = await tell(edge.control_port, {two.url: True})
        assert json.loads(joined.body) == {"members": {one.url: True, two.url: True}}
        assert await who_answers(edge) == {b"0", b"1"}
        await tell(edge.control_port, {one.url: False})
        assert await who_answers(edge) == {b"1"}


@pytest_twisted.ensureDeferred
async def test_what_was_asked_of_one_that_leaves_is_answered_by_it() -> None:
    """To drain is to get nothing new."""
    async with origins(2) as (one, two), running_edge(one.url, two.url) as edge:
        gate = Gate()
        one.on("/slow", held(gate, reply(b"slow")))
        slow = Deferred.fromCoroutine(get(edge, "/slow"))
        await gate.arrived()
        await tell(edge.control_port, {one.url: False})
        assert await who_answers(edge) == {b"1"}
        gate.open()
        assert (await slow).body == b"slow"


@pytest_twisted.ensureDeferred
async def test_a_member_that_ends_before_anybody_is_told_costs_no_answer() -> None:
    """A scaler may be late, or gone."""
    async with origins(2) as (one, two), running_edge(one.url, two.url, balance="hash") as edge:
        await one.stop()
        assert await who_answers(edge) == {b"1"}


@pytest_twisted.ensureDeferred
async def test_where_nobody_is_there_all_are_asked() -> None:
    """Asking beats refusing."""
    async with origins(2) as (one, two), running_edge(one.url, two.url, standby=(one.url, two.url)) as edge:
        assert await who_answers(edge) == {b"0"}


@pytest_twisted.ensureDeferred
async def test_who_is_away_is_not_checked_and_comes_back_with_a_clean_slate() -> None:
    """What the checks found of the process before says nothing of this one."""
    async with origins(2) as (one, two):
        two.on("/well", reply(b"no", status=503))
        checks = Checks(path="/well", interval_seconds=0.02)
        one.on("/well", reply(b"yes"))
        async with running_edge(one.url, two.url, balance="hash", checks=checks) as edge:
            await until(lambda: edge.status()["upstreams"][two.url] == "ejected")
            await tell(edge.control_port, {two.url: False})
            before = two.count("/well")
            seen = one.count("/well")
            await until(lambda: one.count("/well") > seen + 3)
            assert two.count("/well") <= before + 1  # one may have been under way
            await tell(edge.control_port, {two.url: True})
            assert edge.status()["upstreams"][two.url] == "up"


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ([], 'Expected upstreams and whether each is there: {"http://127.0.0.1:9002": true}'),
        ({"http://one": "yes"}, "Expected upstreams and whether each is there"),
        (
            {"http://one": False, "http://three": True},
            "There is no upstream http://three: there is http://one",
        ),
    ],
)
@pytest_twisted.ensureDeferred
async def test_what_cannot_be_meant_changes_nothing(told: Any, said: str) -> None:
    """A sentence that says what to write instead."""
    async with running_edge("http://one", "http://two") as edge:
        refused = await tell(edge.control_port, told)
        assert refused.status == 400
        assert json.loads(refused.body)["error"]["message"].startswith(said)
        assert not edge.health.away


def test_only_an_upstream_can_stand_by() -> None:
    """A slip of the pen must not leave an upstream in use that was meant to wait."""
    with pytest.raises(ValueError, match="'standby' must name upstreams: http://two is none of them"):
        Settings(upstreams=("http://one",), standby=("http://two",))


@pytest_twisted.ensureDeferred
async def test_every_worker_of_an_edge_is_told(tmp_path: Path) -> None:
    """Whoever of them a viewer meets."""
    async with origins(1) as (one,), running_crew(one.url, tmp_path) as crew:
        told = await tell(crew.control_port, {one.url: False})
        assert json.loads(told.body) == {"members": {one.url: False}}
        controls = [
            worker["control"]
            for worker in json.loads((await ask(crew.control_port, "/status")).body)["workers"]
        ]
        states = [json.loads((await ask(int(url.rpartition(":")[2]), "/status")).body) for url in controls]
        assert [state["upstreams"] for state in states] == [{one.url: "away"}] * 2


async def tell_balancer(world: Stage, told: Any) -> Any:
    seen = await ask_scripted(
        world.reactor, world.control_port, "/members", "POST", json.dumps(told).encode(),
        Content_Type="application/json",
    )  # fmt: skip
    return json.loads(seen.body)


@pytest_twisted.ensureDeferred
async def test_a_balancer_asks_the_origins_that_are_there() -> None:
    """API calls go to them in turn; a POST meets none that has left."""
    async with stage(reactor, {"eu": says("eu")}, (says("one"), says("two"))) as world:
        one, two = (origin.url for origin in world.origins)

        async def asked() -> set[bytes]:
            return {(await world.ask("/v1_1/demo/x", "POST", b"body")).body[:3] for _ in range(4)}

        assert await asked() == {b"one", b"two"}
        assert await tell_balancer(world, {one: False}) == {"members": {one: False, two: True}}
        assert await asked() == {b"two"}
        status = json.loads((await world.control("/status")).body)
        assert [origin["away"] for origin in status["origins"]] == [True, False]
        await tell_balancer(world, {one: True, two: False})
        assert await asked() == {b"one"}
