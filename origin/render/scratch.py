"""Names for results that are not yet anyone's, and the removal of those a dead node left behind."""

import os
import re
from pathlib import Path

BESIDE = (".source.png", ".answer", ".said")  # what a provider is given, gives, and prints
_NAME = re.compile(r"render-([0-9]+)-[0-9a-f]+-[0-9]+\.[a-z0-9]+(?:\.[a-z]+){0,2}")


def new_name(owner: str, number: int, extension: str) -> str:
    """A file name nobody else uses; it tells which process will answer for it."""
    return f"render-{os.getpid()}-{owner}-{number}.{extension}"


def forget(target: Path) -> None:
    """Remove a result, or half of one, and what lay beside it on the way there."""
    for end in ("", *BESIDE):
        target.with_name(target.name + end).unlink(missing_ok=True)


def sweep(scratch: Path) -> int:
    """Remove what processes that no longer live have left. Instances may share the folder."""
    removed = 0
    for path in scratch.iterdir():
        named = _NAME.fullmatch(path.name)
        if named and not _is_alive(int(named[1])):
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
