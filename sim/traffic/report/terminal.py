"""A run of traffic on the terminal, while it lasts and when it is over."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Group
from rich.table import Table
from rich.text import Text

from sim.traffic.answers import Tier
from sim.traffic.linkbytes import LinkBytes
from sim.traffic.report import hits, parts, pools
from sim.traffic.report.listing import listing, short_ms, short_percent
from sim.traffic.report.page import link_rows
from sim.traffic.tally import Counts, Tally

LATE_SECONDS = 0.1
SHOWN = 8  # links


def view(tally: Tally, elapsed_seconds: float, total_seconds: float | None) -> Group:
    """Regions, PoPs, links, origin pools and what went wrong."""
    lasts = f" of {total_seconds:.0f}" if total_seconds else ""
    shown: list[Text | Table] = [
        Text(f"{elapsed_seconds:.0f}{lasts} s, {tally.all.requests:,} answers"),
        table("region", tally.regions, tally.all),
        parts.table(tally.regions, tally.all),
        table("PoP", tally.pops),
    ]
    if any(tally.caches.values()):
        shown.append(hits.table(tally))
    if tally.links.busiest():
        shown.append(links(tally.links))
    shown += [pools.table(pool, tally) for pool in tally.pools]
    troubles = "; ".join(f"{count:,} × {what}" for what, count in tally.troubles.most_common(5))
    if troubles:
        shown.append(Text(f"failed: {troubles}", style="red"))
    if tally.late_seconds > LATE_SECONDS:
        said = f"this client could not keep up: it asked up to {tally.late_seconds:.2g} s too late"
        shown.append(Text(said, style="yellow"))
    return Group(*shown)


def links(counted: LinkBytes) -> Table:
    """The busiest links, one line each."""
    return listing("link", ("KB to its 2nd end", "KB to its 1st end"), link_rows(counted, SHOWN))


HEADINGS = ("requests", "failed", "edge", "shield", "origin", "p50/p95/p99 ms", "MB")


def table(what: str, named: Mapping[str, Counts], together: Counts | None = None) -> Table:
    """One line each, and one for all together."""
    drawn = listing(what, HEADINGS, (_row(name, counts) for name, counts in sorted(named.items())))
    if together is not None:
        drawn.add_row(*_row("all", together), style="bold")
    return drawn


def _row(name: str, counts: Counts) -> list[str]:
    size = counts.bytes / 1e6
    return [
        name, f"{counts.requests:,}", f"{counts.failures:,}", *(short_percent(counts.share(tier)) for tier in Tier),
        "/".join(short_ms(counts.took.quantile(part)) for part in (0.5, 0.95, 0.99)),
        f"{size:,.0f}" if size >= 100 else f"{size:.1f}",
    ]  # fmt: skip
