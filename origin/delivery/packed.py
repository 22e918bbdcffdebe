"""Pictures of one tag as a ZIP file, kept as if it were derived from the first of them (delivery-urls.md §8.7)."""

from collections.abc import Sequence
from pathlib import Path

from attrs import define, field

from origin.archives.formats import Zip
from origin.archives.naming import Names, Style
from origin.archives.packing import Member, Packing
from origin.catalogue import Derived, derived_key
from origin.delivery.derive import RENDERER_VERSION
from origin.delivery.flights import Flights
from origin.delivery.shelf import NewFile, Shelf
from origin.store.spooled import spooled

ZIP = "zip"


@define(eq=False, kw_only=True)
class Packed:
    """Packs them once, however many ask meanwhile, and anew once one of them has changed."""

    packing: Packing
    shelf: Shelf
    spool: Path
    most_bytes: int  # of such a file
    _flights: Flights[Derived] = field(factory=Flights, init=False)

    async def kept(self, members: Sequence[Member], parts: Sequence[str], chain: str) -> Derived:
        """The file; `parts` decide what is in it."""
        key = derived_key(members[0].asset, ZIP, *parts, RENDERER_VERSION)
        return await self._flights.join(key, lambda: self._found_or_packed(key, members, chain))

    async def _found_or_packed(self, key: str, members: Sequence[Member], chain: str) -> Derived:
        found = await self.shelf.found(key)
        if found is not None:
            return found
        names = Names(Style())
        file = await spooled(
            lambda sink: self.packing.pack(members, Zip(), names, sink, most_bytes=self.most_bytes),
            self.spool,
            None,
        )
        new = NewFile(path=file.path, format=ZIP, size=file.size, md5=file.md5)
        return await self.shelf.keep(members[0].asset, key, chain, new)
