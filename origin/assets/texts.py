"""`raw_convert=extract_text`: the words of a PDF as a raw asset beside it, `<public_id>.extract_text.json` (§3.2)."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from origin.assets.addons import EXTRACT_TEXT
from origin.assets.drafting import Received, draft_of
from origin.assets.purging import purge_of
from origin.catalogue import Asset, Catalogue, Stored
from origin.diskspace import needing_space
from origin.render.pool import RenderPool
from origin.store.interface import ObjectStore
from wire.errors import InvalidRequest

TEXT_EXTRACTED = {"raw_convert": {EXTRACT_TEXT: {"status": "complete"}}}
"""The `info` of an answer, once it is done."""

MARK = b"%PDF-"
HEAD_BYTES = 1024  # the mark may stand anywhere in them


@frozen(kw_only=True)
class Texts:
    """Reads documents, and keeps what they say."""

    catalogue: Catalogue
    store: ObjectStore
    renders: RenderPool
    scratch: Path
    now: Callable[[], float]
    new_id: Callable[[], str]

    async def read(self, path: Path) -> bytes:
        """A JSON array, of each page its number and its text; 400 for what is no PDF."""
        with path.open("rb") as file:
            if MARK not in file.read(HEAD_BYTES):
                raise InvalidRequest(f"raw_convert={EXTRACT_TEXT} is for PDF files")
        pages = (await self.renders.document_text(path))["pages"]
        told = [{"page": number, "text": text} for number, text in enumerate(pages, 1)]
        return json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")

    async def keep(self, asset: Asset, text: bytes) -> Stored:
        """Make a text the asset that stands beside another; an earlier one is replaced."""
        identity = evolve(
            asset.identity,
            resource_type="raw",
            public_id=f"{asset.identity.public_id}.{EXTRACT_TEXT}.json",
        )
        path = self.scratch / f"text-{self.new_id()}.json"
        try:
            with needing_space():
                path.write_bytes(text)
            md5 = hashlib.md5(text, usedforsecurity=False).hexdigest()
            draft = draft_of(identity, self.new_id(), Received(path, len(text), md5), None)
            draft = evolve(draft, asset_folder=asset.asset_folder, details=_guarded(asset))
            await self.store.put(draft.store_key, path)
        finally:
            path.unlink(missing_ok=True)
        return await self.catalogue.assets.put(draft, now=self.now(), tell=lambda _: purge_of(identity))

    async def extract(self, asset: Asset) -> Stored:
        """The text of a stored document, kept."""
        async with self.store.local(asset.store_key) as path:
            text = await self.read(path)
        return await self.keep(asset, text)


def _guarded(asset: Asset) -> dict[str, Any]:
    """Who may not see a document may not read it either."""
    return {name: asset.details[name] for name in ("access_control",) if name in asset.details}
