"""Tables on a terminal, of which 80 columns are enough: names are folded rather than cut, figures are neither."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.table import Table
from rich.text import Text

NARROWEST = 8


def listing(what: str, headings: Sequence[str], rows: Iterable[Sequence[str]] = ()) -> Table:
    """A line for each of what is named in the first column, and its figures."""
    drawn = Table(box=None, pad_edge=False)
    drawn.add_column(what, overflow="fold", min_width=NARROWEST)
    for heading in headings:
        drawn.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        drawn.add_row(*map(Text, row))  # names are what servers and documents say: no markup
    return drawn


def short_percent(share: float | None) -> str:
    """Five characters at most; a dash for none."""
    if share is None:
        return "–"
    return "100%" if share == 1 else f"{share * 100:.1f}%"


def short_ms(seconds: float) -> str:
    """Milliseconds, with a digit after the point where they are few."""
    ms = seconds * 1000
    return f"{ms:.0f}" if ms >= 10 or ms < 0.05 else f"{ms:.1f}"
