"""Errors kept before a stale response that may not stand in for them (sheet 9.2, 14.3, 19.1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.entry import Entry
from edge.core.fronting import in_front_of, standing
from edge.core.storing import Refusal
from tests.edge.core.playbook import KEY, get, stored
from tests.edge.core.tabletop import Script, Tabletop, Visit, answering

DOWN = answering(503, b"down", Cache_Control="max-age=4")


def shown(visit: Visit) -> tuple[str, int]:
    """What the viewer saw."""
    assert visit.head is not None
    return visit.verdict, visit.head.status


def picture(status: int = 200, body: bytes = b"0123456789", **fields: str) -> Script:
    """The origin's, which may not stand in for an error when it is stale."""
    return answering(status, body, Cache_Control="max-age=10, must-revalidate", ETag='"v1"', **fields)


def stale() -> Tabletop:
    """An edge that holds it stale."""
    edge = Tabletop()
    edge.ask(get(), picture())
    edge.now += 11
    return edge


def test_it_answers_while_it_is_fresh() -> None:
    edge = stale()
    assert shown(edge.ask(get(), DOWN)) == ("MISS", 503)
    edge.now += 3
    asked = len(edge.fetched)
    again = edge.ask(get())
    assert (shown(again), again.body, len(edge.fetched)) == (("HIT", 503), b"down", asked)


def test_what_is_behind_it_is_asked_for_by_its_own_validators_then() -> None:
    """9.1: nothing was lost to the error."""
    edge = stale()
    edge.ask(get(), DOWN)
    edge.now += 4
    again = edge.ask(get(), picture(304, b""))
    assert edge.fetched[-1].fields.get("if-none-match") == '"v1"'
    assert (shown(again), again.body) == (("REVALIDATED", 200), b"0123456789")
    assert shown(edge.ask(get())) == ("HIT", 200)
    assert [entry.status for entry, _ in edge.stored[KEY].values()] == [200]


@pytest.mark.parametrize("vary", [{}, {"Vary": "X-Shape"}])
def test_what_comes_at_last_takes_its_place(vary: dict[str, str]) -> None:
    edge = stale()
    for _ in range(2):
        edge.ask(get(), DOWN)
        edge.now += 4
    edge.ask(get(), picture(200, b"new", **vary))
    assert (shown(edge.ask(get())), edge.ask(get()).body) == (("HIT", 200), b"new")


def test_followers_share_it() -> None:
    """18.3: who waits for the leader need not ask for himself."""
    edge = stale()
    asked = len(edge.fetched)
    visits = [edge.begin(get()) for _ in range(3)]
    edge.answer_all(DOWN)
    assert {shown(visit) for visit in visits} == {("MISS", 503)}
    assert len(edge.fetched) == asked + 1


def test_it_says_nothing_of_another_variant() -> None:
    """8.7: error pages seldom vary."""
    edge = Tabletop()
    for shape in ("round", "square"):
        edge.ask(get(X_Shape=shape), picture(200, shape.encode(), Vary="X-Shape"))
        edge.now += 6
    assert shown(edge.ask(get(X_Shape="round"), DOWN)) == ("MISS", 503)
    assert edge.ask(get(X_Shape="square")).body == b"square"
    assert shown(edge.ask(get(X_Shape="round"))) == ("HIT", 503)


@pytest.mark.parametrize("by_tag", [False, True])
def test_a_purge_takes_it_too(by_tag: bool) -> None:
    """By a tag of what is behind it: errors have none."""
    edge = Tabletop()
    edge.ask(get(), picture(Surrogate_Key="shoes"))
    edge.now += 11
    edge.ask(get(), DOWN)
    if by_tag:
        edge.purge_tags(("shoes",))
    else:
        edge.purge(KEY)
    assert shown(edge.ask(get(), picture())) == ("MISS", 200)


def test_an_origin_whose_clock_is_behind_is_believed_all_the_same() -> None:
    edge = stale()
    edge.ask(get(), answering(503, Cache_Control="max-age=60", Date="Thu, 01 Jan 2026 00:00:00 GMT"))
    assert shown(edge.ask(get())) == ("HIT", 503)


@pytest.mark.parametrize("said", ["max-age=0", "no-cache, max-age=9"])
def test_what_could_answer_nobody_is_not_kept(said: str) -> None:
    edge = stale()
    edge.ask(get(), answering(503, Cache_Control=said, ETag='"e"'))
    assert [entry.status for entry, _ in edge.stored[KEY].values()] == [200]


def test_who_only_wants_the_fresh_confirmed_brings_no_error_upon_others() -> None:
    edge = Tabletop()
    edge.ask(get(), picture())
    assert shown(edge.ask(get(Cache_Control="no-cache"), DOWN)) == ("MISS", 503)
    assert shown(edge.ask(get())) == ("HIT", 200)


def test_it_counts_no_more_when_something_arrived_behind_it() -> None:
    """Two trips at once: one that failed, and one that did not."""
    held, error = stored(20.0, 10.0), stored(0.0, 60.0)
    kept = in_front_of(held, error, 1.0)
    assert isinstance(kept, Entry)
    assert standing((held, kept), 2.0) == (held, kept)
    assert standing((held, kept), 61.0) == (held,)
    confirmed = stored(-1.0, 10.0)
    assert standing((confirmed, kept), 2.0) == (confirmed,)


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from([200, 304, 500, 503])), min_size=1))
def test_whoever_asks_is_told_what_is_fresh_or_what_the_origin_says_now(
    steps: list[tuple[int, int]],
) -> None:
    """A picture while it is fresh, else an error while that is; the origin is asked in no other case."""
    edge = Tabletop()
    edge.ask(get(), picture())
    fresh_until, error_until = edge.now + 10, 0.0
    for seconds, status in steps:
        edge.now += seconds
        asked, is_down = len(edge.fetched), status >= 500
        script = answering(status, Cache_Control="max-age=4") if is_down else picture(status)
        verdict, seen = shown(edge.ask(get(), script))
        if edge.now < max(fresh_until, error_until):
            assert (verdict, seen >= 500) == ("HIT", edge.now >= fresh_until)
            assert len(edge.fetched) == asked
        elif is_down:
            assert (verdict, seen) == ("MISS", status)
            error_until = edge.now + 4
        else:
            assert (verdict, seen) == ("MISS" if status == 200 else "REVALIDATED", 200)
            fresh_until = edge.now + 10


def test_what_is_fresh_has_nothing_before_it() -> None:
    assert isinstance(in_front_of(stored(), stored(0.0, 60.0), 1.0), Refusal)
