"""An upstream that goes silent: who waits there is helped as soon as the checks have found out."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
import pytest_twisted
from attrs import evolve
from twisted.internet import reactor as real_reactor
from twisted.internet.defer import Deferred

from edge.personality.cloudfront.settings import Distribution
from edge.service import EdgeNode
from edge.settings import Checks, Secondary
from edge.upstream.standings import Standings
from tests.support.edge_node import QUICK, get, running_edge, until
from tests.support.scripted import Conversation, Received, ScriptedUpstream
from tests.support.severable import Severable, missed_by
from tests.support.viewer import ask

reactor: Any = real_reactor

CHECKS = Checks(path="/readyz", interval_seconds=0.05, timeout_seconds=0.2)
PATIENT = evolve(QUICK, first_byte_seconds=300.0)


def says(name: bytes) -> ScriptedUpstream:
    """Answers with its name, to be confirmed each time it is asked for."""

    def script(asked: Received, conversation: Conversation) -> None:
        conversation.answer(name, Cache_Control="max-age=0", ETag='"v1"')

    return ScriptedUpstream(reactor, script).listen()


def before(*upstreams: ScriptedUpstream) -> AbstractAsyncContextManager[EdgeNode]:
    return running_edge(*(each.url for each in upstreams), checks=CHECKS, limits=PATIENT)


def is_cut_off(edge: EdgeNode) -> bool:
    assert edge.machinery is not None
    return edge.machinery.upstreams.are_cut_off


@pytest_twisted.ensureDeferred
async def test_who_waits_at_a_silent_upstream_is_helped_by_another() -> None:
    """Long before a first byte is late, and without a second try at the silent one."""
    silent, other = says(b"silent"), says(b"other")
    async with before(silent, other) as edge:
        assert (await get(edge, "/a")).body == b"silent"
        silent.is_stopped = True
        assert (await get(edge, "/b")).body == b"other"
        assert [asked.target for asked in silent.requests] == ["/a", "/b"]
    await silent.die()
    await other.die()


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    ("method", "chosen", "status"), [("GET", 504, 200), ("HEAD", 504, 200), ("GET", 500, 502)]
)
async def test_a_member_of_a_group_that_goes_silent_has_not_answered_in_time(
    method: str, chosen: int, status: int
) -> None:
    """cdn-vendors §5.3: the other is asked if 504 is chosen, whoever finds out that no answer comes."""
    silent, other = says(b"silent"), says(b"other")
    played: Any = {"personality": "cloudfront", "cloudfront": Distribution(failover=(chosen,))}
    secondary = Secondary((other.url,))
    async with running_edge(silent.url, secondary=secondary, checks=CHECKS, limits=PATIENT, **played) as edge:
        assert (await get(edge, "/a")).body == b"silent"
        silent.is_stopped = True
        assert (await ask(edge.port, "/b", method, b"")).status == status
    assert len(other.requests) == (status == 200)
    await silent.die()
    await other.die()


@pytest_twisted.ensureDeferred
async def test_what_may_not_be_done_twice_is_left_to_be_done() -> None:
    """A silent upstream may be at work on it."""
    begun: Deferred[Conversation] = Deferred()
    silent = ScriptedUpstream(reactor, lambda asked, conversation: begun.callback(conversation)).listen()
    other = says(b"other")
    async with before(silent, other) as edge:
        posting = Deferred.fromCoroutine(ask(edge.port, "/order", "POST", b"one"))
        conversation = await begun
        silent.is_stopped = True
        await until(lambda: edge.health.is_silent(silent.url))
        assert (await get(edge, "/a")).body == b"other"
        conversation.answer(b"done")
        assert (await posting).body == b"done"
        assert [asked.target for asked in other.requests] == ["/a"]
    await silent.die()
    await other.die()


@pytest_twisted.ensureDeferred
async def test_where_nobody_is_left_the_stale_answer_stands_in_and_then_at_once() -> None:
    """Who asked before it was known waits until it is; the next need not (RFC 9111 §4.2.4), and all is as before
    when it speaks again."""
    alone = says(b"alone")
    async with before(alone) as edge:
        assert (await get(edge, "/a")).cache == "MISS"
        alone.is_stopped = True
        first = await get(edge, "/a")
        assert (first.status, first.body, first.cache) == (200, b"alone", "STALE")
        assert "fwd=stale" in (first.get("Cache-Status") or "")
        assert is_cut_off(edge)
        second = await get(edge, "/a")
        assert (second.body, second.cache) == (b"alone", "STALE")
        assert "hit" in (second.get("Cache-Status") or "")
        alone.is_stopped = False
        await until(lambda: not is_cut_off(edge))
        assert (await get(edge, "/b")).body == b"alone"
    await alone.die()


@pytest_twisted.ensureDeferred
async def test_where_all_are_out_of_reach_nobody_waits_for_a_call() -> None:
    """Who has something to go on with has it as soon as that is known, however many there are to ask; who has nothing
    hears so, and whoever comes then hears it at once."""
    way, one, two = Severable(), says(b"one"), says(b"two")
    patient = evolve(PATIENT, connect_seconds=300.0)
    async with running_edge(one.url, two.url, connect=way, checks=CHECKS, limits=patient) as edge:
        for target in ("/a", "/b"):
            assert (await get(edge, target)).body == b"one"
        one.is_stopped = two.is_stopped = True
        way.cut(one.url, two.url)
        targets = ("/a", "/b", "/new")  # of which one has the connection that was kept, and the others dial
        asking = [Deferred.fromCoroutine(get(edge, target)) for target in targets]
        old, older, new = [await each for each in asking]
        assert [(each.status, each.cache) for each in (old, older)] == [(200, "STALE"), (200, "STALE")]
        assert (new.status, is_cut_off(edge)) == (504, True)
        newer = await get(edge, "/newer")
        assert newer.status == 503
        assert "destination_unavailable" in (newer.get("Proxy-Status") or "")
    await one.die()
    await two.die()


@pytest_twisted.ensureDeferred
async def test_who_has_nothing_to_go_on_with_waits_for_the_only_upstream() -> None:
    """It may be busy with that very answer, and do one thing at a time."""
    begun: Deferred[Conversation] = Deferred()
    alone = ScriptedUpstream(reactor, lambda asked, conversation: begun.callback(conversation)).listen()
    async with before(alone) as edge:
        asking = Deferred.fromCoroutine(get(edge, "/slow"))
        conversation = await begun
        alone.is_stopped = True
        standings = edge.health
        assert isinstance(standings, Standings)
        await until(lambda: standings.records[alone.url].missed >= 4)
        assert is_cut_off(edge)
        conversation.answer(b"at last")
        assert (await asking).body == b"at last"
    await alone.die()


@pytest_twisted.ensureDeferred
async def test_who_waits_at_an_upstream_that_left_the_network_is_helped_by_another() -> None:
    """Without any check."""
    way, gone, other = Severable(), says(b"gone"), says(b"other")
    async with running_edge(gone.url, other.url, connect=way, limits=PATIENT) as edge:
        assert (await get(edge, "/a")).body == b"gone"
        gone.is_stopped = True
        way.cut(gone.url)
        assert (await get(edge, "/b")).body == b"other"
        assert [asked.target for asked in gone.requests] == ["/a", "/b"]
    await gone.die()
    await other.die()


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("is_grouped", [False, True])
async def test_who_has_nobody_else_to_ask_waits_on(is_grouped: bool) -> None:
    """Nor is the other member of a group somebody else: when that is asked says the group."""
    way, gone, other = Severable(), says(b"gone"), says(b"other")
    upstreams = (gone.url, other.url) if is_grouped else (gone.url,)
    played: Any = {"personality": "cloudfront", "cloudfront": Distribution(failover=(500,))}
    told = played if is_grouped else {}
    async with running_edge(*upstreams, connect=way, limits=PATIENT, **told) as edge:
        assert (await get(edge, "/a")).body == b"gone"
        missing = missed_by(edge._pool)
        gone.is_stopped = True
        way.cut(gone.url)
        asking = Deferred.fromCoroutine(get(edge, "/b"))
        await until(lambda: missing == [gone.url])
        gone.conversations[0].answer(b"gone", Cache_Control="max-age=0", ETag='"v1"')
        assert (await asking).body == b"gone"
    await gone.die()
    await other.die()
