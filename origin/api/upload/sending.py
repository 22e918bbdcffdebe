"""A stored file as an answer: whole or a range of it, to be shown or saved (signing §6)."""

from attrs import frozen

from origin.delivery.heads import Delivered
from origin.store.interface import ObjectStore
from wire.http.ranges import content_range, parse_ranges, resolve
from wire.web.site import StreamingRequest


@frozen
class Sending:
    """Sends files."""

    store: ObjectStore

    async def send(self, request: StreamingRequest, file: Delivered, disposition: str | None) -> None:
        """Head and body; a 416 says how long the file is."""
        fields = {
            "Content-Type": file.content_type,
            "ETag": f'"{file.md5}"',
            "Accept-Ranges": "bytes",
            **({"Content-Disposition": disposition} if disposition else {}),
        }
        asked = request.requestHeaders.getRawHeaders(b"Range") or ()
        condition = request.getHeader(b"If-Range")
        start, stop = 0, file.size
        if len(asked) == 1 and condition in (None, fields["ETag"].encode("ascii")):
            parts = resolve(parse_ranges(asked[0].decode("latin-1")), file.size)
            if parts == ():
                request.setResponseCode(416)
                fields["Content-Range"], stop = f"bytes */{file.size}", 0
            elif parts is not None and len(parts) == 1:
                start, stop = parts[0]
                request.setResponseCode(206)
                fields["Content-Range"] = content_range(parts[0], file.size)
        set_fields(request, {**fields, "Content-Length": str(stop - start)})
        if stop > start:
            await self.store.send(file.key, request, start, stop)


def set_fields(request: StreamingRequest, fields: dict[str, str]) -> None:
    """Set header fields."""
    for name, value in fields.items():
        request.setHeader(name.encode("ascii"), value.encode("latin-1", "replace"))
