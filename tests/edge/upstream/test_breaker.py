"""Upstreams that give no answers are not asked but now and then (sheet 19.3)."""

from __future__ import annotations

import pytest
import pytest_twisted
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred, gatherResults

from edge.settings import Breaker, Checks
from edge.upstream.breaker import Breakers
from edge.upstream.health import Health
from edge.upstream.standings import Standings
from tests.support.edge_node import get, pause, running_edge, until
from tests.support.scripted_origin import Asked, Gate, Line, ScriptedOrigin, held, reply
from tests.support.viewer import ask, connect

URL = "http://a"


class At:
    """A clock that stands where it is put."""

    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def failed(times: int, clock: At, failures: int = 3) -> Breakers:
    """A breaker after so many questions in a row that had no answer."""
    breakers = Breakers(clock, failures, 2.0)
    for _ in range(times):
        breakers.asked(URL)
        breakers.failed(URL)
    return breakers


@pytest.mark.parametrize(("times", "is_open"), [(0, False), (2, False), (3, True), (9, True)])
def test_so_many_in_a_row_open_it(times: int, is_open: bool) -> None:
    """And it says how often one opened, and how many are."""
    breakers = failed(times, At())
    assert (breakers.refuses(URL), breakers.is_open(URL), breakers.count_open) == (is_open, is_open, is_open)
    assert breakers.openings == is_open
    assert not breakers.refuses("http://b")
    assert not breakers.are_open([URL, "http://b"])


def test_an_answer_in_between_begins_the_row_anew() -> None:
    clock = At()
    breakers = failed(2, clock)
    breakers.close(URL)
    for _ in range(2):
        breakers.failed(URL)
    assert not breakers.is_open(URL)


def test_one_is_let_by_to_see_and_no_other_until_it_has_had_its_time() -> None:
    """Whatever becomes of it: nobody need tell that it was left."""
    clock = At()
    breakers = failed(3, clock)
    clock.seconds += 1.99
    assert breakers.refuses(URL)
    clock.seconds += 0.01
    assert (breakers.refuses(URL), breakers.is_open(URL)) == (False, True)
    breakers.asked(URL)
    assert breakers.refuses(URL)
    clock.seconds += 2.0
    assert not breakers.refuses(URL)
    breakers.asked(URL)
    clock.seconds += 1.0
    breakers.failed(URL)
    assert breakers.refuses(URL)
    clock.seconds += 1.5
    assert breakers.refuses(URL), "from the failure on"
    breakers.close(URL)
    assert (breakers.refuses(URL), breakers.is_open(URL), breakers.openings) == (False, False, 1)


def test_it_is_known_when_the_first_of_them_may_be_asked() -> None:
    """From the last failure on, or the last question that was let by."""
    clock = At()
    breakers = failed(3, clock)
    clock.seconds += 0.5
    assert breakers.seconds_left([URL]) == 1.5
    for _ in range(3):
        breakers.failed("http://b")
    assert breakers.seconds_left([URL, "http://b"]) == 1.5
    assert breakers.seconds_left(["http://b"]) == 2.0
    clock.seconds += 1.5
    assert breakers.seconds_left([URL, "http://b"]) == 0.0
    breakers.asked(URL)
    assert breakers.seconds_left([URL]) == 2.0
    assert breakers.seconds_left([]) == 0.0


def test_none_opens_where_nobody_wants_it_to() -> None:
    assert not failed(1000, At(), failures=0).is_open(URL)
    assert not Health(At()).breakers.is_open(URL)


def test_a_check_that_is_passed_closes_it_and_so_does_another_who_joins() -> None:
    """Both are better news than a question that was not asked."""
    clock = At()
    standings = Standings(clock, breakers=failed(3, clock))
    standings.watch([URL])
    standings.check_missed(URL, "silent")
    assert standings.breakers.is_open(URL)
    standings.check_passed(URL)
    assert not standings.breakers.is_open(URL)
    health = Health(clock, breakers=failed(3, clock))
    health.leave(URL)
    health.join(URL)
    assert not health.breakers.is_open(URL)


@given(
    steps=st.lists(st.sampled_from(["ask", "fail", "answer", "wait"]), max_size=60),
    failures=st.integers(1, 5),
)
def test_while_it_is_open_one_question_a_span_goes_there(steps: list[str], failures: int) -> None:
    """In any history."""
    clock = At()
    breakers = Breakers(clock, failures, 2.0)
    asked_at: float | None = None
    for step in steps:
        if step == "wait":
            clock.seconds += 0.5
        elif step == "fail":
            breakers.failed(URL)
        elif step == "answer":
            breakers.close(URL)
            asked_at = None
        elif not breakers.refuses(URL):
            breakers.asked(URL)
            if breakers.is_open(URL):
                assert asked_at is None or clock.seconds - asked_at >= 2.0
                asked_at = clock.seconds


async def cut(asked: Asked, line: Line) -> None:
    line.cut()


@pytest_twisted.ensureDeferred
async def test_an_origin_that_gives_no_answer_costs_its_viewers_no_time() -> None:
    """19.3: 503 at once, with Retry-After and its kind, and the origin hears nothing; one question in a while finds
    that it is back."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", cut)
    async with running_edge(origin.url, breaker=Breaker(failures=3, seconds=0.3)) as edge:
        assert [(await get(edge, "/a")).status for _ in range(3)] == [502] * 3
        asked = origin.count()
        refused = await get(edge, "/a")
        assert (refused.status, refused.get("Retry-After")) == (503, "1")
        assert refused.get("Proxy-Status") == "fra-1; error=destination_unavailable"
        assert refused.get("Cache-Status") == "fra-1; fwd=uri-miss"
        assert (await ask(edge.port, "/a", "POST", b"x")).status == 503
        assert origin.count() == asked
        assert edge.status()["breakers_open"] == 1
        assert edge.tally.upstream_answers[origin.url, "breaker-open"] == 2
        origin.on("/a", reply(b"back", Cache_Control="no-store"))
        while (answer := await get(edge, "/a")).status == 503:
            assert origin.count() == asked
        assert (answer.body, origin.count()) == (b"back", asked + 1)
        assert (await get(edge, "/a")).body == b"back"
        metrics = (await ask(edge.control_port, "/metrics")).body.decode()
        assert 'pixeledge_breakers_open{node="fra-1"} 0.0' in metrics
        assert 'pixeledge_breaker_openings_total{node="fra-1"} 1.0' in metrics
    await origin.stop()


@pytest.mark.parametrize("control", ["max-age=0, stale-if-error=60", "max-age=0"])
@pytest_twisted.ensureDeferred
async def test_what_may_stand_in_does_so_at_once(control: str) -> None:
    """19.3, 14.3, 14.4: no viewer waits for an answer that does not come, and a refresh behind them sees how it is."""
    origin, gate = ScriptedOrigin().listen(), Gate()
    origin.once("/a", reply(b"old", Cache_Control=control, ETag='"v1"'))
    origin.on("/b", cut)
    async with running_edge(origin.url, breaker=Breaker(failures=2, seconds=0.05)) as edge:
        for path in ("/a", "/b", "/b"):
            await get(edge, path)
        origin.on("/a", held(gate, reply(b"new", Cache_Control="max-age=60", ETag='"v2"')))
        answers = [await get(edge, "/a") for _ in range(4)]
        assert {(answer.status, answer.body, answer.cache) for answer in answers} == {(200, b"old", "STALE")}
        gate.open()
        while (answer := await get(edge, "/a")).cache == "STALE":
            await pause(0.02)
        assert (answer.cache, answer.body, origin.count("/a")) == ("HIT", b"new", 2)
        assert edge.status()["breakers_open"] == 0
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_what_must_be_confirmed_is_a_504() -> None:
    """14.2: must-revalidate is obeyed while nobody can be asked."""
    origin = ScriptedOrigin().listen()
    origin.once("/a", reply(b"old", Cache_Control="max-age=0, must-revalidate", ETag='"v1"'))
    origin.on("/b", cut)
    async with running_edge(origin.url, breaker=Breaker(failures=1, seconds=60)) as edge:
        await get(edge, "/a")
        await get(edge, "/b")
        assert [(await get(edge, path)).status for path in ("/a", "/b")] == [504, 503]
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_one_that_is_open_costs_nothing_while_another_answers() -> None:
    """And an error is an answer: it opens nothing."""
    dead, sound = ScriptedOrigin().listen(), ScriptedOrigin().listen()
    for number in range(8):
        dead.on(f"/{number}", cut)
        sound.on(f"/{number}", reply(b"oops", 503))
    told = Breaker(failures=2, seconds=60)
    async with running_edge(
        dead.url, sound.url, breaker=told, outlier_errors=0, balance="round-robin"
    ) as edge:
        statuses = [(await get(edge, f"/{number}")).status for number in range(8)]
        assert statuses == [503] * 8
        assert edge.tally.upstream_answers[sound.url, "5xx"] == 8
    for origin in (dead, sound):
        await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_crowd_that_is_cut_off_opens_it_once() -> None:
    origin, gate = ScriptedOrigin().listen(), Gate()
    for number in range(6):
        origin.on(f"/{number}", held(gate, cut))
    async with running_edge(origin.url, breaker=Breaker(failures=3, seconds=60)) as edge:
        asking = [Deferred.fromCoroutine(get(edge, f"/{number}")) for number in range(6)]
        await until(lambda: origin.count() == 6)
        gate.open()
        assert [answer.status for answer in await gatherResults(asking)] == [502] * 6
        assert edge.health.breakers.openings == 1
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_who_is_refused_is_told_when_to_come_again() -> None:
    """By then the next question is let by (RFC 9110 §10.2.3), and not before."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", cut)
    async with running_edge(origin.url, breaker=Breaker(failures=1, seconds=600)) as edge:
        breakers, clock = edge.health.breakers, At()
        breakers.now = clock
        await get(edge, "/a")
        for passed, left in ((0.0, "600"), (0.5, "600"), (99.5, "500"), (498.0, "2"), (1.5, "1")):
            clock.seconds += passed
            refused = await get(edge, "/b")
            assert (refused.status, refused.get("Retry-After")) == (503, left)
        assert origin.count("/b") == 0
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_of_many_who_come_when_one_is_due_one_is_let_by() -> None:
    """The others have their 503 while it is still out."""
    origin, gate = ScriptedOrigin().listen(), Gate()
    origin.on("/a", cut)
    for number in range(3):
        origin.on(f"/{number}", held(gate, reply(b"back")))
    async with running_edge(origin.url, breaker=Breaker(failures=1, seconds=600)) as edge:
        await get(edge, "/a")
        now = edge.health.breakers.now
        edge.health.breakers.now = lambda: now() + 601
        first = Deferred.fromCoroutine(get(edge, "/0"))
        await until(lambda: origin.count("/0") == 1)
        assert [(await get(edge, f"/{number}")).status for number in (1, 2)] == [503, 503]
        gate.open()
        assert (await first).body == b"back"
        assert (await get(edge, "/1")).body == b"back"
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_check_brings_it_back() -> None:
    """19.3: nobody's question has to find out."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", cut)
    origin.on("/healthz", reply(b"fine"))
    checks = Checks(path="/healthz", interval_seconds=0.05)
    async with running_edge(origin.url, breaker=Breaker(failures=1, seconds=600), checks=checks) as edge:
        await get(edge, "/a")
        origin.on("/a", reply(b"back"))
        await until(lambda: edge.status()["breakers_open"] == 0)
        assert (await get(edge, "/a")).body == b"back"
    await origin.stop()


@pytest_twisted.ensureDeferred
async def test_a_body_that_its_viewer_cut_is_no_fault_of_the_upstream() -> None:
    """Or whoever hangs up amid an upload could close an origin for all."""
    origin = ScriptedOrigin().listen()
    origin.on("/up", reply(b"done"))
    origin.on("/a", reply(b"fine"))
    async with running_edge(origin.url, breaker=Breaker(failures=1, seconds=600)) as edge:
        viewer = await connect(edge.port)
        viewer.send(b"POST /up HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nsome")
        await until(lambda: edge.status()["upstream_connections"] == 1)
        viewer.leave()
        await until(lambda: edge.status()["in_flight"] == 0)
        assert (await get(edge, "/a")).body == b"fine"
        assert edge.status()["breakers_open"] == 0
    await origin.stop()
