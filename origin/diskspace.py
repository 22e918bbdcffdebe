"""What a full disk looks like to a caller: not our bug, not theirs, and over once there is room again."""

from collections.abc import Iterator
from contextlib import contextmanager
from errno import EDQUOT, ENOSPC

from wire.errors import Unavailable


class DiskFull(Unavailable):
    """No room to write. Nothing half-written is left."""

    def __init__(
        self, public: str = "The server's disk is full, ask again later", *, log: str | None = None
    ) -> None:
        super().__init__(public, retry_after_seconds=10, log=log)


@contextmanager
def needing_space() -> Iterator[None]:
    """Around whatever writes a file: a full disk is told as such."""
    try:
        yield
    except OSError as error:
        if error.errno in (ENOSPC, EDQUOT):
            raise DiskFull(log=str(error)) from error
        raise
