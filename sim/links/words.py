"""A link as a line for people. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.links.way import Way


def line_of(listed: Mapping[str, Any]) -> tuple[str, str, str]:
    """Of a link as its node lists it: its ends, the regions they lie in, and how bytes fare on it."""
    near, far = listed["near"], listed["far"]
    out, back = Way(**listed["out"]), Way(**listed["back"])
    said = words_of(out)
    if out != back:
        said = f"toward {far[0]}: {said}; toward {near[0]}: {words_of(back)}"
    is_changed = any(listed[way] != listed["told"][way] for way in ("out", "back"))
    return f"{near[0]}--{far[0]}", f"{near[-1]}--{far[-1]}", f"{said} (changed)" if is_changed else said


def words_of(way: Way) -> str:
    """`92ms, 200Mbit, loss 0.1%`, or `cut`."""
    if way.cut:
        return "cut"
    said = [seconds(way.rtt_seconds), f"{way.bits_per_second / 1e6:g}Mbit"]
    if way.jitter_seconds:
        said.append(f"jitter {seconds(way.jitter_seconds)}")
    if way.loss:
        said.append(f"loss {way.loss * 100:g}%")
    if way.stall_seconds:
        again = f"every {seconds(way.every_seconds)}" if way.every_seconds else "once"
        said.append(f"stalls {seconds(way.stall_seconds)} {again}")
    if way.reset_seconds is not None:
        said.append(f"resets after {seconds(way.reset_seconds)}")
    if way.slow_close_seconds:
        said.append(f"closes {seconds(way.slow_close_seconds)} late")
    return ", ".join(said)


def seconds(figure: float) -> str:
    """`92ms`, `2.5s`."""
    return f"{figure:g}s" if figure >= 1 else f"{round(figure * 1000, 3):g}ms"
