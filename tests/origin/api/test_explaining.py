"""Explicit of fetched and social pictures, after the answer, and what is told of edits."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import cloudinary.api
import cloudinary.exceptions
import cloudinary.uploader
import pytest
import pytest_twisted

from origin.settings import Cloud
from tests.support.images import as_bytes, quartered
from tests.support.notified import told, told_once
from tests.support.origins import (
    CLOUD,
    KEY,
    LOOPBACK,
    PATIENCE_SECONDS,
    SECRET,
    RunningOrigin,
    running_origin,
)
from tests.support.remote import RemoteServer, remote_server

TINY = as_bytes(quartered(), "PNG")
TAGS, CONTEXT, EXPLICIT = (f"/v1_1/demo/image/{action}" for action in ("tags", "context", "explicit"))


@pytest_twisted.async_yield_fixture(scope="module")
async def remote() -> AsyncIterator[RemoteServer]:
    async with remote_server() as server:
        yield server


@pytest_twisted.async_yield_fixture(scope="module")
async def origin(
    tmp_path_factory: pytest.TempPathFactory, remote: RemoteServer
) -> AsyncIterator[RunningOrigin]:
    folder: Path = tmp_path_factory.mktemp("origin")
    cloud = Cloud(KEY, SECRET, fetch=LOOPBACK, resolvers={"gravatar": remote.url("/gravatar/{id}")})
    async with running_origin(folder, clouds={CLOUD: cloud}) as running:
        yield running


async def explicit(origin: RunningOrigin, public_id: str, **more: Any) -> Any:
    return await origin.called(cloudinary.uploader.explicit, public_id, **{"type": "upload", **more})


@pytest_twisted.ensureDeferred
async def test_a_remote_picture_is_fetched_and_described(origin: RunningOrigin, remote: RemoteServer) -> None:
    """Once: what is delivered afterwards is the same copy, and the tags verb finds it by its URL."""
    url = remote.serves("/explicit.png", TINY)
    answer = await explicit(origin, url, type="fetch", tags="far", eager={"width": 5, "crop": "scale"})
    assert (answer["type"], answer["public_id"], answer["tags"], answer["width"]) == (
        "fetch",
        url,
        ["far"],
        64,
    )
    assert answer["eager"][0]["width"] == 5
    for each in (answer, answer["eager"][0]):  # a format behind the name would ask for another file there
        shown = await origin.get(each["url"].removeprefix("http://127.0.0.1:8000"))
        assert (shown.status, shown.headers["content-type"]) == (200, "image/png")
    assert (await origin.get(f"/demo/image/fetch/{url}")).body == TINY
    assert remote.paths().count("/explicit.png") == 1
    tagged = await origin.called(cloudinary.uploader.add_tag, "near", [url], type="fetch")
    assert tagged["public_ids"] == [url]
    assert (await explicit(origin, url, type="fetch"))["tags"] == ["far", "near"]
    missing = remote.url("/nothing.png")
    with pytest.raises(cloudinary.exceptions.NotFound, match=f"^Resource not found - {missing}$"):
        await explicit(origin, missing, type="fetch")


@pytest_twisted.ensureDeferred
async def test_a_social_picture_is_shown_by_the_name_it_has_there(
    origin: RunningOrigin, remote: RemoteServer
) -> None:
    remote.serves("/gravatar/jo%20e", TINY)
    answer = await explicit(origin, "jo e", type="gravatar", tags="friend")
    assert (answer["type"], answer["public_id"], answer["tags"]) == ("gravatar", "jo e", ["friend"])
    assert "/image/gravatar/" in answer["url"]


@pytest_twisted.ensureDeferred
async def test_explicit_after_the_answer(origin: RunningOrigin) -> None:
    """§6: pending at once, the full response as a notification; what is wrong is told at once."""
    await origin.upload(TINY, public_id="later")
    how = {"async": True, "notification_url": "poll://explicit", "batch_id": "mine"}
    answer = await explicit(origin, "later", tags="done", **how)
    answer.pop("request_id")
    assert answer == {
        "status": "pending",
        "resource_type": "image",
        "type": "upload",
        "public_id": "later",
        "batch_id": "mine",
    }
    notification = await told_once(origin, "explicit")
    assert (notification["notification_type"], notification["batch_id"]) == ("upload", "mine")
    assert (notification["public_id"], notification["tags"]) == ("later", ["done"])
    await explicit(origin, "none", **{**how, "notification_url": "poll://none"})
    notification = await told_once(origin, "none")
    assert notification["notification_type"] == "error"
    assert notification["error"] == {"message": "Resource not found - none"}
    with pytest.raises(cloudinary.exceptions.BadRequest, match="Invalid face_coordinates x"):
        await explicit(origin, "later", face_coordinates="x", **how)


@pytest_twisted.ensureDeferred
async def test_eager_files_of_explicit_after_the_answer(origin: RunningOrigin) -> None:
    await origin.upload(TINY, public_id="eagerly")
    answer = await explicit(
        origin,
        "eagerly",
        eager={"width": 5, "crop": "scale"},
        eager_async=True,
        eager_notification_url="poll://eagerly",
    )
    assert (answer["eager"][0]["status"], answer["eager"][0]["transformation"]) == (
        "processing",
        "c_scale,w_5",
    )
    notification = await told_once(origin, "eagerly")
    assert notification["notification_type"] == "eager"
    assert notification["eager"][0]["width"] == 5


@pytest_twisted.ensureDeferred
async def test_edits_are_told_with_what_they_changed(origin: RunningOrigin) -> None:
    """§7: by the ids of the assets, only those that changed, once for a call."""
    asset_id = (await origin.upload(TINY, public_id="told/a", tags="x", context="k=1|gone=1"))["asset_id"]
    await origin.upload(TINY, public_id="told/b", tags="y")
    ids = {"public_ids": ["told/a", "told/b", "none"], "type": "upload"}
    for number in range(2):
        answer = await origin.post(
            TAGS, {**ids, "command": "add", "tag": "y"}, notification_url="poll://tags"
        )
        assert answer.json == {"public_ids": ["told/a", "told/b"]}, number
    (notification,) = await told(origin, "tags")
    assert (notification["notification_type"], notification["source"]) == ("resource_tags_changed", "api")
    assert notification["resources"] == {
        asset_id: {
            "public_id": "told/a",
            "resource_type": "image",
            "type": "upload",
            "added": ["y"],
            "removed": [],
        }
    }
    fields = {"public_ids": ["told/a"], "command": "add", "context": "k=2|gone=|new=1"}
    await origin.post(CONTEXT, fields, notification_url="poll://context")
    (notification,) = await told(origin, "context")
    assert notification["notification_type"] == "resource_context_changed"
    difference = notification["resources"][asset_id]
    assert (difference["added"], difference["removed"], difference["updated"]) == (
        {"new": "1"},
        {"gone": "1"},
        {"k": "2"},
    )


@pytest_twisted.ensureDeferred
async def test_a_rename_and_an_end_are_told(origin: RunningOrigin) -> None:
    await origin.upload(TINY, public_id="from")
    gone = await origin.upload(TINY, public_id="to")
    await origin.called(
        cloudinary.uploader.rename, "from", "to", overwrite=True, notification_url="poll://rename"
    )
    deleted, renamed = await told(origin, "rename")
    assert (deleted["notification_type"], renamed["notification_type"]) == ("delete", "rename")
    assert [each["asset_id"] for each in deleted["resources"]] == [gone["asset_id"]]
    assert (renamed["from_public_id"], renamed["to_public_id"], renamed["type"]) == ("from", "to", "upload")
    await origin.post(
        "/v1_1/demo/asset/destroy", {"asset_id": renamed["asset_id"], "notification_url": "poll://end"}
    )
    (ended,) = await told(origin, "end")
    assert [each["public_id"] for each in ended["resources"]] == ["to"]


@pytest_twisted.ensureDeferred
async def test_a_bad_notification_url_changes_nothing(origin: RunningOrigin) -> None:
    await origin.upload(TINY, public_id="untold", tags="x")
    bad = {"notification_url": "gopher://x"}
    for path, fields in (
        (TAGS, {"command": "remove_all", "public_ids": ["untold"]}),
        (CONTEXT, {"command": "remove_all", "public_ids": ["untold"]}),
        (EXPLICIT, {"public_id": "untold", "type": "upload", "tags": "y"}),
        ("/v1_1/demo/image/rename", {"from_public_id": "untold", "to_public_id": "other"}),
        ("/v1_1/demo/image/destroy", {"public_id": "untold"}),
    ):
        is_unsigned = path in (TAGS, CONTEXT)
        signed, late = ({}, bad) if is_unsigned else (bad, {})
        answer = await origin.post(path, {**fields, **signed}, **late)
        assert (answer.status, "Invalid notification_url" in answer.json["error"]["message"]) == (
            400,
            True,
        ), path
    assert (await origin.called(cloudinary.api.resource, "untold"))["tags"] == ["x"]


@pytest_twisted.ensureDeferred
async def test_explicit_that_only_invalidates_purges_and_is_told(origin: RunningOrigin) -> None:
    """§9: `invalidate` needs nothing to be edited; what lists of its tags show is left alone."""
    await origin.upload(TINY, public_id="stale", tags="shown")
    courier = origin.node._telling.courier
    await courier.purge_now(PATIENCE_SECONDS)
    before = courier.purges
    await explicit(origin, "stale", notification_url="poll://stale")
    assert courier.purges == before
    await explicit(origin, "stale", invalidate=True, notification_url="poll://stale")
    assert courier.purges == before + 1
    assert (await told_once(origin, "stale", 2))["public_id"] == "stale"


@pytest_twisted.ensureDeferred
async def test_what_explicit_makes_for_its_answer_is_told_with_it(origin: RunningOrigin) -> None:
    """§7: the full response, though it is promised (and held back) in the transaction of the edit."""
    await origin.upload(TINY, public_id="whole")
    wanted = {"eager": {"width": 5, "crop": "scale"}, "phash": True, "tags": "x"}
    answer = await explicit(origin, "whole", **wanted, notification_url="poll://whole")
    (notification,) = await told(origin, "whole")
    assert notification["eager"] == answer["eager"]
    assert notification["phash"] == answer["phash"]
    assert notification["tags"] == ["x"]
