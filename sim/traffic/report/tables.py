"""Tables as HTML text. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape


def percent(share: float | None) -> str:
    """With one digit after the point; a dash for none."""
    return "–" if share is None else f"{share * 100:.1f} %"


def table_of(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in HTML; with no heading that says something, without a head."""
    has_head = any(headings)
    head = "".join(f"<th>{escape(heading)}</th>" for heading in headings)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    opened = "<table>" if has_head else '<table class="told">'
    return f'<div class="wide">{opened}{f"<tr>{head}</tr>" if has_head else ""}{body}</table></div>'
