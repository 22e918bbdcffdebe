"""A link as a line for people. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sim.links.link import ACCESS, is_of_viewers
from sim.links.way import NOTHING, Way

Line = tuple[str, str, str]


def lines_of(listed: Iterable[Mapping[str, Any]]) -> list[Line]:
    """Of all links as nodes list them, each once. Viewers fare alike with all PoPs of a region, as a rule: then their
    links there are one line.
    """
    lines: list[Line] = []
    of_viewers: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for each in listed:
        if is_of_viewers(each["far"][0]):
            of_viewers[each["far"][0], each["near"][-1]].append(line_of(each))
        else:
            lines.append(line_of(each))
    # how they are online comes after whom they reach
    for (viewers, region), theirs in sorted(of_viewers.items(), key=lambda item: item[0][1] == ACCESS):
        if len({said for _, _, said in theirs}) == 1:
            _, regions, said = theirs[0]
            lines.append((f"{viewers}--{region}", regions, said))
        else:
            lines += theirs
    return list(dict.fromkeys(lines))


def line_of(listed: Mapping[str, Any]) -> Line:
    """Of a link as its node lists it: its ends, the regions they lie in, and how bytes fare on it."""
    near, far = listed["near"], listed["far"]
    out, back = Way(**listed["out"]), Way(**listed["back"])
    said = words_of(out)
    if near == [ACCESS] and out == back == NOTHING:
        said = "as fast as can be"
    elif out != back:
        said = f"toward {far[0]}: {said}; toward {near[0]}: {words_of(back)}"
    if any(listed[way] != listed["told"][way] for way in ("out", "back")):
        said = f"{said} (changed)"
    here, there = (far, near) if is_of_viewers(far[0]) else (near, far)
    return f"{here[0]}--{there[0]}", f"{here[-1]}--{there[-1]}", said


def words_of(way: Way) -> str:
    """`92ms, 200Mbit, loss 0.1%`, or `cut`; of a line `45ms (sigma 0.5), 50Mbit, slow start`."""
    if way.cut:
        return "cut"
    trip = seconds(way.rtt_seconds)
    said = [f"{trip} (sigma {way.sigma:g})" if way.sigma else trip, f"{way.bits_per_second / 1e6:g}Mbit"]
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
    if way.slow_start:
        said.append("slow start")
    return ", ".join(said)


def seconds(figure: float) -> str:
    """`92ms`, `2.5s`."""
    return f"{figure:g}s" if figure >= 1 else f"{round(figure * 1000, 3):g}ms"
