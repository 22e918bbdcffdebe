"""How much is asked for at which hour of the day (workloads.md §5), and by flash crowds (§7). Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from math import fsum

from attrs import field, frozen
from attrs.validators import and_, ge, gt, lt

# requests in an hour of local time, mean 1.00: two web clusters, 29 June 2025 (JEDI data)
HOURS = (
    1.24, 0.93, 0.61, 0.44, 0.37, 0.31, 0.35, 0.46, 0.66, 0.89, 1.10, 1.12,
    1.17, 1.26, 1.24, 1.26, 1.24, 1.32, 1.29, 1.21, 1.31, 1.43, 1.41, 1.37,
)  # fmt: skip


def scaled(hours: Sequence[float]) -> tuple[float, ...]:
    """The same with a mean of exactly 1."""
    mean = fsum(hours) / len(hours)
    return tuple(each / mean for each in hours)


def tide(hour: float, hours: Sequence[float] = HOURS) -> float:
    """The factor at an hour of local time, which may lie beyond one day; linear between full hours."""
    before = math.floor(hour)
    one, other = hours[before % 24], hours[(before + 1) % 24]
    return one + (other - one) * (hour - before)


@frozen
class Crowd:
    """One asset that everybody wants: a rise, a plateau, a slow fall. Times in seconds from the trace's start."""

    at: float = field(validator=ge(0))
    rise: float = field(default=300.0, validator=gt(0))
    hold: float = field(default=900.0, validator=ge(0))
    fall: float = field(default=1200.0, validator=gt(0))
    share: float = field(default=0.1, validator=and_(gt(0), lt(1)))  # of all traffic, at the top
    asset: int = 0
    steep: float = field(default=50.0, validator=gt(1))

    def height(self, time: float) -> float:
        """0 to 1: exponential from a `steep`th to all of it, held, then 1 / (1 + t / fall)."""
        since = time - self.at
        if since < 0:
            return 0.0
        if since < self.rise:
            return float(self.steep ** (since / self.rise - 1.0))
        after = since - self.rise - self.hold
        return 1.0 if after <= 0 else 1.0 / (1.0 + after / self.fall)

    @property
    def most(self) -> float:
        """Requests at the top, for each one of the rest."""
        return self.share / (1.0 - self.share)
