"""What went over each link while traffic ran, second by second. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from attrs import define, field

WAYS = ("out", "back")


@define
class LinkBytes:
    """Made of what nodes say that their links have carried. A link of which two nodes tell, as of those to viewers, is
    one."""

    totals: defaultdict[str, Counter[str]] = field(factory=lambda: defaultdict(Counter))
    """Link → bytes `out`, toward its second end, and `back`."""
    by_second: defaultdict[int, Counter[str]] = field(factory=lambda: defaultdict(Counter))
    """Second → bytes by link, both ways."""
    _known: dict[tuple[str, str, str], int] = field(factory=dict)

    def note(self, node: str, links: Mapping[str, Mapping[str, int]], at_seconds: float) -> None:
        """`links` as a node's `/status` has them. What it had carried when it was first heard of does not count; one
        that was started again begins at nothing."""
        for link, ways in links.items():
            for way in WAYS:
                known, now = self._known.get((node, link, way)), ways[way]
                self._known[node, link, way] = now
                if known is not None:
                    grown = now - known if now >= known else now
                    self.totals[link][way] += grown
                    self.by_second[max(0, int(at_seconds))][link] += grown

    def busiest(self) -> list[str]:
        """The links that carried anything, those that carried most first."""
        used = [link for link, ways in self.totals.items() if ways.total()]
        return sorted(used, key=lambda link: (-self.totals[link].total(), link))

    def as_plain(self) -> dict[str, Any]:
        """A document: bytes by link and way."""
        return {link: {way: self.totals[link][way] for way in WAYS} for link in sorted(self.totals)}
