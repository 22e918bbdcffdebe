"""Calls that make videos, or that no longer exist upstream: refused by name (upload-api §2, §9)."""

from origin.api.endpoint import Access, Call, Endpoint, Json
from origin.transform.values import unsupported

_NO_VIDEO = "here: this server encodes no video"


async def _slideshow(call: Call) -> Json:
    raise unsupported("create_slideshow", _NO_VIDEO)


async def _concat(call: Call) -> Json:
    raise unsupported("concat", _NO_VIDEO)


async def _collage(call: Call) -> Json:
    raise unsupported("create_collage", "any more: layers and sprites put images together")


ENDPOINTS = tuple(
    Endpoint(
        "POST",
        pattern,
        call,
        access=Access.SIGNED,
        summary=summary,
        action=pattern.rpartition("/")[2],
        statuses=(),
    )
    for pattern, call, summary in (
        ("{resource_type}/create_slideshow", _slideshow, "Not supported: makes a video of images"),
        ("{resource_type}/concat", _concat, "Not supported: makes one video of several"),
        ("{resource_type}/create_collage", _collage, "Not supported: withdrawn"),
    )
)
