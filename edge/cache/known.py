"""What is known of the disk without a visit: heads that were read, bodies that lie open or came along."""

from __future__ import annotations

from collections import OrderedDict

from edge.core.entry import Entry
from wire.web.files import SharedFile

KEYS = 512  # whose heads are remembered, some 4 KB each
FILES = 128
BROUGHT = 32  # bodies of at most INLINE_BYTES


class Known:
    """The latest used. What is remembered of a key is all that the disk holds under it, until it is forgotten."""

    def __init__(self, keys: int = KEYS, files: int = FILES) -> None:
        self._most_keys = keys
        self._most_files = files
        self._heads: OrderedDict[str, tuple[Entry, ...]] = OrderedDict()
        self._files: OrderedDict[str, SharedFile] = OrderedDict()  # by body_id
        self._brought: dict[str, bytes] = {}  # bodies that will be opened next, by body_id

    def note(self, key: str, entries: tuple[Entry, ...]) -> None:
        """All that the disk holds under a key."""
        self.forget(key)
        if entries:
            self._heads[key] = entries
            if len(self._heads) > self._most_keys:
                self.forget(next(iter(self._heads)))

    def heads(self, key: str) -> tuple[Entry, ...]:
        """What is remembered of it; `()` says nothing."""
        entries = self._heads.get(key, ())
        if entries:
            self._heads.move_to_end(key)
        return entries

    def keep(self, entry: Entry, file: SharedFile) -> None:
        """Leave a body open, if it is one of a remembered key."""
        if entry.body_id in self._files or entry not in self._heads.get(entry.key, ()):
            return
        self._files[entry.body_id] = file.share()
        if len(self._files) > self._most_files:
            self._close(next(iter(self._files)))

    def file(self, entry: Entry) -> SharedFile | None:
        """The open body, the caller's to share; none that was changed or removed since it was opened."""
        file = self._files.get(entry.body_id)
        if file is not None and not file.is_as_it_was:
            self._close(entry.body_id)
            return None
        if file is not None:
            self._files.move_to_end(entry.body_id)
        return file

    def bring(self, entry: Entry, body: bytes) -> None:
        """A body that came with a look-up waits for who looked it up."""
        self._brought[entry.body_id] = body
        if len(self._brought) > BROUGHT:
            del self._brought[next(iter(self._brought))]

    def has_brought(self, entry: Entry) -> bool:
        """Whether such a body waits."""
        return entry.body_id in self._brought

    def take(self, entry: Entry) -> bytes | None:
        """The body that waits, once."""
        return self._brought.pop(entry.body_id, None)

    def forget_brought(self) -> None:
        """Nobody may have what waits."""
        self._brought.clear()

    def forget(self, key: str) -> None:
        """Of this key the disk may hold anything by now."""
        for entry in self._heads.pop(key, ()):
            self._close(entry.body_id)

    def forget_removed(self) -> None:
        """Keep no room of the disk taken by what was evicted."""
        for body_id, file in tuple(self._files.items()):
            if not file.is_as_it_was:
                self._close(body_id)

    def clear(self) -> None:
        """Forget all of it."""
        self._heads.clear()
        for body_id in tuple(self._files):
            self._close(body_id)

    def _close(self, body_id: str) -> None:
        file = self._files.pop(body_id, None)
        if file is not None:
            file.close()
