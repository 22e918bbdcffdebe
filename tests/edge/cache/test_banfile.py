"""What was purged by generation, beside the disk tier."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet import reactor as real_reactor

from edge.cache.banfile import open_bans
from edge.cache.interface import CacheUnavailable
from edge.core.bans import Ban

reactor: Any = real_reactor


@pytest_twisted.ensureDeferred
async def test_a_full_disk_keeps_the_bans_it_had_and_no_half_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever purges is told; in this process the ban counts all the same."""

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    file = open_bans(reactor, tmp_path, 1.0)
    await file.add((Ban("host", "a.example"),), 1.0)
    before = (tmp_path / "bans.json").read_bytes()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CacheUnavailable, match="No space left"):
        await file.add((Ban("everything"),), 2.0)
    assert [path.name for path in tmp_path.iterdir()] == ["bans.json"]
    assert (tmp_path / "bans.json").read_bytes() == before
    assert file.bans.to_json() != open_bans(reactor, tmp_path, 3.0).bans.to_json()
