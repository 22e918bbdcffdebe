"""Assets and derived assets go, as the official SDK has them go."""

import json
from typing import Any

import cloudinary.api
import cloudinary.exceptions
import pytest
import pytest_twisted

from origin.api.admin import choosing
from origin.catalogue import Identity
from tests.origin.api.test_listings import admin
from tests.support.drafts import draft
from tests.support.images import as_bytes, quartered
from tests.support.origins import RunningOrigin

PICTURE = as_bytes(quartered(), "PNG")


async def derive(origin: RunningOrigin, public_id: str, *chains: str, extension: str = "png") -> None:
    for chain in chains:
        assert (await origin.get(f"/demo/image/upload/{chain}/{public_id}.{extension}")).status == 200


async def derived_of(origin: RunningOrigin, public_id: str) -> list[str]:
    detail = await origin.called(cloudinary.api.resource, public_id)
    return [f"{each['transformation']}/{each['format']}" for each in detail["derived"]]


@pytest_twisted.ensureDeferred
async def test_assets_go_by_tag_and_by_asset_id(origin: RunningOrigin) -> None:
    one = await origin.upload(PICTURE, public_id="del/1", tags="del-tag")
    other = await origin.upload(PICTURE, public_id="del/2")
    answer = await origin.called(cloudinary.api.delete_resources_by_tag, "del-tag")
    assert answer["deleted"] == {"del/1": "deleted"}
    assert answer["deleted_counts"] == {"del/1": {"original": 1, "derived": 0}}
    assert (await origin.called(cloudinary.api.delete_resources_by_tag, "del-tag"))["deleted"] == {}
    ids = [other["asset_id"], one["asset_id"]]
    answer = await origin.called(cloudinary.api.delete_resources_by_asset_ids, ids)
    assert answer["deleted"] == {other["asset_id"]: "deleted", one["asset_id"]: "not_found"}
    assert answer["deleted_counts"][one["asset_id"]] == {"original": 0, "derived": 0}


@pytest_twisted.ensureDeferred
async def test_what_was_derived_goes_and_the_original_stays(origin: RunningOrigin) -> None:
    await origin.upload(PICTURE, public_id="keep")
    await derive(origin, "keep", "w_10", "w_11")
    answer = await origin.called(cloudinary.api.delete_resources, ["keep", "never"], keep_original=True)
    assert answer["deleted"] == {"keep": "deleted", "never": "not_found"}
    assert answer["deleted_counts"]["keep"] == {"original": 0, "derived": 2}
    assert await derived_of(origin, "keep") == []
    await derive(origin, "keep", "w_10")


@pytest_twisted.ensureDeferred
async def test_only_what_some_transformations_made_goes(origin: RunningOrigin) -> None:
    """In whatever spelling they are named; with an extension, of that format only."""
    await origin.upload(PICTURE, public_id="some")
    await derive(origin, "some", "c_scale,w_10", "c_scale,w_11", "w_12")
    await derive(origin, "some", "w_12", extension="jpg")
    answer = await origin.called(
        cloudinary.api.delete_derived_by_transformation,
        ["some"],
        [{"width": 10, "crop": "scale"}, {"width": 12, "format": "jpg"}],
        invalidate=True,
    )
    assert answer["deleted_counts"]["some"] == {"original": 0, "derived": 2}
    assert await derived_of(origin, "some") == ["c_scale,w_11/png", "w_12/png"]


@pytest_twisted.ensureDeferred
async def test_derived_assets_go_by_their_ids(origin: RunningOrigin) -> None:
    await origin.upload(PICTURE, public_id="each")
    await derive(origin, "each", "w_10", "w_11")
    detail = await origin.called(cloudinary.api.resource, "each")
    first, second = (each["id"] for each in detail["derived"])
    answer = await origin.called(cloudinary.api.delete_derived_resources, [first, "0" * 32])
    assert answer["deleted"] == {first: "deleted", "0" * 32: "not_found"}
    detail = await origin.called(cloudinary.api.resource, "each")
    assert [each["id"] for each in detail["derived"]] == [second]
    other = await origin.ask(
        "DELETE",
        f"{origin.url}/v1_1/other/derived_resources",
        auth=("999", "other-secret"),
        json={"derived_resource_ids": [second]},
    )
    assert other.json["deleted"] == {second: "not_found"}


@pytest_twisted.ensureDeferred
async def test_more_than_a_thousand_go_in_several_calls(
    origin: RunningOrigin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thousand at once (three here), in one transaction; a cursor leads on."""
    assert choosing.AT_ONCE == 1000
    monkeypatch.setattr(choosing, "AT_ONCE", 3)
    for number in range(5):
        await origin.node.catalogue.assets.put(draft(f"bulk/{number}"), now=1_700_000_000.0 + number)
    first = await origin.called(cloudinary.api.delete_resources_by_prefix, "bulk/")
    assert set(first["deleted"]) == {"bulk/4", "bulk/3", "bulk/2"}
    assert first["partial"] is True
    rest = await origin.called(
        cloudinary.api.delete_resources_by_prefix, "bulk/", next_cursor=first["next_cursor"]
    )
    assert set(rest["deleted"]) == {"bulk/0", "bulk/1"}
    assert rest["partial"] is False
    assert "next_cursor" not in rest


@pytest_twisted.ensureDeferred
async def test_all_of_a_type_go(origin: RunningOrigin) -> None:
    await origin.upload(PICTURE, public_id="all/1", type="authenticated")
    await origin.upload(PICTURE, public_id="all/2")
    answer = await origin.called(cloudinary.api.delete_all_resources, type="authenticated")
    assert answer["deleted"] == {"all/1": "deleted"}
    assert (await origin.called(cloudinary.api.resource, "all/2"))["public_id"] == "all/2"


BAD: list[tuple[str, Any, int, str]] = [
    ("resources/image/upload", {}, 400, "Missing required parameter - public_ids, prefix or all"),
    ("resources/image/upload", {"all": False}, 400, "Missing required parameter - public_ids, prefix or all"),
    ("resources/image/upload", {"all": True, "prefix": "bad/"}, 400, "Only one of public_ids, prefix or all"),
    ("resources/image/upload", {"public_ids": ["x"] * 101}, 200, ""),  # one of them, said often
    ("resources/image/upload", {"public_ids": list(map(str, range(10_000)))}, 400, "Too many public_ids"),
    ("resources/image/upload", {"public_ids": ["\ud800"]}, 400, "Invalid value for parameter public_ids"),
    ("resources/image/upload", {"public_ids": ["a\0b"]}, 400, "Invalid value for parameter"),
    ("resources/image/upload", {"public_ids": ["bad"], "transformations": "w_x"}, 400, "Invalid"),
    ("resources/image/upload", {"public_ids": ["bad"], "keep_original": "maybe"}, 400, "Invalid value"),
    ("resources/image/upload", {"public_ids": ["bad"], "next_cursor": "junk"}, 400, "Invalid value"),
    ("resources/image/upload", {"public_ids": ["bad"], "notification_url": "ftp://x"}, 400, ""),
    ("resources", {}, 400, "Missing required parameter - asset_ids"),
    ("resources", {"asset_ids": []}, 400, "Missing required parameter - asset_ids"),
    ("derived_resources", {}, 400, "Missing required parameter - derived_resource_ids"),
    ("derived_resources", {"derived_resource_ids": ["x"], "invalidate": 7}, 400, "Invalid value"),
    ("resources/image/tags/t", {"next_cursor": "junk"}, 400, "Invalid value for parameter next_cursor"),
    ("resources/image/upload", [1], 400, "Request body must be a JSON object"),
    ("resources/image/upload", json.loads("[" * 500 + "]" * 500), 400, ""),
]


@pytest.mark.parametrize(("path", "body", "status", "says"), BAD)
@pytest_twisted.ensureDeferred
async def test_a_bad_deletion_is_told_and_deletes_nothing(
    origin: RunningOrigin, path: str, body: Any, status: int, says: str
) -> None:
    assets = origin.node.catalogue.assets
    if await assets.get(Identity("demo", "image", "upload", "bad")) is None:
        await origin.upload(PICTURE, public_id="bad", tags="bad")
    answer = await admin(origin, "DELETE", path, json=body)
    assert answer.status == status
    if status != 200:
        assert answer.json["error"]["message"].startswith(says)
    assert await assets.get(Identity("demo", "image", "upload", "bad")) is not None
