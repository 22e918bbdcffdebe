"""Related assets, publishing and access modes, as the official SDKs ask for them."""

from typing import Any

import cloudinary.api
import cloudinary.exceptions
import pytest
import pytest_twisted

from tests.origin.api.test_listings import admin
from tests.support.images import as_bytes, quartered
from tests.support.origins import RunningOrigin

PICTURE = as_bytes(quartered(), "PNG")


async def related_to(origin: RunningOrigin, public_id: str, **more: Any) -> list[str]:
    detail = await origin.called(cloudinary.api.resource, public_id, related=True, **more)
    return [each["public_id"] for each in detail["related_assets"]]


def codes(entries: list[dict[str, Any]]) -> dict[str, tuple[str, int]]:
    return {each["asset"]: (each["code"], each["status"]) for each in entries}


@pytest_twisted.ensureDeferred
async def test_related_assets_know_each_other_until_one_goes(origin: RunningOrigin) -> None:
    one, two, three = [await origin.upload(PICTURE, public_id=f"rel/{number}") for number in range(3)]
    answer = await origin.called(
        cloudinary.api.add_related_assets, "rel/0", ["image/upload/rel/1", "image/upload/rel/2"]
    )
    assert answer["failed"] == []
    assert codes(answer["success"]) == {
        "image/upload/rel/1": ("success_ids", 200),
        "image/upload/rel/2": ("success_ids", 200),
    }
    assert await related_to(origin, "rel/0") == sorted_by_id(("rel/1", two), ("rel/2", three))
    assert await related_to(origin, "rel/1") == ["rel/0"]
    page = await origin.called(cloudinary.api.resource, "rel/0", related=True, max_results=1)
    rest = await related_to(origin, "rel/0", related_next_cursor=page["related_next_cursor"])
    assert [page["related_assets"][0]["public_id"], *rest] == await related_to(origin, "rel/0")
    removed = await origin.called(
        cloudinary.api.delete_related_assets_by_asset_ids, two["asset_id"], [one["asset_id"]]
    )
    assert codes(removed["success"]) == {one["asset_id"]: ("success_ids", 200)}
    assert await related_to(origin, "rel/0") == ["rel/2"]
    await origin.called(cloudinary.api.delete_resources, ["rel/2"])
    assert await related_to(origin, "rel/0") == []


def sorted_by_id(*assets: tuple[str, dict[str, Any]]) -> list[str]:
    return [name for name, asset in sorted(assets, key=lambda each: each[1]["asset_id"])]


@pytest_twisted.ensureDeferred
async def test_why_assets_are_not_related_is_told_for_each(origin: RunningOrigin) -> None:
    one = await origin.upload(PICTURE, public_id="why/1")
    two = await origin.upload(PICTURE, public_id="why/2")
    path = f"resources/related_assets/{one['asset_id']}"
    named = [two["asset_id"], one["asset_id"], "0" * 32, "junk", "image/upload/none"]
    answer = await admin(origin, "POST", path, json={"assets_to_relate": named})
    assert answer.status == 207
    assert codes(answer.json["success"]) == {two["asset_id"]: ("success_ids", 200)}
    assert codes(answer.json["failed"]) == {
        one["asset_id"]: ("invalid_relate_to_self_id", 400),
        "0" * 32: ("non_existing_ids", 404),
        "junk": ("invalid_ids", 400),
        "image/upload/none": ("non_existing_ids", 404),
    }
    again = await admin(origin, "POST", path, json={"assets_to_relate": [two["asset_id"]]})
    assert codes(again.json["failed"]) == {two["asset_id"]: ("already_exists_ids", 409)}
    await admin(origin, "DELETE", path, json={"assets_to_unrelate": [two["asset_id"]]})
    gone = await admin(origin, "DELETE", path, json={"assets_to_unrelate": [two["asset_id"]]})
    assert codes(gone.json["failed"]) == {two["asset_id"]: ("relation_does_not_exist_ids", 404)}


@pytest.mark.parametrize(
    ("path", "body", "status", "says"),
    [
        ("image/upload/none", {"assets_to_relate": ["x"]}, 404, "Resource not found - none"),
        ("0" * 32, {"assets_to_relate": ["x"]}, 404, f"Resource not found - {'0' * 32}"),
        ("image/upload/rel-bad", {}, 400, "Missing required parameter - assets_to_relate"),
        (
            "image/upload/rel-bad",
            {"assets_to_relate": list(map(str, range(11)))},
            400,
            "Too many assets_to_relate. Maximum is 10.",
        ),
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_bad_relation_is_told(
    origin: RunningOrigin, path: str, body: dict[str, Any], status: int, says: str
) -> None:
    await origin.upload(PICTURE, public_id="rel-bad")
    answer = await admin(origin, "POST", f"resources/related_assets/{path}", json=body)
    assert (answer.status, answer.json["error"]["message"]) == (status, says)


@pytest_twisted.ensureDeferred
async def test_protected_assets_are_published(origin: RunningOrigin) -> None:
    for public_id, kind in (("pub/1", "private"), ("pub/2", "authenticated"), ("pub/3", "upload")):
        await origin.upload(PICTURE, public_id=public_id, type=kind, tags="pub-tag")
    assert (await origin.get("/demo/image/upload/pub/1.png")).status == 404
    answer = await origin.called(cloudinary.api.publish_by_prefix, "pub/")
    assert {each["public_id"]: each["type"] for each in answer["published"]} == {
        "pub/1": "upload",
        "pub/2": "upload",
    }
    assert answer["failed"] == []
    url = answer["published"][0]["url"].removeprefix("http://127.0.0.1:8000")
    assert (await origin.get(url)).body == PICTURE
    assert await origin.called(cloudinary.api.publish_by_tag, "none") == {"published": [], "failed": []}


@pytest_twisted.ensureDeferred
async def test_a_taken_name_is_published_over_only_when_asked(origin: RunningOrigin) -> None:
    await origin.upload(PICTURE, public_id="taken")
    await origin.upload(PICTURE, public_id="taken", type="private", tags="mine")
    by_ids = cloudinary.api.publish_by_ids
    refused = await origin.called(by_ids, ["taken"], type="private")
    assert refused["published"] == []
    assert [each["error"] for each in refused["failed"]] == ["already_exists"]
    done = await origin.called(by_ids, ["taken"], overwrite=True, invalidate=True)
    assert [each["public_id"] for each in done["published"]] == ["taken"]
    assert (await origin.called(cloudinary.api.resource, "taken"))["tags"] == ["mine"]
    node = await admin(origin, "POST", "resources/image/publish_resources", data={"public_ids": "taken"})
    assert node.json == {"published": [], "failed": []}
    for body, says in (
        ({}, "Missing required parameter - public_ids, prefix or tag"),
        ({"prefix": "a", "type": "upload"}, "Invalid type upload: expected private or authenticated"),
    ):
        answer = await admin(origin, "POST", "resources/image/publish_resources", json=body)
        assert (answer.status, answer.json["error"]["message"]) == (400, says)


@pytest_twisted.ensureDeferred
async def test_access_modes_are_told_in_arrays(origin: RunningOrigin) -> None:
    """As Node's users read them; Node sends the whole path as one segment."""
    await origin.upload(PICTURE, public_id="mode/1")
    path = "resources%2Fimage%2Fupload%2Fupdate_access_mode"
    body = {"access_mode": "authenticated", "public_ids": ["mode/1", "mode/none"]}
    answer = await admin(origin, "POST", path, json=body)
    assert answer.json == {
        "updated": [{"public_id": "mode/1", "access_mode": "authenticated"}],
        "failed": [{"public_id": "mode/none", "error": "not_found"}],
    }
    assert (await origin.called(cloudinary.api.resource, "mode/1"))["access_mode"] == "authenticated"
    bad = await admin(origin, "POST", path, json={**body, "access_mode": "bogus"})
    assert bad.status == 400
