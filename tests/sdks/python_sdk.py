"""The official Python SDK as the tests of this folder call it, and what its answers are held to."""

import re
from collections.abc import Mapping
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import cloudinary.api
import cloudinary.uploader
import cloudinary.utils
import urllib3
from PIL import Image

from tests.support.called import Called
from tests.support.images import as_bytes, quartered

uploader, api, utils = Called(cloudinary.uploader), Called(cloudinary.api), Called(cloudinary.utils)

PICTURE = as_bytes(quartered(), "PNG")
HEX = re.compile(r"[0-9a-f]{32}")
ASSET = {  # upload-api §3.5
    *("asset_id", "public_id", "version", "version_id", "signature", "width", "height", "format"),
    *("resource_type", "created_at", "tags", "pages", "bytes", "type", "etag", "placeholder", "url"),
    *("secure_url", "asset_folder", "display_name", "api_key", "request_id"),
}
RAW = ASSET - {"width", "height", "format", "pages"}
LISTED = {  # admin-api §4
    *("asset_id", "public_id", "format", "version", "resource_type", "type", "created_at", "bytes"),
    *("width", "height", "asset_folder", "display_name", "url", "secure_url"),
}

_http = urllib3.PoolManager(timeout=30.0, retries=False)


def put(public_id: str, **options: Any) -> dict[str, Any]:
    """A small picture under a name."""
    answer: dict[str, Any] = uploader.upload(PICTURE, public_id=public_id, **options)
    return answer


def holds(answer: Mapping[str, Any], wanted: set[str]) -> None:
    """Whether all those fields are there, said by the ones that are not."""
    assert not wanted - answer.keys(), f"missing: {sorted(wanted - answer.keys())} in {sorted(answer)}"


def get(url: str, method: str = "GET") -> urllib3.BaseHTTPResponse:
    return _http.request(method, url)


def picture(url: str) -> Image.Image:
    """What a URL shows, with 200."""
    response = get(url)
    assert response.status == 200, (url, response.data)
    image = Image.open(BytesIO(response.data))
    image.load()
    return image


def on(base: str, url: str) -> str:
    """The same path on another host: SDKs build delivery URLs for theirs."""
    split = urlsplit(url)
    return f"{base}{split.path}" + (f"?{split.query}" if split.query else "")
