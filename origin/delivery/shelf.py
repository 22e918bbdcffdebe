"""Files made of assets, kept: an object under a key of its own, then the row that names it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from origin.catalogue import Asset, Catalogue, Derived, DerivedDraft
from origin.render.pool import Rendered
from origin.store.interface import ObjectStore
from origin.store.keys import derived_object_key
from wire.errors import Unavailable


class AssetChanged(Unavailable):
    """The asset was overwritten or deleted while we made something of it: look again."""

    def __init__(self) -> None:
        super().__init__("The asset is changing, ask again", retry_after_seconds=1)


@frozen(kw_only=True)
class NewFile:
    """A file that was just made, and what its row will tell of it."""

    path: Path
    format: str
    size: int
    md5: str
    width: int | None = None
    height: int | None = None
    details: Mapping[str, Any] = field(factory=dict)

    @classmethod
    def of(cls, rendered: Rendered) -> "NewFile":
        """What a render came to."""
        return cls(
            path=rendered.path,
            format=rendered.format,
            size=rendered.size,
            md5=rendered.md5,
            width=rendered.width,
            height=rendered.height,
        )


@frozen(kw_only=True)
class Shelf:
    """Where they stand, by derived key."""

    catalogue: Catalogue
    store: ObjectStore
    now: Callable[[], float]
    new_id: Callable[[], str]

    async def found(self, key: str) -> Derived | None:
        """The row of that key."""
        return await self.catalogue.derived.get(key)

    async def keep(self, asset: Asset, key: str, transformation: str, file: NewFile) -> Derived:
        """The row of a file, which goes from here; `AssetChanged` if the revision is shown no more."""
        store_key = derived_object_key(asset.identity.cloud, key, self.new_id(), file.format)
        try:
            await self.store.put(store_key, file.path)
        finally:
            file.path.unlink(missing_ok=True)
        draft = DerivedDraft(
            derived_key=key,
            asset_id=asset.asset_id,
            revision=asset.revision,
            transformation=transformation,
            format=file.format,
            store_key=store_key,
            bytes=file.size,
            etag=file.md5,
            width=file.width,
            height=file.height,
            details=file.details,
        )
        row = await self.catalogue.derived.add(draft, now=self.now())
        if row is None:
            raise AssetChanged
        return row

    async def lost(self, store_key: str) -> None:
        """The store has no such object (any more): if a row names it, there is no such row."""
        await self.catalogue.derived.forget(store_key)
