"""Names for results that are not yet anyone's, and the removal of those a dead node left behind."""

import os
import re
from pathlib import Path

_NAME = re.compile(r"render-(\d+)-[0-9a-f]+-\d+\.[a-z0-9]+")


def new_name(owner: str, number: int, extension: str) -> str:
    """A file name nobody else uses; it tells which process will answer for it."""
    return f"render-{os.getpid()}-{owner}-{number}.{extension}"


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
