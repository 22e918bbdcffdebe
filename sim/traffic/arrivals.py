"""When requests come, and from whom: Poisson streams whose rates follow tides and crowds (workloads.md §5, §7). Pure.

Rates are weighed anew every minute or oftener, each time for the middle of them, and are constant in between: within a
step the stream is Poisson's own, and a new step owes nothing to the one before.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate, count
from random import Random

from attrs import define, field, frozen

from sim.traffic.record import Kind
from sim.traffic.tide import Crowd, scaled, tide
from sim.traffic.workload import Workload


@frozen
class Source:
    """Viewers of a region, a crawler from it, or its part of the nth crowd."""

    region: str
    kind: Kind
    crowd: int = 0


@define
class Arrivals:
    """The requests of a workload as (microseconds from the start, number of the source)."""

    workload: Workload
    crowds: tuple[Crowd, ...] = field(init=False)
    sources: tuple[Source, ...] = field(init=False)
    _hours: tuple[float, ...] = field(init=False)
    _crawlers: tuple[str, ...] = field(init=False)

    def __attrs_post_init__(self) -> None:
        workload, regions = self.workload, self.workload.regions
        self.crowds = tuple(
            Crowd(
                each.at.seconds, each.rise.seconds, each.hold.seconds, each.fall.seconds, each.share.part,
                each.asset, each.steep,
            )
            for each in workload.crowds
        )  # fmt: skip
        self._hours = scaled(workload.hours)
        largest = sorted(regions, key=lambda name: -regions[name].share)[:2]
        self._crawlers = workload.bots.regions or tuple(largest)
        self.sources = (
            *(Source(name, Kind.VIEW) for name in regions),
            *(Source(name, Kind.BOT) for name in self._crawlers),
            *(Source(name, Kind.FLASH, crowd) for crowd in range(len(self.crowds)) for name in regions),
        )

    def times(self) -> Iterator[tuple[int, int]]:
        """All of them, as they come."""
        rng = Random(f"{self.workload.seed}/arrivals")  # noqa: S311  a reproducible trace, no secret
        random, log = rng.random, math.log
        step = self.workload.step_seconds
        lasts, last = self.workload.duration.seconds, len(self.sources) - 1
        for nth in count():
            now, ends = nth * step, min((nth + 1) * step, lasts)
            bounds = list(accumulate(self.rates((now + ends) / 2)))
            rate = bounds[-1]
            while rate:
                now -= log(1.0 - random()) / rate
                if now >= ends:
                    break
                yield int(now * 1e6), bisect_right(bounds, random() * rate, 0, last)
            if ends >= lasts:
                return

    def rates(self, seconds: float) -> list[float]:
        """Requests a second of each source at this moment."""
        workload = self.workload
        rate, bots = workload.rate, workload.bots.share.part
        people = rate * (1.0 - bots) * (workload.weekend_factor if workload.weekend else 1.0)
        hour = workload.start + seconds / 3600.0
        total = sum(viewers.share for viewers in workload.regions.values())
        views = [
            people * viewers.share / total * (tide(hour + viewers.utc, self._hours) if workload.tide else 1.0)
            for viewers in workload.regions.values()
        ]
        crawls = [rate * bots / len(self._crawlers)] * len(self._crawlers)
        tops = [crowd.most * crowd.height(seconds) for crowd in self.crowds]
        return [*views, *crawls, *(view * top for top in tops for view in views)]
