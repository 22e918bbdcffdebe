"""The PoPs for viewers of one region while nothing becomes of any: what no question changes is worked out. Pure.

Whom `edge.balancer.choose.in_order` puts first is found among a few, most of whose ranks are known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from attrs import frozen

from edge.balancer.choose import Tier, drawn_or_named, has_back, places_of, whole_tier
from edge.balancer.policies import Candidate, Policy, Question, Rank

Measured = Callable[[str], tuple[float, int]]
"""A PoP's `answer_ms` and `running` at this moment, by its name."""
Share = Callable[[str], float]
"""Of all keys, those that it gets at this moment."""


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
    """Vendor → its PoPs that stand alike for every question. Where the policy measures nothing, only those whom none of
    them comes before."""
    are_ready: bool
    """Whether they are; else who returns comes before them, whatever it is asked."""
    returning: Sequence[Standing]
    places: Mapping[str, int]

    @classmethod
    def of(cls, pops: Iterable[Candidate], policy: Policy, vendors: Mapping[str, float]) -> Lineup:
        """Whose share of keys is whole keeps it; that of the others may grow."""
        tiers = defaultdict[Tier, list[Standing]](list)
        returning: list[Standing] = []
        for pop in pops:
            standing = Standing(pop, policy.lasting(pop) if policy.lasting else ())
            its = whole_tier(pop, vendors.get(pop.vendor, 1.0))
            (returning if its is Tier.READY and pop.share < 1.0 else tiers[its]).append(standing)
        first = min((its for its in tiers if tiers[its]), default=Tier.READY)
        best = by_vendor(tiers[first])
        if policy.measured is None:
            best = {vendor: _least(theirs, lambda each: each.lasting) for vendor, theirs in best.items()}
        return cls(policy, vendors, best, first is Tier.READY, returning, places_of(vendors))

    def first(self, question: Question, measured: Measured, share: Share) -> str | None:
        """Whom `in_order` puts first, by name; None of nobody."""
        best = self._best_for(question, share) if self.returning else self.best
        if not best:
            return None
        policy, standings = self.policy, best[self._vendor(question, best)]
        if policy.measured is not None:
            of_now = policy.measured
            standings = _least(
                standings, lambda each: (*of_now(each.pop, *measured(each.pop.name)), *each.lasting)
            )
        elif best is not self.best:
            standings = _least(standings, lambda each: each.lasting)
        if len(standings) == 1:
            return standings[0].pop.name
        asked = policy.asked
        return min(((asked(each.pop, question) if asked else ()), each.pop.name) for each in standings)[1]

    def _best_for(self, question: Question, share: Share) -> Mapping[str, Sequence[Standing]]:
        """The best, and who returns as far as it has this question back; where nobody else is ready, as far as any of
        them has, or else all of them."""
        back = [each for each in self.returning if has_back(each.pop.name, question, share(each.pop.name))]
        if not self.are_ready or not self.best:
            return by_vendor(back or self.returning)
        if not back:
            return self.best
        return by_vendor([*(each for theirs in self.best.values() for each in theirs), *back])

    def _vendor(self, question: Question, best: Mapping[str, Sequence[Standing]]) -> str:
        """The one that is drawn, or named first."""
        if len(best) == 1:
            return next(iter(best))
        weight_of, places = self.vendors.get, self.places
        return min(best, key=lambda vendor: drawn_or_named(vendor, question, weight_of(vendor, 1.0), places))


def by_vendor(standings: Iterable[Standing]) -> Mapping[str, Sequence[Standing]]:
    """Each vendor's."""
    theirs = defaultdict[str, list[Standing]](list)
    for each in standings:
        theirs[each.pop.vendor].append(each)
    return theirs


def _least(standings: Sequence[Standing], rank: Callable[[Standing], Rank]) -> list[Standing]:
    """All that have the lowest rank."""
    ranks = [rank(each) for each in standings]
    lowest = min(ranks)
    return [each for each, its in zip(standings, ranks, strict=True) if its == lowest]
