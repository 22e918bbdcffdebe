"""Objects that no row names, left by uploads that never came to their row: removed after a grace."""

from collections.abc import Awaitable, Callable, Collection, Sequence

from attrs import frozen
from twisted.logger import Logger

from origin.store.interface import ObjectInfo, ObjectStore

log = Logger()

AT_ONCE = 500

Named = Callable[[Sequence[str]], Awaitable[frozenset[str]]]
"""Those of some keys that the catalogue still speaks of (`Catalogue.objects.named`)."""


@frozen
class Swept:
    """What a sweep saw and removed."""

    seen: int = 0
    removed: int = 0
    removed_bytes: int = 0


def old_enough(listing: Collection[ObjectInfo], *, now: float, grace_seconds: float) -> list[ObjectInfo]:
    """Objects that had time enough to get a row; a younger one may be about to."""
    return [each for each in listing if each.modified <= now - grace_seconds]


def orphans(candidates: Collection[ObjectInfo], named: Collection[str]) -> list[ObjectInfo]:
    """Those that nobody names."""
    return [each for each in candidates if each.key not in named]


async def sweep(store: ObjectStore, named: Named, *, prefix: str, now: float, grace_seconds: float) -> Swept:
    """Remove the orphans under a prefix. `grace_seconds` must exceed the longest way from object to row."""
    swept = Swept()
    batch: list[ObjectInfo] = []
    async for each in store.list(prefix):
        batch.append(each)
        if len(batch) == AT_ONCE:
            swept = await _sweep_batch(store, named, batch, swept, now, grace_seconds)
            batch = []
    swept = await _sweep_batch(store, named, batch, swept, now, grace_seconds)
    if swept.removed:
        log.info("sweep removed {removed} of {seen} objects", removed=swept.removed, seen=swept.seen)
    return swept


async def _sweep_batch(
    store: ObjectStore, named: Named, batch: list[ObjectInfo], swept: Swept, now: float, grace_seconds: float
) -> Swept:
    # The catalogue is asked after the listing: a row that came in between is seen.
    candidates = old_enough(batch, now=now, grace_seconds=grace_seconds)
    names = await named([each.key for each in candidates]) if candidates else frozenset()
    unneeded = orphans(candidates, names)
    for each in unneeded:
        await store.delete(each.key)
    return Swept(
        swept.seen + len(batch),
        swept.removed + len(unneeded),
        swept.removed_bytes + sum(each.size for each in unneeded),
    )
