"""A workload's trace: the same seed, the same records, one after the other in time (workloads.md §1, §12). Pure.

Requests are a Poisson stream by thinning: candidates come at the highest rate that may be, and stay with the
probability that the moment's rate has of it. Memory: what the popularity needs, and a line a key that may return.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from heapq import merge
from itertools import accumulate
from random import Random

from attrs import define, field

from sim.traffic.draws import share_of
from sim.traffic.popularity import FRESH, Popularity, popularity_of
from sim.traffic.record import Kind, Record
from sim.traffic.tide import HIGHEST, Crowd, tide
from sim.traffic.variants import PER_ASSET, Variants
from sim.traffic.workload import DAY, Workload

WEEKEND = 0.9
Request = tuple[int, str, Kind]


def generate(workload: Workload) -> Iterator[Record]:
    """All records of a workload, in the order of their times."""
    return _Generator(workload).records()


@define
class _Generator:
    workload: Workload
    variants: Variants = field(init=False)
    popularity: Popularity = field(init=False)
    assets: int = field(init=False)
    names: tuple[str, ...] = field(init=False)
    crowds: tuple[Crowd, ...] = field(init=False)
    revisions: dict[int, int] = field(factory=dict)  # asset → how often overwritten
    _fresh: int = 0
    _crawled: int = 0
    _weighed_until: float = 0.0
    _weighed: list[float] = field(factory=list)
    _known: dict[tuple[int, int, str, int], tuple[int, int]] = field(factory=dict)  # key → size, lifetime

    def __attrs_post_init__(self) -> None:
        workload = self.workload
        self.variants = Variants(workload.seed, tuple(workload.widths), dict(workload.formats), workload.size)
        self.popularity = popularity_of(workload.popularity, workload.seed, workload.requests, workload.keys)
        self.assets = workload.assets or max(1, math.ceil(self.popularity.keys / PER_ASSET))
        self.names = tuple(workload.regions)
        self.crowds = tuple(
            Crowd(
                each.at.seconds, each.rise.seconds, each.hold.seconds, each.fall.seconds, each.share.part,
                each.asset,
            )
            for each in workload.crowds
        )  # fmt: skip

    def records(self) -> Iterator[Record]:
        """Requests and changes together: a change at the same instant comes first."""
        for time_us, region, kind in merge(self._changes(), self._requests(), key=lambda each: each[0]):
            if kind is Kind.OVERWRITE:
                yield self._overwrite(time_us)
            elif kind is Kind.PURGE:
                yield Record(time_us, "", kind, int(region) if region else -1)
            else:
                yield self._request(time_us, region, kind)

    # --- when, and from where ---

    def _requests(self) -> Iterator[Request]:
        workload = self.workload
        rng = Random(f"{workload.seed}/arrivals")  # noqa: S311  a reproducible trace, no secret
        bots = workload.bots.share.part
        views = workload.rate * (1.0 - bots) * (WEEKEND if workload.weekend else 1.0)
        crawls = workload.rate * bots
        highest = HIGHEST if workload.tide else 1.0
        most = views * highest * (1.0 + sum(crowd.most for crowd in self.crowds)) + crawls
        now = 0.0
        while True:
            now += rng.expovariate(most)
            if now >= workload.duration.seconds:
                return
            weights = self._weights(now)
            people = views * sum(weights)
            heights = [people * crowd.most * crowd.height(now) for crowd in self.crowds]
            drawn = rng.random() * most
            if drawn >= people + crawls + sum(heights):
                continue
            if drawn < crawls:
                yield int(now * 1e6), rng.choice(self._crawled_from()), Kind.BOT
                continue
            region = self.names[_pick(rng, weights)]
            if drawn < crawls + people:
                yield int(now * 1e6), region, Kind.VIEW
            else:
                crowd = _pick(rng, heights)
                yield int(now * 1e6), f"{region}\n{crowd}", Kind.FLASH

    def _weights(self, now: float) -> list[float]:
        """Each region's part of the mean rate at this moment; weighed anew every second."""
        if now >= self._weighed_until:
            workload = self.workload
            total = sum(viewers.share for viewers in workload.regions.values())
            hour = workload.start + now / 3600.0
            self._weighed_until = now + 1.0
            self._weighed = [
                viewers.share / total * (tide(hour + viewers.utc) if workload.tide else 1.0)
                for viewers in workload.regions.values()
            ]
        return self._weighed

    def _crawled_from(self) -> tuple[str, ...]:
        regions = self.workload.regions
        largest = sorted(regions, key=lambda name: -regions[name].share)[:2]
        return self.workload.bots.regions or tuple(largest)

    def _changes(self) -> Iterator[Request]:
        """Overwrites as a Poisson stream, purges by the clock."""
        return merge(self._overwrites(), self._purges(), self._full_purges(), key=lambda each: each[0])

    def _overwrites(self) -> Iterator[Request]:
        rng = Random(f"{self.workload.seed}/overwrites")  # noqa: S311  a reproducible trace, no secret
        a_second = self.workload.changes.overwrites.part * self.assets / DAY
        now = 0.0
        while a_second:
            now += rng.expovariate(a_second)
            if now >= self.workload.duration.seconds:
                return
            yield int(now * 1e6), "", Kind.OVERWRITE

    def _purges(self) -> Iterator[Request]:
        changes = self.workload.changes
        rng = Random(f"{self.workload.seed}/purges")  # noqa: S311  a reproducible trace, no secret
        for now in self._every(changes.purge_every.seconds):
            first = rng.randrange(self.assets)
            for nth in range(min(changes.purge_assets, self.assets)):
                yield now, str((first + nth) % self.assets), Kind.PURGE

    def _full_purges(self) -> Iterator[Request]:
        for now in self._every(self.workload.changes.purge_all_every.seconds):
            yield now, "", Kind.PURGE

    def _every(self, seconds: float) -> Iterator[int]:
        count = int(self.workload.duration.seconds / seconds) if seconds else 0
        return (int(nth * seconds * 1e6) for nth in range(1, count + 1))

    # --- what ---

    _wants: Random = field(init=False)

    @_wants.default
    def _seeded(self) -> Random:
        return Random(f"{self.workload.seed}/wants")  # noqa: S311  a reproducible trace, no secret

    def _request(self, time_us: int, region: str, kind: Kind) -> Record:
        query = ""
        if kind is Kind.BOT:
            asset, width, name, query = self._crawl()
        elif kind is Kind.FLASH:
            region, _, crowd = region.partition("\n")
            asset, width, name = self._of_asset(self.crowds[int(crowd)].asset % self.assets)
        else:
            rank = self.popularity.draw(self._wants)
            if rank == FRESH:
                kind = Kind.FRESH
                asset, width, name = self._never_again()
            else:
                asset, width, name = self.variants.key(rank, self.assets)
        size, lifetime = self._of_key(asset, width, name)
        return Record(time_us, region, kind, asset, width, name, size, lifetime, query)

    def _of_key(self, asset: int, width: int, name: str) -> tuple[int, int]:
        """Bytes, and seconds of freshness; remembered for keys that may return."""
        revision = self.revisions.get(asset, 0)
        known = self._known.get((asset, width, name, revision))
        if known is None:
            known = self.variants.bytes_of(asset, width, name, revision), self._lifetime(asset, width, name)
            if asset >= 0:
                self._known[asset, width, name, revision] = known
        return known

    def _of_asset(self, asset: int) -> tuple[int, int, str]:
        """A variant of this asset, the more popular the likelier."""
        nth = min(int(self._wants.expovariate(0.5)), PER_ASSET - 1)
        return self.variants.key(asset + nth * self.assets, self.assets)

    def _never_again(self) -> tuple[int, int, str]:
        """A key of an asset beyond all that the popularity knows."""
        self._fresh += 1
        asset = -self._fresh
        _, width, name = self.variants.key(self._fresh % self.assets, self.assets)
        return asset, width, name

    def _crawl(self) -> tuple[int, int, str, str]:
        """The next asset of a walk over all of them in a random order: steps of a length that shares no divisor."""
        step = _coprime(int(self.assets * 0.618) or 1, self.assets)
        asset = (self._crawled * step + self.workload.seed) % self.assets
        self._crawled += 1
        width, name = (0, "") if self._wants.random() < 0.5 else (self.variants.largest(), "jpg")
        is_odd = self._wants.random() < self.workload.bots.with_parameters.part
        return asset, width, name, f"?r={self._wants.randrange(10**9)}" if is_odd else ""

    def _lifetime(self, asset: int, width: int, name: str) -> int:
        shares = [each.share for each in self.workload.lifetimes]
        drawn = share_of(self.workload.seed, "lifetime", asset, width, name) * sum(shares)
        nth = next((nth for nth, bound in enumerate(accumulate(shares)) if drawn < bound), len(shares) - 1)
        return round(self.workload.lifetimes[nth].lasts.seconds)

    def _overwrite(self, time_us: int) -> Record:
        rank = FRESH
        while rank == FRESH:
            rank = self.popularity.draw(self._wants)
        asset, _, _ = self.variants.key(rank, self.assets)
        self.revisions[asset] = self.revisions.get(asset, 0) + 1
        return Record(time_us, "", Kind.OVERWRITE, asset)


def _pick(rng: Random, weights: list[float]) -> int:
    drawn = rng.random() * sum(weights)
    for nth, bound in enumerate(accumulate(weights)):
        if drawn < bound:
            return nth
    return len(weights) - 1


def _coprime(wanted: int, count: int) -> int:
    while math.gcd(wanted, count) != 1:
        wanted += 1
    return wanted
