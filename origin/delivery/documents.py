"""Answers that are JSON: worked out once, then kept, keyed and purged like any derived asset."""

import hashlib
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from attrs import define, field

from origin.catalogue import Asset, Derived, derived_key
from origin.delivery.derive import RENDERER_VERSION
from origin.delivery.flights import Flights
from origin.delivery.shelf import NewFile, Shelf
from origin.diskspace import needing_space

Document = dict[str, Any]


@define(eq=False, kw_only=True)
class Documents:
    """What was found out about one revision of an asset. The row repeats it, so that we need not read it back."""

    shelf: Shelf
    scratch: Path
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
        found = await self.shelf.found(key)
        if found is not None:
            return found
        document = await worked_out()
        data = json.dumps(document, separators=(",", ":")).encode("ascii")
        path = self.scratch / f"document-{self.new_id()}.json"
        file = NewFile(
            path=path,
            format="json",
            size=len(data),
            md5=hashlib.md5(data, usedforsecurity=False).hexdigest(),
            details=document,
        )
        try:
            with needing_space():
                path.write_bytes(data)  # less than a block
            return await self.shelf.keep(asset, key, chain, file)
        finally:
            path.unlink(missing_ok=True)
