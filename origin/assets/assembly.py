"""A file from its parts: each an object of the store with a row, until the last has come (upload-api §5).

Any origin takes any part. Two that assemble the same upload at once come to the same revision of the same asset.
"""

from collections.abc import Callable
from pathlib import Path

from attrs import frozen

from origin.api.spooling import SpooledFile
from origin.catalogue import Catalogue, PartDraft, Progress, UploadDraft
from origin.catalogue.spans import Span
from origin.store.interface import ObjectStore
from origin.store.keys import incoming_key
from origin.store.spooled import gathered
from wire.errors import InvalidRequest


@frozen(kw_only=True)
class Assembly:
    """Takes parts in, and puts them together."""

    catalogue: Catalogue
    store: ObjectStore
    spool: Path
    now: Callable[[], float]
    new_id: Callable[[], str]
    most_bytes: int  # of a whole file

    async def receive(self, upload: UploadDraft, span: Span, file: SpooledFile) -> Progress:
        """Keep one part. The file is consumed, whatever comes of it; `InvalidRequest` if it does not fit."""
        try:
            span.check_size(file.size)
            self._check_bytes(file.size if span.is_numbered else max(span.total or 0, span.stop))
            part = PartDraft(
                span=span,
                bytes=file.size,
                etag=file.md5,
                store_key=incoming_key(upload.cloud, self.new_id()),
            )
            await self.store.put(part.store_key, file.path)
        finally:
            file.path.unlink(missing_ok=True)
        return await self.catalogue.uploads.receive(upload, part, now=self.now())

    async def whole(self, progress: Progress, filename: str | None) -> SpooledFile:
        """The file that all parts make, with the MD5 of all its bytes; now the caller's to move or remove."""
        self._check_bytes(progress.received)
        return await gathered(self.store, (each.store_key for each in progress.parts), self.spool, filename)

    def _check_bytes(self, size: int) -> None:
        if size > self.most_bytes:
            raise InvalidRequest(f"File size too large. Got {size}. Maximum is {self.most_bytes}.")
