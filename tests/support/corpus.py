"""The table of requests in tests/data/requests.txt."""

from __future__ import annotations

from pathlib import Path

from attrs import frozen

CORPUS = Path(__file__).parent.parent / "data" / "requests.txt"


@frozen
class Case:
    """Bytes of a connection, and what is to become of them."""

    name: str
    statuses: tuple[int, ...]
    """Of the answers, in order; the connection is closed behind the last."""
    asked: tuple[str, ...]
    """`METHOD /target` of each whole request that an origin behind an edge gets to see."""
    raw: bytes


def corpus() -> tuple[Case, ...]:
    """Every line of it."""
    lines = CORPUS.read_text("utf-8").splitlines()
    return tuple(_case(line) for line in lines if line and not line.startswith("#"))


def _case(line: str) -> Case:
    name, statuses, asked, raw = line.split(" | ", 3)
    return Case(
        name,
        tuple(map(int, statuses.split(","))),
        () if asked == "-" else tuple(asked.split(",")),
        raw.encode("ascii").decode("unicode_escape").encode("latin-1"),
    )
