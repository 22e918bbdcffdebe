"""Who is told of assets that go, come back, are published or judged."""

from typing import Any

import cloudinary.api
import cloudinary.uploader
import pytest_twisted

from tests.origin.api.test_listings import admin
from tests.support.images import as_bytes, quartered
from tests.support.origins import RunningOrigin

PICTURE = as_bytes(quartered(), "PNG")


async def told(origin: RunningOrigin, channel: str) -> list[dict[str, Any]]:
    """What waits in a channel."""
    answer = await origin.called(cloudinary.api.notifications, channel=channel, max_messages=10)
    return [each["payload"] for each in answer["messages"]]


@pytest_twisted.ensureDeferred
async def test_many_that_go_at_once_are_one_event(origin: RunningOrigin) -> None:
    uploaded = [await origin.upload(PICTURE, public_id=f"told/{number}") for number in range(2)]
    await origin.called(
        cloudinary.api.delete_resources, ["told/0", "told/1", "none"], notification_url="poll://going"
    )
    (event,) = await told(origin, "going")
    assert event["notification_type"] == "delete"
    assert {each["asset_id"] for each in event["resources"]} == {each["asset_id"] for each in uploaded}
    last = await origin.upload(PICTURE, public_id="told/last")
    for names in (["none"], ["told/last"]):
        await origin.called(cloudinary.api.delete_resources, names, notification_url="poll://rest")
    (event,) = await told(origin, "rest")  # of none, nothing was told before
    assert [each["asset_id"] for each in event["resources"]] == [last["asset_id"]]


@pytest_twisted.ensureDeferred
async def test_judgement_return_and_publication_are_told(origin: RunningOrigin) -> None:
    await origin.upload(PICTURE, public_id="told/one", type="private", backup=True)
    to = {"notification_url": "poll://told"}
    await origin.called(cloudinary.api.update, "told/one", type="private", moderation_status="approved", **to)
    await origin.called(cloudinary.api.update, "told/one", type="private", moderation_status="approved", **to)
    judged, summary = await told(origin, "told")
    assert (judged["notification_type"], judged["moderation_status"]) == ("moderation", "approved")
    assert (summary["notification_type"], summary["public_id"]) == ("moderation_summary", "told/one")
    assert [(each["kind"], each["status"]) for each in summary["moderation"]] == [("manual", "approved")]
    await origin.called(cloudinary.api.delete_resources, ["told/one"], type="private")
    body = {"public_ids": ["told/one"], "notification_url": "poll://back"}
    await admin(origin, "POST", "resources/image/private/restore", json=body)
    (back,) = await told(origin, "back")
    assert (back["notification_type"], back["public_id"]) == ("restore_asset_version", "told/one")
    await admin(
        origin,
        "POST",
        "resources/image/publish_resources",
        json={"prefix": "told/", "notification_url": "poll://public"},
    )
    (published,) = await told(origin, "public")
    assert (published["notification_type"], published["type"]) == ("publish", "upload")


@pytest_twisted.ensureDeferred
async def test_caches_know_who_may_see_an_asset_before_the_caller_is_answered(origin: RunningOrigin) -> None:
    """A picture that was just restricted must be nowhere to be had, with `invalidate` or without."""
    rules = [{"access_type": "token"}]
    await origin.upload(PICTURE, public_id="told/seen")

    async def is_owed() -> bool:
        waiting = await origin.node.catalogue.outbox.claim(99, now=4e9, lease_seconds=0, kinds=("purge",))
        return bool(waiting)

    await origin.called(cloudinary.api.update, "told/seen", access_control=rules)
    assert not await is_owed()
    await origin.called(cloudinary.uploader.explicit, "told/seen", type="upload", access_control=[])
    assert not await is_owed()
    await origin.upload(PICTURE, public_id="told/seen", access_control=rules)
    assert not await is_owed()


@pytest_twisted.ensureDeferred
async def test_an_empty_array_takes_the_rules_away(origin: RunningOrigin) -> None:
    await origin.upload(PICTURE, public_id="told/open", access_control=[{"access_type": "token"}])
    assert (await origin.get("/demo/image/upload/told/open.png")).status == 401
    answer = await admin(origin, "POST", "resources/image/upload/told/open", json={"access_control": []})
    assert "access_control" not in answer.json
    assert (await origin.get("/demo/image/upload/told/open.png")).status == 200
