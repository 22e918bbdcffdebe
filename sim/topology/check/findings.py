"""What a rule finds: where, and a sentence."""

from __future__ import annotations

from collections.abc import Iterator

from wire.document import Path, did_you_mean

Findings = Iterator[tuple[Path, str]]


def unknown(what: str, name: str, known: tuple[str, ...]) -> str:
    """The sentence for a name that nothing bears."""
    return f'there is no {what} "{name}"{did_you_mean(name, known)}'
