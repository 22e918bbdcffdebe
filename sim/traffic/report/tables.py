"""Tables as HTML text. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape


def percent(share: float | None) -> str:
    """With one digit after the point; a dash for none."""
    return "–" if share is None else f"{share * 100:.1f} %"


def table_of(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in HTML; with no heading that says something, without a head."""
    head = "".join(f"<th>{escape(heading)}</th>" for heading in headings) if any(headings) else ""
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="wide"><table>{f"<tr>{head}</tr>" if head else ""}{body}</table></div>'
