"""`GET /v1_1/openapi.json`: what the APIs are, for programs that ask."""

import json
from hashlib import sha256

from attrs import field, frozen

from origin.api.endpoint import Endpoint
from origin.api.openapi.document import document
from origin.api.resource import ApiResource, Desk
from wire.errors import MethodNotAllowed
from wire.web.site import StreamingRequest

PATH = "/v1_1/openapi.json"
METHODS = "GET, HEAD, OPTIONS"
SECONDS = 300  # that anyone may keep it


@frozen
class Description:
    """The document as bytes, and the tag they are known by."""

    content: bytes = field(repr=False)
    etag: bytes

    @classmethod
    def of(cls, endpoints: tuple[Endpoint, ...]) -> "Description":
        """That of a table."""
        content = json.dumps(document(endpoints), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        return cls(content, b'"%s"' % sha256(content).hexdigest()[:32].encode())


class DescriptionResource(ApiResource):
    """Sends it to anyone."""

    def __init__(self, desk: Desk, description: Description) -> None:
        super().__init__(desk)
        self._description = description

    async def answer(self, request: StreamingRequest) -> None:
        self.set_fields(request)
        if request.method not in (b"GET", b"HEAD"):
            request.setHeader(b"Allow", METHODS.encode("ascii"))
            raise MethodNotAllowed(f"Only {METHODS} are answered here")
        request.setHeader(b"Cache-Control", b"public, max-age=%d" % SECONDS)
        if request.setETag(self._description.etag):
            return  # 304
        request.setHeader(b"Content-Type", b"application/json; charset=utf-8")
        request.setHeader(b"Content-Length", b"%d" % len(self._description.content))
        request.write(self._description.content)
