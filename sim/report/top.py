"""What `pixeledge top` shows: two looks at every node, and what happened between them. Pure but for the drawing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from typing import Any, Literal

from attrs import field, frozen
from rich.table import Table
from rich.text import Text

BAR = 10
BEHIND = ("balancer", "shield", "origin")  # what they are asked, an edge was asked before
LEVELS = ("in_flight", "waiting_for_flight", "waiting_for_upstream")


@frozen
class Look:
    """One node's `/status` at one moment, or that it does not answer (`status` is None)."""

    at: float
    """Seconds on any steady clock."""
    status: Mapping[str, Any] | None

    def number(self, *path: str) -> float:
        """The figure at `path`; 0 for what this kind of node does not count."""
        found: Any = self.status
        for name in path:
            found = found.get(name) if isinstance(found, Mapping) else None
        return found if isinstance(found, int | float) else 0

    def numbers(self, *path: str) -> tuple[float, ...]:
        """The list of figures at `path`."""
        found: Any = self.status
        for name in path:
            found = found.get(name) if isinstance(found, Mapping) else None
        return tuple(found) if isinstance(found, Sequence) and not isinstance(found, str) else ()


@frozen
class Took:
    """How long some part of all answers took at most; `is_over`: longer than that, which is all that is known."""

    seconds: float
    is_over: bool = False


@frozen
class Row:
    """One node between two looks. Rates are per second; what is not known is None."""

    name: str
    role: str
    region: str
    state: str
    requests: float = 0.0
    upstream_requests: float = 0.0
    errors: float = 0.0
    sent_bytes: float = 0.0
    hit_ratio: float | None = None
    """Of what was asked of the cache in between."""
    p50: Took | None = None
    p99: Took | None = None
    """From a request's head to its last byte, by interpolation within the histogram's buckets."""
    levels: Mapping[str, float] = field(factory=dict)
    hot: float | None = None
    disk: float | None = None
    """Shares of the tiers that are in use."""
    entries: float = 0.0


def row_of(name: str, before: Look, after: Look) -> Row:
    """What a node did from one look to the next. A restarted one began at nothing."""
    if after.status is None:
        return Row(name, "", "", "no answer")
    status = after.status
    is_same = before.status is not None and before.number("pid") == after.number("pid")
    span = after.at - before.at if is_same else after.number("uptime_seconds")

    def grown(*path: str) -> float:
        return after.number(*path) - (before.number(*path) if is_same else 0)

    def rate(*path: str) -> float:
        return max(0.0, grown(*path)) / span if span > 0 else 0.0

    asked = grown("hits") + grown("misses")
    counts = after.numbers("latency", "counts")
    earlier = before.numbers("latency", "counts") if is_same else ()
    if len(earlier) == len(counts):
        counts = tuple(now - then for now, then in zip(counts, earlier, strict=True))
    bounds = after.numbers("latency", "bounds")
    return Row(
        name=str(status.get("name", name)),
        role=str(status.get("role", "")),
        region=str(status.get("region", "")),
        state="up",
        requests=rate("requests"),
        upstream_requests=rate("upstream_requests"),
        errors=rate("errors"),
        sent_bytes=rate("sent_bytes"),
        hit_ratio=grown("hits") / asked if asked > 0 else None,
        p50=quantile(bounds, counts, 0.5),
        p99=quantile(bounds, counts, 0.99),
        levels={name: after.number(name) for name in LEVELS},
        hot=_share(after.number("cache", "hot_bytes"), after.number("cache", "hot_limit")),
        disk=_share(after.number("cache", "disk_bytes"), after.number("cache", "disk_limit")),
        entries=after.number("cache", "entries"),
    )


def quantile(bounds: Sequence[float], counts: Sequence[float], part: float) -> Took | None:
    """The time within which `part` of all counted lies; over the last bound when it lies beyond, None of nothing.

    `bounds` are seconds. `counts` has one more: how many lay up to each bound, and beyond the last.
    """
    total = sum(counts)
    if total <= 0 or len(counts) != len(bounds) + 1:
        return None
    wanted = part * total
    lower = 0.0
    for bound, count, upto in zip(bounds, counts, accumulate(counts), strict=False):
        if upto >= wanted and count:
            return Took(lower + (bound - lower) * (wanted - (upto - count)) / count)
        lower = bound
    return Took(lower, is_over=True)


@frozen
class Column:
    """A column, and how wide a terminal must be to have it."""

    heading: str
    cell: Callable[[Row], Text | str]
    total: Callable[[Sequence[Row]], str] = lambda rows: ""
    width: int = 0
    is_figure: bool = True


def table_of(rows: Sequence[Row], width: int = 200) -> Table:
    """One line a node, and one for all that viewers ask; narrow terminals get the first figures only."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_footer=len(rows) > 1)
    columns = [column for column in COLUMNS if column.width <= width]
    asked = [row for row in rows if row.role not in BEHIND]
    for column in columns:
        justify: Literal["left", "right"] = "right" if column.is_figure else "left"
        table.add_column(column.heading, footer=column.total(asked), justify=justify, no_wrap=True)
    for row in rows:
        is_known = row.state == "up"
        table.add_row(*(column.cell(row) if is_known or not column.is_figure else "" for column in columns))
    return table


def seconds(took: Took | None) -> str:
    """`3.2 ms`, `1.50 s`, `over 10 s`, or a dash."""
    if took is None:
        return "-"
    if took.is_over:
        return f"over {took.seconds:g} s"
    return f"{took.seconds:.2f} s" if took.seconds >= 1 else f"{took.seconds * 1000:.1f} ms"


def size(value: float) -> str:
    """`12 KB`, in thousands."""
    for unit in ("B", "KB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


def bar(part: float | None) -> str:
    """A tier's fill, ten cells wide; empty for what has no tier."""
    if part is None:
        return ""
    full = min(BAR, round(part * BAR))
    return "█" * full + "·" * (BAR - full) + f" {part:4.0%}"


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _state(row: Row) -> Text:
    return Text(row.state, style="green" if row.state == "up" else "red")


COLUMNS = (
    Column("node", lambda row: row.name, lambda rows: "viewers", is_figure=False),
    Column("role", lambda row: row.role or "-", width=110, is_figure=False),
    Column("region", lambda row: row.region or "-", width=125, is_figure=False),
    Column("state", _state, is_figure=False),
    Column(
        "req/s", lambda row: f"{row.requests:.1f}", lambda rows: f"{sum(row.requests for row in rows):.1f}"
    ),
    Column("hits", lambda row: "-" if row.hit_ratio is None else f"{row.hit_ratio:.0%}"),
    Column("p50", lambda row: seconds(row.p50)),
    Column("p99", lambda row: seconds(row.p99)),
    Column(
        "err/s",
        lambda row: Text(f"{row.errors:.1f}", style="red" if row.errors else ""),
        lambda rows: f"{sum(row.errors for row in rows):.1f}",
    ),
    Column(
        "sent/s",
        lambda row: size(row.sent_bytes),
        lambda rows: size(sum(row.sent_bytes for row in rows)),
        width=90,
    ),
    Column(
        "up/s",
        lambda row: f"{row.upstream_requests:.1f}",
        lambda rows: f"{sum(row.upstream_requests for row in rows):.1f}",
        width=90,
    ),
    Column("running", lambda row: f"{row.levels['in_flight']:.0f}", width=140),
    Column(
        "waiting",
        lambda row: f"{row.levels['waiting_for_flight'] + row.levels['waiting_for_upstream']:.0f}",
        width=140,
    ),
    Column(
        "entries",
        lambda row: f"{row.entries:,.0f}",
        lambda rows: f"{sum(row.entries for row in rows):,.0f}",
        width=150,
    ),
    Column("memory", lambda row: bar(row.hot), width=170),
    Column("disk", lambda row: bar(row.disk), width=170),
)
