"""Which variants assets have, and which of all keys is how popular (workloads.md §4). Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from random import Random

from attrs import Factory, field, frozen
from attrs.validators import and_, ge, le

from sim.traffic.draws import STEEPEST, nth_of, stream_of
from sim.traffic.turns import Turns

WIDTHS = (100, 200, 320, 480, 640, 800, 1080, 1280, 1600, 2048)
FORMATS = {"avif": 0.70, "webp": 0.25, "jpg": 0.05}
KEYS_PER_ASSET = (
    3  # about so many of an asset are among the most popular keys; the favourites have all of theirs
)
Key = tuple[int, int, str]  # asset, width, format
MOST_WIDTHS = 100
_PERIOD = 2048


@frozen
class FanOut:
    """An asset has 1 + Poisson(`mean`) of the widths, wanted like Zipf(`exponent`) among themselves."""

    mean: float = field(default=5.0, validator=and_(ge(0.0), le(float(MOST_WIDTHS))))
    exponent: float = field(default=1.0, validator=and_(ge(0.0), le(STEEPEST)))


@frozen
class Variants:
    """The keys of a catalogue from the most to the least popular; nothing is held, all follows from the seed.

    A viewer wants an asset, in one of its widths, in a format. So keys of all first widths take turns with those of all
    second ones and so on, and within them the formats, each as often as it is wanted; and each is that of the next
    asset. An asset's keys are as far apart in rank as they are in popularity.
    """

    seed: int
    widths: tuple[int, ...] = WIDTHS
    formats: Mapping[str, float] = Factory(lambda: dict(FORMATS))
    fan_out: FanOut = Factory(FanOut)
    _counts: Turns = field(init=False, repr=False)  # of assets with one width, with two, …
    _formats: Turns = field(init=False, repr=False)
    _nths: Turns = field(init=False, repr=False)  # of first widths, second widths, …
    _having: tuple[tuple[int, ...], ...] = field(
        init=False, repr=False
    )  # which of 2048 assets have an nth width
    _names: tuple[str, ...] = field(init=False, repr=False)  # the formats by their numbers
    _stream: int = field(init=False, repr=False)  # of the assets' shuffles of the widths

    @_counts.default
    def _of_counts(self) -> Turns:
        return _turns_of(_shares_of(self.fan_out.mean, len(self.widths)))

    @_formats.default
    def _of_formats(self) -> Turns:
        return _turns_of(tuple(self.formats.values()))

    @_nths.default
    def _of_nths(self) -> Turns:
        weights = [(nth + 1) ** -self.fan_out.exponent for nth in range(len(self.widths))]
        shares = [0.0] * len(weights)
        for more in self._counts.order:
            for nth in range(more + 1):
                shares[nth] += weights[nth] / sum(weights[: more + 1])
        return _turns_of(tuple(shares))

    @_having.default
    def _of_assets(self) -> tuple[tuple[int, ...], ...]:
        order = self._counts.order
        return tuple(
            tuple(asset for asset, more in enumerate(order) if more >= nth) for nth in range(len(self.widths))
        )

    @_names.default
    def _format_names(self) -> tuple[str, ...]:
        return tuple(self.formats)

    @_stream.default
    def _seeded(self) -> int:
        return stream_of(self.seed, "widths")

    def key(self, rank: int) -> Key:
        """The key of this rank, from 0; no two ranks have the same."""
        form, turn = self._formats.nth(rank)
        nth, turn = self._nths.nth(turn)
        having = self._having[nth]
        rounds, at = divmod(turn, len(having))
        asset = rounds * _PERIOD + having[at]
        return asset, self._shuffled(asset, nth + 1)[nth], self._names[form]

    def assets_of(self, keys: int) -> int:
        """A number that no asset of so many keys reaches: a key belongs to one that has about its rank or less."""
        return 2 * (keys + _PERIOD)

    def some(self, asset: int, rng: Random) -> Key:
        """One of an asset's keys, drawn as viewers want them."""
        count = self._counts.nth(asset)[0] + 1
        [which] = rng.choices(range(count), [(nth + 1) ** -self.fan_out.exponent for nth in range(count)])
        [form] = rng.choices(self._names, list(self.formats.values()))
        return asset, self._shuffled(asset, which + 1)[which], form

    def widths_of(self, asset: int) -> list[int]:
        """An asset's widths, the most wanted first."""
        return self._shuffled(asset, self._counts.nth(asset)[0] + 1)

    def any(self, nth: int, rng: Random) -> tuple[int, str]:
        """Width and format of the nth key of assets that have but one."""
        return self.widths[int(rng.random() * len(self.widths))], self._names[self._formats.nth(nth)[0]]

    def _shuffled(self, asset: int, most: int) -> list[int]:
        """The first of an asset's widths: as many steps of a shuffle (Fisher and Yates) by a number of its own."""
        left, bits = list(self.widths), nth_of(self._stream, asset)
        for place in range(most):
            bits, step = divmod(bits, len(left) - place)
            left[place], left[place + step] = left[place + step], left[place]
        return left[:most]


def _shares_of(mean: float, most: int) -> tuple[float, ...]:
    """The share of assets that have 1, 2 … `most` widths: who would have more has all."""
    shares = [math.exp(-mean) * mean**more / math.factorial(more) for more in range(most - 1)]
    return (*shares, 1.0 - sum(shares))


@lru_cache(maxsize=16)
def _turns_of(weights: tuple[float, ...]) -> Turns:
    return Turns(weights, _PERIOD)
