"""Where viewers are sent: what is known of the PoPs at this moment, put to the policy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from random import Random
from typing import Any

from attrs import define, field

from edge.balancer.choose import as_good_as_the_first, in_order
from edge.balancer.geo import rtt_ms
from edge.balancer.lineup import Lineup
from edge.balancer.measures import Measures
from edge.balancer.policies import LASTING, POLICIES, Candidate, Question
from edge.balancer.settings import Pop, Settings
from edge.upstream.standings import Standings

Mark = tuple[int, int, bool]
"""Of a state of affairs."""


@define(eq=False)
class Choice:
    """The PoP for a question, and those to try after it."""

    first: Pop
    _others: Callable[[], tuple[Pop, ...]]

    @classmethod
    def of(cls, pops: tuple[Pop, ...]) -> Choice:
        """Of a whole order."""
        return cls(pops[0], lambda: pops[1:])

    def in_order(self) -> tuple[Pop, ...]:
        """All of them, the best first. Who comes after the first is found out when it is asked."""
        return (self.first, *self._others())


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
    """To be changed by `drain` alone, as weights are by `weigh`."""
    weights: dict[str, float] = field(init=False)
    vendors: dict[str, float] = field(init=False)
    _adjusted: int = field(default=0, init=False)
    _lineups: dict[str, Lineup] = field(factory=dict, init=False)
    """By region, of the mark at which they were made."""
    _lined_up_at: Mark | None = field(default=None, init=False)
    _pops: dict[str, Pop] = field(init=False)
    _places: dict[str, int] = field(init=False)
    _rtts: dict[tuple[str, str], float] = field(factory=dict, init=False)
    _is_lasting: bool = field(init=False)

    def __attrs_post_init__(self) -> None:
        told = self.settings
        self.weights = {pop.name: pop.weight for pop in told.pops}
        self.vendors = dict(told.cdns)
        chain = dict.fromkeys((*told.chain, *self.weights))  # who is not in it comes after it
        self._pops = {pop.name: pop for pop in told.pops}
        self._places = {name: place for place, name in enumerate(chain)}
        # among several vendors one is drawn
        self._is_lasting = told.route in LASTING and len({pop.vendor for pop in told.pops}) <= 1

    @property
    def mark(self) -> Mark | None:
        """As long as it is the same, so are the PoPs for a viewer's question; None where the next may get others."""
        return self._standing() if self._is_lasting and not self.standings.is_anyone_returning else None

    def _standing(self) -> Mark | None:
        """As long as it is the same, so is all that is known of PoPs but what was measured of them, and how much of its
        share who returns has back."""
        mark = self.standings.mark
        return None if mark is None else (mark, self._adjusted, self.standings.is_anyone_returning)

    def weigh(self, pop: str, weight: float) -> None:
        """A PoP has this weight from now on."""
        self.weights[pop] = weight
        self._adjusted += 1

    def weigh_cdn(self, vendor: str, weight: float) -> None:
        """A vendor has."""
        self.vendors[vendor] = weight
        self._adjusted += 1

    def drain(self, pop: str, *, drains: bool = True) -> None:
        """A PoP gets no new viewers from now on, or gets them again."""
        (self.draining.add if drains else self.draining.discard)(pop)
        self._adjusted += 1

    def choose(self, region: str, key: str, sticky: str = "") -> Choice | None:
        """As `pops_for`, at a fraction of the cost for as long as nothing becomes of a PoP; None: there is nobody."""
        question = self._question(key)
        mark = self._standing()
        if mark is None:  # in a moment somebody may be up again
            pops = self._in_order(region, question, sticky)
            return Choice.of(pops) if pops else None
        if mark != self._lined_up_at:
            self._lineups.clear()
            self._lined_up_at = mark
        lineup = self._lineups.get(region) or self._line_up(region)
        name = lineup.first(question, self._measured, self._share)
        if name is None:
            return None
        if sticky and sticky in self._pops and self.standings.is_up(self._pops[sticky].url):
            name = sticky
        first = self._pops[name]

        def others() -> tuple[Pop, ...]:
            return tuple(pop for pop in self._in_order(region, question, sticky) if pop is not first)

        return Choice(first, others)

    def _line_up(self, region: str) -> Lineup:
        policy = POLICIES[self.settings.route]
        lineup = Lineup.of(self._candidates(self.settings.pops, region), policy, self.vendors)
        self._lineups[region] = lineup
        return lineup

    def _measured(self, name: str) -> tuple[float, int]:
        pop = self._pops[name]
        return 1000 * (self.measures.at(pop.url).answer_seconds or 0.0), self.busy(pop)

    def _share(self, name: str) -> float:
        return self.standings.share(self._pops[name].url)

    def _question(self, key: str | None) -> Question:
        draw = self.rng.getrandbits(64)
        return Question(f"{draw:x}" if key is None else key, draw)

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
        return self._in_order(region, self._question(key), sticky, among, best=best)

    def _in_order(
        self,
        region: str,
        question: Question,
        sticky: str,
        among: Callable[[Pop], object] = bool,
        *,
        best: bool = False,
    ) -> tuple[Pop, ...]:
        known = {pop.name: pop for pop in self.settings.pops if among(pop)}
        policy = POLICIES[self.settings.route]
        ordered = in_order(self._candidates(known.values(), region), question, policy, self.vendors)
        if best:
            ordered = as_good_as_the_first(ordered, question, self.vendors)
        order = [each.name for each in ordered]
        if sticky in order and self.standings.is_up(known[sticky].url):
            order.remove(sticky)
            order.insert(0, sticky)
        return tuple(known[name] for name in order)

    def _candidates(self, pops: Iterable[Pop], region: str) -> list[Candidate]:
        """Those of them who may be asked at all."""
        return [self._candidate(pop, region) for pop in pops if self.standings.may_serve(pop.url)]

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
