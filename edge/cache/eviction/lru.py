"""Least recently used goes first, and the sizes of all that stays never exceed the capacity."""

from collections import OrderedDict
from collections.abc import Iterator


class Lru:
    """Names and sizes in order of use. It holds no bodies: it tells which names to let go of."""

    def __init__(self, capacity_bytes: int, *, largest_share: float = 1.0) -> None:
        self.capacity_bytes = capacity_bytes
        self.occupied_bytes = 0
        self._largest = int(capacity_bytes * largest_share)
        self._sizes: OrderedDict[str, int] = OrderedDict()

    def __len__(self) -> int:
        return len(self._sizes)

    def __contains__(self, name: str) -> bool:
        return name in self._sizes

    def __iter__(self) -> Iterator[str]:
        """Names, the next to go first."""
        return iter(self._sizes)

    def admits(self, size: int) -> bool:
        """Whether something so large may enter: one cold giant must not flush all that is small and hot."""
        return size <= self._largest

    def find(self, name: str) -> bool:
        """Whether `name` is here; being asked for counts as a use."""
        if name not in self._sizes:
            return False
        self._sizes.move_to_end(name)
        return True

    def insert(self, name: str, size: int) -> list[str]:
        """Take `name` in as the latest used; the names that had to leave for it, oldest use first."""
        if not self.admits(size):
            raise ValueError(f"{size} bytes are more than one name may have")
        self.remove(name)
        self._sizes[name] = size
        self.occupied_bytes += size
        leaving = []
        while self.occupied_bytes > self.capacity_bytes:
            oldest, freed = self._sizes.popitem(last=False)
            self.occupied_bytes -= freed
            leaving.append(oldest)
        return leaving

    def remove(self, name: str) -> bool:
        """Let go of `name`; whether it was here."""
        size = self._sizes.pop(name, None)
        if size is None:
            return False
        self.occupied_bytes -= size
        return True
