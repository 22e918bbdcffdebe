"""What an answer is made of, for those who write further marks on it."""

from __future__ import annotations

from attrs import frozen

from edge.core.entry import Entry
from edge.core.outcome import Verdict


@frozen
class Account:
    """Of the answer under way."""

    verdict: Verdict
    entry: Entry | None = None
    """What is stored of it, or will be."""
    reason: str = ""
    """Why the request went forward, as Cache-Status spells it; empty: it did not."""
    collapsed: bool = False
    key: str = ""
