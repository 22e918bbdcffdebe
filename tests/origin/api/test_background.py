"""What is done after the answer: uploads with `async`, derived files with `eager_async`; told when it is done."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import cloudinary.uploader
import pytest
import pytest_twisted

from origin.assets.jobs import Jobs
from origin.catalogue import Asset, Identity, Query
from origin.catalogue.messages import TAKE_IN
from tests.support.images import ASTRONAUT
from tests.support.notified import told_once
from tests.support.origins import CLOUD, KEY, RunningOrigin, running_origin
from tests.support.remote import RemoteServer, remote_server

UPLOAD = "/v1_1/demo/image/upload"
GOOD = ASTRONAUT.read_bytes()
MD5 = hashlib.md5(GOOD, usedforsecurity=False).hexdigest()


@pytest_twisted.async_yield_fixture(scope="module")
async def origin(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningOrigin]:
    async with running_origin(tmp_path_factory.mktemp("origin")) as running:
        yield running


@pytest_twisted.async_yield_fixture()
async def remote() -> AsyncIterator[RemoteServer]:
    async with remote_server() as server:
        yield server


def jobs_of(origin: RunningOrigin) -> Jobs:
    (jobs,) = (each for each in origin.node if isinstance(each, Jobs))
    return jobs


async def asset(origin: RunningOrigin, public_id: str) -> Asset | None:
    return await origin.node.catalogue.assets.get(Identity(CLOUD, "image", "upload", public_id))


@pytest_twisted.ensureDeferred
async def test_an_asynchronous_upload_is_answered_first_and_told_whole_later(origin: RunningOrigin) -> None:
    """§6: pending at once, with the name it will have; the full response is the notification."""
    answer = await origin.upload(
        str(ASTRONAUT),
        **{"async": True},
        public_id="later",
        folder="in",
        tags=["a", "b"],
        eager=[{"width": 20, "crop": "scale"}],
        notification_url="poll://later",
    )
    batch_id = answer.pop("batch_id")
    assert len(batch_id) == 32
    answer.pop("request_id", None)
    assert answer == {
        "status": "pending",
        "resource_type": "image",
        "type": "upload",
        "public_id": "in/later",
    }
    notification = await told_once(origin, "later")
    assert notification["notification_type"] == "upload"
    assert (notification["public_id"], notification["etag"]) == ("in/later", MD5)
    assert (notification["tags"], notification["original_filename"]) == (["a", "b"], ASTRONAUT.stem)
    assert (notification["eager"][0]["width"], notification["batch_id"]) == (20, batch_id)
    assert (await origin.get("/demo/image/upload/in/later.jpg")).body == GOOD
    assert origin.spooled() == []


@pytest_twisted.ensureDeferred
async def test_a_name_that_is_yet_to_be_made_is_left_out(origin: RunningOrigin) -> None:
    answer = await origin.post(UPLOAD, {"async": "true", "notification_url": "poll://unnamed"}, GOOD)
    assert sorted(answer.json) == ["batch_id", "resource_type", "status", "type"]
    assert len((await told_once(origin, "unnamed"))["public_id"]) == 20


@pytest_twisted.ensureDeferred
async def test_a_remote_file_is_loaded_after_the_answer(origin: RunningOrigin, remote: RemoteServer) -> None:
    """And what goes wrong with it is told, too."""
    url = remote.serves("/photo.jpg", GOOD)
    fields = {"async": "1", "public_id": "remote", "notification_url": "poll://remote", "batch_id": "mine"}
    answer = await origin.post(UPLOAD, fields, url)
    assert answer.json["batch_id"] == "mine"
    assert (await told_once(origin, "remote"))["original_filename"] == "photo"
    missing = remote.url("/missing.jpg")
    answer = await origin.post(UPLOAD, {**fields, "notification_url": "poll://missing"}, missing)
    assert answer.json["status"] == "pending"
    notification = await told_once(origin, "missing")
    assert notification["notification_type"] == "error"
    assert notification["error"] == {"message": f"Resource not found - {missing}"}
    assert (notification["public_id"], notification["batch_id"]) == ("remote", "mine")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"public_id": "a?b"}, "public_id (a?b) is invalid"),
        ({"eager": "zz_1"}, "Invalid transformation component - zz_1"),
        ({"notification_url": "gopher://x"}, "Invalid notification_url gopher://x"),
        ({"eager_notification_url": "http://10.0.0.1/"}, "Invalid eager_notification_url http://10.0.0.1/"),
        ({"async": "perhaps"}, "Invalid value for parameter async"),
        ({"batch_id": "x" * 256}, "Invalid batch_id"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_what_is_wrong_is_told_at_once_where_it_can_be(
    origin: RunningOrigin, fields: dict[str, str], message: str
) -> None:
    jobs = jobs_of(origin)
    await origin.eventually(lambda: not jobs.under_way, "what other tests had done is over")
    before = jobs.done
    answer = await origin.post(UPLOAD, {"async": "1", **fields}, GOOD)
    assert answer.status == 400
    assert answer.json["error"]["message"].startswith(message)
    assert (jobs.done, origin.spooled()) == (before, [])


@pytest_twisted.ensureDeferred
async def test_a_file_that_is_no_picture_is_an_error_told_later_and_leaves_nothing(
    origin: RunningOrigin,
) -> None:
    await origin.post(UPLOAD, {"async": "1", "public_id": "bad", "notification_url": "poll://bad"}, b"text")
    notification = await told_once(origin, "bad")
    assert notification["error"] == {"message": "Invalid image file"}
    assert await asset(origin, "bad") is None
    assert origin.spooled() == []


@pytest_twisted.ensureDeferred
async def test_derived_files_may_be_made_after_the_answer(origin: RunningOrigin) -> None:
    """§6: entries say `processing` with URLs that are good at once; `eager` is told when all are there."""
    answer = await origin.upload(
        str(ASTRONAUT),
        public_id="eager",
        eager=[{"width": 30, "crop": "scale"}, {"height": 20, "crop": "fit", "format": "png"}],
        eager_async=True,
        notification_url="poll://upload",
        eager_notification_url="poll://eager",
    )
    first, second = answer["eager"]
    batch_id = first["batch_id"]
    version = f"v{answer['version']}"
    base = f"http://127.0.0.1:8000/{CLOUD}/image/upload"
    assert first == {
        "status": "processing",
        "batch_id": batch_id,
        "transformation": "c_scale,w_30",
        "url": f"{base}/c_scale,w_30/{version}/eager.jpg",
        "secure_url": f"{base}/c_scale,w_30/{version}/eager.jpg",
    }
    assert (second["transformation"], second["url"]) == (
        "c_fit,h_20/png",
        f"{base}/c_fit,h_20/{version}/eager.png",
    )
    assert (await told_once(origin, "upload"))["eager"] == answer["eager"]
    notification = await told_once(origin, "eager")
    assert (notification["notification_type"], notification["batch_id"]) == ("eager", batch_id)
    assert (notification["public_id"], notification["asset_id"]) == ("eager", answer["asset_id"])
    assert [each["format"] for each in notification["eager"]] == ["jpg", "png"]
    assert notification["eager"][0]["width"] == 30
    renders = origin.node.counters.renders
    assert (await origin.get(f"/{CLOUD}/image/upload/c_scale,w_30/{version}/eager.jpg")).status == 200
    assert origin.node.counters.renders == renders


@pytest_twisted.ensureDeferred
async def test_what_cannot_be_derived_is_told_in_its_place(origin: RunningOrigin) -> None:
    fields = {"eager": "w_10|w_9999,h_9999,c_scale", "eager_async": "1", "notification_url": "poll://some"}
    await origin.post(UPLOAD, fields, GOOD)
    notification = await told_once(origin, "some", 2)
    good, bad = notification["eager"]
    assert good["width"] == 10
    assert (bad["status"], bool(bad["reason"])) == ("failed", True)


@pytest_twisted.ensureDeferred
async def test_jobs_outlive_the_node_that_took_them(tmp_path: Path) -> None:
    """Answered and then gone; another instance does the work, and once only."""
    async with running_origin(tmp_path) as origin:
        jobs_of(origin).stopService()
        await origin.post(
            UPLOAD,
            {
                "async": "1",
                "public_id": "kept",
                "notification_url": "poll://kept",
                "eager": "w_10",
                "eager_async": "1",
            },
            GOOD,
        )
        assert await asset(origin, "kept") is None
        keys = [each.key async for each in origin.node.store.list("demo/incoming/")]
        assert len(keys) == 1
        assert await origin.node.catalogue.objects.named([*keys, "other"]) == set(keys)  # no sweep takes it
    async with running_origin(tmp_path, name="origin-2") as origin:
        assert (await told_once(origin, "kept", 2))["notification_type"] == "eager"
        stored = await asset(origin, "kept")
        assert stored is not None
        assert stored.etag == MD5
        await origin.eventually(lambda: jobs_of(origin).done == 2, "both jobs are over")
        claimed = await origin.node.catalogue.outbox.claim(99, now=4e9, lease_seconds=0)
        left = [each.key async for each in origin.node.store.list("demo/incoming/")]
        assert set(left) <= {each.payload["key"] for each in claimed if each.kind == "remove-object"}
        assert not [each for each in claimed if each.kind != "remove-object"]


@pytest_twisted.ensureDeferred
async def test_an_upload_done_twice_is_one_asset_told_once(tmp_path: Path) -> None:
    """A node may die between the asset and the end of its job."""
    async with running_origin(tmp_path) as origin:
        jobs_of(origin).stopService()
        await origin.post(UPLOAD, {"async": "1", "notification_url": "poll://twice"}, GOOD)
        outbox = origin.node.catalogue.outbox
        (entry,) = await outbox.claim(1, now=4e9, lease_seconds=1, kinds=(TAKE_IN,))
        job = jobs_of(origin)._kinds[TAKE_IN]
        for _ in range(2):
            await job.run(entry.payload)
        page = await origin.node.catalogue.assets.list(Query(cloud=CLOUD, resource_type="image"))
        assert len(page.assets) == 1
        assert page.assets[0].uploaded_at == page.assets[0].created_at
        assert (await told_once(origin, "twice"))["notification_type"] == "upload"


@pytest_twisted.ensureDeferred
async def test_the_sdk_uploads_large_files_asynchronously(origin: RunningOrigin, tmp_path: Path) -> None:
    """The parts are joined first; the asset comes later."""
    data = bytes(6_000_000)
    (tmp_path / "zeros.bin").write_bytes(data)
    answer = await origin.called(
        cloudinary.uploader.upload_large,
        str(tmp_path / "zeros.bin"),
        chunk_size=5_500_000,
        public_id="zeros.bin",
        notification_url="poll://zeros",
        **{"async": True},
    )
    assert (answer["status"], answer["public_id"], answer["done"]) == ("pending", "zeros.bin", True)
    notification = await told_once(origin, "zeros")
    assert (notification["bytes"], notification["signature_key"]) == (len(data), KEY)
