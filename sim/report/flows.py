"""Bytes a second on each link, of what nodes say that it carried. Pure."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping
from typing import Any

from attrs import define, field

SMOOTHING_SECONDS = 3.0
Flow = tuple[float, float]
"""Bytes a second toward the second end, and toward the first."""


@define
class Flows:
    """One node's links over the last seconds."""

    _recent: deque[tuple[float, dict[str, tuple[int, int]]]] = field(factory=deque)

    def note(self, at: float, links: Any) -> None:
        """`links` as `/status` has them. A node that was started again begins at nothing."""
        told = links if isinstance(links, Mapping) else {}
        now = {name: (int(ways["out"]), int(ways["back"])) for name, ways in told.items()}
        if self._recent and any(
            _is_less(now.get(name, (0, 0)), was) for name, was in self._recent[-1][1].items()
        ):
            self._recent.clear()
        self._recent.append((at, now))
        while at - self._recent[0][0] > SMOOTHING_SECONDS and len(self._recent) > 2:
            self._recent.popleft()

    def lost(self) -> None:
        """The node does not answer."""
        self._recent.clear()

    def now(self) -> dict[str, Flow]:
        """By link; nothing before the second look."""
        if len(self._recent) < 2:
            return {}
        (since, first), (until, last) = self._recent[0], self._recent[-1]
        span = until - since
        return {
            name: ((out - first.get(name, (0, 0))[0]) / span, (back - first.get(name, (0, 0))[1]) / span)
            for name, (out, back) in last.items()
        }


def _is_less(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[0] or one[1] < other[1]


def together(flows: list[dict[str, Flow]]) -> dict[str, Flow]:
    """What several nodes tell of, link by link: of those to viewers two do."""
    summed: defaultdict[str, Flow] = defaultdict(lambda: (0.0, 0.0))
    for each in flows:
        for name, (out, back) in each.items():
            summed[name] = (summed[name][0] + out, summed[name][1] + back)
    return dict(summed)
