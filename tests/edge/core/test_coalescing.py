"""Many viewers over the real core and the real flight table (sheet 18, 20.5, 13, 14)."""

from __future__ import annotations

from edge.core.events import Failure
from edge.core.policy import FlightPolicy, Policy
from tests.edge.core.playbook import get, ok
from tests.edge.core.tabletop import Tabletop, Visit, answering
from wire.http.fields import RequestHead, ResponseHead

STORABLE = ok(Cache_Control="max-age=60", Content_Length="10", ETag='"v1"')
PRIVATE = ok(Cache_Control="private")
BODY = b"0123456789"
KEY = "http://ex.com/a"


def crowd(edge: Tabletop, size: int, request: RequestHead | None = None) -> list[Visit]:
    return [edge.begin(request or get()) for _ in range(size)]


def test_a_hundred_at_once_cost_one_fetch() -> None:
    """18.1: streamed to all from the growing body."""
    edge = Tabletop()
    visits = crowd(edge, 100)
    edge.send_head(visits[0], STORABLE)
    edge.send_body(visits[0], BODY[:5], whole=False)
    assert {visit.body for visit in visits} == {BODY[:5]}
    visits += crowd(edge, 1)
    edge.send_body(visits[0], BODY[5:])
    assert len(edge.fetched) == 1
    assert {visit.body for visit in visits} == {BODY}
    assert {visit.answers for visit in visits} == {1}
    assert edge.ask(get()).verdict == "HIT"


def test_a_hundred_at_once_for_what_is_private_go_in_parallel() -> None:
    """18.1: 1 + 99, never 100 in series; and for two minutes nobody queues for it."""
    edge = Tabletop()
    visits = crowd(edge, 100)
    edge.send_head(visits[0], PRIVATE)
    assert len(edge.fetched) == 100
    assert len(edge.under_way()) == 100
    edge.send_body(visits[0], BODY)
    edge.answer_all(lambda _: (PRIVATE, BODY))
    assert {visit.body for visit in visits} == {BODY}
    edge.fetched.clear()
    crowd(edge, 3)
    assert len(edge.fetched) == 3


def test_what_becomes_shareable_is_shared_again() -> None:
    """18.2: cleared by a storable answer."""
    edge = Tabletop()
    edge.ask(get(), lambda _: (PRIVATE, BODY))
    edge.ask(get(), lambda _: (STORABLE, BODY))
    edge.now += 61
    edge.fetched.clear()
    crowd(edge, 3)
    assert len(edge.fetched) == 1


def test_the_leaders_viewer_may_leave() -> None:
    """18.4: the fetch belongs to the cache while others wait."""
    edge = Tabletop()
    leader, follower = crowd(edge, 2)
    edge.leave(leader)
    edge.send_head(leader, STORABLE)
    edge.send_body(leader, BODY)
    assert follower.body == BODY
    assert leader.answers == 0
    assert len(edge.fetched) == 1


def test_only_the_initiator_gets_what_is_meant_for_one() -> None:
    """4.4, 18.4: not the collapsed waiters, nor hits."""
    edge = Tabletop()
    leader, follower = crowd(edge, 2)
    head = ok(Cache_Control='max-age=60, private="X-Id"', X_Id="7", Content_Length="10")
    edge.send_head(leader, head)
    edge.send_body(leader, BODY)
    assert leader.field("x-id") == "7"
    assert follower.field("x-id") is None
    assert edge.ask(get()).field("x-id") is None


def test_a_leader_that_fails_is_replaced_once() -> None:
    """18.5."""
    edge = Tabletop()
    visits = crowd(edge, 4)
    edge.fail(visits[0], Failure.UNREACHABLE)
    assert len(edge.fetched) == 2
    edge.fail(visits[1], Failure.UNREACHABLE)
    assert len(edge.fetched) == 2
    assert [visit.head.status for visit in visits if visit.head] == [502] * 4


def test_a_body_cut_midway_is_cut_for_all_and_stored_for_none() -> None:
    """18.5, 12.1: without a strong validator nothing of it is; with one, its beginning is a part."""
    edge = Tabletop()
    visits = crowd(edge, 3)
    edge.send_head(visits[0], ok(Cache_Control="max-age=60", Content_Length="10"))
    edge.send_body(visits[0], BODY[:4], whole=False)
    edge.fail(visits[0])
    assert visits[0].aborted
    assert visits[0].spool.state == "failed"
    assert edge.stored == {}
    edge.fetched.clear()
    assert edge.ask(get(), lambda _: (STORABLE, BODY)).body == BODY


def test_two_classes_of_viewers_cost_two_fetches() -> None:
    """18.3, 8: followers of the other class form a flight of their own."""
    edge = Tabletop()
    ones, twos = crowd(edge, 10, get(X_Shape="1")), crowd(edge, 10, get(X_Shape="2"))
    head = ok(Cache_Control="max-age=60", Vary="X-Shape", Content_Length="1")
    edge.send_head(ones[0], head)
    assert len(edge.fetched) == 2
    edge.send_body(ones[0], b"1")
    edge.send_head(twos[0], head)
    edge.send_body(twos[0], b"2")
    assert {visit.body for visit in ones} == {b"1"}
    assert {visit.body for visit in twos} == {b"2"}
    assert edge.ask(get(X_Shape="1")).body == b"1"
    assert edge.ask(get(X_Shape="2")).body == b"2"
    crowd(edge, 5, get(X_Shape="3"))
    assert len(edge.fetched) == 3


def test_one_validation_serves_all_who_wait() -> None:
    """9.6, 18.6."""
    edge = Tabletop()
    edge.ask(get(), lambda _: (STORABLE, BODY))
    edge.now += 61
    visits = crowd(edge, 5)
    assert len(edge.fetched) == 2
    edge.send_head(visits[0], ok(304, ETag='"v1"'))
    edge.send_body(visits[0], b"")
    assert {visit.verdict for visit in visits} == {"REVALIDATED"}
    assert {visit.body for visit in visits} == {BODY}
    assert edge.ask(get()).verdict == "HIT"


def test_an_error_during_validation_leaves_nobody_without_an_answer() -> None:
    """14.3, 18.5: stale-if-error for all, at the cost of two asks."""
    edge = Tabletop()
    edge.ask(get(), answering(200, BODY, Cache_Control="max-age=1, stale-if-error=60"))
    edge.now += 5
    visits = crowd(edge, 5)
    edge.answer_all(answering(503))
    assert {visit.verdict for visit in visits} == {"STALE"}
    assert len(edge.fetched) == 3


def test_a_purge_beats_the_fetch_under_way() -> None:
    """20.5, 20.6: it answers its own waiters; nobody later gets it, and it is not stored."""
    edge = Tabletop()
    before = crowd(edge, 2)
    edge.purge(KEY)
    after = crowd(edge, 1)
    assert len(edge.fetched) == 2
    edge.send_head(before[0], STORABLE)
    edge.send_body(before[0], BODY)
    assert before[1].body == BODY
    assert edge.stored.get(KEY) is None
    edge.send_head(after[0], STORABLE)
    edge.send_body(after[0], b"new")
    assert edge.ask(get()).body == b"new"


def test_an_unsafe_request_beats_the_fetch_under_way() -> None:
    """13.4: a fetch that began before the unsafe request was forwarded must not be stored."""
    edge = Tabletop()
    (visit,) = crowd(edge, 1)
    post = edge.begin(get(method="POST"))
    edge.send_head(post, ok(200))
    edge.send_body(post, b"")
    edge.send_head(visit, STORABLE)
    edge.send_body(visit, BODY)
    assert edge.stored.get(KEY) is None


def test_the_answer_to_a_post_may_be_stored_after_its_own_invalidation() -> None:
    """13.2: invalidate, then store."""
    edge = Tabletop()
    script = answering(200, b"B", Content_Location="/a", Cache_Control="max-age=60")
    edge.ask(get(method="POST"), script)
    hit = edge.ask(get())
    assert (hit.verdict, hit.body) == ("HIT", b"B")


def test_who_waits_too_long_asks_for_itself() -> None:
    """18.5."""
    edge = Tabletop(flight_policy=FlightPolicy(wait_seconds=5))
    crowd(edge, 3)
    edge.now += 5
    edge.tick()
    assert len(edge.fetched) == 3


def test_a_stale_hit_starts_one_refresh() -> None:
    """14.6: one validation behind any number of stale hits."""
    edge = Tabletop()
    edge.ask(get(), answering(200, BODY, Cache_Control="max-age=1, stale-while-revalidate=60", ETag='"v1"'))
    edge.now += 3
    visits = crowd(edge, 5)
    assert {visit.verdict for visit in visits} == {"STALE"}
    assert len(edge.fetched) == 2
    edge.answer_all(answering(304, b"", ETag='"v1"', Cache_Control="max-age=60"))
    assert edge.ask(get()).verdict == "HIT"


def test_ranges_of_a_filling_body() -> None:
    """11.6: viewers of different parts share one whole fetch."""
    edge = Tabletop()
    whole, middle, end = (
        edge.begin(get()),
        edge.begin(get(Range="bytes=2-4")),
        edge.begin(get(Range="bytes=-1")),
    )
    edge.send_head(whole, STORABLE)
    edge.send_body(whole, BODY)
    assert (whole.body, middle.body, end.body) == (BODY, b"234", b"9")
    assert len(edge.fetched) == 1


def test_an_early_part_of_a_large_filling_body_follows_it() -> None:
    """11.6: how far there is to wait is told by the part's own end, not by the whole's size."""
    edge = Tabletop(Policy(range_fill_bytes=5))
    whole, early, late = (
        edge.begin(get()),
        edge.begin(get(Range="bytes=2-4")),
        edge.begin(get(Range="bytes=2-5")),
    )
    edge.send_head(whole, STORABLE)
    assert (early.outcome is not None, late.outcome) == (True, None)
    edge.send_body(whole, BODY)
    assert (whole.body, early.body) == (BODY, b"234")
    assert [asked.fields.get("range") for asked in edge.fetched] == [None, "bytes=2-5"]


def test_an_old_variant_goes_when_its_place_is_taken() -> None:
    """9.2: a new answer replaces the entry it was asked for, also when Vary changed."""
    edge = Tabletop()
    edge.ask(get(X_Shape="1"), answering(200, b"old", Cache_Control="max-age=1"))
    edge.now += 5
    head: ResponseHead = ok(Cache_Control="max-age=60", Vary="X-Shape")
    edge.ask(get(X_Shape="1"), lambda _: (head, b"new"))
    assert [body for _, body in edge.stored[KEY].values()] == [b"new"]
