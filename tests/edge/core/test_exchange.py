"""The conversation of one exchange, step by step (the docstring of Exchange is the contract)."""

from __future__ import annotations

import pytest
from attrs import evolve

from edge.core.commands import (
    Abort,
    CancelFetch,
    CompleteFlight,
    Deliver,
    Done,
    Drop,
    FailFlight,
    Fetch,
    Follow,
    Forward,
    Freshen,
    FreshenFlight,
    Invalidate,
    JoinFlight,
    LandFlight,
    LeaveFlight,
    LookUp,
    Refresh,
    ReleaseFlight,
    Respond,
    ShareFlight,
    Store,
)
from edge.core.entry import Entry
from edge.core.events import (
    Failure,
    FlightFailed,
    FlightFreshened,
    FlightHeadArrived,
    FlightJoined,
    FlightPromoted,
    FlightReleased,
    ResponseBodyCompleted,
    ResponseBodyOutgrew,
    ResponseFailed,
    ResponseHeadArrived,
    Role,
    StoreAnswered,
    ViewerLeft,
)
from edge.core.exchange import Exchange, Step, UnexpectedEvent
from edge.core.outcome import Outcome, Verdict
from edge.core.policy import Policy
from tests.edge.core.playbook import Playbook, get, ok, playing, status_of
from wire.http.fields import Fields, RequestHead

KEY = "http://ex.com/a"


def stored(age: float = 0.0, /, lifetime: float = 60.0, vary: str | None = None, **fields: str) -> Entry:
    """An entry that is `age` seconds old at time 0."""
    return Entry(
        key=KEY,
        status=200,
        fields=Fields.of(**fields),
        request_time=-age,
        response_time=-age,
        date=-age,
        lifetime=lifetime,
        initial_age=0.0,
        size=10,
        etag=fields.get("ETag"),
        vary=(("x-shape", vary),) if vary is not None else (),
        body_id="b1",
    )


def looking(request: RequestHead, *entries: Entry, policy: Policy | None = None) -> Playbook:
    return playing(request, policy) << LookUp(KEY) >> StoreAnswered(0.0, entries)


def leading(request: RequestHead, *entries: Entry, policy: Policy | None = None) -> Playbook:
    book = looking(request, *entries, policy=policy) << JoinFlight
    return book >> FlightJoined(0.0, Role.LEADER) << Fetch


def waiting(request: RequestHead, *entries: Entry) -> Playbook:
    return looking(request, *entries) << JoinFlight >> FlightJoined(0.0, Role.FOLLOWER)


def outcome(book: Playbook) -> Outcome:
    assert isinstance(book.last, Done)
    return book.last.outcome


def test_a_fresh_entry_is_delivered() -> None:
    """7.1, 6.4: one look-up, one answer."""
    book = looking(get(), stored(12.9)) << Deliver
    assert book.head().fields.get("age") == "12"
    assert book.head().fields.get("content-length") == "10"
    assert outcome(book << Done).verdict is Verdict.HIT


def test_a_miss_is_fetched_shared_forwarded_and_stored() -> None:
    """The whole way of a storable answer."""
    book = looking(get()) << JoinFlight(KEY, 0.0)
    book >> FlightJoined(0.0, Role.LEADER) << Fetch
    assert book.sent().fields.get("host") == "ex.com"
    book >> ResponseHeadArrived(1.0, ok(Cache_Control="max-age=60", Content_Length="10"), 0.0)
    book << ShareFlight << Forward
    assert book.head().fields.get("cache-status") == "edge; fwd=uri-miss; stored; ttl=59"
    book >> ResponseBodyCompleted(2.0, 10) << CompleteFlight << Store
    assert isinstance(book.last, Store)
    assert book.last.entry.size == 10
    book << LandFlight(KEY) << Done
    assert outcome(book).stored
    book.end()


def test_an_answer_for_one_releases_the_flight_and_keeps_nothing() -> None:
    """18.1: at the head, not at the end; hit-for-miss is remembered."""
    book = leading(get()) >> ResponseHeadArrived(1.0, ok(Cache_Control="private"), 0.0)
    book << ReleaseFlight(KEY, remember=True) << Forward
    assert isinstance(book.last, Forward)
    assert not book.last.keep
    book >> ResponseBodyCompleted(2.0, 10) << Done
    assert not outcome(book).stored


def test_a_server_error_is_not_remembered_as_unshareable() -> None:
    """18.2 speaks of responses that are dynamic, not of an origin's bad minute."""
    book = leading(get()) >> ResponseHeadArrived(1.0, ok(503), 0.0)
    book << ReleaseFlight(KEY, remember=False) << Forward


def test_a_stale_entry_is_validated_with_its_own_validators() -> None:
    """9.1: as received, both; the viewer's own are judged afterwards (10.5)."""
    entry = stored(61.0, ETag='W/"v1"', Last_Modified="D")
    book = leading(get(If_None_Match='"v0"'), entry)
    assert book.sent().fields.all("if-none-match") == ('W/"v1"',)
    assert book.sent().fields.all("if-modified-since") == ("D",)
    book >> ResponseHeadArrived(1.0, ok(304, ETag='W/"v1"', Cache_Control="max-age=9"), 0.0)
    book << Freshen
    assert isinstance(book.last, Freshen)
    assert book.last.entry.body_id == "b1"
    assert book.last.entry.lifetime == 9
    book << FreshenFlight << Deliver
    assert book.head().status == 200
    assert book.head().fields.get("age") == "1"
    book >> ResponseBodyCompleted(1.0, 0) << Done
    assert outcome(book).verdict is Verdict.REVALIDATED


def test_a_viewers_own_tag_is_answered_after_validation() -> None:
    """10.5: stale "v1", the viewer has "v1", the origin confirms: 304."""
    book = leading(get(If_None_Match='"v1"'), stored(61.0, ETag='"v1"', Cache_Control="max-age=60"))
    book >> ResponseHeadArrived(1.0, ok(304), 0.0) << Freshen << FreshenFlight << Respond
    assert status_of(book.last) == 304


def test_a_304_that_names_nothing_we_have_is_asked_again() -> None:
    """9.3: update nothing; refetch without conditionals."""
    book = leading(get(), stored(61.0, ETag='"v1"'))
    book >> ResponseHeadArrived(1.0, ok(304, ETag='"v9"'), 0.0) << CancelFetch() << Fetch
    assert "if-none-match" not in book.sent().fields
    book >> ResponseHeadArrived(2.0, ok(Cache_Control="max-age=9"), 1.0) << ShareFlight << Forward


def test_a_304_nobody_asked_for_is_an_origin_error() -> None:
    """9.3: 502, store nothing."""
    book = leading(get()) >> ResponseHeadArrived(1.0, ok(304), 0.0) << CancelFetch()
    book << FailFlight << Respond
    assert status_of(book.last) == 502
    book << Done


def test_a_304_that_forbids_keeping_is_served_and_dropped() -> None:
    """9.4: serve, then drop the entry."""
    entry = stored(61.0, ETag='"v1"')
    book = leading(get(), entry) >> ResponseHeadArrived(1.0, ok(304, Cache_Control="no-store"), 0.0)
    book << ReleaseFlight(KEY, remember=True) << Deliver << Drop(entry)


def test_a_viewers_conditionals_on_a_miss_go_as_they_are() -> None:
    """10.1: there is nothing to judge them by; the 304 is relayed and not stored."""
    book = leading(get(If_None_Match='"v1"'))
    assert book.sent().fields.get("if-none-match") == '"v1"'
    book >> ResponseHeadArrived(1.0, ok(304, ETag='"v1"'), 0.0) << ReleaseFlight(KEY) << Respond
    assert status_of(book.last) == 304
    book >> ResponseBodyCompleted(1.0, 0) << Done
    book.end()


def test_an_error_is_stood_in_for() -> None:
    """14.3: stale-if-error; the followers decide for themselves."""
    entry = evolve(stored(65.0), stale_if_error=30.0)
    book = leading(get(), entry) >> ResponseHeadArrived(1.0, ok(503), 0.0)
    book << FailFlight(KEY, Failure.SERVER_ERROR) << Deliver
    assert book.head().fields.get("x-cache") == "STALE"
    book >> ResponseBodyCompleted(1.0, 0) << Done
    late = evolve(entry, lifetime=0.0)
    book = leading(get(), late) >> ResponseHeadArrived(1.0, ok(503), 0.0) << ReleaseFlight << Forward
    assert book.head().status == 503


def test_a_404_is_an_answer_and_replaces() -> None:
    """9.2, 14.3, 19.4: a 4xx is no error to stand in for; what it superseded goes."""
    entry = evolve(stored(65.0), stale_if_error=30.0)
    book = leading(get(), entry) >> ResponseHeadArrived(1.0, ok(404), 0.0)
    book << ReleaseFlight << Drop(entry) << Forward
    assert book.head().status == 404


def test_an_error_with_a_lifetime_does_not_replace() -> None:
    """9.2: 5xx leaves the entry alone."""
    book = leading(get(), stored(61.0, ETag='"v1"'))
    book >> ResponseHeadArrived(1.0, ok(500, Cache_Control="max-age=60"), 0.0)
    book << ReleaseFlight << Forward >> ResponseBodyCompleted(2.0, 3) << Done


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        (Failure.UNREACHABLE, 502),
        (Failure.TIMED_OUT, 504),
        (Failure.CUT, 502),
        (Failure.MALFORMED, 502),
        (Failure.BUSY, 503),
    ],
)
def test_no_answer_and_nothing_stored(reason: Failure, status: int) -> None:
    """14.3: 504 or 502 for none; 12.5: malformed is 502; 503 with Retry-After where nobody could be asked."""
    book = leading(get()) >> ResponseFailed(1.0, reason) << FailFlight(KEY, reason) << Respond
    assert status_of(book.last) == status
    assert "x-pop" in book.head().fields
    assert book.head().fields.get("retry-after") == ("1" if status == 503 else None)
    book << Done


def test_no_answer_where_stale_is_forbidden() -> None:
    """14.2: 504."""
    entry = evolve(stored(61.0), stale_forbidden=True)
    book = leading(get(), entry) >> ResponseFailed(1.0, Failure.UNREACHABLE) << FailFlight << Respond
    assert status_of(book.last) == 504


def test_a_body_that_breaks_off_is_cut_for_the_viewer_and_never_stored() -> None:
    """12.1, 18.5."""
    book = leading(get()) >> ResponseHeadArrived(1.0, ok(Cache_Control="max-age=60"), 0.0)
    book << ShareFlight << Forward >> ResponseFailed(2.0, Failure.CUT)
    book << Abort() << FailFlight(KEY, Failure.CUT) << Done
    assert not outcome(book).complete


def test_a_body_that_outgrows_the_limit_goes_through_and_is_not_stored() -> None:
    """12.7: and others are no longer made to wait for it."""
    book = leading(get()) >> ResponseHeadArrived(1.0, ok(Cache_Control="max-age=60"), 0.0)
    book << ShareFlight << Forward >> ResponseBodyOutgrew(2.0) << ReleaseFlight(KEY, remember=True)
    book >> ResponseBodyCompleted(3.0, 1 << 40) << LandFlight << Done
    assert not outcome(book).stored


# ---- followers


def test_a_follower_drinks_from_the_leaders_body() -> None:
    """18.1: from the growing entry, marked as collapsed."""
    entry = evolve(stored(), body_id="")
    book = waiting(get()) >> FlightHeadArrived(1.0, entry) << Follow
    assert "collapsed" in str(book.head().fields.get("cache-status"))
    assert outcome(book << Done).collapsed


def test_who_joins_a_whole_body_has_a_hit() -> None:
    """All is here and only the store does not know: nothing was forwarded for this viewer, nothing awaited."""
    book = waiting(get()) >> FlightHeadArrived(1.0, evolve(stored(), body_id=""), is_whole=True) << Follow
    assert book.head().fields.get("x-cache") == "HIT"
    assert "hit" in str(book.head().fields.get("cache-status"))
    assert not outcome(book << Done).collapsed


def test_a_follower_with_other_vary_values_joins_its_own_variant() -> None:
    """18.3: two classes of viewers cost two fetches, not one each."""
    book = waiting(get(X_Shape="2")) >> FlightHeadArrived(1.0, stored(vary="1"))
    book << LeaveFlight(KEY) << JoinFlight
    assert isinstance(book.last, JoinFlight)
    assert book.last.key != KEY
    book >> FlightJoined(1.0, Role.FOLLOWER) >> FlightHeadArrived(2.0, stored(vary="3"))
    book << LeaveFlight << Fetch


def test_a_follower_for_whom_it_is_not_fresh_enough_fetches() -> None:
    """18.3: it passes 7 for its own request, or it is no answer."""
    book = waiting(get(Cache_Control="min-fresh=100")) >> FlightHeadArrived(1.0, stored())
    book << LeaveFlight(KEY) << Fetch


def test_a_released_follower_fetches_in_vain_waited() -> None:
    """18.1, 17.2: collapsed=?0."""
    book = waiting(get()) >> FlightReleased(1.0) << Fetch
    book >> ResponseHeadArrived(2.0, ok(Cache_Control="private"), 1.0) << Forward
    assert book.head().fields.get("cache-status") == "edge; fwd=uri-miss; collapsed=?0"


def test_a_promoted_follower_leads() -> None:
    """18.5."""
    book = waiting(get()) >> FlightPromoted(1.0) << Fetch
    book >> ResponseHeadArrived(2.0, ok(Cache_Control="max-age=9"), 1.0) << ShareFlight << Forward


def test_followers_of_a_failed_flight_get_the_error_or_what_is_stale() -> None:
    """18.5, 14.4."""
    book = waiting(get()) >> FlightFailed(1.0, Failure.TIMED_OUT) << Respond
    assert status_of(book.last) == 504
    book << Done
    waiting(get(), stored(61.0)) >> FlightFailed(1.0, Failure.TIMED_OUT) << Deliver << Done


def test_a_follower_sees_for_itself_what_error_there_was() -> None:
    """14.3: the leader stood in with a stale response; whoever may not, asks."""
    waiting(get()) >> FlightFailed(1.0, Failure.SERVER_ERROR) << Fetch


def test_followers_of_a_validation_are_served_what_it_confirmed() -> None:
    """18.6, 9.6."""
    book = waiting(get(), stored(61.0)) >> FlightFreshened(1.0, stored()) << Deliver
    assert book.head().fields.get("x-cache") == "REVALIDATED"
    book << Done
    waiting(get(X_Shape="2")) >> FlightFreshened(1.0, stored(vary="1")) << Fetch


def test_who_is_late_looks_again_once() -> None:
    """What landed between look-up and joining is in the store."""
    book = looking(get()) << JoinFlight(KEY, 0.0) >> FlightJoined(1.0, Role.LATE) << LookUp(KEY)
    book >> StoreAnswered(1.0) << JoinFlight(KEY, float("inf"))


# ---- requests that are not shared


@pytest.mark.parametrize(
    "request_head",
    [
        get(Authorization="x"),
        get(Cache_Control="no-cache"),
        get(Cache_Control="max-age=0"),
        get(Cache_Control="no-store"),
        get(method="HEAD"),
    ],
)
def test_some_requests_fetch_for_themselves(request_head: RequestHead) -> None:
    """18.3, 18.6."""
    looking(request_head) << Fetch


def test_only_if_cached_never_asks() -> None:
    """7.8: not even to validate."""
    for entries in ((), (stored(61.0),)):
        book = looking(get(Cache_Control="only-if-cached"), *entries) << Respond
        assert status_of(book.last) == 504
        assert "cache-status" not in book.head().fields
        book << Done


def test_no_cache_validates_and_does_not_refetch() -> None:
    """7.3."""
    book = looking(get(Cache_Control="no-cache"), stored(ETag='"v1"', Cache_Control="max-age=60")) << Fetch
    assert book.sent().fields.get("if-none-match") == '"v1"'
    book >> ResponseHeadArrived(1.0, ok(304), 0.0) << Freshen << Deliver
    assert "fwd=request; fwd-status=304" in str(book.head().fields.get("cache-status"))


def test_preconditions_for_the_origin_are_forwarded() -> None:
    """10.2: If-Match and If-Unmodified-Since are not for the cache."""
    book = playing(get(If_Match='"v1"')) << Fetch
    assert book.sent().fields.get("if-match") == '"v1"'
    book >> ResponseHeadArrived(1.0, ok(412), 0.0) << Forward >> ResponseBodyCompleted(1.0, 0) << Done
    assert outcome(book).verdict is Verdict.PASS


# ---- stale-while-revalidate


def test_stale_while_revalidate_answers_and_refreshes_behind() -> None:
    """14.6: at once from the store; one validation in the background."""
    entry = evolve(stored(61.0, ETag='"v1"', Cache_Control="max-age=60"), stale_while_revalidate=10.0)
    book = looking(get(Cookie="s=1"), entry) << Refresh
    assert isinstance(book.last, Refresh)
    refresh = book.last
    book << Deliver
    assert "ttl=-1" in str(book.head().fields.get("cache-status"))
    book << Done

    behind = Playbook(Exchange.refreshing(refresh.entry, refresh.request, Policy()))
    behind << JoinFlight(KEY, float("inf"), background=True) >> FlightJoined(0.0, Role.LEADER) << Fetch
    assert behind.sent().fields.get("if-none-match") == '"v1"'
    assert "cookie" not in behind.sent().fields
    behind >> ResponseHeadArrived(1.0, ok(304), 0.0) << Freshen << FreshenFlight
    behind >> ResponseBodyCompleted(1.0, 0) << Done


def test_a_refresh_says_nothing_to_anyone() -> None:
    """There is no viewer: no Forward, no Respond."""
    entry = evolve(stored(61.0, ETag='"v1"'), stale_while_revalidate=10.0)
    book = Playbook(Exchange.refreshing(entry, get(), Policy())) << JoinFlight
    book >> FlightJoined(0.0, Role.LEADER) << Fetch
    book >> ResponseHeadArrived(1.0, ok(Cache_Control="max-age=9"), 0.0) << ShareFlight
    book >> ResponseBodyCompleted(2.0, 3) << CompleteFlight << Store << LandFlight << Done


def test_a_refresh_that_fails_leaves_the_entry_and_backs_off() -> None:
    """14.6."""
    entry = evolve(stored(61.0), stale_while_revalidate=10.0)
    for event in (ResponseFailed(1.0, Failure.CUT), ResponseHeadArrived(1.0, ok(503), 0.0)):
        book = Playbook(Exchange.refreshing(entry, get(), Policy())) << JoinFlight
        book >> FlightJoined(0.0, Role.LEADER) << Fetch >> event
        if isinstance(event, ResponseHeadArrived):
            book << CancelFetch()
        book << FailFlight << Done
        book.end()


def test_a_refresh_that_is_not_wanted_ends() -> None:
    """14.6: one at a time."""
    book = Playbook(Exchange.refreshing(stored(61.0), get(), Policy())) << JoinFlight
    book >> FlightJoined(0.0, Role.DECLINED) << Done


# ---- other methods


def test_an_unsafe_request_is_written_through_and_invalidates() -> None:
    """13.1, 13.4."""
    book = playing(get(method="POST", Content_Length="3")) << Fetch
    assert isinstance(book.last, Fetch)
    assert book.last.body
    assert book.sent().fields.get("content-length") == "3"
    book >> ResponseHeadArrived(1.0, ok(303, Location="/b"), 0.0)
    book << Invalidate((KEY, "http://ex.com/b")) << Forward
    assert "fwd=method" in str(book.head().fields.get("cache-status"))
    book >> ResponseBodyCompleted(1.0, 0) << Done


def test_an_unsafe_requests_answer_may_serve_later_gets() -> None:
    """13.2: invalidate, then store."""
    head = ok(Content_Location="/a", Cache_Control="max-age=60")
    book = playing(get(method="POST")) << Fetch >> ResponseHeadArrived(1.0, head, 0.0)
    book << Invalidate((KEY,)) << Forward >> ResponseBodyCompleted(1.0, 4) << Store << Done


@pytest.mark.parametrize(("method", "status"), [("CONNECT", 405), ("TRACE", 405)])
def test_refused_methods(method: str, status: int) -> None:
    """13.1."""
    book = playing(get(method=method)) << Respond
    assert status_of(book.last) == status
    book << Done


def test_a_get_with_a_body_is_refused() -> None:
    """22.2."""
    for request in (get(Content_Length="3"), get(Transfer_Encoding="chunked")):
        assert status_of((playing(request) << Respond).last) == 400
    looking(get(Content_Length="0"))


def test_a_request_that_came_round_is_refused() -> None:
    """16.2: 508."""
    book = playing(get(CDN_Loop="other, pixeledge; node=edge")) << Respond
    assert status_of(book.last) == 508


def test_an_ambiguous_request_is_refused() -> None:
    """2.4."""
    assert status_of((playing(RequestHead("GET", "/a")) << Respond).last) == 400


# ---- ranges


def test_a_range_on_a_miss_fills_the_whole() -> None:
    """11.6: fetch without Range, store, and answer 206 from the growing body."""
    book = leading(get(Range="bytes=2-3", If_Range='"v1"'))
    assert "range" not in book.sent().fields
    assert "if-range" not in book.sent().fields
    head = ok(Cache_Control="max-age=60", Content_Length="10", ETag='"v1"')
    book >> ResponseHeadArrived(1.0, head, 0.0) << ShareFlight << Forward
    assert book.head().status == 206
    assert book.head().fields.get("content-range") == "bytes 2-3/10"
    assert book.head().fields.all("content-length") == ("2",)


@pytest.mark.parametrize(
    "head", [ok(Cache_Control="private"), ok(Cache_Control="max-age=9", Content_Length="99")]
)
def test_a_range_of_what_will_not_be_kept_is_forwarded_instead(head: object) -> None:
    """11.6: too large to wait for, or not to be stored: ask for the part, and remember not to queue."""
    book = leading(get(Range="bytes=2-3"), policy=Policy(range_fill_bytes=50))
    book >> ResponseHeadArrived(1.0, head, 0.0) << CancelFetch()  # type: ignore[arg-type]
    book << ReleaseFlight(KEY, remember=True) << Fetch
    assert book.sent().fields.get("range") == "bytes=2-3"
    partial = ok(206, Content_Range="bytes 2-3/99", Content_Length="2", Cache_Control="max-age=9")
    book >> ResponseHeadArrived(2.0, partial, 1.0) << Forward
    assert book.head().status == 206
    book >> ResponseBodyCompleted(2.0, 2) << Store << Done
    assert outcome(book).stored


def test_ranges_are_forwarded_where_the_site_says_so() -> None:
    """11.6: and a 200 in return is stored, and sliced."""
    book = looking(get(Range="bytes=2-3"), policy=Policy(range_fill="forward")) << Fetch
    assert book.sent().fields.get("range") == "bytes=2-3"
    book >> ResponseHeadArrived(1.0, ok(Cache_Control="max-age=9", Content_Length="10"), 0.0) << Forward
    assert book.head().status == 206
    book >> ResponseBodyCompleted(2.0, 10) << Store << Done


def test_an_unasked_206_is_an_origin_error() -> None:
    """11.8: a part is never a whole."""
    book = leading(get()) >> ResponseHeadArrived(1.0, ok(206), 0.0) << CancelFetch() << FailFlight << Respond
    assert status_of(book.last) == 502


# ---- viewers who leave


def test_a_fill_goes_on_for_others() -> None:
    """18.4: the fetch belongs to the cache."""
    book = leading(get()) >> ViewerLeft(0.5, followers=1)
    book >> ResponseHeadArrived(1.0, ok(Cache_Control="max-age=60"), 0.0) << ShareFlight
    book >> ResponseBodyCompleted(2.0, 10) << CompleteFlight << Store << LandFlight << Done


def test_a_fill_nobody_waits_for_is_cancelled() -> None:
    """12.6: before the head there is no knowing what it would be worth."""
    book = leading(get()) >> ViewerLeft(0.5) << CancelFetch() << ReleaseFlight(KEY) << Done
    book >> ViewerLeft(0.6)
    book.end()


@pytest.mark.parametrize(
    ("length", "received", "finishes"),
    [
        ("10", 0, True),
        ("9000000", 100, False),
        ("9000000", 4_600_000, True),
        (None, 100, True),
        (None, 1 << 21, False),
    ],
)
def test_an_abandoned_fill_is_finished_when_small_or_half_done(
    length: str | None, received: int, finishes: bool
) -> None:
    """12.6."""
    head = (
        ok(Cache_Control="max-age=60")
        if length is None
        else ok(Cache_Control="max-age=60", Content_Length=length)
    )
    book = leading(get()) >> ResponseHeadArrived(1.0, head, 0.0) << ShareFlight << Forward
    book >> ViewerLeft(2.0, received=received)
    if finishes:
        book >> ResponseBodyCompleted(3.0, 10) << CompleteFlight << Store << LandFlight << Done
    else:
        book << CancelFetch() << FailFlight(KEY, Failure.CUT) << Done
        assert not outcome(book).complete


def test_a_follower_who_leaves_leaves_the_flight() -> None:
    """No waiter is kept for a viewer who is gone."""
    waiting(get()) >> ViewerLeft(1.0) << LeaveFlight(KEY) << Done


@pytest.mark.parametrize(
    ("role", "undone"),
    [
        (Role.FOLLOWER, LeaveFlight(KEY)),
        (Role.LEADER, ReleaseFlight(KEY)),
        (Role.ALONE, None),
        (Role.LATE, None),
    ],
)
def test_who_leaves_while_joining_is_undone(role: Role, undone: LeaveFlight | ReleaseFlight | None) -> None:
    """Whatever the table then answers, no flight is left without someone to fly it."""
    book = looking(get()) << JoinFlight >> ViewerLeft(0.0) >> FlightJoined(0.0, role)
    if undone is not None:
        book << undone
    book << Done
    book.end()


def test_an_abandoned_write_may_have_been_carried_out() -> None:
    """13.4, in doubt: believe nothing that is stored."""
    book = playing(get(method="PUT")) << Fetch >> ViewerLeft(1.0) << CancelFetch()
    book << Invalidate((KEY,)) << Done


# ---- HEAD


def test_head_is_answered_from_a_get_entry() -> None:
    """13.3: same head, no body."""
    book = looking(get(method="HEAD"), stored()) << Respond
    assert isinstance(book.last, Respond)
    assert book.head().fields.get("content-length") == "10"
    assert book.last.body == b""
    book << Done


def test_a_forwarded_head_freshens_what_it_would_select() -> None:
    """13.3: validators equal: fresh again; different: stale."""
    entry = stored(61.0, ETag='"v1"')
    book = looking(get(method="HEAD"), entry) << Fetch
    assert book.sent().method == "HEAD"
    head = ok(ETag='"v1"', Cache_Control="max-age=60", X="2", Content_Length="10")
    book >> ResponseHeadArrived(1.0, head, 0.0) << Freshen
    assert isinstance(book.last, Freshen)
    assert book.last.entry.is_fresh(1.0)
    assert book.last.entry.fields.get("x") == "2"
    book << Respond >> ResponseBodyCompleted(1.0, 0) << Done


def test_what_starts_anew_stays_what_it_was() -> None:
    """A prefetch leaves to others what they fetch already, also when what it had found is gone."""
    for first, background in (
        (Exchange(get(), Policy()), False),
        (Exchange.prefetching(get(), Policy()), True),
    ):
        Playbook(first) << LookUp >> StoreAnswered(0.0, (stored(61.0),)) << JoinFlight
        again = Playbook(first.anew(), 1.0) << LookUp(KEY) >> StoreAnswered(2.0)
        again << JoinFlight(KEY, 1.0, background=background)


def test_events_out_of_turn_are_our_own_bug() -> None:
    """A machine that guesses hides it."""
    book = playing(get()) << LookUp
    with pytest.raises(UnexpectedEvent):
        book >> ResponseBodyCompleted(0.0, 0)
    assert book.exchange.step is Step.LOOKING_UP
    with pytest.raises(UnexpectedEvent):
        book.exchange.start(0.0)
    errand = leading(get())
    with pytest.raises(UnexpectedEvent):
        errand >> ResponseBodyCompleted(0.0, 0)
