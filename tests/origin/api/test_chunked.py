"""Files in several requests, over real sockets and through two origins that share store and catalogue."""

import hashlib
import io
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import cloudinary.api
import cloudinary.exceptions
import cloudinary.uploader
import pytest
import pytest_twisted
from attrs import frozen
from twisted.internet import reactor
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.task import Clock
from twisted.internet.threads import deferToThread

from edge.balancer.service import make_service as make_balancer
from edge.balancer.settings import Pop, Region, Upstream
from edge.balancer.settings import Settings as BalancerSettings
from origin.assets.orphans import OrphanSweep
from origin.catalogue import Query, upload_key
from origin.catalogue.spans import LEAST_BYTES
from tests.support.balancer import port_of
from tests.support.images import ASTRONAUT
from tests.support.node import NodeSdk
from tests.support.origins import CLOUD, KEY, Answer, RunningOrigin, running_origin

RAW = "/v1_1/demo/raw/upload"
PHOTO = ASTRONAUT.read_bytes()
FILE = Random(12).randbytes(12_000_000)
MD5 = hashlib.md5(FILE, usedforsecurity=False).hexdigest()
CUT = 5_500_000
PARTS = {0: FILE[:CUT], CUT: FILE[CUT : 2 * CUT], 2 * CUT: FILE[2 * CUT :]}
SMALL = FILE[: CUT + 1000]  # two parts, the shortest that may be
SMALL_MD5 = hashlib.md5(SMALL, usedforsecurity=False).hexdigest()
TOO_SMALL = "All parts except EOF-chunk must be larger than 5mb"


@frozen
class Pair:
    """Two origins of one cloud, as a balancer has them."""

    first: RunningOrigin
    second: RunningOrigin

    def files(self) -> list[Path]:
        """What is still on its way, on either."""
        return [*self.first.spooled(), *self.second.spooled()]

    async def objects(self) -> list[str]:
        """What waits in the store to become an asset."""
        return [each.key async for each in self.first.node.store.list("demo/incoming/")]


@pytest_twisted.async_yield_fixture(scope="module")
async def pair(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pair]:
    folder = tmp_path_factory.mktemp("origins")
    async with (
        running_origin(folder, max_upload_bytes=8_000_000, max_file_bytes=30_000_000) as first,
        running_origin(
            folder, max_upload_bytes=8_000_000, max_file_bytes=30_000_000, name="origin-2"
        ) as second,
    ):
        yield Pair(first, second)


async def sent(
    origin: RunningOrigin,
    upload_id: str | None,
    part: bytes,
    at: str | None,
    path: str = RAW,
    number: str | None = None,
    **fields: str,
) -> Answer:
    headers = {}
    for name, value in (
        ("X-Unique-Upload-Id", upload_id),
        ("Content-Range", at),
        ("X-Upload-Part-Number", number),
    ):
        if value is not None:
            headers[name] = [value]
    if number is not None and (total := fields.pop("total", None)):
        headers["X-Upload-Total-Parts"] = [total]
    return await origin.post(path, fields, ("film.bin", part), headers=headers)


async def sent_at(
    origin: RunningOrigin, upload_id: str, start: int, total: str = "12000000", **more: Any
) -> Answer:
    part = PARTS[start]
    return await sent(origin, upload_id, part, f"bytes {start}-{start + len(part) - 1}/{total}", **more)


async def rows(origin: RunningOrigin) -> int:
    page = await origin.node.catalogue.assets.list(Query(cloud=CLOUD, resource_type="raw", limit=500))
    return len(page.assets)


@pytest_twisted.ensureDeferred
async def test_the_sdk_uploads_a_large_file_in_parts(pair: Pair, tmp_path: Path) -> None:
    """The Python SDK's own helper, unchanged: the ETag is the whole file's, the bytes are delivered."""
    (tmp_path / "film.bin").write_bytes(FILE)
    result = await deferToThread(
        cloudinary.uploader.upload_large, str(tmp_path / "film.bin"), chunk_size=CUT, **pair.first.sdk()
    )
    assert (result["bytes"], result["etag"], result["done"]) == (len(FILE), MD5, True)
    assert (result["resource_type"], result["original_filename"]) == ("raw", "film")
    assert result["public_id"].endswith(".bin")
    delivered = await pair.second.get(f"/demo/raw/upload/{result['public_id']}")
    assert delivered.body == FILE
    assert pair.files() == []


@pytest_twisted.ensureDeferred
async def test_the_node_sdk_uploads_a_large_file_in_parts(
    pair: Pair, node_sdk: NodeSdk, tmp_path: Path
) -> None:
    """From a path, and from a stream whose length it learns at the end; it never sends our names back."""
    (tmp_path / "film.bin").write_bytes(FILE)
    path, stream = await node_sdk.run(
        pair.first.url,
        """
        const options = {resource_type: "raw", chunk_size: 6000000};
        uploader.upload_large(process.argv[1], {...options, folder: "n", public_id: "node.bin"}, (error, result) => {
          tell(error, result);
          const stream = uploader.upload_chunked_stream({...options, tags: ["a", "b"]}, tell);
          require("fs").createReadStream(process.argv[1]).pipe(stream);
        });
        """,
        str(tmp_path / "film.bin"),
    )
    assert (path["public_id"], path["etag"], path["original_filename"]) == ("n/node.bin", MD5, "film")
    assert (stream["etag"], stream["tags"], stream["original_filename"]) == (MD5, ["a", "b"], "file")
    assert path["done"] is True


@pytest_twisted.ensureDeferred
async def test_parts_pass_the_balancer(pair: Pair, tmp_path: Path) -> None:
    """Its turns take the parts to different origins; what is too large for one request is told by an origin."""
    node = make_balancer(
        BalancerSettings(
            name="balancer",
            listen="127.0.0.1:0",
            control="127.0.0.1:0",
            regions={"eu": Region((50.1, 8.7), ())},
            pops=(Pop("fra", "eu", "http://127.0.0.1:1", "http://127.0.0.1:1"),),
            origins=tuple(
                Upstream(f"o{at}", each.url, each.control_url)
                for at, each in enumerate((pair.first, pair.second))
            ),
            spool_directory=str(tmp_path / "spool"),
        ),
        reactor=reactor,
    )
    (tmp_path / "spool").mkdir()
    node.startService()
    try:
        sdk = {**pair.first.sdk(), "upload_prefix": f"http://127.0.0.1:{port_of(node.port)}"}
        await pair.first.eventually(lambda: node.standings.records, "origins are known")
        result = await deferToThread(
            cloudinary.uploader.upload_large, io.BytesIO(FILE), chunk_size=CUT, public_id="b.bin", **sdk
        )
        assert (result["etag"], result["public_id"], result["done"]) == (MD5, "b.bin", True)
        with pytest.raises(cloudinary.exceptions.Error, match="File size too large"):
            await deferToThread(cloudinary.uploader.upload, io.BytesIO(FILE), resource_type="raw", **sdk)
    finally:
        await node.stopService()


@pytest_twisted.ensureDeferred
async def test_the_sdk_keeps_the_name_it_was_told(pair: Pair) -> None:
    """It sends back whatever name our answers told, or none: folders must not double, the name must not go."""
    for options in (
        {"public_id": "a/film.bin"},
        {"public_id": "film.bin", "folder": "b"},
        {"public_id": "film.bin", "public_id_prefix": "c", "tags": ["x", "y"]},
    ):
        result = await deferToThread(
            cloudinary.uploader.upload_large, io.BytesIO(SMALL), chunk_size=CUT, **pair.first.sdk(), **options
        )
        prefix = options.get("folder") or options.get("public_id_prefix")
        assert result["public_id"] == (f"{prefix}/film.bin" if prefix else "a/film.bin")
        assert result["tags"] == options.get("tags", [])


@pytest_twisted.ensureDeferred
async def test_an_image_may_come_in_parts_and_be_small(pair: Pair) -> None:
    """A file smaller than a chunk is one part; its repetition is not a second asset."""
    span = f"bytes 0-{len(PHOTO) - 1}/{len(PHOTO)}"
    for upload_id in (None, "photo"):
        answer = await sent(pair.first, upload_id, PHOTO, span, "/v1_1/demo/image/upload")
        assert (answer.status, answer.json["done"], answer.json["format"]) == (200, True, "jpg")
    again = await sent(pair.second, "photo", PHOTO, span, "/v1_1/demo/image/upload")
    assert again.json == answer.json


@pytest_twisted.ensureDeferred
async def test_parts_go_to_different_origins_in_any_order(pair: Pair) -> None:
    """§5: what each says of the progress, exactly; Node does not know the total until the end."""
    first = await sent_at(pair.first, "any", 0, "-1", public_id="order.bin", folder="in")
    assert (first.status, first.json) == (
        200,
        {"done": False, "bytes": CUT, "kind": "upload", "resource_type": "raw", "public_id": "in/order.bin"},
    )
    again = await sent_at(pair.second, "any", 0, "*", folder="in")
    assert again.json == first.json
    await sent_at(pair.second, "any", CUT, "-1", folder="in")
    last = await sent_at(pair.first, "any", 2 * CUT, folder="in")
    assert (last.json["etag"], last.json["bytes"], last.json["done"]) == (MD5, len(FILE), True)
    assert last.json["public_id"] == "in/order.bin"
    repeated = await sent_at(pair.second, "any", 2 * CUT, folder="in")
    assert repeated.json == last.json
    assert pair.files() == []


@pytest_twisted.ensureDeferred
async def test_uploads_at_once_are_apart(pair: Pair) -> None:
    """Three ids, parts interleaved over both origins; another key's upload of the same id is another."""
    ids = ("one", "two", "three")
    await gatherResults(
        [
            Deferred.fromCoroutine(sent_at(origin, each, start, public_id=f"{each}.bin"))
            for each in ids
            for origin, start in ((pair.first, 0), (pair.second, CUT))
        ]
    )
    for each in ids:
        last = await sent_at(pair.second, each, 2 * CUT)
        assert (last.json["public_id"], last.json["etag"]) == (f"{each}.bin", MD5)
    assert upload_key("demo", KEY, "one") != upload_key("other", "999", "one")


@pytest_twisted.ensureDeferred
async def test_parts_need_no_signature_where_a_preset_allows_it(pair: Pair) -> None:
    """§4: the preset's folder is put before the name once, and its token removes what came of it."""
    await pair.first.called(
        cloudinary.api.create_upload_preset, name="open", unsigned=True, folder="in", return_delete_token=True
    )
    for options in ({}, {"public_id": "mine.bin"}):
        unsigned = {**pair.first.sdk(), "unsigned": True, "upload_preset": "open", **options}
        result = await deferToThread(
            cloudinary.uploader.upload_large, io.BytesIO(SMALL), chunk_size=CUT, **unsigned
        )
        folder, name = result["public_id"].split("/")
        assert (folder, result["etag"]) == ("in", SMALL_MD5)
        assert name == options.get("public_id", name)
        token = {"token": result["delete_token"]}
        gone = await pair.second.ask("POST", f"{pair.second.url}/v1_1/demo/delete_by_token", data=token)
        assert gone.json == {"result": "ok"}


@pytest_twisted.ensureDeferred
async def test_a_last_part_sent_twice_at_once_is_one_asset(pair: Pair) -> None:
    """Whoever loses patience with one origin asks another: both assemble, one name and one version come of it."""
    for start in (0, CUT):
        await sent_at(pair.first, "twice", start)
    before = await rows(pair.first)
    both = [
        Deferred.fromCoroutine(sent_at(each, "twice", 2 * CUT, overwrite="false"))
        for each in (pair.first, pair.second)
    ]
    one, other = await gatherResults(both)
    assert (one.status, one.json) == (200, other.json)
    assert "existing" not in one.json
    assert await rows(pair.first) == before + 1


@pytest_twisted.ensureDeferred
async def test_an_id_that_cannot_be_known_yet_is_left_out(pair: Pair) -> None:
    answer = await sent_at(pair.first, "unknown", 0, path="/v1_1/demo/auto/upload", use_filename="1")
    assert answer.json == {"done": False, "bytes": CUT, "kind": "upload"}
    await sent_at(pair.first, "unknown", CUT, use_filename="1")
    last = await sent_at(pair.first, "unknown", 2 * CUT, use_filename="1", unique_filename="0")
    assert last.json["public_id"] == "film.bin"


@pytest_twisted.ensureDeferred
async def test_numbered_parts_are_joined_by_number(pair: Pair) -> None:
    """`upload_chunked` in explicit order: whichever part comes last finishes it."""
    path = "/v1_1/demo/raw/upload_chunked"
    for number, start in ((3, 2 * CUT), (1, 0)):
        answer = await sent(
            pair.first, "numbers", PARTS[start], None, path, number=str(number), total="3", public_id="n.bin"
        )
        assert answer.json["done"] is False
    answer = await sent(pair.second, "numbers", PARTS[CUT], None, path, number="2")
    assert (answer.json["etag"], answer.json["public_id"]) == (MD5, "n.bin")


@pytest_twisted.ensureDeferred
async def test_a_gap_is_told_and_can_be_filled(pair: Pair) -> None:
    """Nothing of the refused part stays; once the gap is filled it comes again."""
    await sent_at(pair.first, "gap", 0)
    early = await sent_at(pair.first, "gap", 2 * CUT)
    assert early.status == 400
    assert early.json["error"]["message"].startswith(
        f"The upload has a gap: bytes {CUT}-{2 * CUT - 1} are missing."
    )
    await sent_at(pair.second, "gap", CUT)
    assert (await sent_at(pair.first, "gap", 2 * CUT)).json["etag"] == MD5


BIG = bytes(LEAST_BYTES)


@pytest.mark.parametrize(
    ("part", "at", "upload_id", "message"),
    [
        (b"x" * 10, "bytes 0-9/100", "small", TOO_SMALL),
        (b"x" * 10, "bytes 0-9/*", "small", TOO_SMALL),
        (b"x" * 10, "bytes 0-8/9", "size", "expected 9 bytes, got 10"),
        (b"x" * 10, "bytes 0-10/11", "size", "expected 11 bytes, got 10"),
        (b"", "bytes 0--1/0", "empty", "Empty file"),
        (b"x", "bytes 0-0", "bad", "Invalid Content-Range bytes 0-0: expected"),
        (b"x", "bytes 5-4/10", "bad", "Invalid Content-Range bytes 5-4/10"),
        (b"x", "lines 0-0/1", "bad", "Invalid Content-Range lines 0-0/1"),
        (BIG, f"bytes 0-{len(BIG) - 1}/*", None, "Missing required header - X-Unique-Upload-Id"),
        (BIG, f"bytes 0-{len(BIG) - 1}/*", "x" * 256, "X-Unique-Upload-Id is too long"),
        (
            BIG,
            f"bytes 0-{len(BIG) - 1}/30000001",
            "huge",
            "File size too large. Got 30000001. Maximum is 30000000.",
        ),
        (b"x", "bytes 7-7/8", "gap at once", "bytes 0-6 are missing"),
        (bytes(8_000_000), "bytes 0-7999999/*", "request", "File size too large. Got "),
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_bad_part_is_refused_and_leaves_nothing(
    pair: Pair, part: bytes, at: str, upload_id: str | None, message: str
) -> None:
    before = await rows(pair.first)
    answer = await sent(pair.first, upload_id, part, at, public_id="bad.bin")
    assert answer.status == (413 if upload_id == "request" else 400), answer.body
    assert message in answer.json["error"]["message"]
    assert pair.files() == []
    assert await rows(pair.first) == before
    assert await pair.first.node.catalogue.uploads.get(upload_key("demo", KEY, upload_id or "")) is None


@pytest_twisted.ensureDeferred
async def test_a_whole_that_is_no_picture_is_forgotten_with_its_parts(pair: Pair) -> None:
    path = "/v1_1/demo/image/upload"
    await sent_at(pair.first, "no picture", 0, str(CUT + 10), path=path)
    span = f"bytes {CUT}-{CUT + 9}/{CUT + 10}"
    answer = await sent(pair.second, "no picture", b"x" * 10, span, path)
    assert (answer.status, answer.json) == (400, {"error": {"message": "Invalid image file"}})
    assert await pair.first.node.catalogue.uploads.get(upload_key("demo", KEY, "no picture")) is None
    assert pair.files() == []


@pytest_twisted.ensureDeferred
async def test_what_is_wrong_with_the_parameters_is_told_with_the_first_part(pair: Pair) -> None:
    answer = await sent_at(pair.first, "params", 0, eager="zz_1")
    assert answer.status == 400
    assert "zz_1" in answer.json["error"]["message"]
    assert await pair.first.node.catalogue.uploads.get(upload_key("demo", KEY, "params")) is None


@pytest_twisted.ensureDeferred
async def test_an_upload_survives_a_restart_and_an_abandoned_one_is_swept(tmp_path: Path) -> None:
    """Parts lie in the store, not with the process that took them; after a day without a part all goes."""
    async with running_origin(tmp_path) as origin:
        await sent_at(origin, "resumed", 0)
        await sent_at(origin, "abandoned", 0)
    async with running_origin(tmp_path) as origin:
        await sent_at(origin, "resumed", CUT)
        assert (await sent_at(origin, "resumed", 2 * CUT)).json["etag"] == MD5
        catalogue, store, now = origin.node.catalogue, origin.node.store, time.time()
        for later, is_known in ((23 * 3600, True), (25 * 3600, False)):
            moment = now + later
            sweep = OrphanSweep(
                catalogue=catalogue, store=store, clouds=[CLOUD], clock=Clock(), now=partial(float, moment)
            )
            await sweep.once()
            for each in ("resumed", "abandoned"):
                assert (await catalogue.uploads.get(upload_key("demo", KEY, each)) is not None) is is_known
        left = {each.key async for each in store.list("demo/incoming/")}
        doomed = await catalogue.outbox.claim(100, now=now + 10**6, lease_seconds=1)
        assert left <= {each.payload.get("key") for each in doomed}
