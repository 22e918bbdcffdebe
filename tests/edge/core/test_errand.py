"""What an answer from upstream means for the viewer and the store, case by case (sheet 3.2, 9, 10, 12.6, 17.2)."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from edge.core.commands import (
    Abort,
    CancelFetch,
    Deliver,
    Done,
    Drop,
    FailFlight,
    Fetch,
    ForgetUnshareable,
    Forward,
    Freshen,
    FreshenFlight,
    Inform,
    JoinFlight,
    LookUp,
    ReleaseFlight,
    Respond,
    ShareFlight,
    Store,
)
from edge.core.events import (
    Failure,
    FlightJoined,
    FlightReleased,
    InterimArrived,
    ResponseBodyCompleted,
    ResponseBodyOutgrew,
    ResponseFailed,
    ResponseHeadArrived,
    Role,
    StoreAnswered,
    ViewerLeft,
)
from edge.core.policy import Policy
from edge.core.ruling import BYPASS, Ruling
from tests.edge.core.playbook import (
    KEY,
    get,
    leading,
    looking,
    ok,
    outcome,
    playing,
    status_of,
    stored,
    waiting,
)
from tests.edge.core.tabletop import Tabletop, Visit, answering
from wire.http.cache_control import parse_cache_control

KEPT: Any = {"Cache_Control": "max-age=60", "ETag": '"v1"'}


def told(visit: Visit) -> str:
    """Our member of Cache-Status."""
    return str(visit.field("cache-status")).rpartition(", ")[2]


@pytest.mark.parametrize("precondition", [{"If_Match": '"v1"'}, {"If_Unmodified_Since": "D"}], ids=str)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_preconditions_for_the_origin_pass_and_leave_the_store_alone(
    method: str, precondition: dict[str, Any]
) -> None:
    """10.2, 17.2."""
    edge = Tabletop()
    passed = edge.ask(get(method=method, **precondition), answering(**KEPT))
    assert (passed.verdict, told(passed)) == ("PASS", "edge; fwd=bypass")
    assert edge.fetched[-1].fields.names() >= {name.lower().replace("_", "-") for name in precondition}
    assert not edge.stored


@pytest.mark.parametrize(("method", "verdict"), [("HEAD", "MISS"), ("POST", "PASS"), ("OPTIONS", "PASS")])
def test_what_a_forwarded_answer_is_called(method: str, verdict: str) -> None:
    """13.1, 13.3."""
    assert Tabletop().ask(get(method=method), answering()).verdict == verdict


def test_a_posts_answer_that_is_stored_has_one_length() -> None:
    """13.2, 4.6."""
    edge = Tabletop()
    visit = edge.ask(
        get(method="POST"), answering(Content_Location="/a", Cache_Control="max-age=60", Content_Length="10")
    )
    assert visit.head is not None
    assert visit.head.fields.all("content-length") == ("10",)
    assert edge.ask(get()).verdict == "HIT"


@pytest.mark.parametrize("name", ["If_None_Match", "If_Modified_Since"])
def test_a_304_to_the_viewers_own_question_is_the_viewers(name: str) -> None:
    """10.1; without a question of anybody's it is the origin's error (9.3)."""
    asked: Any = {name: '"v1"'}
    visit = Tabletop().ask(get(**asked), answering(304))
    assert visit.head is not None
    assert visit.head.status == 304
    plain = Tabletop().ask(get(), answering(304))
    assert plain.head is not None
    assert plain.head.status == 502
    edge = Tabletop()  # what is stored has nothing to validate with: asked anew, without conditions
    edge.ask(get(), answering(Cache_Control="max-age=1"))
    edge.now += 5
    wrong = edge.ask(get(**asked), answering(304))
    assert not {"if-none-match", "if-modified-since"} & edge.fetched[-1].fields.names()
    assert wrong.head is not None
    assert wrong.head.status == 502


@pytest.mark.parametrize("terms", [{"Authorization": "x"}, {"Cache_Control": "no-store"}], ids=str)
def test_a_304_that_says_nothing_of_the_entry_leaves_it(terms: dict[str, Any]) -> None:
    """9.4, 3.3, 7.7: what may not be stored of this answer is served once, and the old entry is kept."""
    edge = Tabletop()
    edge.ask(get(), answering(Cache_Control="max-age=1", ETag='"v1"'))
    edge.now += 5
    once = edge.ask(get(**terms), answering(304, b"", X_New="1"))
    assert (once.verdict, once.field("x-new"), once.field("age")) == ("REVALIDATED", "1", "0")
    edge.ask(get(), answering(304, b"", **KEPT))
    assert edge.fetched[-1].fields.get("if-none-match") == '"v1"'


def test_what_became_of_it_is_told_to_the_letter() -> None:
    """17.2."""
    edge = Tabletop()
    assert told(edge.ask(get(), answering(**KEPT))) == "edge; fwd=uri-miss; stored; ttl=60"
    assert told(edge.ask(get())) == "edge; hit; ttl=60"
    edge.now += 61
    assert told(edge.ask(get(), answering(304, b"", **KEPT))) == "edge; fwd=stale; fwd-status=304; ttl=60"
    wanted = get(Cache_Control="no-cache")
    assert told(edge.ask(wanted, answering(304, b"", **KEPT))) == "edge; fwd=request; fwd-status=304; ttl=60"
    assert told(edge.ask(wanted, answering(**KEPT))) == "edge; fwd=request; fwd-status=200; stored; ttl=60"
    edge.now += 61
    assert told(edge.ask(get(), answering(**KEPT))) == "edge; fwd=stale; fwd-status=200; stored; ttl=60"
    shaped: Any = {"Vary": "X-Shape", **KEPT}
    edge.ask(get("/b", X_Shape="1"), answering(**shaped))
    assert (
        told(edge.ask(get("/b", X_Shape="2"), answering(**shaped))) == "edge; fwd=vary-miss; stored; ttl=60"
    )
    assert told(edge.ask(get("/c"), answering(404))) == "edge; fwd=uri-miss; fwd-status=404"


def test_who_may_see_is_told_why() -> None:
    """17.2, 22.4: the key, and what forbade storing."""
    edge = Tabletop(Policy(debug=True))
    visit = edge.ask(get(), answering(Cache_Control="no-store"))
    assert told(visit) == 'edge; fwd=uri-miss; key="http://ex.com/a"; detail=no-store'


@pytest.mark.parametrize("debug", [False, True])
def test_what_failed_is_told_to_who_looks_for_faults_alone(debug: bool) -> None:
    """17.2, 22.4: strangers are told no more than the kind of it (Proxy-Status)."""
    reason = "; detail=unreachable" if debug else ""
    edge = Tabletop(Policy(debug=debug, stale_if_unreachable_seconds=60))
    refused = edge.ask(get("/b"), lambda _: Failure.UNREACHABLE)
    assert (refused.verdict, told(refused)) == ("ERROR", f"edge; fwd=uri-miss{reason}")
    edge.ask(get(), answering(**KEPT))
    edge.now += 65
    stale = edge.ask(get(), lambda _: Failure.UNREACHABLE)
    assert (stale.verdict, told(stale)) == ("STALE", f"edge; fwd=stale; ttl=-5{reason}")


@pytest.mark.parametrize(
    ("status", "control", "is_gone"),
    [(404, "no-store", True), (499, "no-store", True), (500, "no-store", False)],
)
def test_what_an_answer_that_is_not_kept_supersedes(status: int, control: str, is_gone: bool) -> None:
    """3.2, 9.2: it answers what was asked about the entry, unless it is an error."""
    entry = stored(61.0, ETag='"v1"')
    book = leading(get(), entry)
    book >> ResponseHeadArrived(1.0, ok(status, Cache_Control=control), 0.0)
    assert (Drop(entry) in book.pending) is is_gone
    quiet = looking(get(Cache_Control="no-store"), entry)
    quiet.pending.clear()
    quiet >> ResponseHeadArrived(1.0, ok(status, Cache_Control=control), 0.0)
    assert Drop(entry) not in quiet.pending, "what is not stored for the request's sake says nothing (7.7)"


def test_who_has_left_is_not_cut() -> None:
    """18.4, 12.1: the fill went on for others, and broke."""
    book = leading(get()) >> ResponseHeadArrived(1.0, ok(Cache_Control="max-age=60"), 0.0)
    book.pending.clear()
    book >> ViewerLeft(1.5, followers=1) >> ResponseFailed(2.0, Failure.CUT)
    assert Abort() not in book.pending


@pytest.mark.parametrize(
    ("length", "received", "finishes"),
    [
        ("100", 0, True),
        ("101", 50, False),
        ("101", 51, True),
        ("102", 51, False),
        ("0", 0, True),
        (None, 100, True),
        (None, 101, False),
    ],
)
def test_small_and_half_done_to_the_byte(length: str | None, received: int, finishes: bool) -> None:
    """12.6, with `finish_abandoned_bytes` of 100."""
    fields: Any = {} if length is None else {"Content_Length": length}
    book = leading(get(), policy=Policy(finish_abandoned_bytes=100))
    book >> ResponseHeadArrived(1.0, ok(Cache_Control="max-age=60", **fields), 0.0)
    book.pending.clear()
    book >> ViewerLeft(2.0, received=received)
    assert (CancelFetch() not in book.pending) is finishes


def test_a_head_speaks_for_the_store_only_where_something_changed() -> None:
    """13.3: what it leaves as it was is not written again."""
    book = looking(get(method="HEAD"), stored(61.0, ETag='"v1"'))
    book.pending.clear()
    book >> ResponseHeadArrived(1.0, ok(500), 0.0)
    assert [type(command) for command in book.pending] == [Respond]
    assert status_of(book.pending[0]) == 500
    book = looking(get(method="HEAD"), stored(61.0, ETag='"v1"'))
    book.pending.clear()
    book >> ResponseHeadArrived(1.0, ok(404), 0.0)
    assert [type(command) for command in book.pending] == [Freshen, Respond]
    assert not any(isinstance(command, Forward) for command in book.pending)


@pytest.mark.parametrize(
    ("method", "has_body"), [("GET", False), ("HEAD", False), ("POST", True), ("FOO", True)]
)
def test_whose_body_goes_upstream(method: str, has_body: bool) -> None:
    """13.1, 22.2: a GET's or HEAD's never does."""
    book = leading(get()) if method == "GET" else playing(get(method=method))
    if method == "HEAD":
        book << LookUp(KEY) >> StoreAnswered(0.0) << Fetch
    elif has_body:
        book << Fetch
    assert isinstance(book.last, Fetch)
    assert book.last.body is has_body


def test_interim_heads_go_on_while_there_is_no_answer() -> None:
    """16.4: and change nothing."""
    book = leading(get()) >> InterimArrived(0.5, ok(103, Link="</s.css>")) << Inform
    book >> ResponseHeadArrived(1.0, ok(Cache_Control="max-age=60"), 0.0) << ShareFlight << Forward
    assert "link" not in book.head().fields


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_304_that_names_several_answers_with_the_one_that_was_asked_about(order: tuple[int, int]) -> None:
    """9.3, 8.1."""
    variants = [evolve(stored(61.0, vary=shape, ETag='"v1"'), body_id=shape) for shape in "12"]
    book = leading(get(X_Shape="1"), *(variants[place] for place in order))
    book >> ResponseHeadArrived(1.0, ok(304, ETag='"v1"', Cache_Control="max-age=9", Vary="X-Shape"), 0.0)
    book << Freshen << Freshen << FreshenFlight << Deliver
    assert isinstance(book.last, Deliver)
    assert book.last.entry.body_id == "1"


def test_an_answer_that_has_no_say_in_what_is_stored_leaves_it() -> None:
    """3.2: as vendors read some of them (`edge.core.ruling`)."""
    policy = Policy(reading=lambda head, now: Ruling(parse_cache_control(BYPASS)))
    for status in (200, 304, 404):
        book = leading(get(), stored(61.0, ETag='"v1"'), policy=policy)
        book >> ResponseHeadArrived(1.0, ok(status), 0.0)
        assert [type(command) for command in book.pending] == [
            ReleaseFlight,
            Deliver if status == 304 else Forward,
        ]


def test_who_waited_in_vain_and_then_validates_says_so() -> None:
    """17.2."""
    book = waiting(get(), stored(61.0, ETag='"v1"')) >> FlightReleased(0.5) << Fetch
    book >> ResponseHeadArrived(1.0, ok(304, Cache_Control="max-age=9"), 0.0) << Freshen << Deliver
    assert book.head().fields.get("cache-status") == "edge; fwd=stale; fwd-status=304; collapsed=?0; ttl=8"


@pytest.mark.parametrize(("status", "left"), [(499, [499]), (500, [200, 500])])
def test_an_error_is_stored_where_its_origin_says_so(status: int, left: list[int]) -> None:
    """3.1, 9.2, 19.1: in place of what is stored, or before it."""
    edge = Tabletop()
    asked = edge.ask(get(), answering(status, Cache_Control="max-age=60"))
    assert (asked.verdict, edge.ask(get()).verdict) == ("MISS", "HIT")
    edge = Tabletop()
    edge.ask(get(), answering(Cache_Control="max-age=1"))
    edge.now += 5
    again = edge.ask(get(), answering(status, Cache_Control="max-age=60"))
    assert (again.verdict, edge.ask(get()).verdict) == ("MISS", "HIT")
    assert [entry.status for entry, _ in edge.stored[KEY].values()] == left


def test_who_fetches_alone_tells_the_table_what_may_be_shared_after_all() -> None:
    """18.2: and the body is kept by who reads it."""
    book = looking(get()) << JoinFlight >> FlightJoined(0.0, Role.ALONE) << Fetch
    book >> ResponseHeadArrived(1.0, ok(Cache_Control="max-age=60"), 0.0) << ForgetUnshareable(KEY) << Forward
    book.end()


def test_a_range_of_what_is_not_there_is_asked_for_once() -> None:
    """11.6: an error is no whole that would be too large."""
    book = (
        leading(get(Range="bytes=2-3")) >> ResponseHeadArrived(1.0, ok(404), 0.0) << ReleaseFlight << Forward
    )
    book.end()


@pytest.mark.parametrize("control", ["max-age=0", "max-age=60, no-cache"])
def test_what_must_be_confirmed_before_its_next_use_is_nobody_elses(control: str) -> None:
    """18.1, 18.2: kept for its validator, and not waited for."""
    book = leading(get()) >> ResponseHeadArrived(0.0, ok(Cache_Control=control, ETag='"v1"'), 0.0)
    book << ReleaseFlight(KEY, remember=True) << Forward >> ResponseBodyCompleted(1.0, 10) << Store << Done
    book.end()


@pytest.mark.parametrize(("status", "remembers"), [(200, True), (499, True), (500, False)])
def test_which_answers_say_that_nobody_should_wait_for_the_next(status: int, remembers: bool) -> None:
    """18.2: dynamic ones; not an origin's bad minute."""
    book = leading(get()) >> ResponseHeadArrived(1.0, ok(status, Cache_Control="private"), 0.0)
    book << ReleaseFlight(KEY, remember=remembers) << Forward
    assert book.head().fields.get("x-cache") == "MISS"


def test_who_is_sent_a_304_of_a_fill_is_not_cut_when_it_breaks() -> None:
    """12.1: it has all it is to get."""
    book = leading(get(If_None_Match='"v1"'))
    head = ok(Cache_Control="max-age=60", ETag='"v1"', Content_Length="10")
    book >> ResponseHeadArrived(1.0, head, 0.0) << ShareFlight << Respond
    assert status_of(book.last) == 304
    book >> ResponseFailed(2.0, Failure.CUT) << FailFlight << Done
    book.end()


def test_what_happens_to_a_304_after_its_head_is_nobodys_concern() -> None:
    """9.2: the stored body is whole."""
    book = leading(get(), stored(61.0, ETag='"v1"'))
    (
        book
        >> ResponseHeadArrived(1.0, ok(304, Cache_Control="max-age=9"), 0.0)
        << Freshen
        << FreshenFlight
        << Deliver
    )
    assert outcome(book >> ResponseFailed(2.0, Failure.CUT) << Done).complete


def test_a_fresh_answer_that_cannot_be_confirmed_is_a_hit() -> None:
    """7.3, 14.4: nothing of it is stale."""
    book = looking(get(Cache_Control="no-cache"), stored(ETag='"v1"')) << Fetch
    book >> ResponseFailed(1.0, Failure.UNREACHABLE) << Deliver
    assert book.head().fields.get("x-cache") == "HIT"


def test_what_outgrew_the_limit_is_worth_nothing_to_the_store() -> None:
    """12.6, 12.7: nobody left to read it, nothing to be kept; who fetches alone has nobody to tell."""
    policy = Policy(object_bytes=10, finish_abandoned_bytes=100)
    book = looking(get(), policy=policy) << JoinFlight >> FlightJoined(0.0, Role.ALONE) << Fetch
    book >> ResponseHeadArrived(1.0, ok(Cache_Control="max-age=60"), 0.0) << ForgetUnshareable << Forward
    book >> ResponseBodyOutgrew(2.0) >> ViewerLeft(3.0, received=20) << CancelFetch() << Done
    book.end()


def test_who_leaves_an_answer_for_one_takes_it_along() -> None:
    """12.6: it is not storable, however small."""
    book = (
        leading(get())
        >> ResponseHeadArrived(1.0, ok(Cache_Control="private"), 0.0)
        << ReleaseFlight
        << Forward
    )
    book >> ViewerLeft(2.0, received=1) << CancelFetch() << Done
    book.end()


def test_a_write_that_was_refused_before_its_viewer_left_changed_nothing() -> None:
    """13.4: its head told."""
    book = playing(get(method="POST")) << Fetch >> ResponseHeadArrived(1.0, ok(500), 0.0) << Forward
    book >> ViewerLeft(2.0) << CancelFetch() << Done
    book.end()
