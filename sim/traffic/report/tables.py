"""Tables as HTML text. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from html import escape


def percent(share: float | None) -> str:
    """With one digit after the point; a dash for none."""
    return "–" if share is None else f"{share * 100:.1f} %"


def table_of(headings: Sequence[str], rows: Sequence[Sequence[str]], texts: Collection[int] = (0,)) -> str:
    """A table in HTML; with no heading that says something, without a head. Of the columns, `texts` are read from their
    left edge, all others are figures, which are compared at their right one."""
    head = _row("th", headings, texts) if any(headings) else ""
    opened = "<table>" if head else '<table class="told">'
    return f'<div class="wide">{opened}{head}{"".join(_row("td", row, texts) for row in rows)}</table></div>'


def _row(element: str, cells: Sequence[str], texts: Collection[int]) -> str:
    marks = (' class="text"' if place in texts else "" for place in range(len(cells)))
    inside = (f"<{element}{mark}>{escape(cell)}</{element}>" for mark, cell in zip(marks, cells, strict=True))
    return f"<tr>{''.join(inside)}</tr>"
