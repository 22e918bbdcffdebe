"""Files that are there whole or not at all, even after the power went."""

import os
import shutil
from contextlib import suppress
from errno import EXDEV
from pathlib import Path
from uuid import uuid4


def flush(path: Path) -> None:
    """Return when the bytes of a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(path: Path, below: Path) -> None:
    """Make a folder and its parents, each name on the disk; `below` itself must be there."""
    if path.is_dir():
        return
    if path != below:
        make_folder(path.parent, below)
        with suppress(FileExistsError):
            path.mkdir()
        flush(path.parent)


def place(source: Path, target: Path, incoming: Path) -> None:
    """Move a file to its name. From another device by way of `incoming`, so no half file has the name."""
    try:
        flush(source)
        os.utime(source)  # its age counts from now
        source.rename(target)
    except OSError as error:
        if error.errno != EXDEV:
            raise
        _copy(source, target, incoming)
    flush(target.parent)


def _copy(source: Path, target: Path, incoming: Path) -> None:
    copy = incoming / uuid4().hex
    try:
        shutil.copyfile(source, copy)
        flush(copy)
        copy.rename(target)
    except BaseException:
        copy.unlink(missing_ok=True)
        raise
    source.unlink(missing_ok=True)


def remove_older(folder: Path, age_seconds: float, now: float) -> int:
    """Remove files nobody touched or linked for that long: what a killed process left."""
    removed = 0
    with os.scandir(folder) as entries:
        for each in entries:
            with suppress(FileNotFoundError):
                if each.stat(follow_symlinks=False).st_ctime < now - age_seconds:
                    os.unlink(each.path)
                    removed += 1
    return removed
