"""How the viewers of a region are online, as it is now, and each one's own line."""

from __future__ import annotations

from random import Random
from typing import Any

from sim.links.cable import Cable, Rider
from sim.links.lane import Timing
from sim.links.schedule import InSeries, Schedule
from sim.links.way import NOTHING, Way


class Access:
    """The terms of every viewer's line in a region. The lines are no shared one: each connection has its own."""

    def __init__(self, out: Way, back: Way, clock: Any, rng: Random) -> None:
        self.clock = clock
        self.rng = rng
        self.riders: dict[Rider, None] = {}  # in their order, so that a run can be repeated
        self.changes = 0
        self.changed_at: float | None = None
        self._ways = out, back

    @property
    def ways(self) -> tuple[Way, Way] | None:
        """Of answers and of questions; None where there is no line."""
        return None if self._ways == (NOTHING, NOTHING) else self._ways

    def change(self, out: Way, back: Way) -> None:
        """Every line is such from now on; what is on them is sent again."""
        self._ways = out, back
        self.changes += 1
        self.changed_at = self.clock.seconds()
        for rider in tuple(self.riders):
            rider.retime()

    def reset(self) -> None:
        """Every connection that somebody waits on is reset."""
        for rider in tuple(self.riders):
            rider.reset()

    @property
    def reset_seconds(self) -> float | None:
        """The age that no connection passes."""
        ages = [way.reset_seconds for way in self.ways or () if way.reset_seconds is not None]
        return min(ages, default=None)


class Line:
    """How one viewer's connection is online: his own line, on top of any link."""

    def __init__(self, opened_at: float, access: Access, *, is_secure: bool) -> None:
        self.opened_at = opened_at
        self.access = access
        self.greetings = 2 if is_secure else 1
        """Round trips before a question may be put: TCP's handshake, and TLS 1.3's (RFC 8446 §2)."""
        self._own: tuple[Schedule, Schedule] | None = None
        self._anew_at = opened_at
        self._changes = -1
        self._lay(opened_at)

    def out(self, cable: Cable) -> Timing:
        """The way of answers."""
        own = self._as_it_is()
        return InSeries(cable.out, own[0]) if own else cable.out

    def back(self, cable: Cable) -> Timing:
        """The way of questions."""
        own = self._as_it_is()
        return InSeries(cable.back, own[1]) if own else cable.back

    def greeting_seconds(self, cable: Cable) -> float:
        """All round trips before a question."""
        own = sum(way.greeting_seconds() for way in self._as_it_is() or ())
        return self.greetings * (cable.greeting_seconds + own)

    def begin_anew(self, now: float) -> None:
        """What is under way sets out again."""
        if self._anew_at != now or self._changes != self.access.changes:  # once for all who are on it
            self._anew_at = now
            self._lay(now)

    def _as_it_is(self) -> tuple[Schedule, Schedule] | None:
        """Who waited on nothing while the terms changed did not hear of it."""
        if self._changes != self.access.changes:
            self._lay(self.access.clock.seconds())
        return self._own

    def _lay(self, now: float) -> None:
        access = self.access
        # what stalls does so from when that was said, however young the connection is
        since = now if access.changed_at is None else access.changed_at
        ways = access.ways
        if ways is None:
            self._own = None
        elif self._own is None:
            self._own = Schedule(ways[0], access.rng, since), Schedule(ways[1], access.rng, since)
        else:
            for schedule, way in zip(self._own, ways, strict=True):
                schedule.change(way, since)
        self._changes = access.changes
