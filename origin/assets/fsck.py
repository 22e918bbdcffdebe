"""Whether catalogue and store agree: every row's object there and whole, every object some row's.

Safe beside running origins: what looks wrong is looked at again before it is said, and objects young enough to
be on their way to a row are left alone.
"""

import hashlib
from collections.abc import AsyncIterator, Callable, Iterable
from enum import Enum

from attrs import evolve, frozen
from twisted.internet.interfaces import IConsumer
from zope.interface import implementer

from origin.assets.orphans import GRACE_SECONDS
from origin.catalogue import Catalogue, NamedObject
from origin.ordered import merged, paired
from origin.store.interface import ObjectInfo, ObjectMissing, ObjectStore
from origin.store.keys import object_prefixes


class Trouble(Enum):
    """What can be wrong between a row and an object."""

    MISSING = "missing"
    SIZE = "wrong size"
    HASH = "wrong hash"
    ORPHAN = "orphan"


class Cure(Enum):
    """What was done about it."""

    NONE = "left as it is"
    FORGOTTEN = "forgotten: it is made again when asked for"
    REMOVED = "removed"
    LOST = "asset removed: its original is lost"
    NOT_KEPT = "kept no more: its bytes are lost"


@frozen
class Finding:
    """One thing that is wrong."""

    trouble: Trouble
    key: str
    named: NamedObject | None = None  # None for an orphan
    cure: Cure = Cure.NONE

    def __str__(self) -> str:
        return f"{self.trouble.value}: {self.key}{self._owner}: {self.cure.value}"

    @property
    def _owner(self) -> str:
        if self.named is None:
            return ""
        chain = self.named.transformation
        if self.named.version_id is not None:
            return f" (version {self.named.version_id} of {self.named.asset})"
        return f" ({chain} of {self.named.asset})" if chain is not None else f" ({self.named.asset})"


@frozen
class Mending:
    """What may be done about findings."""

    repair: bool = False  # forget damaged derived files, remove orphans
    forget_lost: bool = False  # remove assets and versions whose original is missing or damaged, too


@frozen
class Checked:
    """What a check came to."""

    objects: int = 0
    bytes: int = 0
    found: int = 0
    cured: int = 0


class Fsck:
    """Checks one catalogue against one store."""

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        store: ObjectStore,
        clouds: Iterable[str],
        now: Callable[[], float],
        grace_seconds: float = GRACE_SECONDS,
    ) -> None:
        self._catalogue = catalogue
        self._store = store
        self._clouds = tuple(clouds)
        self._now = now
        self._grace_seconds = grace_seconds

    async def run(self, mending: Mending, tell: Callable[[Finding], None], *, hashes: bool = True) -> Checked:
        """Check every cloud's objects; `tell` hears each finding with what was done about it.

        With `hashes` every object is read whole; without, only sizes are compared.
        """
        checked = Checked()
        for cloud in self._clouds:
            originals, derivatives, *others = object_prefixes(cloud)
            named = self._catalogue.objects
            sides = [
                (_once_each(named.originals(originals), named.kept(originals)), originals),
                (named.derivatives(derivatives), derivatives),
                *((_nothing(), prefix) for prefix in others),  # all there is to say of them is who has none
            ]
            for rows, prefix in sides:
                async for row, stored in paired(rows, self._store.list(prefix), _key):
                    finding = await self._judged(row, stored, hashes)
                    if finding is not None:
                        finding = await self._mended(finding, mending)
                        tell(finding)
                    checked = _counted(checked, stored, finding)
        return checked

    async def _judged(
        self, row: NamedObject | None, stored: ObjectInfo | None, hashes: bool
    ) -> Finding | None:
        if row is None:
            assert stored is not None
            return await self._orphan(stored)
        trouble = await self._trouble(row, stored, hashes)
        if trouble is None or not await self._is_named(row.key):
            return None
        return Finding(trouble, row.key, row)

    async def _trouble(self, row: NamedObject, stored: ObjectInfo | None, hashes: bool) -> Trouble | None:
        try:
            # the listing may have passed by before the object came
            found = stored or await self._store.stat(row.key)
            if found.size != row.size:
                return Trouble.SIZE
            if hashes and await self._md5(row.key) != row.md5:
                return Trouble.HASH
        except ObjectMissing:
            return Trouble.MISSING
        return None

    async def _orphan(self, stored: ObjectInfo) -> Finding | None:
        is_young = stored.modified > self._now() - self._grace_seconds
        if is_young or await self._is_named(stored.key):
            return None
        return Finding(Trouble.ORPHAN, stored.key)

    async def _is_named(self, key: str) -> bool:
        return key in await self._catalogue.objects.named([key])

    async def _md5(self, key: str) -> str:
        digest = _Digest()
        await self._store.send(key, digest)
        return digest.md5.hexdigest()

    async def _mended(self, finding: Finding, mending: Mending) -> Finding:
        if finding.named is None:
            if not mending.repair:
                return finding
            await self._store.delete(finding.key)
            return evolve(finding, cure=Cure.REMOVED)
        if finding.named.version_id is not None:
            return await self._unkept(finding, finding.named) if mending.forget_lost else finding
        if finding.named.transformation is None:
            return await self._lost(finding, finding.named) if mending.forget_lost else finding
        if not mending.repair:
            return finding
        await self._catalogue.derived.forget(finding.key)
        await self._store.delete(finding.key)
        return evolve(finding, cure=Cure.FORGOTTEN)

    async def _lost(self, finding: Finding, row: NamedObject) -> Finding:
        asset = await self._catalogue.assets.get(row.asset)
        if asset is None or asset.store_key != row.key:
            return finding  # it was overwritten meanwhile
        await self._catalogue.assets.delete(row.asset, now=self._now())
        return evolve(finding, cure=Cure.LOST)

    async def _unkept(self, finding: Finding, row: NamedObject) -> Finding:
        await self._catalogue.backups.remove(row.asset.cloud, row.asset_id, [row.revision], now=self._now())
        return evolve(finding, cure=Cure.NOT_KEPT)


async def _once_each(*named: AsyncIterator[NamedObject]) -> AsyncIterator[NamedObject]:
    """Objects that several rows name, once: as the first of them does."""
    last = ""
    async for each in merged(named, _key):
        if each.key != last:
            yield each
        last = each.key


def _key(each: NamedObject | ObjectInfo) -> str:
    return each.key


async def _nothing() -> AsyncIterator[NamedObject]:
    return
    yield


def _counted(checked: Checked, stored: ObjectInfo | None, finding: Finding | None) -> Checked:
    return Checked(
        checked.objects + (stored is not None),
        checked.bytes + (stored.size if stored else 0),
        checked.found + (finding is not None),
        checked.cured + (finding is not None and finding.cure is not Cure.NONE),
    )


@implementer(IConsumer)
class _Digest:
    """Takes bytes for their MD5 alone."""

    def __init__(self) -> None:
        self.md5 = hashlib.md5(usedforsecurity=False)

    def registerProducer(self, producer: object, streaming: bool) -> None:
        """It takes bytes faster than any store sends them."""

    def unregisterProducer(self) -> None:
        """Nothing was kept of it."""

    def write(self, data: bytes) -> None:
        self.md5.update(data)
