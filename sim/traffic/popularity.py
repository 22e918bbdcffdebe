"""How often which key is wanted (workloads.md §2). Pure but for reading the one measured table."""

from __future__ import annotations

import lzma
from bisect import bisect_left
from functools import lru_cache
from importlib.resources import files
from itertools import accumulate
from random import Random
from typing import Protocol

from attrs import define, field, frozen

from sim.traffic.draws import Zipf, share_of

MEASURED = "akamai-images.popularity-size.txt.xz"
FRESH = -1


class Popularity(Protocol):
    """Ranks of keys, from 0; `FRESH` for a key that never returns."""

    @property
    def keys(self) -> int: ...

    def draw(self, rng: Random) -> int: ...


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


@define
class Profiled:
    """A profile for a trace of so many requests."""

    keys: int
    _fresh: float
    _zipf: Zipf

    @classmethod
    def of(cls, profile: Profile, requests: float, keys: int | None = None) -> Profiled:
        keys = keys or max(1, round(profile.keys_per_request * requests))
        return cls(keys, profile.fresh, Zipf(keys, profile.exponent))

    def draw(self, rng: Random) -> int:
        return FRESH if rng.random() < self._fresh else self._zipf.draw(rng) - 1


@define
class Measured:
    """Keys that are asked for exactly as often as drawn from Akamai's table, in random order; then all over again.

    Drawn without replacement from a Fenwick tree of what is left: memory is two numbers a key.
    """

    _uses: list[int]
    _left: list[int] = field(factory=list)
    _total: int = 0

    @classmethod
    def of(cls, seed: int, requests: float) -> Measured:
        table, shares = _measured()
        most = max(1, round(requests / 20))
        uses: list[int] = []
        total = 0
        while total < requests:
            drawn = share_of(seed, "popularity", len(uses)) * shares[-1]
            uses.append(min(table[min(bisect_left(shares, drawn), len(table) - 1)], most))
            total += uses[-1]
        return cls(uses)

    @property
    def keys(self) -> int:
        return len(self._uses)

    def draw(self, rng: Random) -> int:
        if not self._total:
            self._fill()
        self._total -= 1
        wanted, at, step = rng.randrange(self._total + 1), 0, 1 << (self.keys.bit_length() - 1)
        while step:
            if at + step <= self.keys and self._left[at + step] <= wanted:
                at += step
                wanted -= self._left[at]
            step >>= 1
        taken = at + 1
        while taken <= self.keys:
            self._left[taken] -= 1
            taken += taken & -taken
        return at

    def _fill(self) -> None:
        self._left = [0, *self._uses]
        self._total = sum(self._uses)
        for at in range(1, self.keys + 1):
            above = at + (at & -at)
            if above <= self.keys:
                self._left[above] += self._left[at]


def measured_rows() -> list[tuple[int, int, float]]:
    """Akamai's table: requests to an object, its bytes, and the share of objects that are like it."""
    data = lzma.decompress(files("sim.traffic").joinpath("traces", MEASURED).read_bytes()).decode("ascii")
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


def popularity_of(name: str, seed: int, requests: float, keys: int | None = None) -> Popularity:
    """One of `photo`, `longtail`, `steady`, `measured`; with `keys`, of so many (which `measured` settles itself)."""
    if name == "measured":
        return Measured.of(seed, requests)
    return Profiled.of(PROFILES[name], requests, keys)
