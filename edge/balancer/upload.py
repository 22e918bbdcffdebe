"""A request's body, taken in whole before an origin is asked, so that the next one can be asked if that
refuses.
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from types import TracebackType
from typing import IO

from wire.errors import Unavailable
from wire.web.body import RequestBody

MEMORY_BYTES = 256 * 1024  # what is larger waits in a file
SLICE = 64 * 1024


class TakenBody:
    """To a fetch, a body of known length of which nothing is spent yet, however often it is sent."""

    received = 0
    is_complete = True

    def __init__(self, folder: str) -> None:
        self.length = 0
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(  # noqa: SIM115 (closed by __exit__)
            MEMORY_BYTES, dir=folder or None
        )

    async def take(self, body: RequestBody, limit: int) -> None:
        """Read all of it; raises `TooLarge` beyond the limit, `Unavailable` when there is no room for it."""
        try:
            self.length = await body.deliver(self._keep, limit=limit)
        except OSError as full:
            raise Unavailable("No room to take in the upload", log=str(full)) from full

    def _keep(self, chunk: bytes) -> None:
        self._file.write(chunk)

    async def chunks(self) -> AsyncIterator[bytes]:
        """All of it, from the start."""
        position = 0
        while True:
            self._file.seek(position)  # an attempt that was given up may be reading still
            slice_ = self._file.read(SLICE)
            if not slice_:
                return
            position += len(slice_)
            yield slice_

    def __enter__(self) -> TakenBody:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
