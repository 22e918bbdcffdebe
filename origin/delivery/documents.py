"""Answers that are JSON: worked out once, then kept, keyed and purged like any derived asset."""

import hashlib
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from attrs import define, field

from origin.catalogue import Asset, Catalogue, Derived, DerivedDraft, derived_key
from origin.delivery.derive import RENDERER_VERSION, AssetChanged
from origin.delivery.flights import Flights
from origin.diskspace import needing_space
from origin.store.interface import ObjectStore
from origin.store.keys import derived_object_key

Document = dict[str, Any]


@define(eq=False, kw_only=True)
class Documents:
    """What was found out about one revision of an asset. The row repeats it, so that we need not read it back."""

    catalogue: Catalogue
    store: ObjectStore
    scratch: Path
    now: Callable[[], float]
    new_id: Callable[[], str]
    _flights: Flights[Derived] = field(factory=Flights, init=False)

    async def kept(
        self, asset: Asset, parts: tuple[str, ...], chain: str, worked_out: Callable[[], Awaitable[Document]]
    ) -> Derived:
        """The document of those parts; worked out if it was not yet, once however many ask meanwhile."""
        key = derived_key(asset, *parts, RENDERER_VERSION)
        return await self._flights.join(key, lambda: self._found_or_made(key, asset, chain, worked_out))

    async def _found_or_made(
        self, key: str, asset: Asset, chain: str, worked_out: Callable[[], Awaitable[Document]]
    ) -> Derived:
        found = await self.catalogue.derived.get(key)
        if found is not None:
            return found
        document = await worked_out()
        data = json.dumps(document, separators=(",", ":")).encode("ascii")
        unique = self.new_id()
        path = self.scratch / f"document-{unique}.json"
        store_key = derived_object_key(asset.identity.cloud, key, unique, "json")
        try:
            with needing_space():
                path.write_bytes(data)  # less than a block
            await self.store.put(store_key, path)
        finally:
            path.unlink(missing_ok=True)
        draft = DerivedDraft(
            derived_key=key,
            asset_id=asset.asset_id,
            revision=asset.revision,
            transformation=chain,
            format="json",
            store_key=store_key,
            bytes=len(data),
            etag=hashlib.md5(data, usedforsecurity=False).hexdigest(),
            details=document,
        )
        row = await self.catalogue.derived.add(draft, now=self.now())
        if row is None:
            raise AssetChanged
        return row
