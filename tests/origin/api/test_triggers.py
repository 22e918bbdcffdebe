"""Triggers: whom a cloud tells of an event whatever its calls name, through the official SDK and by hand."""

from collections.abc import AsyncIterator
from typing import Any

import cloudinary.api
import pytest
import pytest_twisted

from tests.support.calls import asked
from tests.support.notified import idle, notifying_origin, uploaded
from tests.support.origins import RunningOrigin
from tests.support.remote import RemoteServer


@pytest_twisted.async_yield_fixture(scope="module")
async def origin(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningOrigin]:
    async with notifying_origin(tmp_path_factory.mktemp("origin")) as running:
        yield running


@pytest_twisted.ensureDeferred
async def test_triggers_by_the_sdk(origin: RunningOrigin, receiver: RemoteServer) -> None:
    """Created, listed, heard of, redirected, tested, deleted."""
    here, there = receiver.serves("/here", b""), receiver.serves("/there", b"")
    made = await origin.called(cloudinary.api.create_trigger, here, "upload")
    assert set(made) == {
        *("id", "product_environment_id", "uri_type", "uri", "event_type", "created_at", "updated_at")
    }
    assert (made["uri"], made["uri_type"], made["event_type"]) == (here, "webhook", "upload")
    await origin.called(cloudinary.api.create_trigger, here, "delete", uri_type="webhook")
    assert (await origin.called(cloudinary.api.triggers))["total"] == 2
    listed = await origin.called(cloudinary.api.triggers, event_type="upload")
    assert (listed["triggers"], listed["total"]) == ([dict(made)], 1)

    await uploaded(origin, "heard")
    await origin.eventually(lambda: receiver.asked, "told")
    assert await origin.called(cloudinary.api.update_trigger, made["id"], there) == {
        "message": "Trigger was updated"
    }
    await uploaded(origin, "heard again", notification_url=there)  # named twice, told once
    await origin.eventually(lambda: len(receiver.asked) == 2, "told")
    await idle(origin)
    assert receiver.paths() == ["/here", "/there"]

    tested = await origin.called(cloudinary.api.test_trigger, made["id"], {"public_id": "x"})
    assert tested == {"trigger_id": made["id"], "filter_present": False, "filter_result": True}
    for each in (await origin.called(cloudinary.api.triggers))["triggers"]:
        assert await origin.called(cloudinary.api.delete_trigger, each["id"]) == {
            "message": "Trigger was deleted"
        }
    await uploaded(origin, "unheard")
    assert await origin.called(cloudinary.api.triggers) == {"triggers": [], "total": 0}
    await idle(origin)
    assert len(receiver.asked) == 2


GOOD = {"uri": "https://a.example/", "event_type": "upload"}


BAD_TRIGGERS = [
    ({}, 400, "Missing required parameter - uri"),
    ({**GOOD, "uri": None}, 400, "Missing required parameter - uri"),
    ({**GOOD, "event_type": ""}, 400, "Missing required parameter - event_type"),
    (
        {**GOOD, "event_type": "uploads"},
        400,
        "Invalid event_type uploads: expected one of all, access_control_",
    ),
    ({**GOOD, "event_type": {"a": 1}}, 400, "Invalid event_type"),
    ({**GOOD, "uri_type": "flow"}, 400, "uri_type flow is not supported by this server: use webhook or poll"),
    ({**GOOD, "uri_type": "mail"}, 400, "Invalid uri_type mail: expected webhook or poll"),
    ({**GOOD, "uri_type": "poll"}, 400, "a poll needs poll://<channel> or poll://*"),
    ({**GOOD, "uri": "poll://x", "uri_type": "webhook"}, 400, "a webhook needs an http:// or https:// URL"),
    ({**GOOD, "uri": "poll://"}, 400, "Invalid uri poll://: expected poll://* or poll://<channel>"),
    ({**GOOD, "uri": "poll://a/b"}, 400, "expected poll://* or poll://<channel>"),
    ({**GOOD, "uri": "unix:///run/x.sock"}, 400, "only http, https and poll URLs are told"),
    ({**GOOD, "uri": "file:///etc/passwd"}, 400, "only http, https and poll URLs are told"),
    ({**GOOD, "uri": "gopher://a.example/"}, 400, "only http, https and poll URLs are told"),
    ({**GOOD, "uri": "not a URL"}, 400, "not a URL with a scheme and a host"),
    ({**GOOD, "uri": "http://u:p@a.example/"}, 400, "a user name in a URL is not supported"),
    ({**GOOD, "uri": "http://10.0.0.1/"}, 400, "its address is not on the public internet, and not allowed"),
    ({**GOOD, "uri": "http://169.254.169.254/latest"}, 400, "not on the public internet, and not allowed"),
    ({**GOOD, "uri": "http://[::1]:80/"}, 400, "its address is not on the public internet, and not allowed"),
    ({**GOOD, "uri": "http://0x7f.2/"}, 400, "its address is not on the public internet, and not allowed"),
    ({**GOOD, "uri": "https://a.example/" + "x" * 2040}, 400, "a URL has 2048 characters at most"),
    ({**GOOD, "uri": ["https://a.example/"] * 10_000}, 400, "a URL has 2048 characters at most"),
    ({**GOOD, "uri": "https://a.example/\0"}, 400, "Invalid value for parameter"),
    ([], 400, "Request body must be a JSON object"),
    (b"{", 400, ""),
    (b'{"uri":"\xff"}', 400, ""),
    (b"[" * 100_000, 400, ""),
]


@pytest.mark.parametrize(("body", "status", "message"), BAD_TRIGGERS)
@pytest_twisted.ensureDeferred
async def test_a_bad_trigger_is_refused_with_what_to_fix(
    origin: RunningOrigin, body: Any, status: int, message: str
) -> None:
    answer = await asked(origin, "POST", "/v1_1/demo/triggers", body)
    assert (answer.status, message in answer.json["error"]["message"]) == (status, True), answer.json
    assert (await asked(origin, "GET", "/v1_1/demo/triggers")).json["total"] == 0


@pytest_twisted.ensureDeferred
async def test_triggers_answer_as_the_sheet_says_and_only_to_their_own_cloud(origin: RunningOrigin) -> None:
    made = await asked(origin, "POST", "/v1_1/demo/triggers", {**GOOD, "uri_type": None})
    assert made.status == 201
    one = f"/v1_1/demo/triggers/{made.json['id']}"
    assert (await asked(origin, "POST", "/v1_1/demo/triggers", GOOD)).status == 409
    assert (await asked(origin, "PUT", one, {})).json["error"]["message"] == (
        "Missing required parameter - new_uri"
    )
    assert (await asked(origin, "PUT", one, {"new_uri": "ftp://a"})).status == 400
    assert (await asked(origin, "POST", one + "/test", {"sample_data": [1]})).status == 400
    assert (await asked(origin, "POST", one + "/test", {"sample_data": "{"})).status == 400
    assert (await asked(origin, "POST", one + "/test", {"sample_data": None})).status == 200
    assert (await asked(origin, "GET", "/v1_1/demo/triggers?event_type=nothing")).status == 400
    for method, path, body in (
        ("PUT", "", {"new_uri": "https://a.example/"}),
        ("DELETE", "", {}),
        ("POST", "/test", {}),
    ):
        missing = await asked(origin, method, "/v1_1/demo/triggers/" + "0" * 32 + path, body)
        assert (missing.status, missing.json["error"]["message"]) == (404, f"Trigger {'0' * 32} not found")
        foreign = f"/v1_1/other/triggers/{made.json['id']}{path}"
        answer = await asked(origin, method, foreign, body, key="999:other-secret")
        assert answer.status == 404
        assert (await asked(origin, method, one + path, body, key="999:other-secret")).status == 401
    assert (await asked(origin, "DELETE", one, {})).status == 200
