"""One piece of work for all who ask meanwhile; each comes and goes alone."""

import pytest
from twisted.internet.defer import CancelledError, Deferred
from twisted.python.failure import Failure

from origin.delivery.flights import Flights


class Work:
    """Work that ends when the test says so."""

    def __init__(self) -> None:
        self.begun = 0
        self.cancelled = 0
        self.result: Deferred[str] = Deferred()

    async def __call__(self) -> str:
        self.begun += 1
        self.result = Deferred()
        try:
            return await self.result
        except CancelledError:
            self.cancelled += 1
            raise


def asking(flights: Flights[str], work: Work) -> "Deferred[str]":
    return Deferred.fromCoroutine(flights.join("key", work))


def outcome_of(asked: "Deferred[str]") -> object:
    found: list[object] = []
    asked.addBoth(found.append)
    assert found, "not answered yet"
    return found[0]


def test_fifty_askers_cost_one_piece_of_work() -> None:
    flights, work = Flights[str](), Work()
    askers = [asking(flights, work) for _ in range(50)]
    assert flights.waiting("key") == 50
    work.result.callback("picture")
    assert [outcome_of(each) for each in askers] == ["picture"] * 50
    assert work.begun == 1
    assert len(flights) == 0


def test_the_work_outlives_any_waiter_but_the_last() -> None:
    """The first to ask may hang up; whoever still waits gets the picture."""
    flights, work = Flights[str](), Work()
    first, second = asking(flights, work), asking(flights, work)
    first.cancel()
    assert isinstance(outcome_of(first), Failure)
    assert work.cancelled == 0
    work.result.callback("picture")
    assert outcome_of(second) == "picture"


def test_the_work_ends_with_its_last_waiter_and_a_later_one_begins_anew() -> None:
    flights, work = Flights[str](), Work()
    askers = [asking(flights, work), asking(flights, work)]
    for each in askers:
        each.cancel()
        each.addErrback(lambda failure: failure.trap(CancelledError))
    assert work.cancelled == 1
    assert len(flights) == 0
    again = asking(flights, work)
    work.result.callback("picture")
    assert outcome_of(again) == "picture"
    assert work.begun == 2


def test_every_waiter_hears_of_a_failure() -> None:
    flights, work = Flights[str](), Work()
    askers = [asking(flights, work) for _ in range(3)]
    work.result.errback(ValueError("no"))
    for each in askers:
        failure = outcome_of(each)
        assert isinstance(failure, Failure)
        with pytest.raises(ValueError, match="no"):
            failure.raiseException()
    assert len(flights) == 0


def test_work_that_ends_at_once_answers_at_once() -> None:
    async def work() -> str:
        return "picture"

    flights = Flights[str]()
    assert outcome_of(Deferred.fromCoroutine(flights.join("key", work))) == "picture"
    assert len(flights) == 0
