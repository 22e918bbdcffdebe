"""Hosts that belong to one cloud: no cloud in the path, and paths that mean one thing more (delivery-urls §2, §5)."""

from typing import Any

import cloudinary.utils
import pytest
import pytest_twisted

from tests.support.images import ASTRONAUT, as_bytes, quartered
from tests.support.origins import SECRET, RunningOrigin

GOOD = ASTRONAUT.read_bytes()
OTHER = as_bytes(quartered(), "PNG")
OWN = "demo-res.localhost:8000"


@pytest_twisted.async_yield_fixture(scope="module", autouse=True)
async def _assets(origin: RunningOrigin) -> Any:
    await origin.upload(GOOD, public_id="here")
    await origin.upload(OTHER, public_id="here/sub")
    yield


@pytest.mark.parametrize(
    "host",
    [
        OWN,
        "Demo-Res.localhost",
        "demo-res-3.localhost",
        "a2.img.localhost:80",
        "img.localhost.",
        "img-1.localhost",
    ],
)
@pytest.mark.parametrize(
    "path", ["/image/upload/here.jpg", "/here.jpg", "/iu/v1/here", "/images/here/words.jpg"]
)
@pytest_twisted.ensureDeferred
async def test_a_clouds_own_host_needs_no_cloud_in_the_path(
    origin: RunningOrigin, host: str, path: str
) -> None:
    assert (await origin.get(path, Host=host)).body == GOOD


@pytest.mark.parametrize("host", ["res.localhost", "res-1.localhost", "shared.localhost", "127.0.0.1"])
@pytest_twisted.ensureDeferred
async def test_everywhere_else_the_path_names_it(origin: RunningOrigin, host: str) -> None:
    assert (await origin.get("/demo/image/upload/here.jpg", Host=host)).body == GOOD
    lost = await origin.get("/image/upload/here.jpg", Host=host)
    assert (lost.status, lost.headers["x-cld-error"]) == (404, "Invalid cloud_name image")


@pytest_twisted.ensureDeferred
async def test_on_its_own_host_a_clouds_name_is_a_folder(origin: RunningOrigin) -> None:
    """`/demo/image/…` is a path within the cloud, in root form."""
    answer = await origin.get("/demo/image/upload/here.jpg", Host=OWN)
    assert (answer.status, answer.headers["x-cld-error"]) == (
        404,
        "Resource not found - demo/image/upload/here",
    )


@pytest_twisted.ensureDeferred
async def test_a_host_of_a_cloud_that_is_none_is_told(origin: RunningOrigin) -> None:
    answer = await origin.get("/image/upload/here.jpg", Host="lost.localhost")
    assert (answer.status, answer.headers["x-cld-error"]) == (404, "Invalid cloud_name no")


@pytest_twisted.ensureDeferred
async def test_a_root_path_is_a_name_first_and_then_a_name_with_words(origin: RunningOrigin) -> None:
    """`here/sub` is an asset; `here/words` is `here` under a name for search engines (§5)."""
    assert (await origin.get("/here/sub", Host=OWN)).body == OTHER
    assert (await origin.get("/here/words", Host=OWN)).body == GOOD
    small = await origin.get("/w_10/here/words", Host=OWN)
    assert (small.status, small.headers["content-type"]) == (200, "image/jpeg")
    assert (await origin.get("/demo/here/words", Host="res.localhost")).status == 404


@pytest.mark.parametrize(
    "told",
    [
        {"private_cdn": True},
        {"private_cdn": True, "shorten": True},
        {"private_cdn": True, "use_root_path": True},
        {"private_cdn": True, "url_suffix": "some-words"},
        {"private_cdn": True, "use_root_path": True, "url_suffix": "some-words"},
        {"private_cdn": True, "sign_url": True, "width": 20, "crop": "scale"},
        {"private_cdn": True, "use_root_path": True, "url_suffix": "some-words", "sign_url": True},
        {"private_cdn": True, "url_suffix": "some-words", "sign_url": True, "width": 20, "crop": "scale"},
        {"secure_distribution": "img.localhost", "private_cdn": True},
        {"cdn_subdomain": True, "private_cdn": True},
        {},
    ],
)
@pytest_twisted.ensureDeferred
async def test_what_the_sdk_writes_for_a_private_distribution(
    origin: RunningOrigin, told: dict[str, Any]
) -> None:
    url, _ = cloudinary.utils.cloudinary_url(
        "here", format="jpg", cloud_name="demo", api_secret=SECRET, secure=True, **told
    )
    host, slash, path = str(url).removeprefix("https://").partition("/")
    answer = await origin.get(slash + path, Host=host.replace("cloudinary.com", "localhost"))
    assert answer.status == 200, (url, answer.headers)
