"""The directives that count for this cache, and where they stood."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

from wire.http.cache_control import CacheControl
from wire.http.fields import ResponseHead

BYPASS = "bypass-cache"
"""A directive of our own: store nothing of this answer, and leave alone what is stored."""


@frozen
class Ruling:
    """What an origin said of caching, as far as it is listened to."""

    control: CacheControl
    source: str = "cache-control"

    @property
    def is_targeted(self) -> bool:
        """Chosen from a targeted field: Cache-Control and Expires are ignored entirely."""
        return self.source != "cache-control"


Reading = Callable[[ResponseHead, float], Ruling]
"""How a node reads a response's head that came at a moment in wall seconds."""
