"""Notifications that wait to be read: channels and batches, receipts and patience."""

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import cloudinary
import cloudinary.api
import cloudinary.utils
import pytest
import pytest_twisted
from twisted.internet.defer import Deferred

from tests.support.calls import asked
from tests.support.notified import notifying_origin, uploaded
from tests.support.origins import SECRET, RunningOrigin, pause


@pytest_twisted.async_yield_fixture(scope="module")
async def origin(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningOrigin]:
    async with notifying_origin(tmp_path_factory.mktemp("origin")) as running:
        yield running


@pytest_twisted.ensureDeferred
async def test_notifications_are_read_by_the_sdk(origin: RunningOrigin) -> None:
    """Claimed, verified, acknowledged."""
    made = await origin.called(cloudinary.api.create_trigger, "poll://jobs", "upload", uri_type="poll")
    assert (made["uri"], made["uri_type"]) == ("poll://jobs", "poll")
    answer = await uploaded(origin, "read", batch_id="b7")
    await origin.called(cloudinary.api.delete_trigger, made["id"])
    read = await origin.called(cloudinary.api.notifications, channel="jobs", wait_seconds=0)
    (message,) = read["messages"]
    assert (message["payload"]["public_id"], message["batch_id"]) == (answer["public_id"], "b7")
    raw = cloudinary.utils.base64url_decode(message["signed_payload"])
    assert json.loads(raw) == message["payload"]
    assert "=" not in message["signed_payload"]
    cloudinary.config(api_secret=SECRET)
    assert cloudinary.utils.verify_notification_signature(raw, message["timestamp"], message["signature"])
    again = await origin.called(cloudinary.api.notifications, channel="jobs", wait_seconds=0)
    assert again["messages"] == []
    acked = await origin.called(cloudinary.api.ack_notifications, [message["receipt_handle"], "nonsense"])
    assert acked["results"] == [
        {"receipt_handle": message["receipt_handle"], "status": "acked"},
        {"receipt_handle": "nonsense", "status": "not_found"},
    ]


@pytest_twisted.ensureDeferred
async def test_a_reader_waits_for_what_comes_and_is_kept_no_longer(origin: RunningOrigin) -> None:
    reading = origin.called(cloudinary.api.notifications, batch_id="late", wait_seconds=30)
    waiting = Deferred.fromCoroutine(reading)
    await pause(0.2)
    assert not waiting.called
    await uploaded(origin, "late", notification_url="poll://*", batch_id="late")
    began = time.monotonic()
    assert len((await waiting)["messages"]) == 1
    assert time.monotonic() - began < 5.0
    empty = await origin.called(cloudinary.api.notifications, batch_id="never", wait_seconds=1)
    assert empty["messages"] == []


MESSAGES = "/v2/notifications/demo/messages"


@pytest.mark.parametrize(
    ("method", "path", "body", "message"),
    [
        ("GET", "", None, "Supply exactly one of channel and batch_id"),
        ("GET", "?channel=a&batch_id=b", None, "Supply exactly one of channel and batch_id"),
        ("GET", "?channel=a/b", None, "Invalid channel a/b"),
        ("GET", "?channel=*", None, "Invalid channel *"),
        ("GET", "?channel=%FF", None, "Malformed query string"),
        ("GET", "?batch_id=" + "x" * 256, None, "Invalid batch_id"),
        ("GET", "?channel=a&max_messages=0", None, "Invalid value 0 for parameter max_messages"),
        ("GET", "?channel=a&max_messages=101", None, "Must be between 1 and 100"),
        ("GET", "?channel=a&max_messages=x", None, "Invalid value for parameter max_messages"),
        ("GET", "?channel=a&wait_seconds=61", None, "Must be between 0 and 60"),
        ("GET", "?channel=a&visibility_timeout=601", None, "Must be between 1 and 600"),
        ("POST", "/ack", {}, "Missing required parameter - receipt_handles"),
        ("POST", "/ack", {"receipt_handles": []}, "Missing required parameter - receipt_handles"),
        ("POST", "/ack", {"receipt_handles": ["x"] * 10_000}, "Too many receipt_handles: 100 at most"),
        ("POST", "/ack", {"receipt_handles": ["a\0"]}, "Invalid value for parameter"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_bad_reader_is_told_what_to_fix(
    origin: RunningOrigin, method: str, path: str, body: Any, message: str
) -> None:
    answer = await asked(origin, method, MESSAGES + path, body)
    assert (answer.status, message in answer.json["error"]["message"]) == (400, True), answer.json


@pytest_twisted.ensureDeferred
async def test_messages_are_for_their_own_cloud(origin: RunningOrigin) -> None:
    await uploaded(origin, "mine", notification_url="poll://shared")
    theirs = await asked(
        origin,
        "GET",
        "/v2/notifications/other/messages?channel=shared&wait_seconds=0",
        key="999:other-secret",
    )
    assert theirs.json == {"messages": []}
    assert (await asked(origin, "GET", MESSAGES + "?channel=shared", key="999:other-secret")).status == 401
    assert (await origin.ask("GET", f"{origin.url}{MESSAGES}?channel=shared")).status == 401
    mine = await asked(origin, "GET", MESSAGES + "?channel=shared&visibility_timeout=600")
    assert len(mine.json["messages"]) == 1
