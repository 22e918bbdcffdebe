"""Plots as SVG text: lines over time, and bars of parts. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 720, 220
LEFT, RIGHT, TOP, BOTTOM = 112, 12, 12, 28
NAMES, TOTALS = 160, 116  # beside bars
STEPS = (1, 2, 2.5, 3, 4, 5, 6, 8, 10)  # of a scale: its four are figures that one reads at a glance
COLOURS = ("#3b7dd8", "#e08a1e", "#3a9d5d", "#b4468f", "#8a6d3b", "#4aa3a3", "#c0392b", "#6c5ce7")

PALER = (1.0, 0.5, 0.22)  # opacity of the first stretch of a span, the second, the third

Line = Sequence[float | None]  # one value a point; None where there is none


def lines(named: Mapping[str, Line], *, most: float | None = None, unit: str = "", across: str = "s") -> str:
    """Lines over the number of the point, from 0; `most` is the top of the scale where it does not follow from the
    largest value."""
    points = max((len(line) for line in named.values()), default=0)
    values = (value for line in named.values() for value in line if value is not None)
    top = most or scale(max(values, default=0))
    drawn = [_frame(top, points, unit, across)]
    for nth, (name, line) in enumerate(named.items()):
        colour = COLOURS[nth % len(COLOURS)]
        for run in _runs(line):
            path = " ".join(f"{_x(at, points):.1f},{_y(value, top):.1f}" for at, value in run)
            title = f"<title>{escape(name)}</title>"
            drawn.append(
                f'<polyline fill="none" stroke="{colour}" stroke-width="1.8" points="{path}">{title}</polyline>'
            )
    return _svg("".join(drawn)) + legend(named)


def scale(largest: float) -> float:
    """The top of a scale of four steps that has room for it."""
    if largest <= 0:
        return 4.0
    power = 10.0 ** math.floor(math.log10(largest / 4))
    return 4 * power * next(step for step in STEPS if step * power >= largest / 4 * (1 - 1e-9))


def bars(rows: Mapping[str, Mapping[str, float]], *, unit: str = "") -> str:
    """A bar a row, made of its parts in their order; all rows have the same parts."""
    longest = max((sum(parts.values()) for parts in rows.values()), default=0.0) or 1.0
    names = list(dict.fromkeys(name for parts in rows.values() for name in parts))
    row_height = 26
    drawn = []
    for nth, (row, parts) in enumerate(rows.items()):
        y, x = nth * row_height, float(NAMES)
        drawn.append(_beside(NAMES - 8, y + 13, row, is_before=True))
        for name, value in parts.items():
            width = value / longest * (WIDTH - NAMES - TOTALS)
            title = f"<title>{escape(row)}, {escape(name)}: {shown(value)} {escape(unit)}</title>"
            colour = COLOURS[names.index(name) % len(COLOURS)]
            drawn.append(
                f'<rect x="{x:.1f}" y="{y + 4}" width="{width:.1f}" height="18" fill="{colour}">{title}</rect>'
            )
            x += width
        drawn.append(_beside(x + 6, y + 13, f"{shown(sum(parts.values()))} {unit}"))
    return _svg("".join(drawn), row_height * len(rows) + 4) + legend(names)


def spans(rows: Mapping[str, Mapping[str, Sequence[float]]], *, unit: str = "") -> str:
    """A thin bar for each part of each row, from 0 through its values, which grow: the farther, the paler."""
    longest = max((values[-1] for parts in rows.values() for values in parts.values()), default=0.0) or 1.0
    names = list(dict.fromkeys(name for parts in rows.values() for name in parts))
    thick = 9
    row_height = thick * len(names) + 10
    drawn = []
    for nth, (row, parts) in enumerate(rows.items()):
        top = nth * row_height
        middle = top + thick * len(names) / 2
        drawn.append(_beside(NAMES - 8, middle, row, is_before=True))
        for name, values in parts.items():
            place = names.index(name)
            widths = [value / longest * (WIDTH - NAMES - TOTALS) for value in values]
            told = " / ".join(shown(value) for value in values)
            title = f"<title>{escape(row)}, {escape(name)}: {told} {escape(unit)}</title>"
            steps = zip((0.0, *widths), widths, PALER, strict=False)
            boxes = "".join(
                f'<rect x="{NAMES + begin:.1f}" y="{top + place * thick}" width="{end - begin:.1f}" '
                f'height="{thick - 2}" opacity="{opacity}"/>'
                for begin, end, opacity in steps
            )
            drawn.append(f'<g fill="{COLOURS[place % len(COLOURS)]}">{title}{boxes}</g>')
        last = max(values[-1] for values in parts.values())
        x = NAMES + last / longest * (WIDTH - NAMES - TOTALS)
        drawn.append(_beside(x + 6, middle, f"{shown(last)} {unit}"))
    return _svg("".join(drawn), row_height * len(rows)) + legend(names)


def legend(names: Mapping[str, object] | Sequence[str]) -> str:
    """Which colour is what."""
    keys = "".join(
        f'<span class="key"><i style="background:{COLOURS[nth % len(COLOURS)]}"></i>{escape(name)}</span>'
        for nth, name in enumerate(names)
    )
    return f'<p class="legend">{keys}</p>'


def shown(value: float) -> str:
    """Three digits that matter."""
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def _svg(inside: str, height: int = HEIGHT) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" preserveAspectRatio="xMinYMin">{inside}</svg>'


def _beside(x: float, y: float, said: str, *, is_before: bool = False) -> str:
    """Words at the height of a bar's middle, whatever their size."""
    anchor = ' text-anchor="end"' if is_before else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" dominant-baseline="central"{anchor}>{escape(said)}</text>'


def _frame(top: float, points: int, unit: str, across: str) -> str:
    drawn = []
    for part in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = _y(top * part, top)
        drawn.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        label = f"{shown(top * part)}{unit}"
        drawn.append(_beside(LEFT - 6, y, label, is_before=True))
    for part, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
        at = round((points - 1) * part) if points > 1 else 0
        label = f"{at} {escape(across)}"
        drawn.append(f'<text x="{_x(at, points):.1f}" y="{HEIGHT - 8}" text-anchor="{anchor}">{label}</text>')
    return "".join(drawn)


def _x(at: int, points: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * at / max(1, points - 1)


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(value / top, 1.0)


def _runs(line: Line) -> list[list[tuple[int, float]]]:
    """The points of a line, cut where there is no value."""
    runs: list[list[tuple[int, float]]] = [[]]
    for at, value in enumerate(line):
        if value is not None:
            runs[-1].append((at, value))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]
