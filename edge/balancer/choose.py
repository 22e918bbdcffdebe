"""Which PoPs to ask for a viewer, best first. Pure.

What a PoP may be asked at all comes before how well it fits: a policy chooses among equals. Between the two
stands the vendor: of several CDNs one is drawn for every question, by weight, and the others are what is left
when it has nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum

from edge.balancer.policies import Candidate, Policy, Question, Rank
from edge.upstream.rendezvous import drawn, part


class Tier(IntEnum):
    """What a viewer may expect of a PoP, the best first."""

    READY = 0
    RETURNING = 1  # up again, but not for this key yet
    RESERVE = 2  # it, or its vendor, has no weight
    DRAINING = 3  # for when nobody else is up
    SUSPECT = 4  # it failed lately: for when nobody at all is up


def tier(pop: Candidate, question: Question, vendor_weight: float = 1.0) -> Tier:
    """Where a PoP stands for this question."""
    whole = whole_tier(pop, vendor_weight)
    return Tier.RETURNING if whole is Tier.READY and not has_back(pop.name, question, pop.share) else whole


def whole_tier(pop: Candidate, vendor_weight: float = 1.0) -> Tier:
    """Where it stands for questions that it has, or has back."""
    if not pop.is_up:
        return Tier.SUSPECT
    if pop.is_draining:
        return Tier.DRAINING
    return Tier.READY if pop.weight and vendor_weight else Tier.RESERVE


def has_back(pop: str, question: Question, share: float) -> bool:
    """Whether a question is among the share of all that a PoP has: by key, and always the same ones, so what it has won
    back stays with it while its share grows."""
    return part(f"return/{pop}", question.key) < share


def as_good_as_the_first(
    order: Sequence[Candidate], question: Question, vendors: Mapping[str, float]
) -> tuple[Candidate, ...]:
    """Of those in order, the ones that stand where the first stands: nobody who drains, or is a reserve, beside one
    that is ready; and nobody of another vendor, for the first one's was drawn for this question."""
    standings = [(tier(pop, question, vendors.get(pop.vendor, 1.0)), pop.vendor) for pop in order]
    return tuple(pop for pop, standing in zip(order, standings, strict=True) if standing == standings[0])


def in_order(
    pops: Iterable[Candidate], question: Question, policy: Policy, vendors: Mapping[str, float]
) -> tuple[Candidate, ...]:
    """All of them, the best first. `vendors`: the weight of each CDN; one that is not named has 1.

    A vendor of weight 0 is a reserve, in the order of the mapping: while another has a PoP that is up, it gets
    nobody.
    """
    place = places_of(vendors)

    def rank(pop: Candidate) -> tuple[int, float, Rank, str]:
        weight = vendors.get(pop.vendor, 1.0)
        standing = tier(pop, question, weight)
        return standing, drawn_or_named(pop.vendor, question, weight, place), policy(pop, question), pop.name

    return tuple(sorted(pops, key=rank))


def places_of(vendors: Mapping[str, float]) -> dict[str, int]:
    """In which order the vendors are named."""
    return {vendor: place for place, vendor in enumerate(vendors)}


def drawn_or_named(vendor: str, question: Question, weight: float, places: Mapping[str, int]) -> float:
    """Where a vendor comes for this question, the lowest first: by chance, and after all those the reserves, in the
    order in which they are named."""
    return -drawn(f"cdn/{vendor}", question.draw, weight) if weight else places[vendor]
