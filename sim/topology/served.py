"""What PoPs serve as a vendor, and who is told what to forget of it."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from edge.personality.akamai.settings import Property
from edge.personality.cloudfront.settings import Distribution
from edge.settings import Choices
from sim.topology.choices import choices_of
from sim.topology.model import Topology
from wire.document import Document, structure


@frozen
class Served:
    """One PoP under a personality."""

    pop: str
    chosen: Choices

    @property
    def by_cloudfront(self) -> Distribution | None:
        """What it serves as CloudFront."""
        return self.chosen.cloudfront if self.chosen.personality == "cloudfront" else None

    @property
    def by_akamai(self) -> Property | None:
        """What it serves as Akamai."""
        return self.chosen.akamai if self.chosen.personality == "akamai" else None

    @property
    def plays_vendor(self) -> bool:
        """Whether it is seen as another than itself."""
        return self.by_cloudfront is not None or self.by_akamai is not None

    @property
    def fails_over(self) -> bool:
        """Whether it has an origin group."""
        if (told := self.by_akamai) is not None and told.site_failover is not None:
            return told.site_failover.action == "upstream"
        return self.by_cloudfront is not None and bool(self.by_cloudfront.failover)

    @property
    def has_gates(self) -> bool:
        """Whether it lets in viewers with a token alone, somewhere."""
        told = self.chosen
        gates = {
            "cloudfront": told.cloudfront.is_signed,
            "akamai": told.akamai.tokens,
            "plain": told.guarded,
        }
        return bool(gates[told.personality])


def served_by(topology: Topology) -> tuple[Served, ...]:
    """Every PoP whose choices are sound. Costs a look at each PoP's choices."""
    found = ((pop, _chosen(choices_of(topology, pop))) for pop in topology.pops)
    return tuple(Served(pop, chosen) for pop, chosen in found if chosen is not None)


def told_of_purges(topology: Topology, served: tuple[Served, ...]) -> frozenset[str]:
    """Every PoP that the vendors' control APIs tell what to forget: those that play one, and whom they ask."""
    players = [each.pop for each in served if each.plays_vendor]
    return frozenset((*players, *(passed for pop in players for passed in topology.behind(pop))))


def tags_below(topology: Topology, served: tuple[Served, ...], pop: str) -> dict[str, str]:
    """The headers by which vendors' PoPs that ask this one find what they tagged, and whose each is."""
    found: dict[str, str] = {}
    for each in served:
        if pop not in topology.behind(each.pop):
            continue
        if (distribution := each.by_cloudfront) is not None and distribution.tag_header:
            found[distribution.tag_header] = "cloudfront"
        if each.by_akamai is not None:
            found["Edge-Cache-Tag"] = "akamai"
    return found


def renditions_below(topology: Topology, served: tuple[Served, ...], pop: str) -> bool:
    """Whether PoPs that ask this one make others of pictures."""
    return any(
        each.by_akamai is not None
        and each.by_akamai.image_manager is not None
        and pop in topology.behind(each.pop)
        for each in served
    )


def plays_vendors(topology: Topology) -> bool:
    """Whether any PoP does."""
    words = [topology.edge, *(pop.edge for pop in topology.pops.values())]
    return any(word.get("personality", "plain") != "plain" for word in words)


def _chosen(told: dict[str, Any]) -> Choices | None:
    return structure(Document(told, {}), Choices)[0]
