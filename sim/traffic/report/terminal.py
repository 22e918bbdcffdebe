"""A run of traffic on the terminal, while it lasts and when it is over."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Group
from rich.table import Table
from rich.text import Text

from sim.traffic.linkbytes import LinkBytes
from sim.traffic.report import hits, parts, pools
from sim.traffic.report.page import HEADINGS, LINK_HEADINGS, link_rows, rows_of
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
    drawn = Table("link", box=None, pad_edge=False)
    for heading in LINK_HEADINGS:
        drawn.add_column(heading, justify="right")
    for row in link_rows(counted, SHOWN):
        drawn.add_row(*row)
    return drawn


def table(what: str, named: Mapping[str, Counts], together: Counts | None = None) -> Table:
    """One line each, and one for all together."""
    drawn = Table(what, box=None, pad_edge=False)
    for heading in HEADINGS:
        drawn.add_column(heading, justify="right")
    for row in rows_of(named):
        drawn.add_row(*map(Text, row))  # a PoP's name is what a server says: no markup
    if together is not None:
        drawn.add_row(*map(Text, rows_of({"all": together})[0]), style="bold")
    return drawn
