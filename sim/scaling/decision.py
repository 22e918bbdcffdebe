"""How many instances a pool should have, by its load over time. Pure.

Growing is quick and in proportion: when at every look of `up_after` the renders waited too long or the workers were too
busy, the pool grows by as much as it is overloaded, to the fourfold at most. Shrinking is slow: when through
`down_after` fewer would have been enough, with room to spare, and nobody waits. In between lies a band where nothing is
changed, and after every change both times begin anew: so a steady load is not answered by coming and going.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from statistics import fmean

from attrs import define, field, frozen

from sim.scaling.load import Load
from sim.topology.scaling import Instances, Scaling

MOST_GROWTH = 4.0  # at once: to the fourfold
ROOM = 0.7  # of the utilisation that makes a pool grow: the most that fewer instances would have had
CALM = 0.5  # of the wait that makes a pool grow: the most that renders had in the mean before it shrinks


@frozen
class Sample:
    """A look at a pool."""

    at: float
    load: Load


def enough(scaling: Scaling, load: Load) -> int:
    """How many instances this load asks for: as many as there are, or up to the fourfold."""
    pressure = max(
        load.utilisation / scaling.utilisation.part, load.queue_wait_seconds / scaling.queue_wait.seconds
    )
    return max(load.instances, _rounded_up(load.instances * min(pressure, MOST_GROWTH)))


def spared(scaling: Scaling, loads: Sequence[Load]) -> int:
    """How many instances would have done for these loads, the last of which is now: as many as there are, or fewer."""
    now = loads[-1]
    wait = scaling.queue_wait.seconds
    if now.waiting or now.queue_wait_seconds >= wait:
        return now.instances
    if fmean(load.queue_wait_seconds for load in loads) >= wait * CALM:
        return now.instances
    used = now.instances * fmean(load.utilisation for load in loads)
    return min(now.instances, max(1, _rounded_up(used / (scaling.utilisation.part * ROOM))))


def _rounded_up(count: float) -> int:
    return math.ceil(count - 1e-9)


@define
class Scaler:
    """One pool's: told of every look at it, says how many instances it should have."""

    instances: Instances
    scaling: Scaling
    wanted: int = field(init=False)
    least: int = field(init=False)
    """`min`, and those that it stands in for."""
    _samples: deque[Sample] = field(
        factory=deque, init=False
    )  # since the last change, of `wanted` instances each

    def __attrs_post_init__(self) -> None:
        self.wanted = self.least = self.instances.min

    def adopt(self, running: int) -> None:
        """More run than were wanted, since somebody started them: they stay until the load lets them go."""
        if running > self.wanted:
            self._become(running)

    def stand_in(self, more: int) -> None:
        """So many instances are missing elsewhere: here are no fewer than `min` and those, up to `max`. When they are
        back, it is the load that lets instances go."""
        self.least = min(self.instances.min + more, self.instances.max)
        self._become(max(self.wanted, self.least))

    def look(self, at: float, load: Load) -> int:
        """A load at a moment, each later than the last. While instances come or go nothing is decided: what is seen
        then is about another pool."""
        if load.instances != self.wanted:
            return self.wanted
        self._samples.append(Sample(at, load))
        longest = max(self.scaling.up_after.seconds, self.scaling.down_after.seconds)
        while len(self._samples) > 1 and self._samples[1].at <= at - longest:
            self._samples.popleft()
        recent = self._since(at - self.scaling.up_after.seconds)
        more = min((enough(self.scaling, each) for each in recent), default=0)
        longer = self._since(at - self.scaling.down_after.seconds)
        fewer = spared(self.scaling, longer) if longer else self.wanted
        self._become(more if more > self.wanted else fewer)
        return self.wanted

    def _since(self, begin: float) -> list[Load]:
        """The loads from that moment on; none where nothing was seen as early."""
        if self._samples[0].at > begin:
            return []
        return [each.load for each in self._samples if each.at >= begin]

    def _become(self, wanted: int) -> None:
        wanted = max(self.least, min(wanted, self.instances.max))
        if wanted != self.wanted:
            self.wanted = wanted
            self._samples.clear()
