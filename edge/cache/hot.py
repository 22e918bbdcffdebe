"""The memory tier: small bodies within reach of the reactor, bounded in bytes; a policy says which go first."""

from __future__ import annotations

from itertools import chain
from os import urandom
from pathlib import Path

from attrs import define, evolve

from edge.cache.body import MemoryBody
from edge.cache.eviction import DEFAULT_EVICTION, EVICTION_POLICIES
from edge.cache.interface import VARIANTS, BodyMissing, CacheStats
from edge.core.entry import Entry

LARGEST_SHARE = 1 / 16  # of the tier, for one body: a giant must not flush a thousand thumbnails
ENTRY_BYTES = 1400  # an Entry with its attributes, its places in four dicts and an OrderedDict link; measured
LINE_BYTES = 170  # a field line: two strings, their tuple, their share of the index


@define(eq=False)
class Held:
    """A variant in memory: its head and all its bytes."""

    entry: Entry
    data: bytes
    name: str
    """What the policy knows it by: the same when it is fetched again after it left."""
    used: int
    """A larger number than what was used before it has."""


def weight_of(entry: Entry, length: int) -> int:
    """What a variant costs in memory, overhead included: many small entries must not outgrow the limit."""
    fields, tags = entry.fields, entry.surrogate_keys
    text = sum(map(len, chain.from_iterable(fields))) + sum(map(len, tags))
    return ENTRY_BYTES + length + text + LINE_BYTES * (len(fields) + len(tags)) + 2 * len(entry.key)


def name_of(entry: Entry) -> str:
    """Key and variant, parts of it included. (A line feed and `~` are in no key.)"""
    return f"{entry.key}\n~{entry.variant}" if entry.variant else entry.key


def new_body_id() -> str:
    """A name no other body has or will have."""
    return urandom(16).hex()


class HotCache:
    """All in dicts on the reactor's thread. The express lane asks it without awaiting: `at_hand`, `held`,
    `touch`.
    """

    def __init__(
        self, capacity_bytes: int, *, largest_share: float = LARGEST_SHARE, eviction: str = DEFAULT_EVICTION
    ) -> None:
        self._order = EVICTION_POLICIES[eviction](capacity_bytes, largest_share=largest_share)
        self._named: dict[str, str] = {}  # name → body_id
        self._held: dict[str, Held] = {}
        self._keys: dict[str, dict[str, str]] = {}  # key → variant → body_id
        self._shown: dict[str, tuple[Entry, ...]] = {}  # what `at_hand` answered, for keys that are here
        self._tags: dict[str, set[str]] = {}  # surrogate key → body_ids
        self._insertions = self._evictions = self._uses = 0
        self.changes = 0
        """Counts whatever may change an answer of `at_hand`, or take a body away; also the tier above's."""

    # Without waiting, for the express lane and the tier above

    def at_hand(self, key: str) -> tuple[Entry, ...]:
        """The variants in memory, oldest insertion first; the same tuple as long as nothing changes there."""
        variants = self._keys.get(key)
        if not variants:
            return ()
        shown = self._shown.get(key)
        if shown is None:
            shown = self._shown[key] = tuple(self._held[body_id].entry for body_id in variants.values())
        return shown

    def held(self, body_id: str) -> bytes | None:
        """The bytes, if in memory; counts as a use."""
        held = self._held.get(body_id)
        if held is None:
            return None
        self._order.find(held.name)
        self._uses = held.used = self._uses + 1
        return held.data

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, body_id: str) -> bool:
        return body_id in self._held

    def admits(self, entry: Entry, length: int) -> bool:
        """Whether a body of this length may be held."""
        return self._order.admits(length) and self._order.admits(weight_of(entry, length))

    def hold(self, entry: Entry, data: bytes) -> bool:
        """Take in a named variant in place of its predecessor; False (and no predecessor either) if it is too
        large, or worth less than all that is here.
        """
        self.supersede(entry)
        weight = weight_of(entry, len(data))
        if not self._order.admits(weight):
            return False
        name = name_of(entry)
        leaving = self._order.insert(name, weight)
        for each in leaving:
            if each != name:
                self._forget(self._named[each])
                self._evictions += 1
        if name in leaving:
            return False
        self._uses += 1
        self._held[entry.body_id] = Held(entry, data, name, self._uses)
        self._named[name] = entry.body_id
        variants = self._keys.setdefault(entry.key, {})
        variants[entry.variant] = entry.body_id
        self._changed(entry.key)
        if len(variants) > VARIANTS:  # sheet 8.4
            self.release(min(variants.values(), key=lambda body_id: self._held[body_id].used))
        self._tag(entry)
        self._insertions += 1
        return True

    def supersede(self, entry: Entry) -> None:
        """Let go of the variant whose place this one takes."""
        predecessor = self._keys.get(entry.key, {}).get(entry.variant)
        if predecessor is not None:
            self.release(predecessor)

    def release(self, body_id: str) -> bool:
        """Let go of one variant; whether it was here."""
        held = self._held.get(body_id)
        if held is None:
            return False
        self._order.remove(held.name)
        self._forget(body_id)
        return True

    def release_key(self, key: str) -> int:
        """Let go of every variant under a key."""
        return sum(self.release(body_id) for body_id in tuple(self._keys.get(key, {}).values()))

    def release_tagged(self, surrogate_keys: tuple[str, ...]) -> int:
        """Let go of every variant with one of these surrogate keys."""
        return sum(self.release(body_id) for body_id in self._with_tags(surrogate_keys))

    def renew(self, entry: Entry) -> bool:
        """Give a held variant another head."""
        held = self._held.get(entry.body_id)
        if held is None or held.entry.key != entry.key:
            return False
        if held.entry.variant != entry.variant or weight_of(entry, 0) != weight_of(held.entry, 0):
            self.release(entry.body_id)
            return self.hold(entry, held.data)
        self._untag(held.entry)
        held.entry = entry
        self._changed(entry.key)
        self._tag(entry)
        return True

    def _with_tags(self, surrogate_keys: tuple[str, ...]) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for tag in surrogate_keys:
            found.update(dict.fromkeys(sorted(self._tags.get(tag, ()))))
        return tuple(found)

    def _forget(self, body_id: str) -> None:
        held = self._held.pop(body_id)
        entry = held.entry
        del self._named[held.name]
        variants = self._keys[entry.key]
        self._changed(entry.key)
        del variants[entry.variant]
        if not variants:
            del self._keys[entry.key]
        self._untag(entry)

    def _changed(self, key: str) -> None:
        self.changes += 1
        self._shown.pop(key, None)

    def _tag(self, entry: Entry) -> None:
        for tag in entry.surrogate_keys:
            self._tags.setdefault(tag, set()).add(entry.body_id)

    def _untag(self, entry: Entry) -> None:
        for tag in entry.surrogate_keys:
            carriers = self._tags.get(tag)
            if carriers is not None:
                carriers.discard(entry.body_id)
                if not carriers:
                    del self._tags[tag]

    # The interface of every tier

    async def variants(self, key: str) -> tuple[Entry, ...]:
        return self.at_hand(key)

    async def insert(self, key: str, entry: Entry, body: bytes | Path) -> Entry | None:
        stored = evolve(entry, key=key, size=length_of(body), body_id=new_body_id())
        if not self.admits(stored, stored.size):
            self.supersede(stored)
            if isinstance(body, Path):
                body.unlink(missing_ok=True)
            return None
        return stored if self.hold(stored, take(body)) else None

    async def update(self, key: str, entry: Entry) -> None:
        self.renew(evolve(entry, key=key))

    async def open(self, entry: Entry) -> MemoryBody:
        data = self.held(entry.body_id)
        if data is None:
            raise BodyMissing(entry.body_id)
        return MemoryBody(data)

    async def remove(self, key: str) -> int:
        return self.release_key(key)

    async def drop(self, entry: Entry) -> bool:
        return self.release(entry.body_id)

    async def tagged(self, surrogate_keys: tuple[str, ...]) -> tuple[Entry, ...]:
        return tuple(self._held[body_id].entry for body_id in self._with_tags(surrogate_keys))

    async def purge_tags(self, surrogate_keys: tuple[str, ...]) -> int:
        return self.release_tagged(surrogate_keys)

    def stats(self) -> CacheStats:
        return CacheStats(
            hot_bytes=self._order.occupied_bytes,
            hot_limit=self._order.capacity_bytes,
            entries=len(self._held),
            insertions=self._insertions,
            evictions=self._evictions,
        )

    async def close(self) -> None:
        """Nothing is held outside memory."""


def length_of(body: bytes | Path) -> int:
    """Bytes of a body, without reading it."""
    return len(body) if isinstance(body, bytes) else body.stat().st_size


def take(body: bytes | Path) -> bytes:
    """The bytes of a body; a file is consumed. Only small ones come here."""
    if isinstance(body, bytes):
        return body
    data = body.read_bytes()
    body.unlink()
    return data
