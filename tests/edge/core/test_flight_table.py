"""The table of flights, verb by verb (sheet 18, 20.5)."""

from __future__ import annotations

import pytest

from edge.core.events import Failure, FlightFailed, FlightJoined, FlightPromoted, FlightReleased, Role
from edge.core.flights import Flights, Notice
from edge.core.policy import FlightPolicy
from tests.edge.core.playbook import stored


def table(*waiters: str) -> Flights:
    """A flight for "k": the first leads, the others follow."""
    flights = Flights(FlightPolicy(wait_seconds=5.0))
    for waiter in waiters:
        flights.join("k", waiter, 0.0)
    return flights


def role(flights: Flights, waiter: str, now: float = 0.0, **more: float | bool) -> Role:
    """What becomes of one more who joins."""
    event = flights.join("k", waiter, now, **more)[0].event  # type: ignore[arg-type]
    assert isinstance(event, FlightJoined)
    return event.role


def test_whoever_leads_nothing_changes_nothing() -> None:
    """18.4: clean-up may be generous."""
    flights = table("a", "b")
    for stranger in ("b", "x"):
        assert flights.share(stranger, stored(), 1.0) == []
        assert flights.freshen(stranger, stored(), 1.0) == []
        assert flights.release(stranger, 1.0, remember=True) == []
        assert flights.fail(stranger, Failure.CUT, 1.0) == []
        flights.complete(stranger, 0.0)
        flights.land(stranger, 1.0)
        assert flights.followers_of(stranger) == 0
    flights.leave("x")
    flights.leave("a")
    assert (flights.followers_of("a"), flights.waiting, role(flights, "c")) == (1, 1, Role.FOLLOWER)
    assert flights.abandon("x", 1.0) == []


def test_who_waits_is_counted_until_the_head_comes_or_they_go() -> None:
    """18.5, 22.5: and never below nothing."""
    flights = table("a", "b", "c", "d")
    assert flights.waiting == 3
    flights.leave("b")
    assert flights.abandon("c", 1.0) == []
    assert (flights.waiting, flights.followers_of("a")) == (1, 1)
    assert len(flights.share("a", stored(), 1.0)) == 1
    assert flights.share("a", stored(), 1.0) == [], "there is one head"
    flights.leave("d")
    assert (flights.waiting, flights.followers_of("a")) == (0, 0)


def test_who_waited_too_long_is_released_and_nobody_else() -> None:
    """18.5: not who has left, nor who has a head by now, nor who waits anew."""
    flights = table("a", "b", "c")
    flights.leave("b")
    flights.join("k", "b", 3.0)
    assert [notice.waiter for notice in flights.tick(5.0)] == ["c"]
    assert (flights.waiting, flights.followers_of("a")) == (1, 1)
    flights.share("a", stored(), 6.0)
    assert flights.tick(60.0) == []
    assert flights.next_deadline() is None


def test_who_landed_lately_is_not_waited_for() -> None:
    """18.1: what landed since one looked it up is in the store."""
    for verb in ("land", "freshen"):
        flights = table("a")
        flights.land("a", 5.0) if verb == "land" else flights.freshen("a", stored(), 5.0)
        assert role(flights, "b", 5.0, since=5.0) is Role.LATE
        assert role(flights, "c", 5.0, since=5.1) is Role.LEADER


def test_followers_without_a_head_are_told_when_it_is_over() -> None:
    """18.1: whoever drinks needs no telling."""
    flights = table("a", "b")
    flights.land("a", 1.0)
    assert len(flights) == 0
    assert role(flights, "b", 2.0) is Role.LEADER, "it is free"
    drinking = table("a", "b")
    drinking.share("a", stored(), 1.0)
    assert drinking.fail("a", Failure.CUT, 2.0) == []
    assert {role(drinking, "a", 3.0), role(drinking, "b", 3.0)} == {Role.LEADER, Role.FOLLOWER}


def test_released_after_the_head_they_drink_on_and_nobody_joins() -> None:
    """18.1."""
    flights = table("a", "b")
    flights.share("a", stored(), 1.0)
    assert flights.release("a", 2.0, remember=True) == []
    assert flights.followers_of("a") == 1
    assert role(flights, "c", 2.0) is Role.ALONE
    forgetful = table("a", "b")
    assert forgetful.release("a", 1.0) == [Notice("b", FlightReleased(1.0))]
    assert role(forgetful, "c", 2.0) is Role.LEADER


def test_what_can_be_shared_after_all_is_waited_for_again() -> None:
    """18.2: a storable answer clears the memory."""
    flights = table("a")
    flights.release("a", 0.0, remember=True)
    flights.join("k", "r", 1.0, background=True)
    flights.share("r", stored(), 1.0)
    flights.land("r", 2.0)
    assert role(flights, "b", 3.0) is Role.LEADER


def test_who_failed_may_come_again_and_the_promoted_fails_for_all() -> None:
    """18.5."""
    flights = table("a", "b", "c")
    assert flights.fail("a", Failure.CUT, 1.0) == [Notice("b", FlightPromoted(1.0))]
    assert (flights.waiting, role(flights, "a", 1.0)) == (1, Role.FOLLOWER)
    failed = flights.fail("b", Failure.CUT, 2.0)
    assert failed == [Notice(waiter, FlightFailed(2.0, Failure.CUT)) for waiter in ("c", "a")]
    assert (flights.waiting, len(flights)) == (0, 0)


def test_a_leader_that_goes_hands_on_what_has_no_head_yet() -> None:
    """18.4, 18.5: that is not the one promotion; after the head there is nothing to hand on."""
    flights = table("a", "b", "c")
    assert flights.abandon("a", 1.0) == [Notice("b", FlightPromoted(1.0))]
    assert flights.fail("b", Failure.CUT, 2.0) == [Notice("c", FlightPromoted(2.0))]
    drinking = table("a", "b")
    drinking.share("a", stored(), 1.0)
    assert drinking.abandon("a", 2.0) == []
    assert (len(drinking), role(drinking, "b", 3.0)) == (0, Role.LEADER)


@pytest.mark.parametrize("verb", ["land", "freshen"])
def test_only_refreshes_are_held_off_and_a_good_one_starts_over(verb: str) -> None:
    """14.6: 1 s after the first failure, twice as long after each one in a row."""
    flights = table("a")
    flights.fail("a", Failure.CUT, 0.0)
    assert role(flights, "r", 0.0, background=True) is Role.LEADER
    flights.fail("r", Failure.CUT, 0.0)
    assert role(flights, "r", 1.0, background=True) is Role.LEADER
    flights.land("r", 1.0) if verb == "land" else flights.freshen("r", stored(), 1.0)
    assert role(flights, "r", 2.0, background=True) is Role.LEADER
    flights.fail("r", Failure.CUT, 2.0)
    assert role(flights, "r", 3.0, background=True) is Role.LEADER, "not held off for two seconds"
    flights.join("k", "b", 3.0)
    flights.fail("r", Failure.CUT, 3.0)
    flights.fail("b", Failure.CUT, 3.0)
    assert role(flights, "r", 5.0, background=True) is Role.LEADER, "a viewer's failure is none of a refresh"


def test_a_purge_closes_what_it_covers_and_nothing_else() -> None:
    """20.5: a flight without a head may turn out to have any tag."""

    def still_open(**purge: object) -> bool:
        flights = table("a")
        flights.purge(**purge)  # type: ignore[arg-type]
        return role(flights, "b") is Role.FOLLOWER

    assert still_open(keys=["other"])
    assert still_open(covers=lambda key: key != "k")
    assert still_open()
    assert not still_open(keys=["k"])
    assert not still_open(tags=["any"])
    assert not still_open(covers=lambda key: key == "k")
