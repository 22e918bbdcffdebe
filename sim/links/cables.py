"""All links of one node, as they are now."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Any

from attrs import asdict, evolve, frozen

from sim.links.access import Access
from sim.links.cable import Cable
from sim.links.change import Change
from sim.links.link import Link
from sim.links.way import NOTHING, Way
from sim.whole import write_whole


@frozen
class Carried:
    """What one link has carried: bytes toward its far end, and toward the near one."""

    near: str
    far: str
    out: int
    back: int


class Cables:
    """Each link of a node, and the cable that it is.

    What was changed is kept in a file beside the node's document, as the link outlives a node that falls.
    """

    def __init__(self, told: Iterable[Link], clock: Any, rng: Random, kept: Path | None = None) -> None:
        self._told = tuple(told)
        self._kept = kept
        self._now = [self._as_kept(link, _read(kept)) for link in self._told]
        self._laid: list[Cable | Access] = [
            (Access if link.is_access else Cable)(link.out, link.back, clock, rng) for link in self._now
        ]
        self._cables = [
            (link, laid) for link, laid in zip(self._told, self._laid, strict=True) if isinstance(laid, Cable)
        ]
        self.by_address = {address: cable for link, cable in self._cables for address in link.addresses}
        self.by_viewers = {
            (link.viewers, link.near[0]): cable for link, cable in self._cables if link.viewers
        }
        """(Region of viewers, PoP) → the link between them."""
        self.access = {
            link.viewers: laid
            for link, laid in zip(self._told, self._laid, strict=True)
            if isinstance(laid, Access)
        }
        """Region → how its viewers are online."""
        for region, _ in self.by_viewers:
            self.access.setdefault(region, Access(NOTHING, NOTHING, clock, rng))

    def change(self, change: Change) -> int:
        """Carry it out; how many links were meant."""
        meant = [place for place, link in enumerate(self._told) if change.means(link)]
        for place in meant:
            before = self._now[place]
            self._now[place] = after = change.of(before, self._told[place])
            if after != before or change.terms:  # what is told again begins again
                self._laid[place].change(after.out, after.back)
            if change.reset:
                self._laid[place].reset()
        if meant and self._kept is not None:
            write_whole(self._kept, {"links": self.listed()})
        return len(meant)

    def carried(self) -> list[Carried]:
        """The bytes that have come out of every link so far, by its two ends. Viewers' own lines carry what the links
        before them do."""
        return [
            Carried(link.near[0], link.far[0], cable.out.bytes, cable.back.bytes)
            for link, cable in self._cables
        ]

    def listed(self) -> list[dict[str, Any]]:
        """Every link, for JSON: its ends, the terms of both ways, and those that the document says."""
        return [
            {
                "near": list(link.near),
                "far": list(link.far),
                "out": asdict(link.out),
                "back": asdict(link.back),
                "told": {"out": asdict(told.out), "back": asdict(told.back)},
            }
            for link, told in zip(self._now, self._told, strict=True)
        ]

    @staticmethod
    def _as_kept(link: Link, kept: list[dict[str, Any]]) -> Link:
        for each in kept:
            if each["near"] == list(link.near) and each["far"] == list(link.far):
                return evolve(link, out=Way(**each["out"]), back=Way(**each["back"]))
        return link


def _read(kept: Path | None) -> list[dict[str, Any]]:
    try:
        links: list[dict[str, Any]] = json.loads(kept.read_text("utf-8"))["links"] if kept else []
    except FileNotFoundError:
        return []
    return links
