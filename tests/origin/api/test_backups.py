"""Kept versions: placeholders, restoring, downloads, the end of versions; as the official SDK asks."""

from pathlib import Path

import cloudinary.api
import cloudinary.exceptions
import cloudinary.uploader
import cloudinary.utils
import pytest
import pytest_twisted

from origin.settings import Cloud
from tests.origin.api.test_listings import admin
from tests.support.images import as_bytes, quartered
from tests.support.origins import CLOUD, KEY, SECRET, RunningOrigin, running_origin

PICTURE = as_bytes(quartered(), "PNG")
OTHER = as_bytes(quartered().resize((20, 10)), "JPEG")


async def versions_of(origin: RunningOrigin, public_id: str) -> list[dict[str, object]]:
    detail = await origin.called(cloudinary.api.resource, public_id, versions=True)
    return list(detail["versions"])


@pytest_twisted.ensureDeferred
async def test_what_was_deleted_comes_back_from_its_backup(origin: RunningOrigin) -> None:
    uploaded = await origin.upload(PICTURE, public_id="backed/up", backup=True, tags="b", context="alt=x")
    await origin.called(cloudinary.api.delete_resources, ["backed/up"])
    gone = await origin.called(cloudinary.api.resource, "backed/up")
    assert (gone["placeholder"], gone["bytes"], gone["asset_id"]) == (True, 0, uploaded["asset_id"])
    by_id = await origin.called(cloudinary.api.resource_by_asset_id, uploaded["asset_id"])
    assert by_id["placeholder"] is True
    assert (await origin.get("/demo/image/upload/backed/up.png")).status == 404
    listed = await origin.called(cloudinary.api.resources, type="upload", prefix="backed/")
    assert listed["resources"] == []
    answer = await origin.called(cloudinary.api.restore, ["backed/up", "never"])
    assert answer["never"] == {"error": "no_backup"}
    back = answer["backed/up"]
    assert (back["asset_id"], back["bytes"], back["placeholder"]) == (
        uploaded["asset_id"],
        uploaded["bytes"],
        False,
    )
    assert (back["tags"], back["context"]) == (["b"], {"custom": {"alt": "x"}})
    assert back["version"] > uploaded["version"]
    assert back["version_id"] != uploaded["version_id"]
    delivered = await origin.get("/demo/image/upload/backed/up.png")
    assert (delivered.status, delivered.body) == (200, PICTURE)
    by_tag = await origin.called(cloudinary.api.resources_by_tag, "b")
    assert [each["public_id"] for each in by_tag["resources"]] == ["backed/up"]


@pytest_twisted.ensureDeferred
async def test_what_is_there_is_kept_from_now_on(origin: RunningOrigin) -> None:
    """By `explicit`; asking again keeps it no more often."""
    uploaded = await origin.upload(PICTURE, public_id="explicit")
    for _ in range(2):
        await origin.called(cloudinary.uploader.explicit, "explicit", type="upload", backup=True)
    assert [each["version_id"] for each in await versions_of(origin, "explicit")] == [uploaded["version_id"]]


@pytest_twisted.ensureDeferred
async def test_a_cloud_may_keep_all_that_is_uploaded(tmp_path: Path) -> None:
    """Unless an upload says otherwise."""
    clouds = {CLOUD: Cloud(KEY, SECRET, backup=True)}
    async with running_origin(tmp_path, clouds=clouds) as origin:
        await origin.upload(PICTURE, public_id="kept")
        await origin.upload(PICTURE, public_id="not", backup=False)
        assert len(await versions_of(origin, "kept")) == 1
        assert await versions_of(origin, "not") == []


@pytest_twisted.ensureDeferred
async def test_without_a_backup_nothing_is_left(origin: RunningOrigin) -> None:
    await origin.upload(PICTURE, public_id="plain")
    assert await versions_of(origin, "plain") == []
    assert "versions" not in await origin.called(cloudinary.api.resource, "plain")
    await origin.called(cloudinary.api.delete_resources, ["plain"])
    with pytest.raises(cloudinary.exceptions.NotFound):
        await origin.called(cloudinary.api.resource, "plain")
    assert await origin.called(cloudinary.api.restore, ["plain"]) == {"plain": {"error": "no_backup"}}


@pytest_twisted.ensureDeferred
async def test_an_earlier_version_is_shown_again(origin: RunningOrigin) -> None:
    first = await origin.upload(PICTURE, public_id="twice", backup=True, tags="old")
    second = await origin.upload(OTHER, public_id="twice", backup=True, tags="new")
    newest, oldest = await versions_of(origin, "twice")
    assert (oldest["version_id"], oldest["size"], oldest["format"]) == (
        first["version_id"],
        len(PICTURE),
        "png",
    )
    assert (newest["version"], newest["restorable"]) == (str(second["version"]), True)
    answer = await origin.called(
        cloudinary.api.restore_by_asset_ids, [first["asset_id"]], versions=[first["version_id"]]
    )
    back = answer[first["asset_id"]]
    assert (back["format"], back["width"], back["tags"]) == ("png", 64, ["new"])
    assert len(await versions_of(origin, "twice")) == 3
    assert (await origin.get("/demo/image/upload/twice.png")).body == PICTURE


@pytest_twisted.ensureDeferred
async def test_a_new_upload_takes_the_place_of_a_placeholder(origin: RunningOrigin) -> None:
    first = await origin.upload(PICTURE, public_id="again", backup=True)
    await origin.called(cloudinary.uploader.destroy, "again")
    second = await origin.upload(OTHER, public_id="again")
    assert second["asset_id"] == first["asset_id"]
    assert second["version"] > first["version"]
    (kept,) = await versions_of(origin, "again")
    assert kept["version_id"] == first["version_id"]


@pytest_twisted.ensureDeferred
async def test_a_version_is_downloaded_by_a_signed_link(origin: RunningOrigin) -> None:
    first = await origin.upload(PICTURE, public_id="dl/saved", backup=True)
    await origin.upload(OTHER, public_id="dl/saved")
    url = cloudinary.utils.download_backedup_asset(first["asset_id"], first["version_id"], **origin.sdk())
    got = await origin.ask("GET", url)
    assert (got.status, got.body) == (200, PICTURE)
    assert got.headers["content-disposition"].startswith('attachment; filename="saved.png"')
    assert got.headers["content-type"] == "image/png"
    forged = await origin.ask("GET", url.replace(first["version_id"], "0" * 32))
    assert forged.status == 401
    for asset_id, version_id, status, says in (
        (first["asset_id"], "0" * 32, 404, f"Resource not found - {first['asset_id']}"),
        (first["asset_id"], "junk", 400, "Illegal id"),
        ("../../etc", first["version_id"], 400, "Illegal id"),
    ):
        bad = cloudinary.utils.download_backedup_asset(asset_id, version_id, **origin.sdk())
        answer = await origin.ask("GET", bad)
        assert (answer.status, answer.json["error"]["message"]) == (status, says)
        assert answer.headers["x-cld-error"] == says
    missing = await admin(origin, "GET", f"download_backup?asset_id={first['asset_id']}")
    assert missing.json["error"]["message"] == "Missing required parameter - version_id"


@pytest_twisted.ensureDeferred
async def test_versions_are_forgotten_one_by_one(origin: RunningOrigin) -> None:
    """What the asset shows stays shown; of a placeholder nothing stays when its last version went."""
    uploaded = await origin.upload(PICTURE, public_id="forgotten", backup=True)
    path = f"resources/backup/{uploaded['asset_id']}"
    partly = await admin(origin, "DELETE", path, json={"version_ids": [uploaded["version_id"], "0" * 32]})
    assert (partly.status, partly.json) == (
        207,
        {
            "asset_id": uploaded["asset_id"],
            "deleted_version_ids": [uploaded["version_id"]],
            "failures": [{"version_id": "0" * 32, "error": "not_found"}],
        },
    )
    assert (await origin.get("/demo/image/upload/forgotten.png")).body == PICTURE
    again = await origin.upload(OTHER, public_id="forgotten", backup=True)
    await origin.called(cloudinary.api.delete_resources, ["forgotten"])
    answer = await origin.called(
        cloudinary.api.delete_backed_up_assets, again["asset_id"], [again["version_id"]]
    )
    assert answer["deleted_version_ids"] == [again["version_id"]]
    with pytest.raises(cloudinary.exceptions.NotFound):
        await origin.called(cloudinary.api.resource, "forgotten")
    assert (await admin(origin, "DELETE", path, json={"version_ids": ["x"]})).status == 404


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("image/upload/restore", {}, "Missing required parameter - public_ids"),
        ("image/upload/restore", {"public_ids": ["a", "b"], "versions": ["0"]}, "versions must name one"),
        ("image/upload/restore", {"public_ids": ["a", "a"]}, "public_ids names an asset twice"),
        ("image/upload/restore", {"public_ids": list(map(str, range(10_000)))}, "Too many public_ids"),
        ("restore", {}, "Missing required parameter - asset_ids"),
        ("restore", {"asset_ids": {"deep": [{}]}, "versions": ["1", "2"]}, "versions must name one"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_bad_restore_is_told(
    origin: RunningOrigin, path: str, body: dict[str, object], says: str
) -> None:
    answer = await admin(origin, "POST", f"resources/{path}", json=body)
    assert answer.status == 400
    assert answer.json["error"]["message"].startswith(says)
