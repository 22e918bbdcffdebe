"""A loader over real loopback sockets, and what is expected of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from origin.remote.addresses import Guard
from origin.remote.loading import Bounds, Loaded, Loader

HERE = Bounds(guard=Guard.allowing(["127.0.0.1/32"]), most_bytes=100_000, seconds=5.0)
BODY = bytes(range(256)) * 100


def loader(folder: Path, **options: Any) -> Loader:
    from twisted.internet import reactor

    return Loader(reactor, folder, **options)


def left_in(folder: Path) -> list[Path]:
    return list(folder.glob("*"))


async def loaded(folder: Path, url: str, bounds: Bounds = HERE, **options: Any) -> Loaded:
    found = await loader(folder, **options).load(url, bounds)
    assert isinstance(found, Loaded)
    return found


async def refused(folder: Path, url: str, bounds: Bounds = HERE, **options: Any) -> Exception:
    """Why there is no file; and nothing is left behind."""
    with pytest.raises(Exception) as caught:
        await loader(folder, **options).load(url, bounds)
    assert left_in(folder) == []
    return caught.value
