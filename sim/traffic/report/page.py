"""A run of traffic as one HTML file: no script, no font, no file beside it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from sim.traffic.answers import Tier
from sim.traffic.linkbytes import WAYS, LinkBytes
from sim.traffic.report import hits, parts, pools
from sim.traffic.report.plots import bars, lines
from sim.traffic.report.tables import percent, table_of
from sim.traffic.tally import Counts, Tally

STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
svg { width: 100%; height: auto; font: 11px system-ui, sans-serif; fill: currentColor; }
@media (max-width: 40rem) { svg { font-size: 18px; } }  /* of a plot 720 wide: it shrinks, its words do not */
.grid { stroke: currentColor; opacity: .15; }
.legend { margin: .2rem 0; } .key { margin-right: 1rem; white-space: nowrap; }
.key i { display: inline-block; width: .8em; height: .8em; margin-right: .35em; border-radius: 2px; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; } td, th { padding: .25rem .7rem; text-align: right; }
td { white-space: nowrap; } th { vertical-align: bottom; }
td.text, th.text { text-align: left; white-space: normal; overflow-wrap: anywhere; min-width: 7rem; }
td:first-child, th:first-child { overflow-wrap: normal; }
.told td { white-space: normal; }
tr + tr { border-top: 1px solid rgb(128 128 128 / .25); }
"""
SMOOTHED = 5  # seconds
DRAWN = 8  # links, each in a colour of its own


def page(
    title: str,
    told: Mapping[str, str],
    tally: Tally,
    before: Sequence[str] = (),
    after: Sequence[str] = (),
) -> str:
    """`told` says what was run; `before` and `after` are parts to put around the traffic's own."""
    shown = [
        f"<h1>{escape(title)}</h1>",
        table_of(["", ""], [[name, value] for name, value in told.items()], (0, 1)),
        *before,
        "<h2>In short</h2>",
        _in_short(tally),
        "<h2>Who answered, over time</h2>",
        lines(_shares(tally), most=100.0, unit=" %"),
        *hits.plots(tally, _recent(tally)),
        "<h2>Requests and failures, a second</h2>",
        lines(
            {
                "requests": [float(counts.requests) for counts in _seconds(tally)],
                "failures": [float(counts.failures) for counts in _seconds(tally)],
            }
        ),
        "<h2>Time to the last byte, over time</h2>",
        lines(
            {
                f"p{part * 100:g}": [
                    counts.took.quantile(part) * 1000 if counts.requests else None
                    for counts in _seconds(tally)
                ]
                for part in (0.5, 0.95)
            },
            unit=" ms",
        ),
        *pools.plots(tally),
        *parts.plots(tally.regions, tally.all),
        "<h2>Bytes by who had them</h2>",
        bars(
            {
                name: {tier.value: counts.tier_bytes[tier] / 1e6 for tier in Tier}
                for name, counts in sorted(tally.pops.items())
            },
            unit="MB",
        ),
        *_links(tally.links),
        "<h2>Regions</h2>",
        _counts("region", tally.regions),
        "<h2>PoPs</h2>",
        _counts("PoP", tally.pops),
    ]
    if tally.troubles:
        shown += ["<h2>Failures</h2>", table_of(["what", "how often"], _most(tally.troubles))]
    if tally.changes:
        shown += ["<h2>Changes meanwhile</h2>", table_of(["what", "how often"], _most(tally.changes))]
    body = "\n".join([*shown, *after])
    return (
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style>\n<body>{body}</body></html>\n"
    )


def rows_of(named: Mapping[str, Counts]) -> list[list[str]]:
    """A line for each region or PoP, in the order of their names: what `HEADINGS` says."""
    return [
        [
            name, f"{counts.requests:,}", f"{counts.failures:,}", *(percent(counts.share(tier)) for tier in Tier),
            *(f"{counts.took.quantile(part) * 1000:,.1f}" for part in (0.5, 0.95, 0.99)),
            f"{counts.bytes / 1e6:,.1f}",
        ]
        for name, counts in sorted(named.items())
    ]  # fmt: skip


HEADINGS = ("requests", "failed", "edge", "shield", "origin", "p50 ms", "p95 ms", "p99 ms", "MB")


LINK_HEADINGS = ("KB toward its second end", "KB toward its first end")


def link_rows(links: LinkBytes, most: int | None = None) -> list[list[str]]:
    """A line for each link that carried anything, the busiest first: what `LINK_HEADINGS` says."""
    return [
        [link, *(f"{links.totals[link][way] / 1e3:,.0f}" for way in WAYS)] for link in links.busiest()[:most]
    ]


def _links(links: LinkBytes) -> list[str]:
    """Nothing where nothing was counted."""
    busiest = links.busiest()
    if not busiest:
        return []
    seconds = range(max(links.by_second) + 1)
    over_time = {
        link: [links.by_second[at][link] / 1e3 if at in links.by_second else 0.0 for at in seconds]
        for link in busiest[:DRAWN]
    }
    return [
        "<h2>Bytes on each link, a second</h2>",
        lines(over_time, unit=" KB"),
        "<h2>Bytes on each link</h2>",
        table_of(["link", *LINK_HEADINGS], link_rows(links)),
    ]


def _in_short(tally: Tally) -> str:
    counts = tally.all
    took = " / ".join(f"{counts.took.quantile(part) * 1000:,.0f} ms" for part in (0.5, 0.95, 0.99))
    edges = counts.caches[Tier.EDGE]
    return table_of(
        ["", ""],
        [
            ["requests, and failed among them", f"{counts.requests:,}, {counts.failures:,}"],
            ["hit ratio of the edges, by key", percent(edges.part(edges.by_key))],
            ["hit ratio of the edges, by asset", percent(edges.part(edges.by_asset))],
            *_crowds(tally),
            ["origin offload: answers that no origin made", percent(counts.offload)],
            ["origin offload, of bytes", percent(counts.offload_bytes)],
            ["time to the last byte, p50 / p95 / p99", took],
        ],
    )


def _crowds(tally: Tally) -> list[list[str]]:
    """Nothing where there was none."""
    most = max(tally.crowded.values(), default=0)
    return [["flash crowds: origin requests for one key, at most", f"{most:,}"]] if tally.crowded else []


def _counts(what: str, named: Mapping[str, Counts]) -> str:
    return table_of([what, *HEADINGS], rows_of(named))


def _seconds(tally: Tally) -> list[Counts]:
    """A count for every second of the run, those without an answer among them."""
    last = max(tally.seconds, default=-1)
    empty = Counts()
    return [tally.seconds.get(second, empty) for second in range(last + 1)]


def _shares(tally: Tally) -> dict[str, list[float | None]]:
    """Each tier's per cent of the answers of the last few seconds."""
    shares: dict[str, list[float | None]] = {}
    for tier in Tier:
        shares[tier.value] = []
        for recent in _recent(tally):
            answered = sum(counts.tiers.total() for counts in recent)
            had = sum(counts.tiers[tier] for counts in recent)
            shares[tier.value].append(100 * had / answered if answered else None)
    return shares


def _recent(tally: Tally) -> list[list[Counts]]:
    """Of every second, the counts of the last few."""
    seconds = _seconds(tally)
    return [seconds[max(0, at - SMOOTHED + 1) : at + 1] for at in range(len(seconds))]


def _most(counted: Any) -> list[list[str]]:
    return [[name, f"{count:,}"] for name, count in counted.most_common()]
