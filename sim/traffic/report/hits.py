"""What caches had, by key and by asset: all edges together, all shields, and each. Pure but for the drawing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.table import Table

from sim.traffic.lookups import Hits
from sim.traffic.report.listing import listing
from sim.traffic.report.plots import lines
from sim.traffic.report.tables import percent, table_of
from sim.traffic.tally import CACHES, Counts, Tally

HEADINGS = ("asked", "hits by key", "by asset", "shared")
EXPLAINED = (
    "<p><b>By key</b>: the cache had the very variant that was asked for. <b>By asset</b>: that, or another variant of "
    "the same asset had been asked for there before; what lies between the two is the price of variants. "
    "<b>Shared</b>: waited for what another question had sent for. Shields: of what edges asked them.</p>"
)


def rows_of(tally: Tally) -> Iterator[list[str]]:
    """All of a tier in a line, then each of its caches where there are several, as `HEADINGS` say."""
    for tier in CACHES:
        together, caches = tally.all.caches[tier], tally.caches[tier]
        if together.asked:
            yield _row(f"all {tier.value}s", together)
        if len(caches) > 1:
            yield from (_row(name, caches[name]) for name in sorted(caches))


def table(tally: Tally) -> Table:
    """For a terminal."""
    return listing("cache", HEADINGS, rows_of(tally))


def plots(tally: Tally, recent: Sequence[Sequence[Counts]]) -> list[str]:
    """The same as HTML, and over time; nothing where no cache told of itself. `recent`: of each second, the counts of
    the last few."""
    rows = list(rows_of(tally))
    if not rows:
        return []
    over_time: dict[str, list[float | None]] = {}
    for tier in CACHES:
        if tally.all.caches[tier].asked:
            summed = [_sum([counts.caches[tier] for counts in few]) for few in recent]
            over_time[f"{tier.value}s, by key"] = [_per_cent(hits, hits.by_key) for hits in summed]
            over_time[f"{tier.value}s, by asset"] = [_per_cent(hits, hits.by_asset) for hits in summed]
    return [
        "<h2>Hit ratio by key and by asset, over time</h2>",
        lines(over_time, most=100.0, unit=" %"),
        EXPLAINED,
        table_of(["cache", *HEADINGS], rows),
    ]


def _row(name: str, hits: Hits) -> list[str]:
    parts = (hits.part(count) for count in (hits.by_key, hits.by_asset, hits.shared))
    return [name, f"{hits.asked:,}", *map(percent, parts)]


def _sum(each: Sequence[Hits]) -> Hits:
    total = Hits()
    for hits in each:
        total.add_all(hits)
    return total


def _per_cent(hits: Hits, count: int) -> float | None:
    part = hits.part(count)
    return None if part is None else 100 * part
