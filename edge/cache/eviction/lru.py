"""Least recently used goes first."""

from collections import OrderedDict
from collections.abc import Iterator

from edge.cache.eviction.interface import Eviction


class Lru(Eviction):
    """Names in order of use. Whatever is read once, a scan's every name included, pushes out what is older."""

    def __init__(self, capacity_bytes: int, *, largest_share: float = 1.0) -> None:
        super().__init__(capacity_bytes, largest_share=largest_share)
        self._sizes: OrderedDict[str, int] = OrderedDict()

    def find(self, name: str) -> bool:
        if name not in self._sizes:
            return False
        self._sizes.move_to_end(name)
        return True

    def _insert(self, name: str, size: int) -> list[str]:
        leaving = []
        while self.occupied_bytes + size > self.capacity_bytes:
            oldest, freed = self._sizes.popitem(last=False)
            self.occupied_bytes -= freed
            leaving.append(oldest)
        self._sizes[name] = size
        self.occupied_bytes += size
        return leaving

    def remove(self, name: str) -> bool:
        size = self._sizes.pop(name, None)
        if size is None:
            return False
        self.occupied_bytes -= size
        return True

    def __len__(self) -> int:
        return len(self._sizes)

    def __contains__(self, name: object) -> bool:
        return name in self._sizes

    def __iter__(self) -> Iterator[str]:
        """The next to go first."""
        return iter(self._sizes)
