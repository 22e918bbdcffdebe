"""A link as it is now, and who travels on it."""

from __future__ import annotations

from random import Random
from typing import Any, Protocol

from sim.links.schedule import Schedule
from sim.links.way import Way


class Rider(Protocol):
    """A connection over the link, or one that is being made."""

    def retime(self) -> None:
        """The terms are others now."""

    def reset(self) -> None:
        """It is over, now."""


class Cable:
    """Both ways of a link: every connection to the same place shares them."""

    def __init__(self, out: Way, back: Way, clock: Any, rng: Random) -> None:
        now = clock.seconds()
        self.clock = clock
        self.out = Schedule(out, rng, now)
        self.back = Schedule(back, rng, now)
        self.riders: dict[Rider, None] = {}  # in their order, so that a run can be repeated

    def change(self, out: Way, back: Way) -> None:
        """Both ways are such from now on; what is on them is sent again."""
        now = self.clock.seconds()
        self.out.change(out, now)
        self.back.change(back, now)
        for rider in tuple(self.riders):
            rider.retime()

    def reset(self) -> None:
        """Every connection over it is reset."""
        for rider in tuple(self.riders):
            rider.reset()

    @property
    def greeting_seconds(self) -> float:
        """What it takes to be heard and answered, for nothing but a greeting; infinite where a way is cut."""
        return self.out.greeting_seconds() + self.back.greeting_seconds()

    @property
    def reset_seconds(self) -> float | None:
        """The age that no connection passes."""
        ages = [way.reset_seconds for way in (self.out.way, self.back.way) if way.reset_seconds is not None]
        return min(ages, default=None)
