"""Where viewers are sent: what is known of the PoPs at this moment, put to the policy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

from attrs import define, field

from edge.balancer.choose import as_good_as_the_first, in_order
from edge.balancer.geo import rtt_ms
from edge.balancer.measures import Measures
from edge.balancer.policies import LASTING, POLICIES, Candidate, Question
from edge.balancer.settings import Pop, Settings
from edge.upstream.standings import Standings

Mark = tuple[object, ...]
"""Of a state of affairs."""


@define
class Routing:
    """The balancer's opinion of every PoP. What an operator changes (weights, draining) lasts while it runs."""

    settings: Settings
    standings: Standings
    rng: Random
    running: Callable[[str], int] | None = None
    """The requests that a PoP (its URL) has from us; None: viewers go there themselves, and it is asked."""
    measures: Measures = field(factory=Measures)
    chosen: Counter[str] = field(factory=Counter)
    """PoP → how often it was the first choice."""
    draining: set[str] = field(factory=set)
    weights: dict[str, float] = field(init=False)
    vendors: dict[str, float] = field(init=False)
    _places: dict[str, int] = field(init=False)
    _rtts: dict[tuple[str, str], float] = field(factory=dict, init=False)
    _is_lasting: bool = field(init=False)

    def __attrs_post_init__(self) -> None:
        told = self.settings
        self.weights = {pop.name: pop.weight for pop in told.pops}
        self.vendors = dict(told.cdns)
        chain = dict.fromkeys((*told.chain, *self.weights))  # who is not in it comes after it
        self._places = {name: place for place, name in enumerate(chain)}
        # among several vendors one is drawn
        self._is_lasting = told.route in LASTING and len({pop.vendor for pop in told.pops}) <= 1

    @property
    def mark(self) -> Mark | None:
        """As long as it is the same, so are the PoPs for a viewer's question; None where the next may get others."""
        standing = self.standings.mark if self._is_lasting else None
        if standing is None:
            return None
        return standing, *self.draining, *self.weights.values(), *self.vendors.items()

    def pops_for(
        self,
        region: str,
        key: str | None,
        *,
        sticky: str = "",
        among: Callable[[Pop], object] = bool,
        best: bool = False,
    ) -> tuple[Pop, ...]:
        """PoPs to try for a viewer in `region`, best first: those that are up, after them those that may be.

        `key` is what it asks for; None: nothing that matters. `sticky` is the PoP it had before, to which it
        returns while that is up. `among` leaves out those that are of no use to it, `best` those that stand behind
        the first.
        """
        draw = f"{self.rng.getrandbits(64):x}"
        question = Question(draw if key is None else key, draw)
        known = {pop.name: pop for pop in self.settings.pops if among(pop)}
        able = (pop for pop in known.values() if self.standings.may_serve(pop.url))
        candidates = [self._candidate(pop, region) for pop in able]
        policy = POLICIES[self.settings.route]
        ordered = in_order(candidates, question, policy, self.vendors)
        if best:
            ordered = as_good_as_the_first(ordered, question, self.vendors)
        order = [each.name for each in ordered]
        if sticky in order and self.standings.is_up(known[sticky].url):
            order.remove(sticky)
            order.insert(0, sticky)
        return tuple(known[name] for name in order)

    def took(self, pop: Pop) -> None:
        """A viewer is sent to it."""
        self.chosen[pop.name] += 1
        if self.running is None:
            self.measures.sent(pop.url)

    def busy(self, pop: Pop) -> int:
        """The requests it has, as far as is known."""
        return self.measures.at(pop.url).running if self.running is None else self.running(pop.url)

    def told_of(self, pop: Pop) -> dict[str, Any]:
        """What the status shows of a PoP beside its health."""
        seconds = self.measures.at(pop.url).answer_seconds
        return {
            "vendor": pop.vendor,
            "weight": self.weights[pop.name],
            "draining": pop.name in self.draining,
            "share": round(self.standings.share(pop.url), 3),
            "running": self.busy(pop),
            "answer_ms": None if seconds is None else round(1000 * seconds, 3),
            "chosen": self.chosen[pop.name],
        }

    def _candidate(self, pop: Pop, region: str) -> Candidate:
        return Candidate(
            name=pop.name,
            region=pop.region,
            distance_ms=self._rtt_between(region, pop.region),
            answer_ms=1000 * (self.measures.at(pop.url).answer_seconds or 0.0),
            weight=self.weights[pop.name],
            running=self.busy(pop),
            place=self._places[pop.name],
            vendor=pop.vendor,
            is_up=self.standings.is_up(pop.url),
            is_draining=pop.name in self.draining,
            share=self.standings.share(pop.url),
        )

    def _rtt_between(self, here: str, there: str) -> float:
        """Milliseconds, as given or by distance."""
        known = self._rtts.get((here, there))
        if known is None:
            places = {name: region.at for name, region in self.settings.regions.items()}
            known = self._rtts[here, there] = rtt_ms(here, there, self.settings.rtt_ms, places)
        return known
