"""Which assets caches had been asked for, whatever the variant (workloads.md §4). Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from functools import lru_cache

from attrs import define, field

from wire.delivery import parse
from wire.errors import MediaError

_REMEMBERED = 2**16  # targets


@lru_cache(maxsize=_REMEMBERED)
def asset_in(target: str) -> str:
    """Whose variant a request target asks for: another version is another asset. A target that is no delivery URL is
    its own asset, whatever its query."""
    try:
        url = parse(target.encode("utf-8", "backslashreplace"))
    except MediaError:
        return target.partition("?")[0]
    return f"{url.cloud}/{url.asset_type}/{url.delivery_type}/v{url.version or ''}/{url.public_id}"


@define
class AssetsAsked:
    """What each cache was asked for since it was purged: a number for each asset, however many its variants."""

    _variants: defaultdict[str, dict[str, int | None]] = field(factory=lambda: defaultdict(dict))
    """Cache → asset → the hash of its only variant so far; None: there were several."""

    def note(self, cache: str, asset: str, variant: Hashable) -> bool:
        """A variant was asked for; whether another one of its asset had been before."""
        known, mark = self._variants[cache], hash(variant)
        if known.setdefault(asset, mark) == mark:
            return False
        known[asset] = None
        return True

    def forget(self, asset: str) -> None:
        """It was purged everywhere."""
        for known in self._variants.values():
            known.pop(asset, None)

    def forget_all(self) -> None:
        """Everything was."""
        self._variants.clear()
