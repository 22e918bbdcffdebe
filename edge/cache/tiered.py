"""Memory over disk as one cache: what is small is in both, what is asked for again rises."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from attrs import evolve

from edge.cache.body import FileBody, MemoryBody
from edge.cache.disk import DiskCache
from edge.cache.hot import HotCache, length_of, new_body_id, take
from edge.cache.interface import VARIANTS, Body, BodyMissing, CacheStats
from edge.cache.known import Known
from edge.cache.visits import Visit, Visits
from edge.core.entry import Entry
from edge.core.parts import behind
from wire.web.files import SharedFile

RISING_BYTES = 64 * 1024  # above, `sendfile` is cheaper than a copy; bench.edge
LOOKUPS = 3  # how often a look-up that was overtaken is tried again


class TieredCache:
    """The hot tier answers alone for a key when it is known to hold all that the disk holds under it.

    Hot changes at once, on the reactor; the disk follows on its thread, in order. `Visits` tells whether what a
    thread brings is still so; if not, nothing rises into memory from it.
    """

    def __init__(self, hot: HotCache, disk: DiskCache | None) -> None:
        self.hot = hot
        self.disk = disk
        self._on_disk: dict[
            str, frozenset[str]
        ] = {}  # key → its body_ids there; only for keys that are also hot
        self._known = Known()
        self._visits = Visits()

    @property
    def spool_directory(self) -> Path | None:
        """Where spools should be made to be moved in; None without a disk."""
        return self.disk.spool_directory if self.disk is not None else None

    # Without waiting, for the express lane

    def at_hand(self, key: str) -> tuple[Entry, ...]:
        """All variants, if memory alone can tell; `()` says nothing: ask `variants`.

        As long as `hot.changes` stays the same, so does the answer, and what was held is.
        """
        entries = self.hot.at_hand(key)
        if self.disk is None:
            return entries
        on_disk = self._on_disk.get(key)
        if entries and on_disk is not None and all(body_id in self.hot for body_id in on_disk):
            return entries
        self._forget_evicted(self.disk)
        known = self._known.heads(key)
        return self._both(known, entries) if known else ()

    def _forget_evicted(self, disk: DiskCache) -> bool:
        """Remember nothing of keys that lost a variant on disk; whether any did."""
        evicted = False
        for key in disk.evicted():
            self._known.forget(key)
            evicted = True
        return evicted

    @staticmethod
    def _both(stored: tuple[Entry, ...], hot: tuple[Entry, ...]) -> tuple[Entry, ...]:
        if not hot:
            return stored
        newer = {entry.variant for entry in hot}
        return (*(entry for entry in stored if entry.variant not in newer), *hot)

    def held(self, entry: Entry) -> bytes | None:
        """The body, if in memory; a use in both tiers."""
        data = self.hot.held(entry.body_id)
        if data is not None and self.disk is not None:
            self.disk.touch(entry.body_id)
        return data

    def used(self, entry: Entry) -> None:
        """It answered somebody without its bytes, as with a 304: a use in both tiers, if it is stored."""
        for stored in behind(entry):
            self.hot.held(stored.body_id)
            if self.disk is not None and stored.body_id:
                self.disk.touch(stored.body_id)

    def lies_open(self, entry: Entry) -> SharedFile | None:
        """The body as a file, if one is open, the caller's to share; a use of it."""
        file = self._known.file(entry)
        if file is not None and self.disk is not None:
            self.disk.touch(entry.body_id)
        return file

    def brought(self, entry: Entry) -> bytes | None:
        """The body, if it came from disk just now and nobody has had it; a use of it."""
        data = self._known.take(entry)
        if data is not None and self.disk is not None:
            self.disk.touch(entry.body_id)
        return data

    def may_bring(self, entry: Entry) -> bool:
        """Whether a visit to the disk may bring what is missing here of this response: its body, or its key's heads."""
        if self.disk is None:
            return False
        body_id = entry.body_id
        is_here = body_id in self.hot or self._known.has_brought(entry) or self._known.file(entry) is not None
        return not is_here or not self.at_hand(entry.key)

    async def bring(self, entry: Entry) -> None:
        """Have within reach what `may_bring` says, while it is stored: for `held`, `brought` or `lies_open`."""
        if self.disk is None or (not self.at_hand(entry.key) and entry not in await self.variants(entry.key)):
            return
        if not self.may_bring(entry):  # it came along
            return
        visit = self._visits.begin(entry.key)
        with suppress(BodyMissing), await self.open(entry) as body:
            if body.data is not None and self._visits.is_undisturbed(visit):
                self._bring(entry, body.data)

    # The interface of every tier

    async def variants(self, key: str) -> tuple[Entry, ...]:
        entries = self.at_hand(key)
        if entries or self.disk is None:
            return entries
        stored = await self._stored(self.disk, key)
        return self._both(stored, self.hot.at_hand(key))

    async def _stored(self, disk: DiskCache, key: str) -> tuple[Entry, ...]:
        """What the disk holds, and what no purge and nothing stored overtook while it was read."""
        for _ in range(LOOKUPS):
            visit = self._visits.begin(key)
            stored, body = await disk.find(key)
            if self._visits.is_overtaken(visit):
                continue
            if not self._visits.is_removing:
                self._note(key, stored)
                if body is not None:
                    self._bring(stored[0], body)
            return stored
        return ()  # changes come faster than we can read: a miss is always right

    async def variants_by_now(self, key: str) -> tuple[Entry, ...]:
        """The same as the disk has them, where other processes may have renewed or replaced what is remembered here."""
        if self.disk is None:
            return self.hot.at_hand(key)
        stored = {entry.variant: entry for entry in await self._stored(self.disk, key)}
        for held in self.hot.at_hand(key):
            newer = stored.get(held.variant)
            if newer is not None and newer.response_time > held.response_time:
                self._replace(held, newer)
        return self._both(tuple(stored.values()), self.hot.at_hand(key))

    def _replace(self, held: Entry, newer: Entry) -> None:
        """In memory, by what another process did on disk."""
        if newer.body_id == held.body_id:
            self.hot.renew(newer)
        else:
            self.hot.release(held.body_id)

    async def insert(self, key: str, entry: Entry, body: bytes | Path) -> Entry | None:
        stored = evolve(entry, key=key, size=length_of(body), body_id=new_body_id())
        is_first = self._on_disk.get(key) == frozenset()
        self._unknown_on_disk(key)
        if self._may_rise(stored):
            body = take(body)
            self.hot.hold(stored, body)
        else:
            self.hot.supersede(stored)
            if self.disk is None and isinstance(body, Path):
                body.unlink(missing_ok=True)
        if self.disk is None:
            return stored if stored.body_id in self.hot else None
        if is_first and self.disk.is_behind():
            return self._unwritten(stored, body)
        visit = self._visits.begin(key)
        kept = await self.disk.put(stored, body)
        if self._forget_evicted(self.disk):
            self._known.forget_removed()  # by other processes, which run out of room as we do
        self._unknown_on_disk(key)  # what was read meanwhile may be older
        if kept is not None and self._visits.is_undisturbed(visit):
            self._note(key, kept)
            self._crowd_out(key, kept)
        elif kept is None and isinstance(body, bytes) and self._visits.is_undisturbed(visit):
            self._rise(stored, body)  # there is no other place for it
        return stored if kept is not None or stored.body_id in self.hot else None

    def _crowd_out(self, key: str, kept: tuple[Entry, ...]) -> None:
        """Of too many variants the disk, that knows every use, chose who leaves (sheet 8.4): from memory, too."""
        if len(kept) < VARIANTS:
            return
        left = {entry.body_id for entry in kept}
        for entry in self.hot.at_hand(key):
            if entry.body_id not in left:
                self.hot.release(entry.body_id)

    def _unwritten(self, stored: Entry, body: bytes | Path) -> Entry | None:
        """What the disk has no time for: nothing of its key is there to be replaced, so nobody gets less for it."""
        if isinstance(body, Path):
            body.unlink(missing_ok=True)
        elif stored.body_id not in self.hot and self.hot.admits(stored, stored.size):
            self.hot.hold(stored, body)
        self._note(stored.key, ())
        return stored if stored.body_id in self.hot else None

    async def update(self, key: str, entry: Entry) -> None:
        with self._going(key):  # what is being read now has the old head
            self.hot.renew(evolve(entry, key=key))
            if self.disk is not None:
                await self.disk.update(key, entry)

    async def open(self, entry: Entry) -> Body:
        data = self.held(entry)
        if data is not None or self.disk is None:
            return MemoryBody(data) if data is not None else await self.hot.open(entry)
        brought = self.brought(entry)
        if brought is not None:
            return MemoryBody(brought)
        file = self.lies_open(entry)
        if file is not None:
            return self.disk.reading(file.share())
        visit = self._visits.begin(entry.key)
        try:
            body = await self.disk.open(entry)
        except BodyMissing:
            self._unknown_on_disk(entry.key)
            raise
        if not self._visits.is_undisturbed(visit):
            return body
        if self._may_rise(entry):
            return await self._risen(entry, body, visit)
        if isinstance(body, FileBody):
            self._known.keep(entry, body.file)
        return body

    def _may_rise(self, entry: Entry) -> bool:
        """Whether a body belongs in memory. A large one that is on disk is sent from there, by the kernel and out of
        the kernel's memory: it need not lie in ours, too."""
        return not self._lies_below(entry) and self.hot.admits(entry, entry.size)

    def _lies_below(self, entry: Entry) -> bool:
        disk = self.disk
        if disk is None or disk.is_failing:
            return False
        return entry.size > RISING_BYTES and disk.admits(entry.size)

    def _bring(self, entry: Entry, body: bytes) -> None:
        """A body that came with a look-up rises, or waits to be opened by who looked it up."""
        if not self._rise(entry, body):
            self._known.bring(entry, body)

    async def _risen(self, entry: Entry, body: Body, visit: Visit) -> Body:
        """Promotion: the body in memory from now on, unless a purge came while it was read."""
        with body:
            data = body.data if body.data is not None else await body.read()
        if self._visits.is_undisturbed(visit):
            self._rise(entry, data)
        return MemoryBody(data)

    def _rise(self, entry: Entry, data: bytes) -> bool:
        """Hold what the disk has, unless memory has something newer; whether it is held."""
        if entry.body_id in self.hot or not self._may_rise(entry):
            return entry.body_id in self.hot
        newer = {other.variant for other in self.hot.at_hand(entry.key)}
        return entry.variant not in newer and self.hot.hold(entry, data)

    async def remove(self, key: str) -> int:
        with self._going(key):
            hot = self.hot.release_key(key)
            return max(hot, await self.disk.remove(key)) if self.disk is not None else hot

    async def drop(self, entry: Entry) -> bool:
        with self._going(entry.key):
            hot = self.hot.release(entry.body_id)
            return (await self.disk.drop(entry) or hot) if self.disk is not None else hot

    async def tagged(self, surrogate_keys: tuple[str, ...]) -> tuple[Entry, ...]:
        found = {entry.body_id: entry for entry in await self.hot.tagged(surrogate_keys)}
        if self.disk is not None:
            for entry in await self.disk.tagged(surrogate_keys):
                found.setdefault(entry.body_id, entry)
        return tuple(found.values())

    async def purge_tags(self, surrogate_keys: tuple[str, ...]) -> int:
        with self._going():
            hot = self.hot.release_tagged(surrogate_keys)
            return max(hot, await self.disk.purge_tags(surrogate_keys)) if self.disk is not None else hot

    def stats(self) -> CacheStats:
        hot = self.hot.stats()
        if self.disk is None:
            return hot
        return evolve(self.disk.stats(), hot_bytes=hot.hot_bytes, hot_limit=hot.hot_limit)

    async def close(self) -> None:
        self._known.clear()
        if self.disk is not None:
            await self.disk.close()

    def tidy(self) -> None:
        """Keep no room of the disk taken by what other processes evicted; to be called now and then."""
        self._known.forget_removed()

    def _note(self, key: str, stored: tuple[Entry, ...]) -> None:
        """Remember what the disk holds under a key, while that key is in memory or may soon be."""
        self.hot.changes += 1
        self._known.note(key, stored)
        self._on_disk[key] = frozenset(entry.body_id for entry in stored)
        if len(self._on_disk) > 2 * len(self.hot) + 64:
            self._on_disk = {known: ids for known, ids in self._on_disk.items() if self.hot.at_hand(known)}

    def _unknown_on_disk(self, key: str) -> None:
        self.hot.changes += 1
        self._visits.written(key)
        self._on_disk.pop(key, None)
        self._known.forget(key)

    @contextmanager
    def _going(self, key: str = "") -> Iterator[None]:
        """While something leaves both tiers, and for whatever is being read meanwhile, nothing rises."""
        self._unknown_on_disk(key)
        self._known.forget_brought()
        if not key:  # whichever it may be
            self._known.clear()
        with self._visits.removing():
            yield
