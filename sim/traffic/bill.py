"""What a month of a run's traffic would cost, by price zone (workloads.md §10). Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from attrs import asdict, astuple, define, evolve, field, frozen

from sim.topology.model import Topology
from sim.traffic.arrivals import Arrivals
from sim.traffic.prices import GIGABYTE, PRICES, transfer, zone_of
from sim.traffic.served import Served
from sim.traffic.workload import Workload

MONTH_SECONDS = 30 * 86_400.0
SAMPLES = 288  # of a day, or of a run


@define
class Due:
    """Of one zone."""

    gigabytes: float = 0.0
    requests: float = 0.0
    shielded: float = 0.0
    """Requests that came to a shield there."""
    transfer_dollars: float = 0.0
    request_dollars: float = 0.0

    @property
    def dollars(self) -> float:
        return self.transfer_dollars + self.request_dollars


@frozen
class Bill:
    """A month by zone: bytes and requests of the run times its part of a month, and tiers after that."""

    zones: dict[str, Due] = field(factory=dict)

    @classmethod
    def of(
        cls,
        served: Mapping[tuple[str, str], Served],
        zones: Mapping[str, str],
        months: Callable[[str], float],
        *,
        is_secure: bool,
    ) -> Bill:
        """`zones`: price zone of each PoP and region by its name. `months`: how often a region's traffic goes into a
        month's. Who answered without a name is taken to be in the viewer's zone, and who lives nowhere in the first."""
        found: defaultdict[str, Due] = defaultdict(Due)
        for (pop, region), each in served.items():
            times, home = months(region), zones.get(region, next(iter(PRICES)))
            due = found[zones.get(pop, home)]
            due.gigabytes += each.bytes * times / GIGABYTE
            due.requests += each.requests * times
            for shield, count in each.shielded.items():
                found[zones.get(shield, home)].shielded += count * times
        for zone, due in found.items():
            price = PRICES[zone]
            due.transfer_dollars = transfer(zone, due.gigabytes)
            a_request = price.https if is_secure else price.http
            due.request_dollars = (due.requests * a_request + due.shielded * price.shielded) / 10_000
        return cls(dict(sorted(found.items())))

    @property
    def all(self) -> Due:
        """All zones together."""
        return Due(*map(math.fsum, zip(*map(astuple, self.zones.values()), strict=True)))

    def as_plain(self) -> dict[str, Any]:
        """A document."""
        return {"dollars": self.all.dollars, "zones": {zone: asdict(due) for zone, due in self.zones.items()}}


def zones_of(topology: Topology) -> dict[str, str]:
    """The price zone of every PoP and region."""
    regions = {name: zone_of(name, region.at) for name, region in topology.regions.items()}
    return regions | {name: regions[pop.region] for name, pop in topology.pops.items()}


def months_of(workload: Workload) -> Callable[[str], float]:
    """How much more each region asks in a month than in this workload: by its length, and by the hours of the day that
    it is asked in. Crowds do not come every month."""
    lasts = workload.duration.seconds
    arrivals = Arrivals(evolve(workload, crowds=()))
    run, day = (_asked(arrivals, seconds) for seconds in (lasts, 86_400.0))
    return lambda region: day[region] / run[region] * MONTH_SECONDS / lasts


def months_in(seconds: float) -> Callable[[str], float]:
    """The same of a recording that took so long, of whose hours nothing is known."""
    return lambda region: MONTH_SECONDS / max(seconds, 1.0)


def _asked(arrivals: Arrivals, seconds: float) -> dict[str, float]:
    """Requests a second of each region, as a mean of the first so many seconds."""
    total = dict.fromkeys(arrivals.workload.regions, 0.0)
    for nth in range(SAMPLES):
        rates = arrivals.rates((nth + 0.5) / SAMPLES * seconds)
        for source, rate in zip(arrivals.sources, rates, strict=True):
            total[source.region] += rate / SAMPLES
    return total
