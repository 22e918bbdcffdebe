"""How often which key is wanted (workloads.md §2). Pure but for reading the one measured table."""

from __future__ import annotations

import lzma
from array import array
from bisect import bisect_left
from functools import lru_cache
from importlib.resources import files
from itertools import accumulate
from random import Random
from typing import Protocol

from attrs import define, frozen

from sim.traffic.draws import Zipf, share_of

GOLDEN = (5**0.5 - 1) / 2  # its multiples leave no gap between 0 and 1
TABLE = "akamai-images.popularity-size.txt.xz"


class Popularity(Protocol):
    """Ranks of keys, from 0, and how many requests are for keys that never return."""

    @property
    def keys(self) -> int: ...

    @property
    def fresh(self) -> float:
        """Their part of all requests."""

    def draw(self, rng: Random) -> int:
        """The rank of a key that may return."""


@frozen
class Profile:
    """A share of fresh keys, and Zipf among so many for each request."""

    fresh: float
    exponent: float
    keys_per_request: float


PROFILES = {
    "photo": Profile(0.10, 0.95, 0.10),
    "longtail": Profile(0.25, 0.80, 0.30),
    "steady": Profile(0.0, 0.95, 0.10),  # nothing fresh: what a rehearsal wants, whose caches are to be warm
}
MEASURED = "measured"


@frozen
class Profiled:
    """A profile for a trace of so many requests."""

    keys: int
    fresh: float
    zipf: Zipf

    @classmethod
    def of(cls, profile: Profile, requests: float, keys: int | None = None) -> Profiled:
        """With `keys` of so many, else of as many as the profile has for the requests."""
        keys = keys or max(1, round(profile.keys_per_request * requests))
        return cls(keys, profile.fresh, Zipf(keys, profile.exponent))

    def draw(self, rng: Random) -> int:
        return self.zipf.draw(rng) - 1


@define
class Measured:
    """Keys that are asked for exactly as often as drawn from Akamai's table, in random order; then all over again.

    Dealt from a pack that has a card for each request: four bytes each, about ten a key.
    """

    keys: int
    _pack: array[int]
    _left: int = 0
    fresh: float = 0.0

    @classmethod
    def of(cls, seed: int, requests: float) -> Measured:
        """Of as many keys as are asked for so often together: each part of the table has its share of them, evenly."""
        table, shares = _measured()
        most = max(1, round(requests / 20))
        pack, keys, begins = array("I"), 0, share_of(seed, "popularity")
        while len(pack) < requests:
            drawn = (begins + keys * GOLDEN) % 1.0 * shares[-1]
            uses = min(table[min(bisect_left(shares, drawn), len(table) - 1)], most)
            pack.extend([keys] * uses)
            keys += 1
        return cls(keys, pack)

    def draw(self, rng: Random) -> int:
        """Any of the cards that are left (Fisher and Yates); those dealt lie behind them."""
        left = self._left or len(self._pack)
        self._left = left - 1
        at = int(rng.random() * left)
        card = self._pack[at]
        self._pack[at], self._pack[self._left] = self._pack[self._left], card
        return card


def measured_rows() -> list[tuple[int, int, float]]:
    """Akamai's table: requests to an object, its bytes, and the share of objects that are like it."""
    data = lzma.decompress(files("sim.traffic").joinpath("traces", TABLE).read_bytes()).decode("ascii")
    rows: list[tuple[int, int, float]] = []
    uses = 0
    for line in data.splitlines():
        match line.split():
            case [number]:
                uses = int(float(number))
            case [kilobytes, share]:
                rows.append((uses, int(float(kilobytes) * 1000), float(share)))
    return rows


@lru_cache(maxsize=1)
def _measured() -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Requests to one object, and the running sum of the share of objects that are asked for so often."""
    shares: dict[int, float] = {}
    for uses, _, share in measured_rows():
        shares[uses] = shares.get(uses, 0.0) + share
    return tuple(shares), tuple(accumulate(shares.values()))
