"""How the viewers of a region are online, as it is now, and each one's own line."""

from __future__ import annotations

from random import Random
from typing import Any

from sim.links.cable import Cable, Rider
from sim.links.schedule import InSeries, Schedule, Timing
from sim.links.slow_start import Cold, SlowStart
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
        self._lots = Random(rng.getrandbits(64))  # noqa: S311  a run that can be repeated, no secret

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

    def draw(self) -> float:
        """How far from the median the next connection's line is, in standard deviations: the same of the nth connection
        in every run."""
        return self._lots.gauss()

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
        self._deviation = access.draw()
        self._starts = SlowStart(), SlowStart()
        self._own: tuple[Schedule, Schedule] | None = None
        self._anew_at = opened_at
        self._changes = -1
        self._lay(opened_at)

    def out(self, cable: Cable) -> Timing:
        """The way of answers."""
        own = self._as_it_is()
        return self._behind(cable, cable.out, own[0], self._starts[0]) if own else cable.out

    def back(self, cable: Cable) -> Timing:
        """The way of questions."""
        own = self._as_it_is()
        return self._behind(cable, cable.back, own[1], self._starts[1]) if own else cable.back

    def _behind(self, cable: Cable, shared: Schedule, own: Schedule, start: SlowStart) -> Timing:
        both = InSeries(shared, own)
        if start.is_over or not own.way.slow_start:
            return both
        return Cold(both, start, self._round_trip_seconds(cable), both.bits_per_second)

    def answered(self) -> None:
        """A whole answer has come over it: the connection is warm, and knows what the way bears."""
        for start in self._starts:
            start.is_over = True

    def greeting_seconds(self, cable: Cable) -> float:
        """All round trips before a question."""
        return self.greetings * self._round_trip_seconds(cable)

    def begin_anew(self, now: float) -> None:
        """What is under way sets out again."""
        if self._anew_at != now or self._changes != self.access.changes:  # once for all who are on it
            self._anew_at = now
            self._lay(now)

    def _round_trip_seconds(self, cable: Cable) -> float:
        return cable.greeting_seconds + sum(way.greeting_seconds() for way in self._as_it_is() or ())

    def _as_it_is(self) -> tuple[Schedule, Schedule] | None:
        """Who waited on nothing while the terms changed did not hear of it."""
        if self._changes != self.access.changes:
            self._lay(self.access.clock.seconds())
        return self._own

    def _lay(self, now: float) -> None:
        access = self.access
        # what stalls does so from when that was said, however young the connection is
        since = now if access.changed_at is None else access.changed_at
        ways = access.ways and tuple(way.drawn(self._deviation) for way in access.ways)
        for start in self._starts:
            start.begin_anew()
        if ways is None:
            self._own = None
        elif self._own is None:
            self._own = Schedule(ways[0], access.rng, since), Schedule(ways[1], access.rng, since)
        else:
            for schedule, way in zip(self._own, ways, strict=True):
                schedule.change(way, since)
        self._changes = access.changes
