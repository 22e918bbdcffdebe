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
    """What each cache was asked for and has not lost since, as far as its answers tell.

    Nobody is told of an eviction, nor of another's purge. But a variant that was asked for before and is not there any
    more was lost, and with it all of its asset that was asked for last before it was: whoever evicts begins with those.
    """

    _variants: defaultdict[str, dict[str, dict[int, None]]] = field(factory=lambda: defaultdict(dict))
    """Cache → asset → the hashes of its variants, the one asked for last at the end."""

    def note(self, cache: str, asset: str, variant: Hashable, *, is_absent: bool = False) -> bool:
        """A variant was asked for, and perhaps absent; whether another one of its asset is there."""
        known, mark = self._variants[cache].setdefault(asset, {}), hash(variant)
        if is_absent and mark in known:
            for each in tuple(known):
                del known[each]
                if each == mark:
                    break
        known.pop(mark, None)
        has_another = bool(known)
        known[mark] = None
        return has_another

    def forget(self, asset: str) -> None:
        """It was purged everywhere."""
        for known in self._variants.values():
            known.pop(asset, None)

    def forget_all(self) -> None:
        """Everything was."""
        self._variants.clear()

    def forget_cache(self, cache: str) -> None:
        """A cache lost all it had."""
        self._variants.pop(cache, None)
