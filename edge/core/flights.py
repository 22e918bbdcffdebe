"""The coalescing table: who fetches for a key, and who waits for it (sheet 18)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from heapq import heappop, heappush
from itertools import count
from math import inf

from attrs import define, evolve, field, frozen

from edge.core.entry import Entry
from edge.core.events import (
    Event,
    Failure,
    FlightFailed,
    FlightFreshened,
    FlightHeadArrived,
    FlightJoined,
    FlightPromoted,
    FlightReleased,
    Role,
)
from edge.core.failures import Failures
from edge.core.policy import FlightPolicy
from edge.core.unshareable import Backoff, Recent
from wire.http.proxy_status import ProxyError

Waiter = Hashable
LANDED_SECONDS = 30.0


@frozen
class Notice:
    """An event for the exchange that this waiter stands for."""

    waiter: Waiter
    event: Event


@define(eq=False)
class _Flight:
    """One fetch and those who live on it."""

    key: str
    leader: Waiter
    is_background: bool
    followers: dict[Waiter, int] = field(factory=dict)
    """Before the head they wait; after it they drink. Each with the number under which it joined: who leaves and comes
    again waits anew."""
    entry: Entry | None = None
    is_whole: bool = False
    was_promoted: bool = False

    @property
    def primary_key(self) -> str:
        return primary_key_of(self.key)

    @property
    def is_measured(self) -> bool:
        """Whether nobody can be waiting for its length."""
        return self.entry is not None and self.entry.size >= 0

    def is_covered_by(self, keys: frozenset[str], tags: frozenset[str]) -> bool:
        """Whether a purge reaches it; by tag, a flight without a head may turn out to be anything (20.5)."""
        if self.primary_key in keys:
            return True
        return bool(tags) and (self.entry is None or not tags.isdisjoint(self.entry.surrogate_keys))


def flight_key(key: str, variant: str, span: str = "") -> str:
    """The name of the flight for one variant of a key, or for a span of its bytes alone. (A line feed and `~` begin
    no other part of a key.)"""
    if span:
        return f"{key}\n~{variant}\n~{span}"
    return f"{key}\n~{variant}" if variant else key


def is_for_span(name: str) -> bool:
    """Whether a flight brings a span alone."""
    return name.count("\n~") > 1


def primary_key_of(name: str) -> str:
    """The cache key within a flight's name."""
    return name.partition("\n~")[0]


class Flights:
    """One flight a key, or a span of it: a leader who fetches and followers who wait, later drink from its spool.

    A waiter is any hashable token by which the shell finds the exchange again; it is in at most one flight at
    a time. Each verb answers the notices to hand round, in order. Calls by a waiter who is in no flight do
    nothing, so clean-up may be generous.
    """

    def __init__(self, policy: FlightPolicy) -> None:
        self._policy = policy
        self._failures = Failures(policy.hit_for_miss_entries)
        self._open: dict[str, _Flight] = {}
        self._of: dict[Waiter, _Flight] = {}
        self._waits: list[tuple[float, int, Waiter, _Flight]] = []
        self._order = count()
        self._unshareable = Recent(policy.hit_for_miss_seconds, policy.hit_for_miss_entries)
        self._landed = Recent(LANDED_SECONDS, policy.hit_for_miss_entries)
        self._backoff = Backoff(policy.refresh_retry_seconds, policy.refresh_retry_limit_seconds)
        self._waiting = 0

    def join(
        self, key: str, waiter: Waiter, now: float, *, since: float = inf, background: bool = False
    ) -> list[Notice]:
        """JoinFlight. The first notice is the waiter's own FlightJoined; if the head is here already, then
        FlightHeadArrived."""
        if waiter in self._of:
            raise ValueError(f"{waiter!r} is in a flight already")
        flight = self._open.get(key)
        failed = self._failures.at(key, now) if flight is None and not background else None
        if failed is not None:
            return [Notice(waiter, FlightJoined(now, Role.FOLLOWER)), Notice(waiter, evolve(failed, now=now))]
        role = self._role(key, flight, now, since, background)
        notices = [Notice(waiter, FlightJoined(now, role))]
        if role is Role.LEADER:
            self._of[waiter] = self._open[key] = _Flight(key, waiter, background)
        elif role is Role.FOLLOWER and flight is not None:
            self._of[waiter] = flight
            flight.followers[waiter] = number = next(self._order)
            if flight.entry is not None:
                notices.append(Notice(waiter, FlightHeadArrived(now, flight.entry, flight.is_whole)))
            else:
                self._waiting += 1
                heappush(self._waits, (now + self._policy.wait_seconds, number, waiter, flight))
        return notices

    def _role(self, key: str, flight: _Flight | None, now: float, since: float, background: bool) -> Role:
        if background:
            if flight is not None:
                return Role.DECLINED
            return Role.HELD_OFF if self._backoff.holds(key, now) else Role.LEADER
        if self._landed.noted_at(key) >= since:
            return Role.LATE
        if flight is None:
            return Role.ALONE if self._unshareable.renew(key, now) else Role.LEADER
        if flight.entry is None and len(flight.followers) >= self._policy.waiters:
            return Role.ALONE
        return Role.FOLLOWER

    def leave(self, waiter: Waiter) -> None:
        """LeaveFlight, and when a follower's viewer left or has got its last byte. A leader cannot just
        leave."""
        flight = self._of.get(waiter)
        if flight is not None and flight.leader != waiter:
            self._remove_follower(flight, waiter)

    def share(self, waiter: Waiter, entry: Entry, now: float) -> list[Notice]:
        """ShareFlight, by the leader: FlightHeadArrived to each follower, and to who joins until it lands."""
        flight = self._led_by(waiter)
        if flight is None or flight.entry is not None:
            return []
        self._waiting -= len(flight.followers)
        flight.entry = entry
        self._unshareable.forget(flight.key)
        return [Notice(follower, FlightHeadArrived(now, entry)) for follower in flight.followers]

    def freshen(self, waiter: Waiter, entry: Entry, now: float) -> list[Notice]:
        """FreshenFlight, by the leader: FlightFreshened to each follower; the flight is over."""
        flight = self._led_by(waiter)
        if flight is None:
            return []
        self._landed.note(flight.key, now)
        self._backoff.succeeded(flight.key)
        return self._end(flight, FlightFreshened(now, entry))

    def release(self, waiter: Waiter, now: float, *, remember: bool = False) -> list[Notice]:
        """ReleaseFlight, by the leader. Before the head: FlightReleased to each. After it: drinkers drink on, who waits
        for a length is told, nobody new joins, and the leader still lands."""
        flight = self._led_by(waiter)
        if flight is None:
            return []
        if remember:
            self._unshareable.note(flight.key, now)
        if flight.entry is not None:
            self._close(flight)
            followers = () if flight.is_measured else flight.followers
            return [Notice(follower, FlightReleased(now)) for follower in followers]
        return self._end(flight, FlightReleased(now))

    def fail(
        self,
        waiter: Waiter,
        reason: Failure,
        now: float,
        error: ProxyError | None = None,
        *,
        key: str = "",
        hold_seconds: float = 0.0,
    ) -> list[Notice]:
        """FailFlight, by the leader. Before the head: FlightPromoted to one, once a flight; else FlightFailed
        to each. After it: the flight is over (the shell fails the spool). By one who asked for itself alone: noted for
        those who ask for the same within `hold_seconds`."""
        flight = self._led_by(waiter)
        if flight is None:
            if key and self._failures.at(key, now) is None:
                self._failures.note(key, FlightFailed(now, reason, error), hold_seconds)
            return []
        if flight.is_background:
            self._backoff.failed(flight.key, now)
        if flight.entry is not None:
            return self._end(flight, None if flight.is_measured else FlightReleased(now))
        if flight.was_promoted or not flight.followers:
            failed = FlightFailed(now, reason, error)
            self._failures.note(flight.key, failed, hold_seconds)
            return self._end(flight, failed)
        flight.was_promoted = True
        return self._promote(flight, now)

    def _promote(self, flight: _Flight, now: float) -> list[Notice]:
        del self._of[flight.leader]
        flight.leader = next(iter(flight.followers))
        self._remove_follower(flight, flight.leader)
        self._of[flight.leader] = flight
        flight.is_background = False
        return [Notice(flight.leader, FlightPromoted(now))]

    def complete(self, waiter: Waiter, now: float, entry: Entry | None = None) -> list[Notice]:
        """CompleteFlight, by the leader: the body is whole, what is left is to store it. FlightHeadArrived, with
        its length, to each follower if that was not known; drinkers need no telling, and hear nothing more."""
        flight = self._led_by(waiter)
        if flight is None:
            return []
        flight.is_whole = True
        if entry is None:
            return []
        flight.entry = entry
        return [
            Notice(follower, FlightHeadArrived(now, entry, is_whole=True)) for follower in flight.followers
        ]

    def land(self, waiter: Waiter, now: float) -> list[Notice]:
        """LandFlight, by the leader: all is stored, the flight is over. Drinkers go on without the table."""
        flight = self._led_by(waiter)
        if flight is None:
            return []
        self._landed.note(flight.key, now)
        self._backoff.succeeded(flight.key)
        return self._end(flight, None if flight.is_measured else FlightReleased(now))

    def abandon(self, waiter: Waiter, now: float) -> list[Notice]:
        """Whatever this waiter was, it is no more (its exchange ended or broke): call it for each that is
        over.

        A leader without a head hands the flight to the next follower: the upstream did not fail, so this is
        not the one promotion that a failure grants.
        """
        flight = self._led_by(waiter)
        if flight is None:
            self.leave(waiter)
            return []
        if flight.entry is None and flight.followers:
            return self._promote(flight, now)
        return self._end(flight, None if flight.is_measured else FlightReleased(now))

    def forget(self, key: str) -> None:
        """ForgetUnshareable."""
        self._unshareable.forget(key)

    def purge(
        self,
        keys: Iterable[str] = (),
        tags: Iterable[str] = (),
        *,
        covers: Callable[[str], bool] | None = None,
    ) -> None:
        """Nobody may join a flight that a purge covers any more, by cache key, by surrogate key or as `covers`
        says of a cache key; who is in it stays. Call with `PurgeLog.purge`."""
        wanted, named = frozenset(keys), frozenset(tags)
        self._failures.forget(
            lambda key: (
                bool(named) or primary_key_of(key) in wanted or bool(covers and covers(primary_key_of(key)))
            )
        )
        for flight in list(self._open.values()):
            if flight.is_covered_by(wanted, named) or (covers is not None and covers(flight.primary_key)):
                self._close(flight)

    def tick(self, now: float) -> list[Notice]:
        """FlightReleased to followers who waited too long for a head (18.5)."""
        notices = []
        while self._waits and self._waits[0][0] <= now:
            _, number, waiter, flight = heappop(self._waits)
            if self._is_waiting(number, waiter, flight):
                self._remove_follower(flight, waiter)
                notices.append(Notice(waiter, FlightReleased(now, "waited too long")))
        return notices

    def next_deadline(self) -> float | None:
        """When `tick` will have something to say."""
        while self._waits and not self._is_waiting(*self._waits[0][1:]):
            heappop(self._waits)
        return self._waits[0][0] if self._waits else None

    def followers_of(self, waiter: Waiter) -> int:
        """How many others wait or drink in the flight this waiter leads."""
        flight = self._led_by(waiter)
        return len(flight.followers) if flight is not None else 0

    @property
    def waiting(self) -> int:
        """Followers without a head, for the counter `waiting_for_flight`."""
        return self._waiting

    def __len__(self) -> int:
        """Flights that can be joined."""
        return len(self._open)

    def _is_waiting(self, number: int, waiter: Waiter, flight: _Flight) -> bool:
        return flight.entry is None and flight.followers.get(waiter) == number

    def _led_by(self, waiter: Waiter) -> _Flight | None:
        flight = self._of.get(waiter)
        return flight if flight is not None and flight.leader == waiter else None

    def _remove_follower(self, flight: _Flight, waiter: Waiter) -> None:
        del flight.followers[waiter]
        del self._of[waiter]
        if flight.entry is None:
            self._waiting -= 1

    def _close(self, flight: _Flight) -> None:
        if self._open.get(flight.key) is flight:
            del self._open[flight.key]

    def _end(self, flight: _Flight, event: Event | None) -> list[Notice]:
        """The flight is over; each follower is told why, unless it is drinking and needs no telling."""
        self._close(flight)
        followers = list(flight.followers)
        for follower in followers:
            self._remove_follower(flight, follower)
        del self._of[flight.leader]
        return [Notice(follower, event) for follower in followers] if event is not None else []
