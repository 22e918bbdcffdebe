"""From a call to its receiver: real sockets, real signatures, and everything that may go wrong between."""

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import cloudinary
import cloudinary.api
import cloudinary.uploader
import cloudinary.utils
import pytest
import pytest_twisted
from attrs import evolve
from twisted.internet.defer import Deferred

from origin.catalogue.messages import HELD_EVENT, WEBHOOK
from origin.settings import Cloud, Key, Webhooks
from tests.support.images import ASTRONAUT
from tests.support.origins import (
    CLOUD,
    KEY,
    LOOPBACK,
    SECRET,
    RunningOrigin,
    pause,
    running_origin,
    settings_in,
)
from tests.support.remote import Conversation, RemoteServer, remote_server

QUICK = Webhooks(pauses_seconds=(0.05, 0.05, 0.05), seconds=1.0, running=8, per_receiver=2, look_seconds=0.05)


@pytest_twisted.async_yield_fixture(scope="module")
async def origin(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningOrigin]:
    folder = tmp_path_factory.mktemp("origin")
    clouds = {
        **settings_in(folder).clouds,
        "usual": Cloud("555", "usual-secret", notification_url="poll://usual"),
    }
    async with running_origin(folder, webhooks=QUICK, clouds=clouds) as running:
        yield running


@pytest_twisted.async_yield_fixture
async def receiver() -> AsyncIterator[RemoteServer]:
    async with remote_server() as running:
        yield running


def verifies(told: Conversation, secret: str = SECRET, algorithm: str = "sha1") -> bool:
    """As the official SDK does it."""
    before = cloudinary.config().api_secret
    cloudinary.config(api_secret=secret)
    try:
        return bool(
            cloudinary.utils.verify_notification_signature(
                told.body.decode(),
                int(told.fields["x-cld-timestamp"]),
                told.fields["x-cld-signature"],
                algorithm=algorithm,
            )
        )
    finally:
        cloudinary.config(api_secret=before)


async def idle(origin: RunningOrigin) -> None:
    """No notification is owed any more."""

    async def is_idle() -> bool:
        return await origin.node.catalogue.outbox.waiting(WEBHOOK, HELD_EVENT) == 0

    await origin.eventually(is_idle, "the outbox is empty")


async def uploaded(origin: RunningOrigin, name: str, **parameters: Any) -> dict[str, Any]:
    return await origin.upload(
        b"bytes of " + name.encode(), public_id=name, resource_type="raw", **parameters
    )


def says(told: Conversation) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(told.body)
    return found


@pytest_twisted.ensureDeferred
async def test_an_upload_is_told_to_the_url_it_names(origin: RunningOrigin, receiver: RemoteServer) -> None:
    """The response in its envelope, signed so that the SDK's own check accepts it, once."""
    url = receiver.serves("/hook?x=1", b"thanks")
    answer = await origin.upload(
        str(ASTRONAUT), public_id="a/ü", tags=["ü"], notification_url=url, batch_id="b1"
    )
    await origin.eventually(lambda: receiver.asked, "told")
    (told,) = receiver.asked
    assert (told.method, told.path, told.fields["content-type"]) == ("POST", "/hook?x=1", "application/json")
    assert verifies(told)
    assert abs(int(told.fields["x-cld-timestamp"]) - time.time()) < 30
    said = says(told)
    envelope = {
        "notification_type",
        "timestamp",
        "request_id",
        "signature_key",
        "notification_context",
        "batch_id",
    }
    assert {name: value for name, value in said.items() if name not in envelope} == {
        name: value for name, value in answer.items() if name != "request_id"
    }
    assert said["request_id"] == answer["request_id"]
    assert (said["notification_type"], said["signature_key"], said["batch_id"]) == ("upload", KEY, "b1")
    assert said["notification_context"]["triggered_by"] == {"source": "api", "id": KEY}
    await idle(origin)
    assert len(receiver.asked) == 1


@pytest_twisted.ensureDeferred
async def test_the_eager_derivatives_are_part_of_what_is_told(
    origin: RunningOrigin, receiver: RemoteServer
) -> None:
    """The full response of a synchronous upload has them, so it is told when they are there."""
    url = receiver.serves("/hook", b"")
    answer = await origin.upload(
        str(ASTRONAUT), public_id="eager", eager=[{"width": 20, "crop": "scale"}], notification_url=url
    )
    await origin.eventually(lambda: receiver.asked, "told")
    assert says(receiver.asked[0])["eager"] == answer["eager"]
    await idle(origin)
    assert len(receiver.asked) == 1


@pytest_twisted.ensureDeferred
async def test_an_upload_that_leaves_the_asset_alone_is_told_too(
    origin: RunningOrigin, receiver: RemoteServer
) -> None:
    url = receiver.serves("/hook", b"")
    await uploaded(origin, "stays")
    await uploaded(origin, "stays", overwrite=False, notification_url=url)
    await origin.eventually(lambda: receiver.asked, "told")
    assert says(receiver.asked[0])["existing"] is True


@pytest_twisted.ensureDeferred
async def test_deletions_are_told_with_what_went(origin: RunningOrigin, receiver: RemoteServer) -> None:
    url = receiver.serves("/hook", b"")
    one, two = [await uploaded(origin, name) for name in ("one", "two")]
    parameters = {"resource_type": "raw", "notification_url": url}
    missing = await origin.called(cloudinary.uploader.destroy, "nothing", **parameters)
    assert missing["result"] == "not found"
    await origin.called(cloudinary.uploader.destroy, "one", **parameters)
    await origin.called(cloudinary.api.delete_resources, ["two"], **parameters)
    await origin.eventually(lambda: len(receiver.asked) == 2, "told")
    await idle(origin)
    assert [says(each)["resources"] for each in receiver.asked] == [
        [
            {
                "resource_type": "raw",
                "type": "upload",
                "asset_id": each["asset_id"],
                "public_id": each["public_id"],
                "version": each["version"],
            }
        ]
        for each in (one, two)
    ]
    assert all(verifies(each) and says(each)["notification_type"] == "delete" for each in receiver.asked)


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


async def admin(origin: RunningOrigin, method: str, path: str, body: Any = None, **options: Any) -> Any:
    options = {"auth": (KEY, SECRET), **options}
    if method != "GET":
        options["data"] = body if isinstance(body, bytes) else json.dumps(body).encode()
        options["headers"] = {"Content-Type": ["application/json"]}
    return await origin.ask(method, origin.url + path, **options)


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
    answer = await admin(origin, "POST", "/v1_1/demo/triggers", body)
    assert (answer.status, message in answer.json["error"]["message"]) == (status, True), answer.json
    assert (await admin(origin, "GET", "/v1_1/demo/triggers")).json["total"] == 0


@pytest_twisted.ensureDeferred
async def test_triggers_answer_as_the_sheet_says_and_only_to_their_own_cloud(origin: RunningOrigin) -> None:
    made = await admin(origin, "POST", "/v1_1/demo/triggers", {**GOOD, "uri_type": None})
    assert made.status == 201
    one = f"/v1_1/demo/triggers/{made.json['id']}"
    assert (await admin(origin, "POST", "/v1_1/demo/triggers", GOOD)).status == 409
    assert (await admin(origin, "PUT", one, {})).json["error"]["message"] == (
        "Missing required parameter - new_uri"
    )
    assert (await admin(origin, "PUT", one, {"new_uri": "ftp://a"})).status == 400
    assert (await admin(origin, "POST", one + "/test", {"sample_data": [1]})).status == 400
    assert (await admin(origin, "POST", one + "/test", {"sample_data": "{"})).status == 400
    assert (await admin(origin, "POST", one + "/test", {"sample_data": None})).status == 200
    assert (await admin(origin, "GET", "/v1_1/demo/triggers?event_type=nothing")).status == 400
    for method, path, body in (
        ("PUT", "", {"new_uri": "https://a.example/"}),
        ("DELETE", "", {}),
        ("POST", "/test", {}),
    ):
        missing = await admin(origin, method, "/v1_1/demo/triggers/" + "0" * 32 + path, body)
        assert (missing.status, missing.json["error"]["message"]) == (404, f"Trigger {'0' * 32} not found")
        foreign = f"/v1_1/other/triggers/{made.json['id']}{path}"
        answer = await admin(origin, method, foreign, body, auth=("999", "other-secret"))
        assert answer.status == 404
        assert (await admin(origin, method, one + path, body, auth=("999", "other-secret"))).status == 401
    assert (await admin(origin, "DELETE", one, {})).status == 200


BAD_URLS = [
    ({"notification_url": "http://10.1.2.3/x"}, "its address is not on the public internet, and not allowed"),
    ({"notification_url": "http+unix://%2Frun%2Fx/"}, "only http, https and poll URLs are told"),
    (
        {"notification_url": "nonsense"},
        "Invalid notification_url nonsense: not a URL with a scheme and a host",
    ),
    ({"notification_url": "http://a.example:0/"}, "the port is invalid"),
    ({"batch_id": "x" * 256}, "Invalid batch_id: expected 1 to 255 characters"),
]


@pytest.mark.parametrize(("parameters", "message"), BAD_URLS)
@pytest_twisted.ensureDeferred
async def test_a_bad_notification_url_ends_the_call_before_anything_is_done(
    origin: RunningOrigin, parameters: dict[str, str], message: str
) -> None:
    await uploaded(origin, "untouched")
    for path, fields in (
        ("/v1_1/demo/raw/upload", {"public_id": "never", **parameters}),
        ("/v1_1/demo/raw/destroy", {"public_id": "untouched", **parameters}),
    ):
        answer = await origin.post(path, fields, b"x" if "upload" in path else None)
        assert (answer.status, message in answer.json["error"]["message"]) == (400, True), answer.json
    found = await admin(origin, "GET", "/v1_1/demo/resources/raw/upload?public_ids=never,untouched")
    assert [each["public_id"] for each in found.json["resources"]] == ["untouched"]
    assert origin.spooled() == []


@pytest_twisted.ensureDeferred
async def test_a_receiver_that_fails_is_told_again_and_then_given_up(
    origin: RunningOrigin, receiver: RemoteServer
) -> None:
    """Four attempts, each signed anew over the same bytes."""
    counters = origin.node.counters
    before = (counters.webhooks, counters.webhooks_failed, counters.webhooks_given_up)
    url = receiver.serves("/busy", b"", status="503 Busy")
    await uploaded(origin, "given up", notification_url=url)
    await idle(origin)
    assert len(receiver.asked) == 4
    assert len({each.body for each in receiver.asked}) == 1
    assert all(map(verifies, receiver.asked))
    assert (counters.webhooks, counters.webhooks_failed, counters.webhooks_given_up) == (
        before[0],
        before[1] + 4,
        before[2] + 1,
    )


@pytest_twisted.ensureDeferred
async def test_a_receiver_that_comes_to_itself_is_told_no_more_than_it_needs(
    origin: RunningOrigin, receiver: RemoteServer
) -> None:
    url = receiver.serves("/hook", b"", status="500 Oops")
    busy = receiver.scripts["/hook"]

    def once(conversation: Conversation) -> None:
        receiver.serves("/hook", b"", status="204 Fine")
        busy(conversation)

    receiver.scripts["/hook"] = once
    await uploaded(origin, "second time", notification_url=url)
    await idle(origin)
    assert len(receiver.asked) == 2


@pytest_twisted.ensureDeferred
async def test_redirects_are_not_followed(origin: RunningOrigin, receiver: RemoteServer) -> None:
    """A receiver on the public internet could send us to an address that is not."""
    receiver.serves("/end", b"")
    await uploaded(origin, "redirected", notification_url=receiver.redirects("/start", "/end", "307 There"))
    await idle(origin)
    assert set(receiver.paths()) == {"/start"}


@pytest_twisted.ensureDeferred
async def test_a_silent_receiver_holds_up_nobody_else(origin: RunningOrigin, receiver: RemoteServer) -> None:
    """It has so many connections of ours and no more, each for a while."""
    receiver.scripts["/silent"] = lambda conversation: None
    silent = receiver.url("/silent")
    async with remote_server() as quick:
        for number in range(6):
            await uploaded(origin, f"silent {number}", notification_url=silent)
        url = quick.serves("/hook", b"")
        began = time.monotonic()
        await uploaded(origin, "quick", notification_url=url)
        await origin.eventually(lambda: quick.asked, "told")
        assert time.monotonic() - began < QUICK.seconds
        assert 1 <= len(receiver.open) <= QUICK.per_receiver
        receiver.serves("/silent", b"")
        await idle(origin)
        assert receiver.paths().count("/silent") >= 6


@pytest_twisted.ensureDeferred
async def test_a_notification_survives_the_node_that_owed_it(tmp_path: Path, receiver: RemoteServer) -> None:
    """Stopped before it looked, stopped in the midst of telling: whoever runs next tells. And where the key was
    taken out of use meanwhile, the one that took its place signs, and says so."""
    idle_webhooks = evolve(QUICK, look_seconds=60.0, seconds=30.0)
    url = receiver.serves("/hook", b"")
    async with running_origin(tmp_path, is_ready=False, webhooks=idle_webhooks) as origin:
        await uploaded(origin, "owed", notification_url=url)
        assert receiver.asked == []
    receiver.scripts["/hook"] = lambda conversation: None
    async with running_origin(tmp_path, is_ready=False, webhooks=evolve(QUICK, seconds=30.0)) as origin:
        await origin.eventually(lambda: receiver.asked, "in the midst of telling")
    receiver.serves("/hook", b"")
    keys = (Key(KEY, SECRET, disabled=True), Key("new", "new-secret", sha256_only=True))
    rotated = {CLOUD: Cloud(keys=keys, fetch=LOOPBACK)}
    async with running_origin(tmp_path, is_ready=False, webhooks=QUICK, clouds=rotated) as origin:
        await idle(origin)
        assert origin.node.counters.webhooks == 1
    first, second = receiver.asked
    assert verifies(first)
    assert verifies(second, "new-secret", "sha256")
    assert says(second) == {**says(first), "signature_key": "new"}


@pytest_twisted.ensureDeferred
async def test_a_cloud_has_a_url_of_its_own_for_what_no_request_names_one(origin: RunningOrigin) -> None:
    keys = {"cloud_name": "usual", "api_key": "555", "api_secret": "usual-secret"}
    await uploaded(origin, "usual", **keys)
    await uploaded(origin, "elsewhere", notification_url="poll://elsewhere", **keys)
    for name in ("usual", "elsewhere"):
        path = f"/v2/notifications/usual/messages?channel={name}&wait_seconds=0"
        (message,) = (await admin(origin, "GET", path, auth=("555", "usual-secret"))).json["messages"]
        assert message["payload"]["public_id"] == name


@pytest_twisted.ensureDeferred
async def test_an_address_is_looked_at_when_it_is_called(
    origin: RunningOrigin, receiver: RemoteServer
) -> None:
    """A name may lead anywhere: only then it is known whether this cloud may go there."""
    counters = origin.node.counters
    given_up, url = counters.webhooks_given_up, f"http://localhost:{receiver.port}/"
    keys = {"cloud_name": "other", "api_key": "999", "api_secret": "other-secret"}
    await uploaded(origin, "never", notification_url=url, **keys)
    await idle(origin)
    assert (counters.webhooks_given_up, receiver.open, receiver.asked) == (given_up + 1, [], [])


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
    answer = await admin(origin, method, MESSAGES + path, body)
    assert (answer.status, message in answer.json["error"]["message"]) == (400, True), answer.json


@pytest_twisted.ensureDeferred
async def test_messages_are_for_their_own_cloud(origin: RunningOrigin) -> None:
    await uploaded(origin, "mine", notification_url="poll://shared")
    theirs = await admin(
        origin,
        "GET",
        "/v2/notifications/other/messages?channel=shared&wait_seconds=0",
        auth=("999", "other-secret"),
    )
    assert theirs.json == {"messages": []}
    assert (
        await admin(origin, "GET", MESSAGES + "?channel=shared", auth=("999", "other-secret"))
    ).status == 401
    assert (await admin(origin, "GET", MESSAGES + "?channel=shared", auth=None)).status == 401
    mine = await admin(origin, "GET", MESSAGES + "?channel=shared&visibility_timeout=600")
    assert len(mine.json["messages"]) == 1
