"""The PoPs for viewers of one region while nothing becomes of any: what no question changes is worked out. Pure.

Whom `edge.balancer.choose.in_order` puts first is found among a few, most of whose ranks are known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from attrs import frozen

from edge.balancer.choose import drawn_or_named, places_of, tier
from edge.balancer.policies import Candidate, Policy, Question, Rank

Measured = Callable[[str], tuple[float, int]]
"""A PoP's `answer_ms` and `running` at this moment, by its name."""
_ANY = Question("", 0)


@frozen
class Standing:
    """A PoP, and its rank by what lasts."""

    pop: Candidate
    lasting: Rank


@frozen
class Lineup:
    """Those who stand best, by vendor: for each question one of them is first."""

    policy: Policy
    vendors: Mapping[str, float]
    best: Mapping[str, Sequence[Standing]]
    """Vendor → its PoPs. Where the policy measures nothing, only those whom none of them comes before."""
    places: Mapping[str, int]

    @classmethod
    def of(cls, pops: Iterable[Candidate], policy: Policy, vendors: Mapping[str, float]) -> Lineup:
        """Of PoPs that have all of their keys: then no question has a say in how they stand."""
        tiers = defaultdict[int, list[Candidate]](list)
        for pop in pops:
            tiers[tier(pop, _ANY, vendors.get(pop.vendor, 1.0))].append(pop)
        best = defaultdict[str, list[Standing]](list)
        for pop in tiers[min(tiers)] if tiers else ():
            best[pop.vendor].append(Standing(pop, policy.lasting(pop) if policy.lasting else ()))
        if policy.measured is None:
            foremost = {vendor: _least(theirs, lambda each: each.lasting) for vendor, theirs in best.items()}
            return cls(policy, vendors, foremost, places_of(vendors))
        return cls(policy, vendors, best, places_of(vendors))

    def first(self, question: Question, measured: Measured) -> str | None:
        """Whom `in_order` puts first, by name; None of nobody."""
        if not self.best:
            return None
        policy = self.policy
        standings = self.best[self._vendor(question)]
        if policy.measured is not None:
            of_now = policy.measured
            standings = _least(
                standings, lambda each: (*of_now(each.pop, *measured(each.pop.name)), *each.lasting)
            )
        if len(standings) == 1:
            return standings[0].pop.name
        asked = policy.asked
        return min(((asked(each.pop, question) if asked else ()), each.pop.name) for each in standings)[1]

    def _vendor(self, question: Question) -> str:
        """The one that is drawn, or named first."""
        if len(self.best) == 1:
            return next(iter(self.best))
        weight_of, places = self.vendors.get, self.places
        return min(
            self.best, key=lambda vendor: drawn_or_named(vendor, question, weight_of(vendor, 1.0), places)
        )


def _least(standings: Sequence[Standing], rank: Callable[[Standing], Rank]) -> list[Standing]:
    """All that have the lowest rank."""
    ranks = [rank(each) for each in standings]
    lowest = min(ranks)
    return [each for each, its in zip(standings, ranks, strict=True) if its == lowest]
