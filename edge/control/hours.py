"""Access logs by the hour: what an hour wrote is packed, under a name that tells it (cdn-vendors §8)."""

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from attrs import define, field
from twisted.logger import Logger

log = Logger()
HOUR = 3600


@define
class Hours:
    """`TITLE.YYYY-MM-DD-HH.UNIQUE.gz`, in UTC, beside the file that is written. An hour without a line has no file."""

    now: Callable[[], float]
    """Wall seconds."""
    unique: Callable[[], str]
    """A word that no other file of the hour has."""
    in_background: Callable[[Callable[[], None]], object]
    """Carries out what would keep others waiting."""
    _began: float | None = field(default=None, init=False)
    """In which hour the file's lines began to be written."""

    def put_away(self, path: Path, title: str, empty_bytes: int) -> None:
        """Move the file away if its hour is over and there is more in it than in an empty one, and pack it."""
        hour, told = self.now() // HOUR, path.stat()
        began, self._began = self._began, hour
        if began is None:  # whoever wrote here before us may have left hours ago
            began = told.st_mtime // HOUR
        if began >= hour or told.st_size <= empty_bytes:
            return
        at = datetime.fromtimestamp(began * HOUR, UTC)
        away = path.with_name(f"{title}.{at:%Y-%m-%d-%H}.{self.unique()}")
        path.rename(away)
        self.in_background(lambda: pack(away))


def pack(path: Path) -> None:
    """The file as `.gz`, whole or not at all."""
    packed, part = path.with_name(f"{path.name}.gz"), path.with_name(f"{path.name}.gz.part")
    try:
        with path.open("rb") as plain, gzip.open(part, "wb") as coded:
            shutil.copyfileobj(plain, coded, 256 * 1024)
        os.replace(part, packed)
        path.unlink()
    except OSError as error:
        log.warn("could not pack {path}: {error}", path=str(path), error=error)
