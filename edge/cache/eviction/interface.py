"""What every eviction policy answers. `tests/contracts/test_eviction.py` holds each to it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator


class Eviction(ABC):
    """Names and sizes within a capacity in bytes. It holds no bodies: it tells which names to let go of.

    A name should mean the same thing whenever it comes back (a cache key, not a number drawn at each insert):
    some policies remember names that have left.
    """

    def __init__(self, capacity_bytes: int, *, largest_share: float = 1.0) -> None:
        self.capacity_bytes = capacity_bytes
        self.occupied_bytes = 0
        self._largest = int(capacity_bytes * largest_share)

    def admits(self, size: int) -> bool:
        """Whether something so large may enter: one cold giant must not flush all that is small and hot."""
        return size <= self._largest

    def insert(self, name: str, size: int) -> list[str]:
        """Take `name` in, in place of what it was before; the names that left for it.

        One of them may be `name` itself: a policy may find that all it would displace is worth more.
        ValueError for a size that it does not admit.
        """
        if not self.admits(size):
            raise ValueError(f"{size} bytes are more than one name may have")
        self.remove(name)
        return self._insert(name, size)

    @abstractmethod
    def find(self, name: str) -> bool:
        """Whether `name` is here; being asked for counts as a use."""

    @abstractmethod
    def _insert(self, name: str, size: int) -> list[str]:
        """`insert` of a name that is not here and not too large."""

    @abstractmethod
    def remove(self, name: str) -> bool:
        """Let go of `name`; whether it was here."""

    @abstractmethod
    def __len__(self) -> int:
        """How many names are here."""

    @abstractmethod
    def __contains__(self, name: object) -> bool:
        """Whether `name` is here; counts as nothing."""

    @abstractmethod
    def __iter__(self) -> Iterator[str]:
        """All names that are here."""
