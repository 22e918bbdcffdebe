"""Signed links to assets, by the official SDK (signing §6)."""

import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode, urlsplit

import cloudinary.utils
import pytest
import pytest_twisted

from origin.catalogue import Identity
from tests.support.images import as_bytes, quartered
from tests.support.origins import CLOUD, KEY, SECRET, RunningOrigin

PNG = as_bytes(quartered(), "PNG")


@pytest_twisted.async_yield_fixture(scope="module", autouse=True)
async def assets(origin: RunningOrigin) -> AsyncIterator[dict[str, Any]]:
    """A private picture and a raw file."""
    await origin.upload(b"a,b\n", public_id="files/list.csv", resource_type="raw")
    yield await origin.upload(PNG, public_id="hidden/img", type="private")


def link(public_id: str, extension: str = "", **options: Any) -> str:
    """What the SDK makes."""
    given = {"cloud_name": CLOUD, "api_key": KEY, "api_secret": SECRET, **options}
    url = urlsplit(cloudinary.utils.private_download_url(public_id, extension, **given))
    return f"{url.path}?{url.query}"


def signed(action: str, **params: Any) -> str:
    """A link by hand, for what the SDK does not pass on."""
    given = {"timestamp": str(int(time.time())), **params}
    given["signature"] = cloudinary.utils.api_sign_request(given, SECRET)
    return f"/v1_1/{CLOUD}/{action}?{urlencode({**given, 'api_key': KEY})}"


@pytest_twisted.ensureDeferred
async def test_a_private_original(origin: RunningOrigin) -> None:
    """To be shown, or saved under its name."""
    got = await origin.get(link("hidden/img", "png", type="private"))
    assert (got.status, got.body, got.headers["content-type"]) == (200, PNG, "image/png")
    assert "content-disposition" not in got.headers
    assert got.headers["cache-control"] == "private, no-store"
    got = await origin.get(link("hidden/img", "png", type="private", attachment=True))
    assert got.headers["content-disposition"].startswith('attachment; filename="img.png"')
    assert got.body == PNG


@pytest_twisted.ensureDeferred
async def test_another_format(origin: RunningOrigin) -> None:
    """Made on the way, as a delivery would."""
    got = await origin.get(link("hidden/img", "webp", type="private", attachment=True))
    assert (got.status, got.headers["content-type"]) == (200, "image/webp")
    assert 'filename="img.webp"' in got.headers["content-disposition"]
    assert got.body[8:12] == b"WEBP"


@pytest_twisted.ensureDeferred
async def test_a_transformation_under_another_name(origin: RunningOrigin, assets: dict[str, Any]) -> None:
    """By public id, and by asset id."""
    wanted = {"transformation": "c_scale,w_8", "target_filename": "small", "attachment": "1"}
    for path in (
        signed("image/download", public_id="hidden/img", type="private", **wanted),
        signed("asset/download", asset_id=assets["asset_id"], **wanted),
    ):
        got = await origin.get(path)
        assert got.status == 200, got.body
        assert 'filename="small.png"' in got.headers["content-disposition"]
        assert int.from_bytes(got.body[16:20], "big") == 8


@pytest_twisted.ensureDeferred
async def test_raw_files(origin: RunningOrigin) -> None:
    """The extension is a part of the name, wherever the caller put it."""
    for public_id, extension in (("files/list.csv", ""), ("files/list", "csv"), ("files/list.csv", "csv")):
        got = await origin.get(link(public_id, extension, resource_type="raw", attachment=True))
        assert (got.status, got.body) == (200, b"a,b\n")
        assert got.headers["content-type"].startswith("text/csv")
        assert 'filename="list.csv"' in got.headers["content-disposition"]


@pytest.mark.parametrize(
    ("asked", "status", "body", "told"),
    [
        ("bytes=0-7", 206, PNG[:8], f"bytes 0-7/{len(PNG)}"),
        ("bytes=-4", 206, PNG[-4:], f"bytes {len(PNG) - 4}-{len(PNG) - 1}/{len(PNG)}"),
        ("bytes=999999-", 416, b"", f"bytes */{len(PNG)}"),
        ("lines=1-2", 200, PNG, None),
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_download_can_go_on_where_it_broke_off(
    origin: RunningOrigin, asked: str, status: int, body: bytes, told: str | None
) -> None:
    """Ranges, of the very file that the first part was of."""
    path = link("hidden/img", "png", type="private")
    got = await origin.get(path, Range=asked)
    assert (got.status, got.body, got.headers.get("content-range")) == (status, body, told)
    got = await origin.get(path, Range=asked, If_Range='"another"')
    assert (got.status, got.body) == (200, PNG)


def expired(**more: Any) -> str:
    return link("hidden/img", "png", type="private", expires_at=1, **more)


BAD = [
    (expired(), 401, "Request timestamp expired"),
    (link("hidden/img", "png", type="private").replace("hidden", "hiding"), 401, "Invalid Signature"),
    (link("hidden/img", "png"), 404, "Resource not found - hidden/img"),
    (link("hidden/img", "png", type="private", cloud_name="nobody"), 401, "Invalid cloud_name nobody"),
    (link("hidden/img", "png", type="private", api_key="1"), 401, "Unknown API key 1"),
    (link("hidden/img", "exe", type="private"), 400, "Unsupported output format exe"),
    (link("files/list.csv", resource_type="raw").replace("raw/", "font/"), 404, "Unknown API endpoint"),
    (signed("image/download"), 400, "Missing required parameter - public_id"),
    (signed("asset/download"), 400, "Missing required parameter - asset_id"),
    (signed("asset/download", asset_id="f" * 32), 404, "Resource not found - "),
    (signed("asset/download", asset_id="no id"), 404, "Resource not found - "),
    (signed("image/download", public_id="hidden/img", type="list"), 400, "Invalid type list"),
    (
        signed("image/download", public_id="hidden/img", type="private", transformation="w_0"),
        400,
        "Invalid width",
    ),
    (
        signed("image/download", public_id="hidden/img", type="private", transformation="w_1|w_2"),
        400,
        "one alone",
    ),
    (signed("image/download", public_id="hidden/img", type="private", attachment="maybe"), 400, "attachment"),
    (signed("raw/download", public_id="files/list.csv", transformation="w_9"), 400, "for raw files"),
    (signed("image/download", public_id="hidden/img", timestamp="1"), 400, "Stale request"),
]


@pytest.mark.parametrize(("path", "status", "message"), BAD)
@pytest_twisted.ensureDeferred
async def test_bad_links(origin: RunningOrigin, path: str, status: int, message: str) -> None:
    """JSON, and the same in X-Cld-Error."""
    got = await origin.get(path)
    assert got.status == status, got.body
    assert message in got.json["error"]["message"]
    assert got.headers["x-cld-error"][:30] == got.json["error"]["message"][:30]


@pytest_twisted.ensureDeferred
async def test_links_last_until_they_expire(origin: RunningOrigin) -> None:
    """`expires_at` takes the place of the hour, both ways."""
    now = int(time.time())
    old = signed(
        "image/download", public_id="hidden/img", type="private", timestamp="1", expires_at=str(now + 600)
    )
    assert (await origin.get(old)).status == 200


@pytest_twisted.ensureDeferred
async def test_a_file_that_is_lost_is_told(origin: RunningOrigin) -> None:
    """A derived one is made anew, an original is not to be had."""
    await origin.upload(PNG, public_id="gone")
    asset = await origin.node.catalogue.assets.get(Identity(CLOUD, "image", "upload", "gone"))
    assert asset is not None
    path = signed("image/download", public_id="gone", transformation="w_4")
    first = await origin.get(path)
    (derived,) = await origin.node.catalogue.derived.of(asset.asset_id)
    await origin.node.store.delete(derived.store_key)
    assert (await origin.get(path)).body == first.body
    await origin.node.store.delete(asset.store_key)
    got = await origin.get(link("gone", "png"))
    assert (got.status, got.json["error"]["message"]) == (500, "The file of gone is lost")
