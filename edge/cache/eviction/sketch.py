"""How often a name was asked for lately, roughly, in a few bytes a name (a count-min sketch that ages)."""

from __future__ import annotations

MOST = 15
LEAST_WIDTH = 1024
COUNTERS_PER_NAME = 4
USES_PER_COUNTER = 4  # all counts are halved after so many uses for each counter of a row
_MIXERS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
_HALVES = bytes(count // 2 for count in range(256))


class Sketch:
    """Three rows of counters up to 15; an estimate is the least of a name's three. It is never too low,
    but for what ageing took.
    """

    def __init__(self) -> None:
        self._width = LEAST_WIDTH
        self._rows = [bytearray(LEAST_WIDTH) for _ in _MIXERS]
        self._uses = 0

    def note(self, name: str) -> None:
        """One use."""
        key, mask = hash(name), self._width - 1
        for row, mixer in zip(self._rows, _MIXERS, strict=True):
            at = (key * mixer >> 24) & mask
            if row[at] < MOST:
                row[at] += 1
        self._uses += 1
        if self._uses >= self._width * USES_PER_COUNTER:
            self._age()

    def uses(self, name: str) -> int:
        """The estimate, 15 at most."""
        key, mask = hash(name), self._width - 1
        first, second, third = _MIXERS
        one, two, three = self._rows
        return min(
            one[(key * first >> 24) & mask],
            two[(key * second >> 24) & mask],
            three[(key * third >> 24) & mask],
        )

    def make_wide_enough(self, names: int) -> None:
        """Grow with what is kept. A counter's two successors both begin with its count."""
        while self._width < names * COUNTERS_PER_NAME:
            self._width *= 2
            self._rows = [row + row for row in self._rows]

    def _age(self) -> None:
        self._rows = [row.translate(_HALVES) for row in self._rows]
        self._uses //= 2
