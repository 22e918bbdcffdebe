"""The disk tier as its threads see it: heads as JSON, bodies as bytes or files, all under one byte limit.

    h:<key>      JSON list of the key's entries, oldest insertion first
    b:<body_id>  bytes up to INLINE_BYTES, else an adopted file; the row's tag is a digest of bodies up to
    DIGEST_BYTES

Writes of a process come from one thread, in the order in which the reactor asked for them, so a purge always comes
after the inserts that were asked for before it; those of several processes take turns by SQLite's lock. Reads come
from any thread.
"""

from __future__ import annotations

import fcntl
import json
import sqlite3
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, cast
from uuid import uuid4

import diskcache
from attrs import evolve

from edge.cache.bytesdisk import Adopted, BytesDisk, NotBytes, space_of
from edge.cache.digests import Digests
from edge.cache.index import Index
from edge.cache.interface import VARIANTS, BodyMissing
from edge.cache.leftovers import Leftovers, throw_away
from edge.cache.uses import Uses
from edge.core.entry import Entry

INLINE_BYTES = 32 * 1024
LARGEST_SHARE = 1 / 2
OPENING = "opening.lock"
HEADS = 256  # kept as they were understood, some 4 KB each

NOT_THE_FILES_FAULT = frozenset(
    {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL}
    | {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PERM, sqlite3.SQLITE_NOMEM}
)
"""What SQLite says of its surroundings: no reason to throw a cache away."""
BROKEN = (OSError, sqlite3.Error, diskcache.Timeout, NotBytes)


class Shelf:
    """Entries and bodies in a folder, which several processes may share. Survives kill -9: what belongs together is
    written in one transaction, files are there before their rows, and all is checked when it is read.

    `seat` is this process's number among `seats`: each has a folder for its spools, and the first clears away what
    others left. `verify_all` keeps a digest of bodies of every size.
    """

    def __init__(
        self,
        directory: Path,
        capacity_bytes: int,
        *,
        seat: int = 0,
        seats: int = 1,
        verify_all: bool = False,
    ) -> None:
        self.capacity_bytes = capacity_bytes
        self.evictions = 0
        self.evicted: deque[str] = deque()
        """The keys that lost a variant so, for who remembers heads to take from."""
        self._digests = Digests(verify_all)
        self._uses = Uses()
        self._writing = threading.RLock()
        self.spools = directory / "spools" / str(seat)
        trash = directory / "trash"
        throw_away(self.spools, trash)  # half-written ones of an earlier life
        self.spools.mkdir(parents=True)
        self._store = diskcache.Cache(
            str(directory / "store"),
            timeout=10,
            disk=BytesDisk,
            eviction_policy="none",  # ours is in the index
            cull_limit=0,
            size_limit=2**62,
            statistics=0,
            tag_index=0,
            sqlite_auto_vacuum=0,  # free pages are used again
            sqlite_cache_size=256,
            sqlite_mmap_size=0,  # a file truncated under a map is a SIGBUS, not an error
        )
        try:
            self._index = Index(self._store)
            if not self._index.is_whole:
                raise sqlite3.DatabaseError("bodies without an index")
        except BaseException:
            self._store.close()
            raise
        self._disk = cast(BytesDisk, self._store.disk)
        known = frozenset(map(str, range(seats)))
        self.leftovers = Leftovers(trash, self._store, self._disk, directory / "spools", known)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing, and nobody else writes meanwhile, in whichever process."""
        with self._writing, self._store.transact():
            yield

    # Reading

    def entries(self, key: str) -> tuple[Entry, ...]:
        """The variants under a key; a head that cannot be read is none."""
        head = self._store.get("h:" + key)
        if head is None:
            return ()
        try:
            found = entries_in(head)
        except (ValueError, TypeError, KeyError, RecursionError):
            return ()
        return found if all(entry.key == key for entry in found) else ()

    def find(self, key: str) -> tuple[tuple[Entry, ...], bytes | None]:
        """The variants under a key, and the body of an only one that is small: who asks for it will want that, too."""
        found = self.entries(key)
        if len(found) != 1 or found[0].size > INLINE_BYTES:
            return found, None
        try:
            body = self.open(found[0])
        except (BodyMissing, *BROKEN):
            return found, None  # who opens it will be told
        if isinstance(body, bytes):
            return found, body
        body.close()  # from when fewer lay in the index
        return found, None

    def open(self, entry: Entry) -> bytes | BinaryIO:
        """The body, checked by its size and its digest, if it has one. `BodyMissing` if gone or damaged."""
        value, digest = self._store.get("b:" + entry.body_id, read=True, tag=True)
        if value is None:
            raise BodyMissing(f"{entry.body_id} is gone")
        if not isinstance(value, str):
            try:
                if self._digests.confirm(value, entry.size, digest):
                    return cast("bytes | BinaryIO", value)
            except BaseException:
                _close(value)
                raise
            _close(value)
        raise BodyMissing(f"{entry.body_id} is damaged")

    def tagged(self, surrogate_keys: Iterable[str]) -> tuple[Entry, ...]:
        """Every variant with one of these surrogate keys."""
        carriers = self._index.tagged(surrogate_keys)
        body_ids = {body_id for _, body_id in carriers}
        keys = dict.fromkeys(key for key, _ in carriers)
        return tuple(entry for key in keys for entry in self.entries(key) if entry.body_id in body_ids)

    @property
    def occupied_bytes(self) -> int:
        """Room taken by heads and bodies, as `space_of` counts."""
        return self.stock()[0]

    def __len__(self) -> int:
        return self.stock()[1]

    def stock(self) -> tuple[int, int]:
        """Both in one."""
        return self._index.stock()

    # Writing

    def admits(self, size: int) -> bool:
        """Whether a body of this size may be stored at all."""
        return space_of(size, inline=size <= INLINE_BYTES) <= self.capacity_bytes * LARGEST_SHARE

    def put(self, entry: Entry, body: bytes | Path) -> tuple[Entry, ...]:
        """Store a named variant; all variants now under its key. The body is consumed, whatever happens."""
        value = self._value_of(entry, body)
        try:
            source = value.source if isinstance(value, Adopted) else value
            digest = self._digests.of(source, entry.size)
            with self._transaction():
                return self._put(entry, value, digest)
        except BaseException:
            for path in (body, self.spools / entry.body_id, self._disk.path_of(entry.body_id)):
                if isinstance(path, Path):
                    path.unlink(missing_ok=True)
            raise

    def _value_of(self, entry: Entry, body: bytes | Path) -> bytes | Adopted:
        if isinstance(body, Path) and entry.size <= INLINE_BYTES:
            data = body.read_bytes()
            body.unlink()
            return data
        if isinstance(body, bytes) and entry.size > INLINE_BYTES:
            spilled = self.spools / entry.body_id
            spilled.write_bytes(body)
            return Adopted(spilled, entry.body_id)
        return body if isinstance(body, bytes) else Adopted(body, entry.body_id)

    def _put(self, entry: Entry, value: bytes | Adopted, digest: str | None) -> tuple[Entry, ...]:
        others = self.entries(entry.key)
        leaving = [other.body_id for other in others if other.variant == entry.variant]
        excess = len(others) - len(leaving) + 1 - VARIANTS
        if excess > 0:  # sheet 8.4
            self.flush()
            leaving += [b for b in self._index.by_use(entry.key) if b not in leaving][:excess]
        kept = (*(other for other in others if other.body_id not in leaving), entry)
        self._index.add(entry.body_id, entry.key, entry.surrogate_keys)
        self._store.set("b:" + entry.body_id, value, tag=digest)
        self._store.set("h:" + entry.key, as_json(kept))
        self._let_go(leaving)
        self._make_room(sparing=entry.body_id)
        return kept

    def _let_go(self, body_ids: Iterable[str]) -> None:
        for body_id in body_ids:
            self._store.delete("b:" + body_id)
        self._index.forget(body_ids)

    def renew(self, entry: Entry) -> bool:
        """Replace the head of a stored variant; whether it is still stored."""
        with self._transaction():
            others = self.entries(entry.key)
            if entry.body_id not in {other.body_id for other in others}:
                return False
            size = next(other.size for other in others if other.body_id == entry.body_id)
            entry = evolve(entry, size=size)  # the bytes have not changed
            # Another that answers to the same selecting values would be in its way.
            clash = [o.body_id for o in others if o.variant == entry.variant and o.body_id != entry.body_id]
            renewed = (entry if other.body_id == entry.body_id else other for other in others)
            self._index.retag(entry.body_id, entry.surrogate_keys)
            self._store.set("h:" + entry.key, as_json(e for e in renewed if e.body_id not in clash))
            self._let_go(clash)
            self._make_room()
            return True

    def remove(self, key: str) -> int:
        """Forget a key; how many variants it had."""
        with self._transaction():
            stored = (entry.body_id for entry in self.entries(key))
            return self.drop(key, {*self._index.by_use(key), *stored})

    def drop(self, key: str, body_ids: Iterable[str]) -> int:
        """Forget some variants of a key; how many were stored."""
        body_ids = tuple(body_ids)
        with self._transaction():
            entries = self.entries(key)
            kept = tuple(entry for entry in entries if entry.body_id not in body_ids)
            if not kept:
                self._store.delete("h:" + key)
            elif len(kept) < len(entries):
                self._store.set("h:" + key, as_json(kept))
            self._let_go(body_ids)
            return len(entries) - len(kept)

    def purge_tags(self, surrogate_keys: Iterable[str]) -> int:
        """Forget every variant with one of these surrogate keys."""
        with self._transaction():
            by_key: dict[str, list[str]] = {}
            for key, body_id in self._index.tagged(surrogate_keys):
                by_key.setdefault(key, []).append(body_id)
            return sum(self.drop(key, body_ids) for key, body_ids in by_key.items())

    # Recency and room

    def touch(self, body_id: str) -> bool:
        """Note a use, in memory; whether it is time to write them down."""
        return self._uses.note(body_id)

    def flush(self) -> None:
        """Write down the uses noted since last time."""
        used = self._uses.take()
        if used:
            with self._transaction():
                self._index.touch(used)

    def _make_room(self, sparing: str = "") -> None:
        """Evict what is too much, within the transaction that brought it: so the limit holds whoever else writes.
        `sparing` what was stored just now."""
        if self.occupied_bytes <= self.capacity_bytes:
            return
        self.flush()
        while leaving := [row for row in self._index.oldest(16) if row[0] != sparing]:
            for body_id, key in leaving:
                self.evictions += self.drop(key, (body_id,))
                self.evicted.append(key)
                if self.occupied_bytes <= self.capacity_bytes:
                    return

    def disconnect(self) -> None:
        """Close the calling thread's connection."""
        self._store.close()

    def close(self) -> None:
        """Write down what is pending; the calling thread's connection ends here, the others' with their
        threads.
        """
        self.flush()
        self._store.close()


def _close(value: bytes | BinaryIO) -> None:
    if not isinstance(value, bytes):
        value.close()


@lru_cache(maxsize=HEADS)
def entries_in(head: str) -> tuple[Entry, ...]:
    """What `as_json` wrote; the same values for the same text."""
    return tuple(Entry.from_json(stored) for stored in json.loads(head))


def as_json(entries: Iterable[Entry]) -> str:
    """A head as it is stored."""
    return json.dumps([entry.to_json() for entry in entries], separators=(",", ":"))


def open_shelf(
    directory: Path, capacity_bytes: int, *, seat: int = 0, seats: int = 1, verify_all: bool = False
) -> Shelf:
    """The shelf in a folder; one that cannot be opened is thrown away and begun anew. It is a cache.

    One process at a time: what one is making, another must not take for damaged.
    """
    (directory / "spools").mkdir(parents=True, exist_ok=True)

    def opened() -> Shelf:
        return Shelf(directory, capacity_bytes, seat=seat, seats=seats, verify_all=verify_all)

    with (directory / OPENING).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            return opened()
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in NOT_THE_FILES_FAULT:
                raise
            damaged = directory / "trash" / uuid4().hex
            damaged.mkdir(parents=True)
            for path in directory.iterdir():
                if path.name != "trash" and path.suffix != ".lock":
                    path.rename(damaged / path.name)
            return opened()
