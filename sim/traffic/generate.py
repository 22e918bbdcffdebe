"""A workload's trace: the same seed, the same records, one after the other in time (workloads.md §1, §12). Pure.

Memory: what the popularity needs, a line for each of the most popular keys, and the assets that were overwritten.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from random import Random

from attrs import define, field

from sim.traffic.arrivals import Arrivals, Source
from sim.traffic.changing import changes_of
from sim.traffic.draws import nth_of, share, stream_of
from sim.traffic.popularity import MEASURED, PROFILES, Measured, Popularity, Profile, Profiled
from sim.traffic.record import Kind, Record
from sim.traffic.variants import KEYS_PER_ASSET, Key, Variants
from sim.traffic.workload import Workload

REMEMBERED = 2**18  # keys whose bytes are not worked out each time
Wanted = tuple[int, int, str, int, int, str, str]  # a record from its asset to its path
_VIEW, _FRESH = Kind.VIEW, Kind.FRESH
_LOW = 2**11 - 1  # bits of a key's 64 that its size does not need


def generate(workload: Workload) -> Iterator[Record]:
    """All records of a workload, in the order of their times."""
    return _Generator(workload).records()


def popularity_of(workload: Workload) -> Popularity:
    """Its profile, with what the workload says otherwise; its own law for measured popularity."""
    if workload.popularity == MEASURED:
        return Measured.of(workload.seed, workload.requests)
    usual = PROFILES[workload.popularity]
    fresh = usual.fresh if workload.fresh is None else workload.fresh.part
    exponent = usual.exponent if workload.exponent is None else workload.exponent
    return Profiled.of(Profile(fresh, exponent, usual.keys_per_request), workload.requests, workload.keys)


@define
class _Generator:
    workload: Workload
    variants: Variants = field(init=False)
    popularity: Popularity = field(init=False)
    arrivals: Arrivals = field(init=False)
    assets: int = field(init=False)
    revisions: dict[int, int] = field(factory=dict)  # asset → how often overwritten
    _rng: Random = field(init=False)
    _known: dict[int, Wanted] = field(factory=dict)  # rank → what a request for it wants
    _bounds: list[float] = field(init=False)  # of the lifetimes' shares, summed up
    _lifetimes: list[int] = field(init=False)
    _streams: dict[tuple[int, str, int], int] = field(factory=dict)  # of the sizes of such variants, by asset
    _leads: dict[int, float] = field(factory=dict)  # asset → its age at the trace's start, where they age
    _places: int = field(init=False)  # no asset of the trace's start has this number or a higher one
    _step: int = field(init=False)  # of the crawlers' walk
    _fresh: int = 0
    _crawled: int = 0

    def __attrs_post_init__(self) -> None:
        workload = self.workload
        self.variants = Variants(workload.seed, workload.widths, workload.formats, workload.variants)
        self.popularity = popularity_of(workload)
        self.arrivals = Arrivals(workload)
        self.assets = workload.assets or math.ceil(self.popularity.keys / KEYS_PER_ASSET)
        self._places = max(self.assets, self.variants.assets_of(self.popularity.keys))
        self._step = _coprime(int(self.assets * 0.618) or 1, self.assets)
        self._rng = Random(f"{workload.seed}/wants")  # noqa: S311  a reproducible trace, no secret
        self._bounds = list(accumulate(each.share for each in workload.lifetimes))
        self._lifetimes = [round(each.lasts.seconds) for each in workload.lifetimes]

    def records(self) -> Iterator[Record]:
        """Requests and changes together: a change at the same instant comes first."""
        changes = changes_of(self.workload, self.assets)
        change = next(changes, None)
        sources = self.arrivals.sources
        view = self._view if self.workload.ageing is None else self._aged_view
        for time_us, place in self.arrivals.times():
            while change is not None and change[0] <= time_us:
                yield self._changed(*change)
                change = next(changes, None)
            source = sources[place]
            if source.kind is _VIEW:
                yield view(time_us, source.region)
            else:
                yield self._other(time_us, source)
        while change is not None:
            yield self._changed(*change)
            change = next(changes, None)

    # --- views ---

    def _view(self, time_us: int, region: str) -> Record:
        rng, popularity = self._rng, self.popularity
        if popularity.fresh and rng.random() < popularity.fresh:
            return self._never_again(time_us, region)
        rank = popularity.draw(rng)
        wanted = self._known.get(rank) or self._of_rank(rank)
        if wanted[0] in self.revisions:
            wanted = self._of_key(*wanted[:3])
        return Record._make((time_us, region, _VIEW, *wanted))

    def _aged_view(self, time_us: int, region: str) -> Record:
        rng, popularity = self._rng, self.popularity
        if popularity.fresh and rng.random() < popularity.fresh:
            return self._never_again(time_us, region)
        return Record._make((time_us, region, _VIEW, *self._of_key(*self._aged_key(time_us))))

    def _aged_key(self, time_us: int) -> Key:
        """By rejection: of all that might be wanted, what is old is wanted less."""
        ageing, rng, draw, leads = self.workload.ageing, self._rng, self.popularity.draw, self._leads
        assert ageing is not None
        while True:
            rank = draw(rng)
            place, width, form, *_ = self._known.get(rank) or self._of_rank(rank)
            lead = leads.get(place)
            if lead is None:
                lead = leads[place] = ageing.lead(self.workload.seed, place)
            generation, age = ageing.asset_at(lead, time_us / 1e6)
            if rng.random() < ageing.weight(age):
                return place + generation * self._places, width, form

    def _never_again(self, time_us: int, region: str) -> Record:
        """A key of an asset beyond all that the popularity knows; its size and lifetime need not be found again."""
        self._fresh += 1
        rng, workload = self._rng, self.workload
        width, form = self.variants.any(self._fresh, rng)
        size = workload.sizes.of(rng.random(), workload.size, width, form)
        lifetime = self._lifetime(rng.random())
        return Record._make((time_us, region, _FRESH, -self._fresh, width, form, size, lifetime, "", ""))

    def _of_rank(self, rank: int) -> Wanted:
        wanted = self._of_key(*self.variants.key(rank))
        if rank < REMEMBERED and wanted[0] not in self.revisions:
            self._known[rank] = wanted
        return wanted

    def _of_key(self, asset: int, width: int, form: str, query: str = "") -> Wanted:
        variant = width, form, self.revisions.get(asset, 0)
        stream = self._streams.get(variant)
        if stream is None:
            stream = self._streams[variant] = stream_of(self.workload.seed, "bytes", *variant)
        bits = nth_of(stream, asset)
        size = self.workload.sizes.of(share(bits), self.workload.size, width, form)
        return asset, width, form, size, self._lifetime((bits & _LOW) / _LOW), query, ""

    def _lifetime(self, drawn: float) -> int:
        bounds = self._bounds
        return self._lifetimes[bisect_right(bounds, drawn * bounds[-1], 0, len(bounds) - 1)]

    # --- others ---

    def _other(self, time_us: int, source: Source) -> Record:
        if source.kind is Kind.BOT:
            wanted = self._of_key(*self._crawl())
        else:
            asset = self.arrivals.crowds[source.crowd].asset
            wanted = self._of_key(*self.variants.some(asset % self.assets, self._rng))
        return Record(time_us, source.region, source.kind, *wanted)

    def _crawl(self) -> tuple[int, int, str, str]:
        """The next asset of a walk over all of them in a random order: steps of a length that shares no divisor."""
        bots, rng = self.workload.bots, self._rng
        asset = (self._crawled * self._step + self.workload.seed) % self.assets
        self._crawled += 1
        is_original = rng.random() < bots.originals.part
        width, form = (0, "") if is_original else (max(self.variants.widths_of(asset)), "jpg")
        is_odd = rng.random() < bots.with_parameters.part
        return asset, width, form, f"?r={rng.randrange(10**9)}" if is_odd else ""

    def _changed(self, time_us: int, kind: Kind, asset: int) -> Record:
        """An overwrite is of what is popular then."""
        if kind is Kind.OVERWRITE:
            asset = self._popular(time_us)
            self.revisions[asset] = self.revisions.get(asset, 0) + 1
        return Record(time_us, "", kind, asset)

    def _popular(self, time_us: int) -> int:
        if self.workload.ageing is not None:
            return self._aged_key(time_us)[0]
        return self.variants.key(self.popularity.draw(self._rng))[0]


def _coprime(wanted: int, count: int) -> int:
    while math.gcd(wanted, count) != 1:
        wanted += 1
    return wanted
