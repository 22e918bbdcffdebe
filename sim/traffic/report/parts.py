"""Where an answer's time went, by region: percentiles of each part of its way, and means. Pure but for the drawing."""

from __future__ import annotations

from collections.abc import Mapping

from rich.table import Table

from sim.traffic.report.listing import listing, short_ms
from sim.traffic.report.plots import bars, spans
from sim.traffic.report.tables import table_of
from sim.traffic.tally import PARTS, Counts

TOLD = (0.5, 0.95, 0.99)
HEADINGS = tuple(f"{part} ms" for part in PARTS)
EXPLAINED = (
    "<p><b>viewer</b> is the way between viewer and edge, <b>link</b> the way between nodes, <b>queue</b> the "
    "origin's waiting and looking up, <b>render</b> the painting. Each part's percentiles are its own, over all "
    "answers of the region: they do not add up to those of the whole.</p>"
)


def rows_of(named: Mapping[str, Counts]) -> list[list[str]]:
    """A line for each region, in the order of their names: p50 / p95 / p99 of each part, as `HEADINGS` says."""
    return [
        [
            name,
            *(" / ".join(_shown(seconds * 1000) for seconds in _percentiles(counts, part)) for part in PARTS),
        ]
        for name, counts in sorted(named.items())
    ]


def table(named: Mapping[str, Counts], together: Counts) -> Table:
    """For a terminal: a line for each region, and one for all together."""
    every = {**dict(sorted(named.items())), "all": together}
    rows = [
        [name, *("/".join(short_ms(seconds) for seconds in _percentiles(counts, part)) for part in PARTS)]
        for name, counts in every.items()
    ]
    return listing("p50/p95/p99", HEADINGS, rows)


def plots(named: Mapping[str, Counts], together: Counts) -> list[str]:
    """The same as HTML: spans and a table, and the means, which do add up."""
    every = {**dict(sorted(named.items())), "all": together}
    return [
        "<h2>Time by region, part by part: p50, p95, p99</h2>",
        spans(
            {
                name: {part: [1000 * each for each in _percentiles(counts, part)] for part in PARTS}
                for name, counts in every.items()
            },
            unit="ms",
        ),
        EXPLAINED,
        table_of(["p50 / p95 / p99", *HEADINGS], [*rows_of(named), *rows_of({"all": together})]),
        "<h2>Mean time by region, and where it went</h2>",
        bars(
            {
                name: {part: counts.parts[part].mean * 1000 for part in PARTS}
                for name, counts in every.items()
            },
            unit="ms",
        ),
    ]


def _percentiles(counts: Counts, part: str) -> list[float]:
    """Seconds, as `TOLD`."""
    return [counts.parts[part].quantile(each) for each in TOLD]


def _shown(ms: float) -> str:
    return f"{ms:,.0f}" if ms >= 10 or ms < 0.05 else f"{ms:.1f}"
