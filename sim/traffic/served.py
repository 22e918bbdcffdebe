"""What a PoP has served to the viewers of a region: what is paid for. Pure."""

from __future__ import annotations

from collections import Counter

from attrs import define, field

from sim.traffic.answers import Answered, Tier


@define
class Served:
    """Counts."""

    requests: int = 0
    bytes: int = 0
    shielded: Counter[str] = field(factory=Counter)
    """Shield → how many of them came to it."""

    def add(self, answer: Answered) -> None:
        self.requests += 1
        self.bytes += answer.bytes
        self.shielded.update(lookup.cache for tier, lookup in answer.asked if tier is Tier.SHIELD)
