"""From a call to its receiver: real sockets, real signatures, and everything that may go wrong between."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import cloudinary
import cloudinary.api
import cloudinary.uploader
import cloudinary.utils
import pytest
import pytest_twisted
from attrs import evolve

from origin.settings import Cloud, Key
from tests.support.calls import asked
from tests.support.images import ASTRONAUT
from tests.support.notified import QUICK, idle, notifying_origin, says, uploaded
from tests.support.origins import (
    CLOUD,
    KEY,
    LOOPBACK,
    SECRET,
    RunningOrigin,
    running_origin,
)
from tests.support.remote import Conversation, RemoteServer, remote_server


@pytest_twisted.async_yield_fixture(scope="module")
async def origin(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningOrigin]:
    async with notifying_origin(tmp_path_factory.mktemp("origin")) as running:
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
    found = await asked(origin, "GET", "/v1_1/demo/resources/raw/upload?public_ids=never,untouched")
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
        (message,) = (await asked(origin, "GET", path, key="555:usual-secret")).json["messages"]
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
