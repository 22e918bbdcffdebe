"""Archives by the official SDK, their contents read back by the standard library (upload-api §9)."""

import hashlib
import io
import tarfile
import time
import zipfile
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode, urlsplit

import cloudinary.api
import cloudinary.exceptions
import cloudinary.uploader
import cloudinary.utils
import pytest
import pytest_twisted
from twisted.web.client import ResponseFailed

from origin.catalogue import Identity
from tests.support.images import as_bytes, quartered
from tests.support.notified import told_once
from tests.support.origins import CLOUD, KEY, SECRET, RunningOrigin

PNG = as_bytes(quartered(), "PNG")
JPG = as_bytes(quartered(80, 40), "JPEG")
MAKE = f"/v1_1/{CLOUD}/image/generate_archive"


@pytest_twisted.async_yield_fixture(scope="module", autouse=True)
async def assets(origin: RunningOrigin) -> AsyncIterator[None]:
    """Two pictures with a tag, one in a folder, a raw file."""
    await origin.upload(PNG, public_id="pets/cat", tags="pets,furry", asset_folder="zoo")
    await origin.upload(JPG, public_id="pets/dog", tags="pets", context={"name": "rex"})
    await origin.upload(PNG, public_id="house")
    await origin.upload(b"a,b\n", public_id="pets/list.csv", resource_type="raw", tags="pets")
    yield


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert file.testzip() is None
        return {each.filename: file.read(each) for each in file.infolist()}


def untarred(data: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as tar:
        return {each.name: tar.extractfile(each).read() for each in tar}  # type: ignore[union-attr]


def link(function: Any, *arguments: Any, **options: Any) -> str:
    """The path and query that the SDK makes."""
    url = function(*arguments, cloud_name=CLOUD, api_key=KEY, api_secret=SECRET, **options)
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def signed(action: str, **params: Any) -> str:
    """A link by hand, for what the SDK does not pass on."""
    given = {"timestamp": str(int(time.time())), **params}
    given["signature"] = cloudinary.utils.api_sign_request(given, SECRET)
    pairs = urlencode(cloudinary.utils.bracketize_seq({**given, "api_key": KEY}), True)
    return f"/v1_1/{CLOUD}/{action}?{pairs}"


async def stored(origin: RunningOrigin, answer: dict[str, Any]) -> bytes:
    got = await origin.get(urlsplit(answer["secure_url"]).path)
    assert got.status == 200
    return got.body


@pytest_twisted.ensureDeferred
async def test_create_zip_answers_a_raw_asset(origin: RunningOrigin) -> None:
    """It is delivered, listed and deleted like any other; its bytes are what it says."""
    answer = await origin.called(
        cloudinary.uploader.create_zip,
        tags="pets",
        target_public_id="all/pets",
        target_tags=["packed", "pets-archive"],
        target_asset_folder="archives",
    )
    assert (answer["public_id"], answer["resource_type"], answer["type"]) == ("all/pets.zip", "raw", "upload")
    assert (answer["resource_count"], answer["file_count"]) == (2, 2)
    assert answer["tags"] == ["packed", "pets-archive"]
    assert answer["asset_folder"] == "archives"
    assert "missing_public_ids" not in answer
    body = await stored(origin, answer)
    assert unzipped(body) == {"pets/cat.png": PNG, "pets/dog.jpg": JPG}
    assert (answer["bytes"], answer["etag"]) == (len(body), hashlib.md5(body).hexdigest())
    sign = cloudinary.utils.api_sign_request(
        {"public_id": "all/pets.zip", "version": answer["version"]}, SECRET
    )
    assert answer["signature"] == sign
    detail = await origin.called(cloudinary.api.resource, "all/pets.zip", resource_type="raw")
    assert detail["bytes"] == len(body)


@pytest_twisted.ensureDeferred
async def test_a_name_that_is_left_to_us(origin: RunningOrigin) -> None:
    """Random, with the extension."""
    answer = await origin.called(
        cloudinary.uploader.create_archive, public_ids=["house"], target_format="tgz"
    )
    assert answer["public_id"].endswith(".tgz")
    assert untarred(await stored(origin, answer)) == {"house.png": PNG}


@pytest_twisted.ensureDeferred
async def test_every_asset_by_every_transformation(origin: RunningOrigin) -> None:
    """Two assets by two transformations are four files."""
    answer = await origin.called(
        cloudinary.uploader.create_zip,
        tags="pets",
        transformations=[{"width": 20, "crop": "scale"}, {"effect": "sepia", "format": "webp"}],
    )
    assert (answer["resource_count"], answer["file_count"]) == (2, 4)
    names = unzipped(await stored(origin, answer))
    assert set(names) == {
        "c_scale,w_20/pets/cat.png",
        "c_scale,w_20/pets/dog.jpg",
        "e_sepia/pets/cat.webp",
        "e_sepia/pets/dog.webp",
    }
    delivered = await origin.get(f"/{CLOUD}/image/upload/c_scale,w_20/pets/cat.png")
    assert names["c_scale,w_20/pets/cat.png"] == delivered.body


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"flatten_folders": True}, {"cat.png", "dog.jpg"}),
        (
            {"flatten_transformations": True, "transformations": ["w_10", "w_20"]},
            {"pets/cat_w_10.png", "pets/cat_w_20.png", "pets/dog_w_10.jpg", "pets/dog_w_20.jpg"},
        ),
        (
            {"skip_transformation_name": True, "transformations": ["w_10", "w_20"]},
            {"pets/cat.png", "pets/cat_1.png", "pets/dog.jpg", "pets/dog_1.jpg"},
        ),
        ({"use_original_filename": True, "flatten_folders": True}, {"file.png", "file.jpg"}),
        ({"keep_derived": True, "transformations": "w_10"}, {"pets/cat.png", "pets/dog.jpg"}),
    ],
)
@pytest_twisted.ensureDeferred
async def test_downloads_are_named_as_the_flags_say(
    origin: RunningOrigin, options: dict[str, Any], names: set[str]
) -> None:
    """By a signed link, as an attachment, under the target's name."""
    path = link(cloudinary.utils.download_zip_url, tags="pets", target_public_id="my/pets", **options)
    got = await origin.get(path)
    assert got.status == 200, got.body
    assert got.headers["content-type"] == "application/zip"
    assert got.headers["content-disposition"].startswith('attachment; filename="pets.zip"')
    assert set(unzipped(got.body)) == names


@pytest.mark.parametrize(
    ("kind", "selectors", "names"),
    [
        ("image", {"public_ids": ["house", "pets/cat"]}, {"house.png", "pets/cat.png"}),
        ("all", {"tags": ["pets"]}, {"pets/cat.png", "pets/dog.jpg", "pets/list.csv"}),
        ("auto", {"prefixes": ["pets/"]}, {"pets/cat.png", "pets/dog.jpg", "pets/list.csv"}),
        ("raw", {"prefixes": ["pets/"]}, {"pets/list.csv"}),
        (
            "image",
            {"fully_qualified_public_ids": ["image/upload/house", "raw/upload/pets/list.csv"]},
            {"house.png", "pets/list.csv"},
        ),
        ("image", {"asset_folders": ["zoo"]}, {"pets/cat.png"}),
        ("image", {"search_expression": "context.name:rex"}, {"pets/dog.jpg"}),
        (
            "image",
            {"tags": ["furry"], "public_ids": ["pets/cat", "house"], "search_expression": "tags=furry"},
            {"pets/cat.png", "house.png"},
        ),
    ],
)
@pytest_twisted.ensureDeferred
async def test_selectors_are_a_union(
    origin: RunningOrigin, kind: str, selectors: dict[str, Any], names: set[str]
) -> None:
    """Every asset once, whatever found it."""
    got = await origin.get(signed(f"{kind}/generate_archive", mode="download", **selectors))
    assert got.status == 200, got.body
    assert set(unzipped(got.body)) == names


@pytest_twisted.ensureDeferred
async def test_a_folder_by_the_sdk(origin: RunningOrigin) -> None:
    """`download_folder`, of every resource type; `/` is all there is."""
    got = await origin.get(link(cloudinary.utils.download_folder, "pets/"))
    assert set(unzipped(got.body)) == {"pets/cat.png", "pets/dog.jpg", "pets/list.csv"}
    got = await origin.get(link(cloudinary.utils.download_folder, "/", resource_type="image"))
    assert {"house.png", "pets/cat.png", "pets/dog.jpg"} <= set(unzipped(got.body))


@pytest_twisted.ensureDeferred
async def test_the_legacy_link(origin: RunningOrigin) -> None:
    """`zip_download_url`: a tag and a transformation."""
    got = await origin.get(link(cloudinary.utils.zip_download_url, "pets", width=10, crop="scale"))
    assert got.status == 200, got.body
    assert set(unzipped(got.body)) == {"pets/cat.png", "pets/dog.jpg"}


@pytest_twisted.ensureDeferred
async def test_posts_download_too(origin: RunningOrigin) -> None:
    """`mode=download` by POST sends bytes and keeps nothing; `create_and_download` keeps them as well."""
    got = await origin.post(MAKE, {"mode": "download", "public_ids": ["house"], "target_format": "tgz"})
    assert got.headers["content-type"] == "application/gzip"
    assert untarred(got.body) == {"house.png": PNG}
    fields = {"mode": "create_and_download", "public_ids": ["house"], "target_public_id": "both"}
    got = await origin.post(MAKE, fields)
    assert unzipped(got.body) == {"house.png": PNG}
    assert (await origin.get(f"/{CLOUD}/raw/upload/both.zip")).body == got.body


@pytest_twisted.ensureDeferred
async def test_what_was_not_found_is_told(origin: RunningOrigin) -> None:
    """Lists of names; without `allow_missing` an unknown public id refuses the whole."""
    answer = await origin.called(
        cloudinary.uploader.create_zip,
        public_ids=["house", "nowhere"],
        tags=["pets", "unused"],
        prefixes=["pets/", "void/"],
        allow_missing=True,
    )
    assert answer["missing_public_ids"] == ["nowhere"]
    assert (answer["empty_tags"], answer["empty_prefixes"]) == (["unused"], ["void/"])
    with pytest.raises(cloudinary.exceptions.BadRequest, match="Resources not found: nowhere"):
        await origin.called(cloudinary.uploader.create_zip, public_ids=["house", "nowhere"])


@pytest_twisted.ensureDeferred
async def test_an_archive_later(origin: RunningOrigin) -> None:
    """`async`: pending, then there, then told of."""
    channel = "poll://archives"
    answer = await origin.post(
        MAKE,
        {
            "async": "1",
            "tags": ["pets"],
            "target_public_id": "later",
            "notification_url": channel,
            "batch_id": "b1",
        },
    )
    assert answer.status == 200, answer.body
    assert answer.json == {
        "status": "pending",
        "resource_type": "raw",
        "type": "upload",
        "public_id": "later.zip",
        "batch_id": "b1",
    }
    notification = await told_once(origin, "archives")
    assert notification["notification_type"] == "generate_archive"
    assert (notification["public_id"], notification["file_count"]) == ("later.zip", 2)
    assert notification["batch_id"] == "b1"
    got = await origin.get(f"/{CLOUD}/raw/upload/later.zip")
    assert set(unzipped(got.body)) == {"pets/cat.png", "pets/dog.jpg"}


async def _is_there(origin: RunningOrigin, identity: Identity) -> bool:
    return await origin.node.catalogue.assets.get(identity) is not None


@pytest_twisted.ensureDeferred
async def test_an_overwritten_archive_is_another_revision(origin: RunningOrigin) -> None:
    """The same name, other contents."""
    for ids in (["house"], ["house", "pets/cat"]):
        answer = await origin.called(cloudinary.uploader.create_zip, public_ids=ids, target_public_id="same")
        assert len(unzipped(await stored(origin, answer))) == len(ids)


BAD = [
    ({}, 400, "Missing required parameter - one of public_ids"),
    ({"public_ids": []}, 400, "Missing required parameter - one of public_ids"),
    ({"tags": ["nobody-has-it"]}, 404, "No resources found"),
    ({"prefixes": ["void/"]}, 404, "No resources found"),
    ({"public_ids": ["nowhere"]}, 400, "Resources not found: nowhere"),
    ({"public_ids": ["nowhere"], "allow_missing": "1"}, 404, "No resources found"),
    ({"public_ids": ["house"], "mode": "keep"}, 400, "Invalid mode - keep"),
    (
        {"public_ids": ["house"], "target_format": "rar"},
        400,
        "Invalid target_format - rar. Must be one of: zip, tgz",
    ),
    ({"public_ids": ["house"], "target_public_id": "a?b"}, 400, "public_id (a?b.zip) is invalid"),
    ({"public_ids": ["house"], "target_filename": "../a"}, 400, "is invalid"),
    ({"public_ids": ["house"], "type": "gravatar"}, 400, "Invalid type gravatar"),
    ({"public_ids": ["house"], "transformations": "w_0"}, 400, "Invalid width"),
    ({"public_ids": ["house"], "transformations": "|".join(["w_1"] * 51)}, 400, "Too many eager"),
    ({"public_ids": ["house"], "flatten_folders": "perhaps"}, 400, "flatten_folders"),
    ({"public_ids": [str(n) for n in range(1001)]}, 400, "Too many values of public_ids. Maximum is 1000."),
    ({"tags": [str(n) for n in range(21)]}, 400, "Too many values of tags. Maximum is 20."),
    ({"fully_qualified_public_ids": ["house"]}, 400, "house is not <resource_type>/<type>/<public_id>"),
    (
        {"fully_qualified_public_ids": ["raw/upload/pets/list.csv"], "transformations": "w_9"},
        400,
        "for raw files",
    ),
    ({"search_expression": "tags=("}, 400, ""),
    ({"public_ids": ["house"], "notification_url": "ftp://x"}, 400, "notification_url"),
]


@pytest.mark.parametrize(("fields", "status", "message"), BAD)
@pytest_twisted.ensureDeferred
async def test_bad_input_leaves_nothing(
    origin: RunningOrigin, fields: dict[str, Any], status: int, message: str
) -> None:
    """A sentence that says what to fix, and no asset, no file."""
    before = await _raw_assets(origin)
    got = await origin.post(MAKE, fields)
    assert (got.status, message in got.json["error"]["message"]) == (status, True), got.body
    assert await _raw_assets(origin) == before
    assert origin.spooled() == []


async def _raw_assets(origin: RunningOrigin) -> list[str]:
    listing = await origin.called(cloudinary.api.resources, resource_type="raw", max_results=100)
    return [each["asset_id"] for each in listing["resources"]]


@pytest_twisted.ensureDeferred
async def test_links_say_what_is_wrong_in_a_header_too(origin: RunningOrigin) -> None:
    """JSON, and the same sentence in X-Cld-Error (signing §6)."""
    table = [
        (
            link(cloudinary.utils.download_zip_url, tags="none", expires_at=1),
            401,
            "Request timestamp expired",
        ),
        (link(cloudinary.utils.download_zip_url, tags="none", timestamp=1), 400, "Stale request"),
        (
            link(cloudinary.utils.download_zip_url, tags="none").replace("none", "nine"),
            401,
            "Invalid Signature",
        ),
        (link(cloudinary.utils.download_zip_url, tags="none"), 404, "No resources found"),
        (signed("image/generate_archive", tags=["pets"]), 400, "needs mode=download"),
        (signed("image/download_tag.zip"), 400, "Missing required parameter - tag"),
    ]
    for path, status, message in table:
        got = await origin.get(path)
        assert got.status == status, got.body
        assert got.json["error"]["message"].startswith(message) or message in got.json["error"]["message"]
        assert got.headers["x-cld-error"].startswith(got.json["error"]["message"][:40])


@pytest_twisted.ensureDeferred
async def test_a_link_outlives_its_hour_by_expires_at(origin: RunningOrigin) -> None:
    """Until then, whenever it was made."""
    later = int(time.time()) + 600
    path = link(cloudinary.utils.download_zip_url, tags="furry", timestamp=1, expires_at=later)
    assert (await origin.get(path)).status == 200


@pytest_twisted.ensureDeferred
async def test_creating_knows_no_expires_at(origin: RunningOrigin) -> None:
    """Only links may be followed later."""
    fields = {"timestamp": "1", "tags": ["pets"], "expires_at": str(int(time.time()) + 600)}
    got = await origin.post(MAKE, fields)
    assert got.status == 400
    assert "Stale request" in got.json["error"]["message"]


@pytest_twisted.ensureDeferred
async def test_another_clouds_assets_are_not_found(origin: RunningOrigin) -> None:
    """Selectors are confined to the caller's cloud."""
    options = {"cloud_name": "other", "api_key": "999", "api_secret": "other-secret"}
    url = urlsplit(cloudinary.utils.download_zip_url(prefixes="/", resource_type="all", **options))
    assert (await origin.get(f"{url.path}?{url.query}")).status == 404


@pytest_twisted.ensureDeferred
async def test_a_file_that_is_lost_ends_in_no_archive_that_looks_whole(origin: RunningOrigin) -> None:
    """The first is an error with a sentence, a later one a connection that breaks off; nothing is created."""
    for name in ("lost/a", "lost/b"):
        await origin.upload(JPG, public_id=name, tags=name.replace("/", "-"))
    second = await origin.node.catalogue.assets.get(Identity(CLOUD, "image", "upload", "lost/b"))
    assert second is not None
    await origin.node.store.delete(second.store_key)
    got = await origin.get(link(cloudinary.utils.download_zip_url, public_ids=["lost/b"]))
    assert (got.status, got.json["error"]["message"]) == (500, "The file of lost/b is lost")
    assert "content-disposition" not in got.headers
    with pytest.raises(ResponseFailed):
        await origin.get(link(cloudinary.utils.download_zip_url, tags=["lost-a", "lost-b"]))
    with pytest.raises(cloudinary.exceptions.GeneralError):
        await origin.called(
            cloudinary.uploader.create_zip, tags=["lost-a", "lost-b"], target_public_id="half"
        )
    assert not await _is_there(origin, Identity(CLOUD, "raw", "upload", "half.zip"))
    assert origin.spooled() == []


@pytest_twisted.ensureDeferred
async def test_hidden_assets_make_a_hidden_archive(origin: RunningOrigin) -> None:
    """An archive of authenticated assets is delivered to nobody without a signature."""
    await origin.upload(JPG, public_id="secret/one", type="authenticated")
    answer = await origin.called(
        cloudinary.uploader.create_zip,
        public_ids=["secret/one"],
        type="authenticated",
        target_public_id="hidden",
    )
    assert answer["type"] == "authenticated"
    assert "/s--" in answer["secure_url"]
    assert unzipped(await stored(origin, answer)) == {"secret/one.jpg": JPG}
    assert (await origin.get(f"/{CLOUD}/raw/authenticated/hidden.zip")).status == 401


@pytest_twisted.ensureDeferred
async def test_an_archive_later_that_cannot_be(origin: RunningOrigin) -> None:
    """Told as an error."""
    fields = {"async": "1", "tags": ["nobody-has-it"], "notification_url": "poll://no-archive"}
    assert (await origin.post(MAKE, fields)).json["status"] == "pending"
    notification = await told_once(origin, "no-archive")
    assert notification["notification_type"] == "error"
    assert notification["error"]["message"].startswith("No resources found")
