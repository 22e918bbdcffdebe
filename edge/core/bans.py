"""Purges by generation: everything, a host, or all below a prefix, without looking for any of it (sheet 20.4)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from attrs import evolve, field, frozen
from attrs.validators import in_

from edge.core.entry import Entry
from edge.core.key import BadRequest, address_of, authority_of, normal_target, place_of, split_key
from edge.core.policy import KeyPolicy
from wire.http.fields import RequestHead

_PORT = re.compile(r":[0-9]*$")
EVERYTHING = "*"


@frozen
class Ban:
    """What is to be forgotten, by the part of a key that it shares."""

    kind: Literal["everything", "host", "prefix"] = field(validator=in_(("everything", "host", "prefix")))
    text: str = ""
    """A host, with a port or for all ports; or how keys begin: `http://ex.com/a/`, `/a/` whatever the host."""

    @property
    def name(self) -> str:
        """One word for it."""
        return EVERYTHING if self.kind == "everything" else f"{self.kind[0]} {self.text}"


def ban_of_host(host: str, policy: KeyPolicy) -> Ban:
    """Everything a host has; BadRequest where that is none."""
    name = authority_of(host)
    return Ban("host", place_of("http", name, policy) if policy.site else name)


def ban_of_prefix(prefix: str, policy: KeyPolicy) -> Ban:
    """All keys that begin so, in their normal spelling; a bare path means any host. BadRequest for a query."""
    if "?" in prefix or "#" in prefix:
        raise BadRequest("a prefix ends before the query")
    if prefix.startswith("/"):
        return Ban("prefix", normal_target(prefix, policy))
    address = address_of(RequestHead("GET", prefix), policy)
    if not address.authority:
        raise BadRequest("a host is missing")
    return Ban("prefix", address.key)


class Bans:
    """Each ban has a generation, a number that grows; each stored response that of the moment its fetch left.

    A response that is older than a ban which covers it is gone (hard), or stale since then (soft), whoever
    finds it. Numbers are never used twice, also not by a later process: they follow the clock where it is
    ahead. Only the last `kept` bans are remembered by name; what is older than the oldest forgotten one is
    gone, which is safe and rare.
    """

    def __init__(self, kept: int = 4096) -> None:
        self.generation = 0
        self._kept = kept
        self._floor = 0
        self._hard: dict[str, int] = {}
        self._soft: dict[str, tuple[int, float]] = {}
        self._lengths: Counter[int] = Counter()

    def add(self, bans: Iterable[Ban], now: float, *, soft: bool = False) -> None:
        """Whatever these cover and was asked for before is gone, or stale, from now on."""
        self.generation = max(self.generation + 1, int(now * 1000))
        for ban in bans:
            if not soft and ban.kind == "everything":
                self._floor = self.generation
                self._hard, self._soft, self._lengths = {}, {}, Counter()
            else:
                self._note(ban.name, now, soft=soft)
        for rules in (self._hard, self._soft):
            while len(rules) > self._kept:
                self._forget_oldest(rules)

    def _note(self, name: str, now: float, *, soft: bool) -> None:
        rules: dict[str, Any] = self._soft if soft else self._hard
        if rules.pop(name, None) is None and name.startswith("p "):
            self._lengths[len(name) - 2] += 1
        rules[name] = (self.generation, now) if soft else self.generation

    def _forget_oldest(self, rules: dict[str, Any]) -> None:
        name = next(iter(rules))
        known = rules.pop(name)
        self._floor = max(self._floor, known[0] if isinstance(known, tuple) else known)
        if name.startswith("p "):
            self._lengths -= Counter({len(name) - 2: 1})

    def judged(self, entry: Entry) -> Entry | None:
        """The entry as the bans leave it: itself, stale, or None."""
        born = entry.generation
        if born >= self.generation:
            return entry
        if born < self._floor:
            return None
        names = tuple(_names_of(entry.key, self._lengths))
        if any(self._hard.get(name, -1) > born for name in names):
            return None
        expired = [at for name in names for generation, at in self._soft_of(name) if generation > born]
        if not expired:
            return entry
        earlier = entry.expired_at
        return evolve(entry, expired_at=min(expired) if earlier is None else min(earlier, *expired))

    def surviving(self, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        """Those that are still there."""
        if not self.generation or all(entry.generation >= self.generation for entry in entries):
            return entries
        return tuple(judged for entry in entries if (judged := self.judged(entry)) is not None)

    def _soft_of(self, name: str) -> tuple[tuple[int, float], ...]:
        known = self._soft.get(name)
        return () if known is None else (known,)

    # What outlives the process

    def to_json(self) -> dict[str, Any]:
        """Plain values for `json.dumps`."""
        return {
            "generation": self.generation,
            "floor": self._floor,
            "hard": self._hard,
            "soft": {name: list(known) for name, known in self._soft.items()},
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any], kept: int = 4096) -> Bans:
        """The bans that `to_json` wrote; KeyError, TypeError or ValueError for anything else."""
        bans = cls(kept)
        bans.generation, bans._floor = int(told["generation"]), int(told["floor"])
        bans._hard = {str(name): int(known) for name, known in told["hard"].items()}
        bans._soft = {str(name): (int(number), float(at)) for name, (number, at) in told["soft"].items()}
        names = (*bans._hard, *bans._soft)
        bans._lengths = Counter(len(name) - 2 for name in names if name.startswith("p "))
        return bans


def covers(bans: Iterable[Ban], key: str) -> bool:
    """Whether one of these bans covers what is stored under a key."""
    names = {ban.name for ban in bans}
    lengths = {len(name) - 2 for name in names if name.startswith("p ")}
    return not names.isdisjoint(_names_of(key, lengths))


def _names_of(key: str, lengths: Iterable[int]) -> Iterator[str]:
    """Every ban that would cover this key, prefixes of these lengths among them."""
    place, target = split_key(key)
    yield EVERYTHING
    authority = place.partition("://")[2] or place
    yield f"h {authority}"
    yield f"h {_PORT.sub('', authority)}"
    whole = place + target
    for length in lengths:
        yield f"p {whole[:length]}"
        yield f"p {target[:length]}"
