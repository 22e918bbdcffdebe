"""Files of uploads from elsewhere: web addresses, buckets, data URIs; and why there is none."""

import base64
import hashlib
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import cloudinary.uploader
import pytest
import pytest_twisted
from attrs import evolve
from minio import Minio

from origin.settings import Storage
from tests.support.images import ASTRONAUT
from tests.support.minio import MinioServer
from tests.support.origins import CLOUD, LOOPBACK, Answer, RunningOrigin, running_origin, settings_in
from tests.support.remote import RemoteServer, remote_server, response

IMAGE, RAW = "/v1_1/demo/image/upload", "/v1_1/demo/raw/upload"
GOOD = ASTRONAUT.read_bytes()
MD5 = hashlib.md5(GOOD, usedforsecurity=False).hexdigest()
PIXEL = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


def fetching(folder: Path, **changes: Any) -> dict[str, Any]:
    """The clouds of the tests' origin, of which ours loads so."""
    clouds = settings_in(folder).clouds
    return {**clouds, CLOUD: evolve(clouds[CLOUD], fetch=evolve(LOOPBACK, **changes))}


@pytest_twisted.async_yield_fixture(scope="module")
async def origin(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningOrigin]:
    folder = tmp_path_factory.mktemp("origin")
    clouds = fetching(folder, upload_seconds=2.0, upload_bytes=2_000_000, most_bytes=1000)
    async with running_origin(folder, clouds=clouds) as running:
        yield running


@pytest_twisted.async_yield_fixture()
async def remote() -> AsyncIterator[RemoteServer]:
    async with remote_server() as server:
        yield server


def says(answer: Answer, status: int, message: str) -> None:
    assert (answer.status, answer.json) == (status, {"error": {"message": message}})


@pytest_twisted.ensureDeferred
async def test_the_sdk_uploads_from_a_web_address(origin: RunningOrigin, remote: RemoteServer) -> None:
    """More than a delivery may load; the name is of the address that was asked for, redirects or not."""
    remote.serves("/elsewhere/x.jpg", GOOD, "Content-Type: image/jpeg")
    url = remote.redirects("/dir/my%20photo.jpeg?size=1", "/elsewhere/x.jpg")
    result = await origin.called(cloudinary.uploader.upload, url, use_filename=True, unique_filename=False)
    assert (result["etag"], result["original_filename"], result["public_id"]) == (MD5, "my photo", "my_photo")
    assert remote.paths() == ["/dir/my%20photo.jpeg?size=1", "/elsewhere/x.jpg"]
    assert origin.spooled() == []


@pytest.mark.parametrize("how", [{"json": {}}, {"data": {}}], ids=["json", "form"])
@pytest_twisted.ensureDeferred
async def test_every_body_may_name_one(
    origin: RunningOrigin, remote: RemoteServer, how: dict[str, Any]
) -> None:
    fields = {"file": remote.serves("/a.jpg", GOOD), "public_id": "named"}
    sdk = origin.sdk()
    options = dict.fromkeys(how, fields)
    answer = await origin.ask("POST", origin.url + IMAGE, auth=(sdk["api_key"], sdk["api_secret"]), **options)
    assert (answer.status, answer.json["etag"]) == (200, MD5)


@pytest_twisted.ensureDeferred
async def test_an_html_page_is_no_file_unless_it_was_meant(
    origin: RunningOrigin, remote: RemoteServer
) -> None:
    url = remote.serves("/page", b"<html>", "Content-Type: Text/HTML; charset=utf-8")
    says(
        await origin.post(IMAGE, {}, url), 404, f"Resource not found - Error in loading {url} - HTML response"
    )
    raw = await origin.post(RAW, {"public_id": "page.html"}, url)
    assert (raw.status, raw.json["bytes"]) == (200, 6)
    assert origin.spooled() == []


@pytest_twisted.ensureDeferred
async def test_what_cannot_be_loaded_says_why(origin: RunningOrigin, remote: RemoteServer) -> None:
    """§3.1: 404 in one form, 400 in the other; nothing is left, and the guard stands before all."""
    missing = remote.url("/missing.jpg")
    says(await origin.post(IMAGE, {}, missing), 404, f"Resource not found - {missing}")
    gone = remote.serves("/gone.jpg", b"", status="500 Oops")
    says(await origin.post(IMAGE, {}, gone), 404, f"Resource not found - {gone}")
    cut = remote.url("/cut.jpg")
    remote.scripts["/cut.jpg"] = lambda talk: talk.say(response(GOOD)[:5000])
    says(await origin.post(IMAGE, {}, cut), 400, f"Error in loading {cut} - its answer is not whole")
    slow = remote.url("/slow.jpg")
    remote.scripts["/slow.jpg"] = lambda talk: talk.transport.write(response(GOOD)[:5000])
    says(await origin.post(IMAGE, {}, slow), 400, f"Error in loading {slow} - not loaded within 2 s")
    large = remote.serves("/large.bin", bytes(2_000_001))
    says(await origin.post(RAW, {}, large), 400, "File size too large. Got 2000001. Maximum is 2000000.")
    empty = remote.serves("/empty.jpg", b"")
    says(await origin.post(IMAGE, {}, empty), 400, "Empty file")
    assert origin.spooled() == []


ADDRESS = "its address is not on the public internet, and not allowed"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://169.254.169.254/latest/meta-data", ADDRESS),
        ("http://127.0.0.2/x.jpg", ADDRESS),
        ("http://[::1]/x.jpg", ADDRESS),
        ("http://0x7f.0.0.3/x.jpg", ADDRESS),
        ("http://user:secret@example.com/x.jpg", "a user name in a URL is not supported"),
        ("ftp://example.com/x.jpg", "ftp is not supported by this server: use https or s3"),
        ("gs://bucket/x.jpg", "gs is not supported by this server: use https or s3"),
        ("gcs://bucket/x.jpg", "gcs is not supported by this server: use https or s3"),
        ("s3://bucket/x.jpg", "s3 needs a server whose storage is S3"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_source_that_is_not_for_us_is_refused(origin: RunningOrigin, url: str, reason: str) -> None:
    says(await origin.post(IMAGE, {}, url), 400, f"Error in loading {url} - {reason}")


@pytest_twisted.ensureDeferred
async def test_a_proxy_is_not_promised(origin: RunningOrigin, remote: RemoteServer) -> None:
    url = remote.serves("/a.jpg", GOOD)
    answer = await origin.post(IMAGE, {"proxy": "http://proxy:3128"}, url)
    says(answer, 400, "Parameter proxy is not supported by this server")
    assert remote.paths() == []


@pytest.mark.parametrize(
    "uri",
    [
        f"data:image/gif;base64,{PIXEL}",
        f"data:;base64,{PIXEL}",
        f"data:image/gif;name=a,b.gif;charset=x;base64,{PIXEL}".replace("a,b", "ab"),
        f"DATA:image/gif;BASE64,{PIXEL[:20]}\r\n{PIXEL[20:40]}\n {PIXEL[40:]}\n",
        "data:image/gif," + "".join(f"%{each:02x}" for each in base64.b64decode(PIXEL)),
    ],
)
@pytest_twisted.ensureDeferred
async def test_data_uris_come_in_many_forms(origin: RunningOrigin, uri: str) -> None:
    """Line breaks within base64, parameters, no media type (§3.1)."""
    answer = await origin.post(IMAGE, {}, uri)
    assert (answer.status, answer.json["format"], answer.json["width"]) == (200, "gif", 1), answer.body
    assert "original_filename" not in answer.json


@pytest_twisted.ensureDeferred
async def test_a_bucket_that_is_listed_may_be_named(tmp_path: Path, minio_server: MinioServer) -> None:
    """With the keys of our own storage, so only what the settings list; other names, other refusals."""
    keys: dict[str, Any] = {"access_key": minio_server.access_key, "secret_key": minio_server.secret_key}
    s3 = Minio(endpoint=minio_server.endpoint, secure=False, **keys)
    for bucket in ("theirs", "secret"):
        s3.make_bucket(bucket)
        s3.put_object(bucket, "a dir/fünf.jpg", io.BytesIO(GOOD), len(GOOD))
    storage = Storage(kind="minio", endpoint=minio_server.endpoint, bucket="ours", **keys)
    clouds = fetching(tmp_path, buckets=("theirs", "nowhere", "NO BUCKET"), upload_bytes=len(GOOD))
    async with running_origin(tmp_path, storage=storage, clouds=clouds) as origin:
        answer = await origin.post(
            IMAGE, {"use_filename": "1", "unique_filename": "0"}, "s3://theirs/a dir/fünf.jpg"
        )
        assert (answer.status, answer.json["etag"], answer.json["public_id"]) == (200, MD5, "fünf")
        for url, status, message in (
            ("s3://theirs/none.jpg", 404, "Resource not found - s3://theirs/none.jpg"),
            ("s3://nowhere/x", 400, "Error in loading s3://nowhere/x - the storage says NoSuchBucket"),
            ("s3://NO BUCKET/x", 400, "Error in loading s3://NO BUCKET/x - no such bucket or key can be"),
            ("s3://theirs", 400, "Error in loading s3://theirs - expected s3://bucket/key"),
            (
                "s3://secret/a dir/fünf.jpg",
                400,
                "Error in loading s3://secret/a dir/fünf.jpg - bucket secret is not allowed for this cloud",
            ),
        ):
            says(await origin.post(IMAGE, {}, url), status, message)
        s3.put_object("theirs", "large", io.BytesIO(GOOD + b"x"), len(GOOD) + 1)
        large = await origin.post(RAW, {}, "s3://theirs/large")
        says(large, 400, f"File size too large. Got {len(GOOD) + 1}. Maximum is {len(GOOD)}.")
        assert origin.spooled() == []
        data = GOOD * (6_000_000 // len(GOOD))  # parts lie in the bucket, too, until they are joined
        whole = await origin.called(cloudinary.uploader.upload_large, io.BytesIO(data), chunk_size=5_300_000)
        assert whole["etag"] == hashlib.md5(data, usedforsecurity=False).hexdigest()
        assert origin.spooled() == []
