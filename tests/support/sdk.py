"""The official Cloudinary Python SDK, unchanged, pointed at a world the way its users point it."""

from typing import Any

import cloudinary
import cloudinary.api
import cloudinary.uploader

from tests.support.world import World


def options(world: World) -> dict[str, Any]:
    """The per-call configuration; two worlds may live in one test process."""
    ready = world.ready
    return {
        "cloud_name": ready["cloud_name"],
        "api_key": ready["api_key"],
        "api_secret": ready["api_secret"],
        "upload_prefix": ready["api_url"],
    }


def upload(world: World, file: Any, **parameters: Any) -> dict[str, Any]:
    answer: dict[str, Any] = cloudinary.uploader.upload(file, **options(world), **parameters)
    return answer
