"""What PoPs have still to be told to forget: who was out of reach is told before it serves again (cdn-vendors §7.7)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from edge.control.purge import Purge

MOST = 1000
"""Purges that are remembered for one PoP; beyond them it is to forget everything."""
LINES = 10_000
"""Of the file, before it is written anew."""


@frozen
class Noted:
    """A purge under its number, and all who are to hear of it."""

    number: int
    purge: Purge
    pops: tuple[str, ...]


@define
class Pending:
    """Numbered purges, each until the last PoP has confirmed it. With a file they outlive the process.

    Who confirms late may have been asked meanwhile for the old object by those who were told in time, for it may
    be their parent. So they have it pending once more.
    """

    path: Path | None = None
    most: int = MOST
    _noted: dict[int, Noted] = field(factory=dict, init=False)
    _left: dict[str, dict[int, bool]] = field(factory=dict, init=False)
    """PoP → numbers that it has not confirmed, and whether it had before."""
    _last: int = field(default=0, init=False)
    _lines: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        if self.path is not None and self.path.exists():
            for line in self.path.read_text("utf-8").split("\n")[:-1]:  # less one whose writing was cut short
                self._read(json.loads(line))
        self._rewrite()

    def keep_to(self, pops: Iterable[str]) -> None:
        """Nothing is pending any more for PoPs other than these."""
        for pop in set(self._left).difference(pops):
            for number in tuple(self._left[pop]):
                self.confirm(number, (pop,))

    def note(self, purge: Purge, pops: Iterable[str]) -> int:
        """The number of a new one, which all of these are to hear of."""
        noted = Noted(self._last + 1, purge, tuple(dict.fromkeys(pops)))
        self._add(noted, dict.fromkeys(noted.pops, False))
        self._write(_written(noted, dict.fromkeys(noted.pops, False)))
        for pop in noted.pops:
            self._bound(pop)
        return noted.number

    def of(self, pop: str) -> tuple[Noted, ...]:
        """What a PoP has to hear of, the oldest first."""
        return tuple(self._noted[number] for number in sorted(self._left.get(pop, ())))

    def left(self, number: int) -> tuple[str, ...]:
        """Those that have not confirmed it."""
        noted = self._noted.get(number)
        return tuple(pop for pop in noted.pops if number in self._left[pop]) if noted is not None else ()

    @property
    def pops(self) -> tuple[str, ...]:
        """Those that have something to hear of."""
        return tuple(pop for pop, numbers in self._left.items() if numbers)

    def confirm(self, number: int, pops: Iterable[str]) -> None:
        """In time, with all the others."""
        for pop in pops:
            if self._left.get(pop, {}).pop(number, None) is not None:
                self._write({"number": number, "confirmed": pop})
        self._forget(number)

    def confirm_late(self, number: int, pop: str) -> tuple[str, ...]:
        """When others had long confirmed it: these have it pending again."""
        has_before, noted = self._left.get(pop, {}).get(number), self._noted.get(number)
        others: list[str] = []
        if has_before is False and noted is not None:
            others = [each for each in noted.pops if each != pop and number not in self._left[each]]
            for each in others:
                self._left[each][number] = True
                self._write({"number": number, "again": each})
        self.confirm(number, (pop,))
        return tuple(others)

    def _bound(self, pop: str) -> None:
        """For one that is away for long: everything, in place of all that it has missed."""
        numbers = self._left[pop]
        if len(numbers) <= self.most:
            return
        is_soft = all(self._noted[number].purge.soft for number in numbers)
        for number in tuple(numbers):
            self.confirm(number, (pop,))
        self.note(Purge(everything=True, soft=is_soft), (pop,))

    def _add(self, noted: Noted, left: dict[str, bool]) -> None:
        self._last = max(self._last, noted.number)
        self._noted[noted.number] = noted
        for pop in noted.pops:
            self._left.setdefault(pop, {})
        for pop, has_before in left.items():
            self._left[pop][noted.number] = has_before
        self._forget(noted.number)

    def _forget(self, number: int) -> None:
        if number in self._noted and not self.left(number):
            del self._noted[number]

    def _read(self, told: dict[str, Any]) -> None:
        if "purge" in told:
            noted = Noted(told["number"], Purge.from_json(told["purge"]), tuple(told["pops"]))
            self._add(noted, told["left"])
        elif "again" in told:
            self._left[told["again"]][told["number"]] = True
        else:
            self._left.get(told["confirmed"], {}).pop(told["number"], None)
            self._forget(told["number"])

    def _write(self, told: dict[str, Any]) -> None:
        if self.path is None:
            return
        if self._lines >= LINES:
            self._rewrite()
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(told) + "\n")
        self._lines += 1

    def _rewrite(self) -> None:
        """What is pending alone, in place of all that was."""
        if self.path is None:
            return
        lines = [_written(noted, self._left_of(noted)) for noted in self._noted.values()]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_suffix(".part")
        part.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
        part.replace(self.path)
        self._lines = len(lines)

    def _left_of(self, noted: Noted) -> dict[str, bool]:
        return {pop: self._left[pop][noted.number] for pop in self.left(noted.number)}


def _written(noted: Noted, left: dict[str, bool]) -> dict[str, Any]:
    pops: Sequence[str] = noted.pops
    return {"number": noted.number, "purge": noted.purge.to_json(), "pops": list(pops), "left": left}
