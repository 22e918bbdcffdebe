"""Coalescing (sheet 18): one fetch a key, and nobody is forgotten."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from edge.core.entry import Entry
from edge.core.events import (
    Failure,
    FlightFailed,
    FlightFreshened,
    FlightHeadArrived,
    FlightJoined,
    FlightPromoted,
    FlightReleased,
    Role,
)
from edge.core.flights import Flights, Notice, flight_key, primary_key_of
from edge.core.policy import FlightPolicy
from wire.http.fields import Fields

ENTRY = Entry("k", 200, Fields(), 0.0, 0.0, 0.0, 60.0, 0.0, surrogate_keys=("shoes",))


def role(notices: list[Notice]) -> Role:
    event = notices[0].event
    assert isinstance(event, FlightJoined)
    return event.role


def flying(*followers: str, policy: FlightPolicy | None = None) -> Flights:
    """A flight for `k`, led by `leader`."""
    flights = Flights(policy or FlightPolicy())
    assert role(flights.join("k", "leader", 0.0)) is Role.LEADER
    for follower in followers:
        assert role(flights.join("k", follower, 0.0)) is Role.FOLLOWER
    return flights


def test_the_first_leads_and_the_rest_follow() -> None:
    """18.1: a hundred at once cost one fetch."""
    flights = flying("a", "b")
    assert flights.followers_of("leader") == 2
    assert flights.waiting == 2


def test_a_head_is_told_to_each_follower_and_to_who_comes_later() -> None:
    """18.1: decide when the head arrives, not when the body ends; late comers drink from the growing body
    too."""
    flights = flying("a")
    assert flights.share("leader", ENTRY, 1.0) == [Notice("a", FlightHeadArrived(1.0, ENTRY))]
    assert flights.join("k", "b", 2.0)[1] == Notice("b", FlightHeadArrived(2.0, ENTRY))
    assert flights.waiting == 0


def test_a_failure_answers_for_a_while_who_asks_for_the_same() -> None:
    """An upstream in trouble is asked once in each while (cdn-vendors §4.4.2); a background refresh has a back-off of
    its own."""
    flights = Flights(FlightPolicy())
    flights.join("k", "leader", 0.0)
    flights.fail("leader", Failure.UNREACHABLE, 1.0, hold_seconds=10.0)
    told = flights.join("k", "next", 10.9)
    assert (role(told), told[1]) == (Role.FOLLOWER, Notice("next", FlightFailed(10.9, Failure.UNREACHABLE)))
    assert role(flights.join("other", "o", 2.0)) is Role.LEADER
    assert role(flights.join("k", "behind", 2.0, background=True)) is Role.LEADER
    flights.abandon("behind", 2.0)
    assert role(flights.join("k", "later", 11.0)) is Role.LEADER


@pytest.mark.parametrize(
    ("reason", "hold"), [(Failure.BUSY, 10.0), (Failure.BREAKER_OPEN, 10.0), (Failure.UNREACHABLE, 0.0)]
)
def test_a_full_line_of_our_own_answers_for_nobody_else(reason: Failure, hold: float) -> None:
    flights = Flights(FlightPolicy())
    flights.join("k", "leader", 0.0)
    flights.fail("leader", reason, 1.0, hold_seconds=hold)
    assert role(flights.join("k", "next", 1.0)) is Role.LEADER


def test_who_asks_alone_finds_out_for_others_and_an_old_failure_grows_no_older_by_it() -> None:
    flights = Flights(FlightPolicy())
    flights.fail("alone", Failure.UNREACHABLE, 1.0, key="k", hold_seconds=10.0)
    assert role(flights.join("k", "next", 2.0)) is Role.FOLLOWER
    flights.fail("next", Failure.UNREACHABLE, 10.0, key="k", hold_seconds=10.0)
    assert role(flights.join("k", "later", 11.0)) is Role.LEADER


def test_a_purge_takes_failures_with_it() -> None:
    flights = Flights(FlightPolicy())
    for key in ("a", "b"):
        flights.join(key, key, 0.0)
        flights.fail(key, Failure.UNREACHABLE, 0.0, hold_seconds=10.0)
    flights.purge(["a"])
    assert role(flights.join("a", "x", 1.0)) is Role.LEADER
    assert role(flights.join("b", "y", 1.0)) is Role.FOLLOWER
    flights.purge(tags=["any"])
    assert role(flights.join("b", "z", 1.0)) is Role.LEADER


def test_an_unshareable_answer_releases_all_at_once_and_is_remembered() -> None:
    """18.1, 18.2: released together, in parallel; for 120 s such requests do not queue, and each use
    refreshes it."""
    flights = flying("a", "b")
    assert flights.release("leader", 1.0, remember=True) == [
        Notice("a", FlightReleased(1.0)),
        Notice("b", FlightReleased(1.0)),
    ]
    assert role(flights.join("k", "c", 100.0)) is Role.ALONE
    assert role(flights.join("k", "d", 210.0)) is Role.ALONE
    assert role(flights.join("k", "e", 331.0)) is Role.LEADER


def test_a_shareable_answer_clears_the_memory() -> None:
    """18.2."""
    flights = flying()
    flights.release("leader", 1.0, remember=True)
    flights.forget("k")
    assert role(flights.join("k", "a", 2.0)) is Role.LEADER


def test_a_leader_that_fails_before_the_head_is_followed_by_one_other_once() -> None:
    """18.5: promote one waiter once; if that fails too, everyone gets the error."""
    flights = flying("a", "b", "c")
    assert flights.fail("leader", Failure.CUT, 1.0) == [Notice("a", FlightPromoted(1.0))]
    assert flights.followers_of("a") == 2
    assert flights.fail("a", Failure.TIMED_OUT, 2.0) == [
        Notice("b", FlightFailed(2.0, Failure.TIMED_OUT)),
        Notice("c", FlightFailed(2.0, Failure.TIMED_OUT)),
    ]
    assert len(flights) == 0


def test_a_confirmed_entry_is_told_to_all() -> None:
    """18.6: one validation, the others wait for it."""
    flights = flying("a")
    assert flights.freshen("leader", ENTRY, 1.0) == [Notice("a", FlightFreshened(1.0, ENTRY))]
    assert len(flights) == 0


def test_who_waits_too_long_fetches_for_itself() -> None:
    """18.5: five seconds, then an own fetch."""
    flights = flying("a")
    flights.join("k", "b", 3.0)
    assert flights.next_deadline() == 5.0
    assert flights.tick(5.0) == [Notice("a", FlightReleased(5.0, "waited too long"))]
    assert flights.next_deadline() == 8.0
    flights.share("leader", ENTRY, 6.0)
    assert flights.next_deadline() is None


def test_waiters_are_limited() -> None:
    """18.5, 22.5: one more than the limit fetches for itself; drinkers are not counted."""
    flights = flying("a", policy=FlightPolicy(waiters=1))
    assert role(flights.join("k", "b", 0.0)) is Role.ALONE
    flights.share("leader", ENTRY, 1.0)
    assert role(flights.join("k", "c", 1.0)) is Role.FOLLOWER


def test_a_purge_closes_the_flight_to_new_comers_only() -> None:
    """20.5, 20.6: it may still answer its own waiters, but nobody who asks after the purge."""
    flights = flying("a")
    flights.purge(keys=("k",))
    assert role(flights.join("k", "b", 1.0)) is Role.LEADER
    assert flights.share("leader", ENTRY, 2.0) == [Notice("a", FlightHeadArrived(2.0, ENTRY))]
    flights.land("leader", 3.0)
    assert flights.followers_of("b") == 0
    assert len(flights) == 1


@pytest.mark.parametrize(("tag", "is_closed"), [("shoes", True), ("hats", False)])
def test_a_purge_by_tag_reaches_flights_by_what_they_carry(tag: str, is_closed: bool) -> None:
    """20.5: by any of the tags it turned out to have."""
    flights = flying()
    flights.share("leader", ENTRY, 1.0)
    flights.purge(tags=(tag,))
    assert (len(flights) == 0) is is_closed


def test_a_purge_by_tag_reaches_flights_that_have_no_head_yet() -> None:
    """20.5: it may turn out to have any tag."""
    flights = flying()
    flights.purge(tags=("hats",))
    assert len(flights) == 0


def test_a_purge_reaches_the_flights_of_variants() -> None:
    """20.1: all variants of the key."""
    flights = Flights(FlightPolicy())
    flights.join(flight_key("k", "abc"), "leader", 0.0)
    flights.purge(keys=("k",))
    assert len(flights) == 0
    assert primary_key_of(flight_key("k", "abc")) == "k"


def test_who_joins_a_whole_body_is_told_that_it_is_whole() -> None:
    """Between the last byte and the store nothing has to come from anywhere: such a viewer has a hit."""
    flights = Flights(FlightPolicy())
    flights.join("k", "leader", 0.0)
    flights.share("leader", ENTRY, 1.0)
    flights.complete("stranger", 1.0)
    assert flights.join("k", "early", 2.0)[1] == Notice("early", FlightHeadArrived(2.0, ENTRY))
    flights.complete("leader", 1.0)
    assert flights.join("k", "late", 3.0)[1] == Notice("late", FlightHeadArrived(3.0, ENTRY, is_whole=True))


def test_who_asked_the_store_before_a_landing_asks_again() -> None:
    """Else a viewer whose look-up began just before the landing would fetch what is stored."""
    flights = flying()
    flights.share("leader", ENTRY, 1.0)
    flights.land("leader", 2.0)
    assert role(flights.join("k", "a", 3.0, since=1.5)) is Role.LATE
    assert role(flights.join("k", "a", 3.0, since=2.5)) is Role.LEADER


def test_a_background_refresh_goes_once_at_a_time_and_backs_off() -> None:
    """14.6: one validation; a failed one is not retried for 1 s, then 2, up to 30."""
    flights = Flights(FlightPolicy())
    assert role(flights.join("k", "a", 0.0, background=True)) is Role.LEADER
    assert role(flights.join("k", "b", 0.0, background=True)) is Role.DECLINED
    flights.fail("a", Failure.UNREACHABLE, 1.0)
    assert role(flights.join("k", "b", 1.9, background=True)) is Role.HELD_OFF
    assert role(flights.join("k", "b", 2.0, background=True)) is Role.LEADER
    flights.fail("b", Failure.UNREACHABLE, 2.0)
    assert role(flights.join("k", "c", 3.9, background=True)) is Role.HELD_OFF
    assert role(flights.join("k", "c", 4.0, background=True)) is Role.LEADER


def test_an_abandoned_leader_makes_room() -> None:
    """An exchange that broke must not hold its followers for ever; nor is that a failure of the upstream."""
    flights = flying("a", "b")
    assert flights.abandon("leader", 1.0) == [Notice("a", FlightPromoted(1.0))]
    assert flights.fail("a", Failure.CUT, 2.0) == [Notice("b", FlightPromoted(2.0))]
    assert flights.abandon("b", 3.0) == []
    assert flights.abandon("stranger", 3.0) == []
    assert len(flights) == 0


def test_a_waiter_is_in_one_flight_at_a_time() -> None:
    """Anything else is a bug of the shell's."""
    flights = flying()
    with pytest.raises(ValueError, match="already"):
        flights.join("other", "leader", 0.0)


KEYS = st.sampled_from(["k", flight_key("k", "v")])
SELDOM = st.sampled_from([False, False, False, False, True])


class FlightsKeepEveryone(RuleBasedStateMachine):
    """A model that only counts: who is waiting for a word, who leads what, and who has been told."""

    @initialize(waiters=st.integers(0, 3))
    def begin(self, waiters: int) -> None:
        self.flights = Flights(FlightPolicy(waiters=waiters, wait_seconds=5, hit_for_miss_seconds=20))
        self.now = 0.0
        self.number = 0
        self.waiting: set[int] = set()
        self.drinking: dict[int, int] = {}
        self.leading: dict[int, str] = {}
        self.headed: set[int] = set()
        self.unmeasured: set[int] = set()
        self.purged: set[int] = set()
        self.told: dict[int, int] = {}

    def hear(self, notices: list[Notice], source: int | None = None) -> None:
        for notice in notices:
            waiter = notice.waiter
            assert isinstance(waiter, int)
            match notice.event:
                case FlightJoined():
                    pass
                case FlightHeadArrived():
                    assert waiter in self.waiting
                    self.waiting.discard(waiter)
                    self.drinking[waiter] = -1 if source is None else source
                case FlightPromoted():
                    assert waiter in self.waiting
                    self.waiting.discard(waiter)
                    assert source is not None
                    self.leading[waiter] = self.gone
                    if self.gone_was_closed:
                        self.purged.add(waiter)
                case FlightReleased() if waiter in self.drinking:
                    assert self.drinking[waiter] in self.unmeasured, "drinks, and needs no telling"
                case FlightReleased() | FlightFailed() | FlightFreshened():
                    assert waiter in self.waiting, "told twice, or told after a head"
                    self.waiting.discard(waiter)
                case other:
                    raise AssertionError(other)

    def told_of_the_end(self, leader: int) -> set[int]:
        """Those who drink and may want to know how long it is; who waits is another matter."""
        drinkers = {waiter for waiter, source in self.drinking.items() if source == leader}
        return drinkers if leader in self.unmeasured else set()

    def end(self, leader: int) -> None:
        self.gone = self.leading.pop(leader)
        self.gone_was_closed = leader in self.purged
        self.headed.discard(leader)
        self.purged.discard(leader)

    @rule(key=KEYS, background=SELDOM, lag=st.floats(0, 3))
    def join(self, key: str, background: bool, lag: float) -> None:
        self.number += 1
        me = self.number
        notices = self.flights.join(key, me, self.now, since=self.now - lag, background=background)
        leaders = [other for other, led in self.leading.items() if led == key and other not in self.purged]
        said = role(notices)
        if said is Role.LEADER:
            assert not leaders, "two leaders for one key"
            self.leading[me] = key
        elif said is Role.FOLLOWER:
            assert len(leaders) == 1
            self.waiting.add(me)
        self.hear(notices, leaders[0] if leaders else None)

    @precondition(lambda self: set(self.leading) - self.headed)
    @rule(data=st.data(), size=st.sampled_from([-1, 10]))
    def share(self, data: st.DataObject, size: int) -> None:
        leader = data.draw(st.sampled_from(sorted(set(self.leading) - self.headed)))
        self.hear(self.flights.share(leader, evolve(ENTRY, size=size), self.now), leader)
        self.headed.add(leader)
        if size < 0:
            self.unmeasured.add(leader)

    @precondition(lambda self: set(self.leading) - self.headed)
    @rule(data=st.data(), how=st.sampled_from(["freshen", "release", "forget", "fail", "abandon"]))
    def end_without_a_head(self, data: st.DataObject, how: str) -> None:
        leader = data.draw(st.sampled_from(sorted(set(self.leading) - self.headed)))
        self.end(leader)
        if how == "freshen":
            notices = self.flights.freshen(leader, ENTRY, self.now)
        elif how == "fail":
            notices = self.flights.fail(leader, Failure.CUT, self.now)
        elif how == "abandon":
            notices = self.flights.abandon(leader, self.now)
        else:
            notices = self.flights.release(leader, self.now, remember=how == "forget")
        self.hear(notices, leader)

    @precondition(lambda self: self.headed)
    @rule(data=st.data(), how=st.sampled_from(["release", "fail", "land", "abandon"]))
    def end_with_a_head(self, data: st.DataObject, how: str) -> None:
        """A leader that releases still lands."""
        leader = data.draw(st.sampled_from(sorted(self.headed)))
        flights, now = self.flights, self.now
        if how == "release":
            notices = flights.release(leader, now, remember=True)
            self.purged.add(leader)
        else:
            self.end(leader)
            if how == "fail":
                notices = flights.fail(leader, Failure.CUT, now)
            elif how == "land":
                notices = flights.land(leader, now)
            else:
                notices = flights.abandon(leader, now)
        assert {notice.waiter for notice in notices} == self.told_of_the_end(leader)
        self.hear(notices, leader)

    @precondition(lambda self: self.waiting or self.drinking)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        waiter = data.draw(st.sampled_from(sorted(self.waiting | set(self.drinking))))
        self.flights.leave(waiter)
        self.waiting.discard(waiter)
        self.drinking.pop(waiter, None)

    @precondition(lambda self: self.headed)
    @rule(leader=st.integers(min_value=0), waiters=st.integers(1, 3))
    def drink(self, leader: int, waiters: int) -> None:
        """Whoever comes after the head."""
        key = self.leading[sorted(self.headed)[leader % len(self.headed)]]
        for _ in range(waiters):
            self.join(key=key, background=False, lag=0.0)

    @rule(keys=st.sets(st.sampled_from(["k", "l"]), max_size=1), everything=SELDOM)
    def purge(self, keys: set[str], everything: bool) -> None:
        self.flights.purge(keys, covers=lambda _: everything)
        for leader, led in self.leading.items():
            if everything or primary_key_of(led) in keys:
                self.purged.add(leader)

    @rule(seconds=st.floats(0, 4))
    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        deadline = self.flights.next_deadline()
        notices = self.flights.tick(self.now)
        assert bool(notices) == (deadline is not None and deadline <= self.now)
        self.hear(notices)

    @invariant()
    def nobody_is_lost(self) -> None:
        """Who waits is counted; a flight without a leader holds nobody."""
        if not hasattr(self, "flights"):
            return
        assert self.flights.waiting == len(self.waiting)
        followers = sum(self.flights.followers_of(leader) for leader in self.leading)
        live = sum(source in self.leading for source in self.drinking.values())
        assert followers == len(self.waiting) + live

    def teardown(self) -> None:
        """However it went, once every leader has ended nobody waits."""
        if not hasattr(self, "flights"):
            return
        while self.leading:
            leader = next(iter(self.leading))
            self.end(leader)
            self.hear(self.flights.fail(leader, Failure.CUT, self.now), leader)
        assert self.waiting == set()
        assert len(self.flights) == 0


TestFlightsKeepEveryone = FlightsKeepEveryone.TestCase
TestFlightsKeepEveryone.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
