"""Purges on their way to PoPs, in virtual time: who is silent is asked seldom, and told all when it is back (§7.7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Coroutine
from typing import Any

import pytest
from attrs import define, field, frozen
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.error import ConnectionRefusedError as Refused
from twisted.internet.task import Clock
from twisted.web.iweb import IAgent
from zope.interface import implementer

from edge.control.purge import Purge
from edge.vendors.telling import Telling
from wire.errors import Unavailable

POPS = {"fra": "http://fra", "sin": "http://sin", "shield": "http://shield"}
A = Purge(urls=("/a",))


@frozen
class Confirmed:
    """An answer with nothing in it."""

    code: int = 200
    length: int = 0


@implementer(IAgent)
@define
class Pops:
    """All PoPs, some of them down."""

    down: set[str] = field(factory=set)
    silent: bool = False
    asked: Counter[str] = field(factory=Counter)

    def request(self, method: bytes, uri: bytes, *_: Any) -> Deferred[Any]:
        """One question."""
        pop = uri.decode().split("/")[2]
        self.asked[pop] += 1
        if self.silent:
            return Deferred()
        return fail(Refused()) if pop in self.down else succeed(Confirmed())


@define
class Stage:
    """A Telling and its PoPs."""

    pops: Pops = field(factory=Pops)
    clock: Clock = field(factory=Clock)
    telling: Telling = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.telling = Telling(self.pops, self.clock, POPS, 2.0)

    def now(self, doing: Coroutine[Any, Any, Any]) -> Any:
        """What comes of it at once."""
        told: list[Any] = []
        Deferred.fromCoroutine(doing).addCallback(told.append)
        (result,) = told
        return result

    def pass_time(self, seconds: float) -> None:
        """In small steps."""
        self.clock.pump([0.05] * round(seconds / 0.05))


def test_all_are_told_twice_and_that_is_that() -> None:
    stage = Stage()
    number = stage.now(stage.telling.tell(A, POPS))
    assert stage.pops.asked == Counter(fra=2, sin=2, shield=2)
    assert (stage.telling.pending.left(number), stage.telling.confirmed) == ((), 1)
    assert not stage.clock.getDelayedCalls()


def test_who_is_silent_is_asked_one_question_at_a_time_whatever_it_has_missed() -> None:
    stage = Stage(Pops({"sin"}))
    for number in range(50):
        stage.now(stage.telling.tell(Purge(urls=(f"/{number}",)), POPS))
    before = stage.pops.asked["sin"]
    stage.pass_time(120.0)
    assert 120 / 4 - 1 <= stage.pops.asked["sin"] - before <= 120 / 4 + 5
    assert len(stage.telling.pending.of("sin")) == 50


def test_who_is_back_is_told_all_within_five_seconds() -> None:
    stage = Stage(Pops({"sin"}))
    for number in range(50):
        stage.now(stage.telling.tell(Purge(urls=(f"/{number}",)), POPS))
    stage.pass_time(60.0)
    stage.pops.down.clear()
    stage.pass_time(5.0)
    assert stage.telling.pending.pops == ()
    assert stage.telling.confirmed == 50
    assert not stage.clock.getDelayedCalls()


def test_those_that_may_have_asked_a_late_shield_are_told_again() -> None:
    stage = Stage(Pops({"shield"}))
    stage.now(stage.telling.tell(A, POPS))
    stage.pops.asked.clear()
    stage.pops.down.clear()
    stage.pass_time(5.0)
    assert stage.pops.asked == Counter(shield=1, fra=1, sin=1)


def test_who_returns_hears_what_it_missed_at_once() -> None:
    stage = Stage(Pops({"sin"}))
    stage.now(stage.telling.tell(A, POPS))
    refused: list[Any] = []
    Deferred.fromCoroutine(stage.telling.returned("sin")).addErrback(refused.append)
    assert refused[0].check(Unavailable)
    stage.pops.down.clear()
    assert stage.now(stage.telling.returned("sin")) == 1
    assert stage.now(stage.telling.returned("sin")) == 0
    stage.pass_time(0.1)
    assert stage.telling.confirmed == 1


@pytest.mark.parametrize(("is_back", "after"), [(True, 4.5), (False, 20.0)])
def test_who_waits_for_all_waits_until_they_have_confirmed_or_patience_ends(
    is_back: bool, after: float
) -> None:
    stage = Stage(Pops({"sin"}))
    number = stage.now(stage.telling.tell(A, POPS))
    settled: list[float] = []
    waiting = Deferred.fromCoroutine(stage.telling.settled(number, 20.0))
    waiting.addCallback(lambda _: settled.append(stage.clock.seconds()))
    stage.pass_time(2.0)
    assert settled == []
    if is_back:
        stage.pops.down.clear()
    stage.pass_time(30.0)
    assert settled[0] <= after + 0.1
    assert (stage.telling.pending.pops == ()) == is_back


def test_a_caller_that_hangs_up_takes_nothing_back() -> None:
    """What was asked for is done."""
    stage = Stage(Pops(silent=True))
    calling = Deferred.fromCoroutine(stage.telling.tell(A, POPS))
    calling.addErrback(lambda _: None)
    calling.cancel()
    stage.pops.silent = False
    stage.pass_time(5.0)
    assert stage.telling.pending.pops == ()
    assert stage.telling.confirmed == 1


def test_nothing_goes_on_behind_the_end() -> None:
    stage = Stage(Pops({"sin"}))
    stage.now(stage.telling.tell(A, POPS))
    stage.telling.stop()
    stage.pass_time(10.0)
    assert stage.pops.asked["sin"] == 2
    assert not stage.clock.getDelayedCalls()
