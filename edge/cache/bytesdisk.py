"""A `diskcache.Disk` that knows bytes, text and files, and refuses everything else: nothing is ever pickled.

diskcache unpickles whatever a row with mode 4 holds (CVE-2025-69872, unfixed), so who can write to a cache
directory could run code in the edge. Here such a row is an error, on the way in and on the way out.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path
from typing import Any, BinaryIO

from attrs import frozen
from diskcache import Disk
from diskcache.core import MODE_BINARY, MODE_RAW, UNKNOWN

BLOCK_BYTES = 4096  # what a file system hands out at least
ROW_BYTES = 512  # a row with its index entries, generously


class NotBytes(TypeError):
    """A key or value of a type that the cache directory may not hold."""


@frozen
class Adopted:
    """A finished file to be moved in as a value, and the name it gets (hexadecimal)."""

    source: Path
    name: str


def space_of(length: int, *, inline: bool) -> int:
    """How much room a value is counted with: limits are about the disk, not about Content-Lengths."""
    return ROW_BYTES + (length if inline else -(-length // BLOCK_BYTES) * BLOCK_BYTES)


class BytesDisk(Disk):  # type: ignore[misc]  # diskcache has no types
    """Keys are text; values are text (JSON) and bytes inside SQLite, or adopted files beside it."""

    _directory: str

    def put(self, key: object) -> tuple[str, bool]:
        if type(key) is not str:
            raise NotBytes(f"a key is text, not {type(key).__name__}")
        return key, True

    def get(self, key: object, raw: object) -> str:
        if not raw or type(key) is not str:
            raise NotBytes("a key that is no text")
        return key

    def store(self, value: object, read: bool, key: object = UNKNOWN) -> tuple[int, int, str | None, object]:
        """Columns (size, mode, filename, value) of a row; a file is moved into place before its row is
        written.
        """
        if read:
            raise NotBytes("files are adopted, not read")
        if type(value) is bytes:
            return space_of(len(value), inline=True), MODE_RAW, None, sqlite3.Binary(value)
        if type(value) is str:
            return space_of(len(value.encode()), inline=True), MODE_RAW, None, value
        if type(value) is Adopted:
            size = value.source.stat().st_size
            self._move(value.source, self.path_of(value.name))
            return space_of(size, inline=False), MODE_BINARY, self.filename_of(value.name), None
        raise NotBytes(f"a value is bytes, text or an adopted file, not {type(value).__name__}")

    def fetch(self, mode: int, filename: str | None, value: object, read: bool) -> bytes | str | BinaryIO:
        """The value of a row: bytes, text, or the open file."""
        if mode == MODE_RAW and type(value) in (bytes, str):
            return value  # type: ignore[return-value]  # just checked
        if mode == MODE_BINARY and filename is not None:
            return open(os.path.join(self._directory, filename), "rb", buffering=0)
        raise NotBytes(f"a row of mode {mode}")

    def filename(self, key: Any = UNKNOWN, value: Any = UNKNOWN) -> tuple[str, str]:
        raise NotBytes("files are named by their bodies")

    def filename_of(self, name: str) -> str:
        """Where a body's file lies, relative to the cache: in one of 256 folders, soon all there. (To make one costs a
        file system several times what a file does.)"""
        return os.path.join(name[:2], name[2:] + ".val")

    def path_of(self, name: str) -> Path:
        return Path(self._directory, self.filename_of(name))

    def _move(self, source: Path, target: Path) -> None:
        for _ in range(3):
            try:
                os.rename(source, target)
            except FileNotFoundError:
                if not source.exists():
                    raise
                # `remove` prunes empty folders, perhaps this one
                target.parent.mkdir(parents=True, exist_ok=True)
            except OSError:
                shutil.copyfile(source, target)  # another file system
                os.unlink(source)
                return
            else:
                return
        raise FileNotFoundError(f"the folder of {target} does not stay")
