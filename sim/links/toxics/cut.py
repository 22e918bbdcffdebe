"""A cable that is cut."""

from __future__ import annotations

import math
from random import Random

from attrs import frozen


@frozen
class Cut:
    """What enters waits for the cable to be mended."""

    def leaves(self, size: int, at: float, rng: Random) -> float:
        return math.inf
