"""`create_slideshow` and `concat` (upload-api §9): both make a video, and there is no encoder here."""

from origin.api.endpoint import Access, Call, Endpoint, Json
from wire.errors import InvalidRequest


async def create_slideshow(call: Call) -> Json:
    """400: said by name, so that nobody looks for a mistake of theirs."""
    raise InvalidRequest("create_slideshow is not supported by this server: it encodes no video")


async def concat(call: Call) -> Json:
    """The same."""
    raise InvalidRequest("concat is not supported by this server: it encodes no video")


ENDPOINTS = tuple(
    Endpoint("POST", f"{{resource_type}}/{call.__name__}", call, access=Access.SIGNED, summary=summary)
    for call, summary in (
        (create_slideshow, "Make a video of pictures (not supported)"),
        (concat, "Join videos (not supported)"),
    )
)
