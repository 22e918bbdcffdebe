"""Whom to ask first, and whom when that fails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from hypothesis import given
from hypothesis import strategies as st

from edge.settings import Balance
from edge.upstream.choose import BALANCES, in_order, overloaded
from edge.upstream.health import Health

NAMES = ("http://a", "http://b", "http://c")


def order(
    balance: Balance,
    key: str = "k",
    turn: int = 0,
    ejected: dict[str, float] | None = None,
    crowded: Collection[str] = (),
) -> tuple[str, ...]:
    """The order at time 10."""
    until = ejected or {}
    return in_order(
        NAMES,
        balance,
        key=key,
        turn=turn,
        ejected_until=lambda u: until.get(u, 0.0),
        now=10.0,
        crowded=crowded,
    )


@given(
    balance=st.sampled_from(sorted(BALANCES)),
    key=st.text(),
    turn=st.integers(0, 99),
    ejected=st.dictionaries(st.sampled_from(NAMES), st.floats(0, 20)),
)
def test_every_upstream_is_tried_once_and_the_ejected_last(
    balance: Balance, key: str, turn: int, ejected: dict[str, float]
) -> None:
    """Even when all are ejected, asking beats refusing."""
    tried = order(balance, key, turn, ejected)
    assert sorted(tried) == sorted(NAMES)
    flags = [ejected.get(upstream, 0.0) > 10.0 for upstream in tried]
    assert flags == sorted(flags)


def test_first_keeps_the_preference_and_bypasses_the_ejected() -> None:
    """A shield, then the origins behind it."""
    assert order("first") == NAMES
    assert order("first", ejected={"http://a": 11.0}) == ("http://b", "http://c", "http://a")


def test_round_robin_gives_each_its_turn() -> None:
    """Over three turns each is first once."""
    assert Counter(order("round-robin", turn=turn)[0] for turn in range(3)) == Counter(NAMES)


def test_hashing_moves_only_the_lost_upstream_s_keys() -> None:
    """Rendezvous hashing: the others' caches stay warm."""
    keys = [str(number) for number in range(300)]
    before = {key: order("hash", key)[0] for key in keys}
    after = {key: order("hash", key, ejected={"http://b": 99.0})[0] for key in keys}
    assert all(after[key] == before[key] for key in keys if before[key] != "http://b")
    assert min(Counter(before.values()).values()) > 60


def test_who_is_crowded_comes_after_those_that_are_not_and_before_the_ejected() -> None:
    """By a hash it is somebody's turn; the next one has it when the first is too busy."""
    first, second, third = order("hash", "/a")
    assert order("hash", "/a", crowded={first}) == (second, third, first)
    assert order("hash", "/a", crowded={first}, ejected={second: 99.0}) == (third, first, second)


@given(st.dictionaries(st.text(), st.integers(0, 500), min_size=1))
def test_never_all_are_overloaded_and_nobody_who_has_no_more_than_its_share(running: dict[str, int]) -> None:
    """Somebody is left to ask, and a few questions at once move nothing."""
    found, share = overloaded(running), sum(running.values()) / len(running)
    assert found < running.keys()
    assert all(running[each] > share and running[each] >= 4 for each in found)


def test_a_queue_from_before_the_others_came_is_overload() -> None:
    """One has forty, those that have just joined none: what comes now is theirs, until it has caught up."""
    assert overloaded({"old": 40, "new": 0, "newer": 0}) == {"old"}
    assert overloaded({"old": 12, "new": 9, "newer": 9}) == frozenset()


def test_failures_in_a_row_eject_for_longer_and_longer_and_one_success_forgives() -> None:
    """Half a second, then twice that, up to a limit."""
    time = 0.0
    health = Health(lambda: time)
    pauses = []
    for _ in range(10):
        health.failed("u")
        pauses.append(health.ejected_until("u") - time)
        time = health.ejected_until("u")
    assert pauses[:4] == [0.5, 1.0, 2.0, 4.0]
    assert max(pauses) == 15.0
    health.succeeded("u")
    assert health.ejected_until("u") == 0.0
    health.failed("u")
    assert health.ejected_until("u") - time == 0.5
