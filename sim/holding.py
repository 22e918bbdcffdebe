"""One process a folder: whoever holds it keeps everyone else out until it ends, however it ends."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO


class FolderError(Exception):
    """The folder cannot be used, or somebody else uses it."""


def hold(folder: Path, name: str) -> IO[str]:
    """The open lock file `name` in `folder`, made if missing; the kernel lets go of it with the process."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / name).open("w")
    except OSError as error:
        raise FolderError(f"the folder {folder} cannot be used: {error.strerror}") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise FolderError(f"another pixeledge uses the folder {folder}") from None
    return lock
