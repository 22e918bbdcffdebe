"""Every way of listing assets, as the official SDK asks for it."""

from typing import Any

import cloudinary.api
import cloudinary.exceptions
import pytest
import pytest_twisted
from attrs import evolve

from origin.catalogue import Identity
from tests.support.images import as_bytes, quartered
from tests.support.origins import RunningOrigin

PICTURE = as_bytes(quartered(), "PNG")
BASE = "/v1_1/demo"


def names(page: Any) -> list[str]:
    return [each["public_id"] for each in page["resources"]]


async def paged(origin: RunningOrigin, call: Any, *arguments: Any, **more: Any) -> list[list[str]]:
    """The public ids of every page."""
    pages, cursor = [], None
    while True:
        page = await origin.called(call, *arguments, next_cursor=cursor, **more)
        pages.append(names(page))
        cursor = page.get("next_cursor")
        if cursor is None:
            return pages


async def admin(origin: RunningOrigin, method: str, path: str, **options: Any) -> Any:
    auth = (origin.sdk()["api_key"], origin.sdk()["api_secret"])
    return await origin.ask(method, f"{origin.url}{BASE}/{path}", auth=auth, **options)


async def moderated(origin: RunningOrigin, public_id: str, status: str) -> None:
    """As moderation leaves its mark."""
    states = [{"kind": "manual", "status": status, "updated_at": 1_719_307_544.0}]
    await origin.node.catalogue.assets.change(
        Identity("demo", "image", "upload", public_id),
        lambda asset: evolve(asset, details={**asset.details, "moderation": states}),
        now=1_719_307_544.0,
    )


@pytest_twisted.ensureDeferred
async def test_assets_are_listed_by_tag_in_pages(origin: RunningOrigin) -> None:
    for number in range(5):
        await origin.upload(PICTURE, public_id=f"tagged/{number}", tags=["lists/ü 1", f"own-{number}"])
    assert await paged(origin, cloudinary.api.resources_by_tag, "lists/ü 1", max_results=2) == [
        ["tagged/4", "tagged/3"],
        ["tagged/2", "tagged/1"],
        ["tagged/0"],
    ]
    (page,) = await paged(origin, cloudinary.api.resources_by_tag, "own-3", direction="asc")
    assert page == ["tagged/3"]
    assert await paged(origin, cloudinary.api.resources_by_tag, "nobody") == [[]]
    raw = await origin.called(cloudinary.api.resources_by_tag, "own-3", resource_type="raw")
    assert raw["resources"] == []


@pytest_twisted.ensureDeferred
async def test_assets_are_listed_by_context(origin: RunningOrigin) -> None:
    """By a key, or by a key and its value; a long value too."""
    long = "v" * 5000
    await origin.upload(PICTURE, public_id="context/1", context={"season": "winter", "long": long})
    await origin.upload(PICTURE, public_id="context/2", context={"season": "a=b|c"})
    by = cloudinary.api.resources_by_context
    assert names(await origin.called(by, "season")) == ["context/2", "context/1"]
    page = await origin.called(by, "season", "winter", context=True)
    assert names(page) == ["context/1"]
    assert page["resources"][0]["context"]["custom"]["season"] == "winter"
    assert names(await origin.called(by, "season", "a=b|c")) == ["context/2"]
    assert names(await origin.called(by, "season", "winte")) == []
    assert names(await origin.called(by, "long", long)) == ["context/1"]


@pytest_twisted.ensureDeferred
async def test_assets_are_listed_by_moderation_and_the_rejected_are_not_delivered(
    origin: RunningOrigin,
) -> None:
    for public_id, status in (("mod/1", "pending"), ("mod/2", "rejected"), ("mod/3", "approved")):
        await origin.upload(PICTURE, public_id=public_id)
        await moderated(origin, public_id, status)
    by = cloudinary.api.resources_by_moderation
    page = await origin.called(by, "manual", "rejected", moderations=True)
    assert names(page) == ["mod/2"]
    assert (page["resources"][0]["moderation_kind"], page["resources"][0]["moderation_status"]) == (
        "manual",
        "rejected",
    )
    assert names(await origin.called(by, "manual", "aborted")) == []
    for public_id, code in (("mod/1", 200), ("mod/2", 404), ("mod/3", 200)):
        assert (await origin.get(f"/demo/image/upload/{public_id}.png")).status == code
    await moderated(origin, "mod/2", "approved")
    assert names(await origin.called(by, "manual", "rejected")) == []
    assert set(names(await origin.called(by, "manual", "approved"))) == {"mod/2", "mod/3"}


@pytest_twisted.ensureDeferred
async def test_assets_are_listed_by_folder_with_their_count(origin: RunningOrigin) -> None:
    for number in range(3):
        await origin.upload(PICTURE, public_id=f"in-folder-{number}", asset_folder="lists/a b")
    await origin.upload(PICTURE, public_id="deeper", asset_folder="lists/a b/c")
    by = cloudinary.api.resources_by_asset_folder
    first = await origin.called(by, "lists/a b", max_results=2)
    assert (names(first), first["total_count"]) == (["in-folder-2", "in-folder-1"], 3)
    rest = await origin.called(by, "lists/a b", max_results=2, next_cursor=first["next_cursor"])
    assert (names(rest), rest["total_count"]) == (["in-folder-0"], 3)
    assert "next_cursor" not in rest
    assert (await origin.called(by, "lists"))["total_count"] == 0
    with pytest.raises(cloudinary.exceptions.NotFound, match="Can't find folder with path nowhere"):
        await origin.called(by, "nowhere")


@pytest_twisted.ensureDeferred
async def test_assets_are_listed_by_asset_id_whatever_their_type(origin: RunningOrigin) -> None:
    one = await origin.upload(PICTURE, public_id="by-id/1")
    other = await origin.upload(PICTURE, public_id="by-id/2", type="private")
    found = await origin.called(
        cloudinary.api.resources_by_asset_ids, [one["asset_id"], other["asset_id"], "0" * 32, "junk"]
    )
    assert names(found) == ["by-id/2", "by-id/1"]


@pytest_twisted.ensureDeferred
async def test_many_ids_are_shown_at_once(origin: RunningOrigin) -> None:
    """Whoever names them wants them all, not ten of them."""
    for number in range(12):
        await origin.upload(PICTURE, public_id=f"many/{number}")
    page = await origin.called(cloudinary.api.resources_by_ids, [f"many/{number}" for number in range(12)])
    assert len(page["resources"]) == 12


@pytest_twisted.ensureDeferred
async def test_a_listing_shows_what_is_asked_for(origin: RunningOrigin) -> None:
    """`metadata` is there whenever it is asked for, and only then."""
    await origin.upload(PICTURE, public_id="shown", tags="z,a", context="alt=x")
    by = cloudinary.api.resources_by_ids
    (plain,) = (await origin.called(by, ["shown"]))["resources"]
    assert not {"tags", "context", "metadata", "moderation_status"} & plain.keys()
    (full,) = (await origin.called(by, ["shown"], tags=True, context=True, metadata=True))["resources"]
    assert (full["tags"], full["context"], full["metadata"]) == (["z", "a"], {"custom": {"alt": "x"}}, {})
    (few,) = (await origin.called(by, ["shown"], fields=["secure_url", "tags"]))["resources"]
    assert few.keys() == {"asset_id", "public_id", "secure_url", "tags"}
    await moderated(origin, "shown", "approved")
    (both,) = (await origin.called(by, ["shown"], fields="moderation_status,tags", context=True))["resources"]
    assert (both["moderation_status"], both["tags"]) == ("approved", ["z", "a"])


@pytest_twisted.ensureDeferred
async def test_a_listing_may_start_at_a_moment(origin: RunningOrigin) -> None:
    uploaded = await origin.upload(PICTURE, public_id="since")
    since = await origin.called(cloudinary.api.resources, type="upload", start_at=uploaded["created_at"])
    assert "since" in names(since)
    spelled = "Thu, 01 Jan 2015 00:00:00 GMT"  # as the Node SDK sends a Date
    assert "since" in names(await origin.called(cloudinary.api.resources, type="upload", start_at=spelled))
    later = await origin.called(cloudinary.api.resources, type="upload", start_at="2100-01-01 00:00:00 UTC")
    assert names(later) == []


@pytest_twisted.ensureDeferred
async def test_tags_are_listed_sorted_in_pages(origin: RunningOrigin) -> None:
    await origin.upload(PICTURE, public_id="tags/1", tags=["tl-b", "tl-a", "tl-ü"])
    await origin.upload(PICTURE, public_id="tags/2", tags=["tl-b", "tl-c"])
    first = await origin.called(cloudinary.api.tags, prefix="tl-", max_results=3)
    assert first["tags"] == ["tl-a", "tl-b", "tl-c"]
    rest = await origin.called(cloudinary.api.tags, prefix="tl-", next_cursor=first["next_cursor"])
    assert rest["tags"] == ["tl-ü"]
    assert "next_cursor" not in rest
    assert (await origin.called(cloudinary.api.tags, prefix="none"))["tags"] == []
    assert (await origin.called(cloudinary.api.tags, resource_type="video"))["tags"] == []


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("resources/image/context", 400, "Missing required parameter - key"),
        ("resources/image/context?key=", 400, "Missing required parameter - key"),
        ("resources/image/moderations/manual/bogus", 400, "Invalid moderation status bogus"),
        ("resources/image/moderations/bogus/pending", 400, "Invalid moderation kind bogus"),
        ("resources/by_asset_folder", 400, "Missing required parameter - asset_folder"),
        ("resources/by_asset_folder?asset_folder=a%3Fb", 400, "asset_folder (a?b) is invalid"),
        ("resources/by_asset_ids", 400, "Missing required parameter - asset_ids"),
        ("resources/image/upload?start_at=yesterday", 400, "Invalid start_at yesterday: expected ISO 8601"),
        ("resources/image/upload?start_at=Thu%2C%20GMT", 400, "Invalid start_at Thu, GMT: expected ISO 8601"),
        ("resources/image/upload?start_at=2024-01-01&prefix=a", 400, "start_at cannot be used"),
        ("resources/image/upload?max_results=x", 400, "Invalid value for parameter max_results: x"),
        (
            "resources/image/upload?max_results=0",
            400,
            "Invalid value for parameter max_results: 0. Must be 1 at least",
        ),
        (
            "resources/image/upload/none?max_results=0",
            400,
            "Invalid value for parameter max_results: 0. Must be 1 at least",
        ),
        ("resources/image/upload?max_results=-1", 400, "Invalid value for parameter max_results: -1"),
        ("resources/image/tags/x?next_cursor=bogus", 400, "Invalid value for parameter next_cursor"),
        ("resources/image/tags/x?direction=up", 400, "Invalid value for parameter direction: up"),
        ("resources/image/tags/x?tags=perhaps", 400, "Invalid value for parameter tags: perhaps"),
        ("resources/image/tags/%00", 400, "tag is invalid"),
        ("resources/image/tags/%ff", 404, "The path is not UTF-8"),
        ("tags/image?next_cursor=%C3%A4", 400, "Invalid value for parameter next_cursor"),
        ("tags/bogus", 404, "Unknown API endpoint"),
        ("resources/bogus/tags/x", 404, "Unknown API endpoint"),
        (f"resources/{'0' * 32}", 404, f"Resource not found - {'0' * 32}"),
        ("resources/image/upload/none?related=true&related_next_cursor=x", 404, "Resource not found - none"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_what_cannot_be_listed_is_told(
    origin: RunningOrigin, path: str, status: int, says: str
) -> None:
    answer = await admin(origin, "GET", path)
    assert (answer.status, answer.json["error"]["message"][: len(says)]) == (status, says)


@pytest_twisted.ensureDeferred
async def test_too_many_ids_are_refused(origin: RunningOrigin) -> None:
    for name, path in (("public_ids", "resources/image/upload"), ("asset_ids", "resources/by_asset_ids")):
        listed = "&".join(f"{name}[]={number}" for number in range(101))
        answer = await admin(origin, "GET", f"{path}?{listed}")
        assert (answer.status, answer.json["error"]["message"]) == (
            400,
            f"Too many {name}. Maximum is 100.",
        )


@pytest_twisted.ensureDeferred
async def test_each_cloud_lists_its_own(origin: RunningOrigin) -> None:
    asset = await origin.upload(PICTURE, public_id="mine", tags="shared-tag", asset_folder="mine-folder")
    other = {"cloud_name": "other", "api_key": "999", "api_secret": "other-secret"}
    sdk = {**origin.sdk(), **other}

    async def asked(path: str) -> Any:
        auth = (sdk["api_key"], sdk["api_secret"])
        return await origin.ask("GET", f"{origin.url}/v1_1/other/{path}", auth=auth)

    for path in ("image/tags/shared-tag", f"by_asset_ids?asset_ids[]={asset['asset_id']}", "image/upload"):
        assert (await asked(f"resources/{path}")).json["resources"] == []
    assert (await asked("tags/image")).json["tags"] == []
    assert (await asked("resources/by_asset_folder?asset_folder=mine-folder")).status == 404
    assert (await asked(f"resources/{asset['asset_id']}")).status == 404
