"""What is said of an asset, edited as the official SDK edits it."""

from typing import Any

import cloudinary.api
import cloudinary.exceptions
import pytest
import pytest_twisted

from origin.catalogue import Identity
from tests.origin.api.test_listings import admin, names
from tests.support.images import as_bytes, quartered
from tests.support.origins import RunningOrigin

PICTURE = as_bytes(quartered(), "PNG")


@pytest_twisted.ensureDeferred
async def test_an_update_replaces_what_it_says_and_nothing_else(origin: RunningOrigin) -> None:
    before = await origin.upload(PICTURE, public_id="up/1", tags="a,b", context="alt=x", asset_folder="f")
    answer = await origin.called(
        cloudinary.api.update,
        "up/1",
        tags=["z", "c"],
        context={"caption": "a=b|c"},
        display_name="Shown",
        custom_coordinates=[1, 2, 30, 40],
        face_coordinates=[[5, 6, 7, 8]],
        quality_override="auto:best",
        access_control=[{"access_type": "anonymous", "start": "2024-01-01T00:00:00Z"}],
    )
    assert (answer["asset_id"], answer["version"]) == (before["asset_id"], before["version"])
    assert (answer["tags"], answer["context"]) == (["c", "z"], {"custom": {"caption": "a=b|c"}})
    assert (answer["display_name"], answer["asset_folder"]) == ("Shown", "f")
    assert answer["access_control"] == [{"access_type": "anonymous", "start": "2024-01-01T00:00:00Z"}]
    assert answer["derived"] == []
    assert {"updated_at", "tags_updated_at", "context_updated_at", "access_control_updated_at"} == set(
        answer["last_updated"]
    )
    detail = await origin.called(cloudinary.api.resource, "up/1", coordinates=True)
    assert detail["coordinates"] == {"faces": [[5, 6, 7, 8]], "custom": [[1, 2, 30, 40]]}
    assert names(await origin.called(cloudinary.api.resources_by_tag, "z")) == ["up/1"]
    assert names(await origin.called(cloudinary.api.resources_by_tag, "a")) == []
    again = await origin.called(cloudinary.api.update, "up/1", tags="only")
    assert (again["tags"], again["context"]) == (["only"], {"custom": {"caption": "a=b|c"}})


@pytest_twisted.ensureDeferred
async def test_structured_metadata_is_merged_and_listed(origin: RunningOrigin) -> None:
    """`metadata=true` shows it on every asset of a listing, and a detail when there is some."""
    field = {"type": "integer", "external_id": "up_number", "label": "Up number"}
    await origin.called(cloudinary.api.add_metadata_field, field)
    await origin.upload(PICTURE, public_id="up/meta")
    answer = await origin.called(cloudinary.api.update, "up/meta", metadata={"up_number": 7})
    assert answer["metadata"] == {"up_number": 7}
    assert "metadata_updated_at" in answer["last_updated"]
    (listed,) = (await origin.called(cloudinary.api.resources_by_ids, ["up/meta"], metadata=True))[
        "resources"
    ]
    assert listed["metadata"] == {"up_number": 7}
    with pytest.raises(cloudinary.exceptions.BadRequest):
        await origin.called(cloudinary.api.update, "up/meta", metadata={"nosuch": 7}, tags="t")
    assert "tags" not in await origin.called(cloudinary.api.resource, "up/meta")


@pytest_twisted.ensureDeferred
async def test_an_update_by_asset_id_is_the_same(origin: RunningOrigin) -> None:
    asset = await origin.upload(PICTURE, public_id="up/by-id", type="private")
    body = {"tags": "t", "asset_folder": "moved/here", "unknown": None}
    answer = await admin(origin, "PUT", f"resources/{asset['asset_id']}", json=body)
    assert (answer.status, answer.json["tags"], answer.json["asset_folder"]) == (200, ["t"], "moved/here")
    found = await origin.called(cloudinary.api.resources_by_asset_folder, "moved/here")
    assert names(found) == ["up/by-id"]
    detail = await origin.called(cloudinary.api.resource_by_asset_id, asset["asset_id"])
    assert (detail["type"], detail["tags"]) == ("private", ["t"])


@pytest_twisted.ensureDeferred
async def test_a_detail_says_only_what_there_is(origin: RunningOrigin) -> None:
    """No tags, no `tags` (an upload's answer has `[]`)."""
    await origin.upload(PICTURE, public_id="up/bare")
    detail = await origin.called(cloudinary.api.resource, "up/bare")
    empty = {
        "tags",
        "context",
        "metadata",
        "moderation",
        "moderation_status",
        "access_control",
        "last_updated",
    }
    assert not (empty | {"versions", "related_assets", "coordinates"}) & detail.keys()


@pytest_twisted.ensureDeferred
async def test_people_reject_and_approve(origin: RunningOrigin) -> None:
    """Nobody is shown what was rejected, as a layer or in a sheet neither; approved, it is shown again."""
    await origin.upload(PICTURE, public_id="up/other")
    await origin.upload(PICTURE, public_id="up/mod", moderation="manual", tags="judged")
    pending = await origin.called(cloudinary.api.resource, "up/mod")
    assert (pending["moderation_kind"], pending["moderation_status"]) == ("manual", "pending")
    assert pending["moderation"] == [{"kind": "manual", "status": "pending"}]
    for status, code in (("rejected", 404), ("approved", 200)):
        answer = await origin.called(cloudinary.api.update, "up/mod", moderation_status=status)
        (state,) = answer["moderation"]
        assert (state["kind"], state["status"], answer["moderation_status"]) == ("manual", status, status)
        assert state["updated_at"].endswith("Z")
        listed = await origin.called(cloudinary.api.resources_by_moderation, "manual", status)
        assert "up/mod" in names(listed)
        assert (await origin.get("/demo/image/upload/up/mod.png")).status == code
        assert (await origin.get("/demo/image/upload/w_5/up/mod.png")).status == code
        layered = await origin.get("/demo/image/upload/l_up:mod/up/other.png")
        assert layered.status == (200 if code == 200 else 400)
        sheet = await origin.get("/demo/image/multi/judged.gif")
        assert sheet.status == code


@pytest_twisted.ensureDeferred
async def test_a_display_name_is_made_unique_in_its_folder(origin: RunningOrigin) -> None:
    for number in (1, 2):
        await origin.upload(PICTURE, public_id=f"up/apart-{number}", asset_folder="apart")
    named = [
        await origin.called(
            cloudinary.api.update, f"up/apart-{number}", display_name="Same", unique_display_name=True
        )
        for number in (1, 2)
    ]
    assert named[0]["display_name"] == "Same"
    assert named[1]["display_name"].startswith("Same_")


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"raw_convert": "illegal"}, 400, "Illegal value illegal for raw_convert"),
        ({"ocr": "illegal"}, 400, "Illegal value illegal for ocr"),
        ({"categorization": "illegal"}, 400, "Illegal value illegal for categorization"),
        ({"detection": "illegal"}, 400, "Illegal value illegal for detection"),
        ({"background_removal": "illegal"}, 400, "Illegal value illegal for background_removal"),
        ({"similarity_search": "illegal"}, 400, "Illegal value illegal for similarity_search"),
        ({"auto_tagging": "2"}, 400, "Illegal value 2 for auto_tagging"),
        ({"moderation_status": "pending"}, 400, "Illegal value pending for moderation_status"),
        ({"ocr": "adv_ocr"}, 420, "You don't have an active subscription for"),
        ({"face_coordinates": "1,2"}, 400, "Invalid face_coordinates 1,2"),
        ({"regions": "[" * 5000}, 400, "Invalid regions"),
        ({"access_control": [{"access_type": "bogus"}]}, 400, "Invalid access_control"),
        ({"display_name": "a/b"}, 400, "Display name cannot contain slashes"),
        ({"asset_folder": "a?b"}, 400, "asset_folder (a?b) is invalid"),
        ({"context": "no pair"}, 400, "Context must be given as key=value pairs"),
        ({"tags": [str(number) for number in range(10_000)]}, 400, "Too many or too long tags"),
        ({"tags": ["x" * 300]}, 400, "Too many or too long tags"),
        ({"quality_override": "best"}, 400, "Invalid quality_override best"),
        ({"unique_display_name": "perhaps"}, 400, "Invalid value for parameter unique_display_name"),
        ({"tags": "nul\0"}, 400, "Invalid value for parameter"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_bad_update_is_told_and_changes_nothing(
    origin: RunningOrigin, body: dict[str, Any], status: int, says: str
) -> None:
    identity = Identity("demo", "image", "upload", "up/bad")
    assets = origin.node.catalogue.assets
    if await assets.get(identity) is None:
        await origin.upload(PICTURE, public_id="up/bad", tags="same")
    before = await assets.get(identity)
    answer = await admin(origin, "POST", "resources/image/upload/up/bad", json={"context": "a=b", **body})
    assert answer.status == status
    assert answer.json["error"]["message"].startswith(says)
    assert await assets.get(identity) == before


@pytest_twisted.ensureDeferred
async def test_an_unknown_asset_cannot_be_updated(origin: RunningOrigin) -> None:
    with pytest.raises(cloudinary.exceptions.NotFound, match="Resource not found - none"):
        await origin.called(cloudinary.api.update, "none", tags="t")
    answer = await admin(origin, "PUT", f"resources/{'0' * 32}", json={"tags": "t"})
    assert (answer.status, answer.json["error"]["message"]) == (404, f"Resource not found - {'0' * 32}")
    mine = await origin.upload(PICTURE, public_id="up/mine")
    foreign = await origin.ask(
        "PUT",
        f"{origin.url}/v1_1/other/resources/{mine['asset_id']}",
        auth=("999", "other-secret"),
        json={"tags": "t"},
    )
    assert foreign.status == 404
