"""A full disk is told as 503, wherever a file was being written, and leaves nothing behind."""

import errno
from pathlib import Path
from typing import Any

import pytest

from origin.api.spooling import FileSpool
from origin.diskspace import DiskFull, needing_space
from origin.render.errors import reason_of, refusal

FULL = Path("/dev/full")  # every write to it fails with ENOSPC


def test_only_want_of_space_is_told_as_such() -> None:
    with pytest.raises(DiskFull) as told, needing_space():
        raise OSError(errno.ENOSPC, "No space left on device")
    assert (told.value.status, told.value.retry_after_seconds) == (503, 10)
    assert "full" in told.value.public
    with pytest.raises(PermissionError), needing_space():
        raise PermissionError(errno.EACCES, "Permission denied")


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")
def test_a_spool_that_does_not_fit_is_refused_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bytes may be noticed at the write or, when they were buffered, at the end."""
    for size in (10, 1 << 20):
        spool = FileSpool(tmp_path)
        full: Any = FULL.open("wb")
        monkeypatch.setattr(spool, "_file", full)
        with pytest.raises(DiskFull):
            spool.write(bytes(size))
            spool.finish("big.jpg")
        spool.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_worker_can_say_it() -> None:
    """The refusal keeps its status across the pipe."""
    told = refusal(reason_of(DiskFull()), DiskFull().public, "log")
    assert isinstance(told, DiskFull)
