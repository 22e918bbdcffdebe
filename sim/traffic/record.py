"""One thing that happens in a trace."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """Who asks, or what else happens at that moment."""

    VIEW = "view"
    FRESH = "fresh"  # a key that never returns
    FLASH = "flash"  # one of the crowd that wants one asset
    BOT = "bot"
    OVERWRITE = "overwrite"  # the asset has other bytes from now on; what caches hold of it is purged
    PURGE = "purge"  # an asset's keys, or with `asset` below 0 everything


class Record(NamedTuple):
    """A request, or an event between requests (workloads.md §1). A tuple, since traces have millions of them.

    `asset` is the number of the picture asked for; `width` (pixels; 0: the original) and `format` say which variant.
    `size` is the answer's bytes as the workload would have it; `path` is a request target of a recording, verbatim,
    or "" where a target is to be made of the asset.
    """

    time_us: int
    region: str
    kind: Kind
    asset: int
    width: int = 0
    format: str = ""
    size: int = 0
    lifetime_seconds: int = 0
    query: str = ""
    path: str = ""

    @property
    def is_request(self) -> bool:
        return self.kind not in (Kind.OVERWRITE, Kind.PURGE)

    @property
    def key(self) -> str:
        """What a cache would file the answer under."""
        return self.path or f"{self.asset}/{self.width}/{self.format}{self.query}"
