"""The bad-input table at the origin itself: status, sentence, nothing stored or left, and it serves on."""

import base64
import time
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted

from tests.support.half_uploads import FILE_HEAD, connected, rows
from tests.support.images import ASTRONAUT, png_bomb
from tests.support.origins import RunningOrigin, pause

GOOD = ASTRONAUT.read_bytes()
UPLOAD = "/v1_1/demo/image/upload"


async def serves_on(origin: RunningOrigin) -> None:
    answer = await origin.post(UPLOAD, {"public_id": "after"}, GOOD)
    assert answer.status == 200, answer.body
    assert (await origin.get("/demo/image/upload/w_20/after.jpg")).status == 200
    assert origin.spooled() == []


UPLOADS: list[Any] = [
    pytest.param(
        GOOD,
        {},
        {"signature": "0" * 40},
        401,
        f"Invalid Signature {'0' * 40}. String to sign - '",
        id="signature",
    ),
    pytest.param(GOOD, {}, {"signature": "short"}, 401, "Invalid Signature short.", id="malformed signature"),
    pytest.param(
        GOOD, {}, {"public_id": "other"}, 401, "public_id=other&timestamp=", id="changed after signing"
    ),
    pytest.param(
        GOOD,
        {"timestamp": "1434805181"},
        {},
        400,
        "Stale request - reported time is 2015-06-20 12:59:41 +0000 which is more than 1 hour ago",
        id="stale",
    ),
    pytest.param(GOOD, {"timestamp": str(int(time.time()) + 90_000)}, {}, 400, "Stale request", id="future"),
    pytest.param(GOOD, {"timestamp": "soon"}, {}, 400, "Invalid timestamp", id="no timestamp"),
    pytest.param(GOOD, {}, {"api_key": "1"}, 401, "Unknown API key 1", id="unknown key"),
    pytest.param(GOOD, {}, {"api_key": ""}, 400, "Missing required parameter - api_key", id="no key"),
    pytest.param(None, {}, {}, 400, "Missing required parameter - file", id="no file"),
    pytest.param(b"", {}, {}, 400, "Empty file", id="empty"),
    pytest.param(b"just some text\n" * 50, {}, {}, 400, "Invalid image file", id="text as jpg"),
    pytest.param(GOOD[: len(GOOD) // 2], {}, {}, 400, "Invalid image file", id="truncated jpeg"),
    pytest.param(b"x" * 3_100_000, {}, {}, 413, "Maximum is 3000000.", id="oversize"),
    pytest.param(
        GOOD,
        {"public_id": "../../etc/passwd"},
        {},
        400,
        "public_id (../../etc/passwd) is invalid",
        id="traversal",
    ),
    pytest.param(GOOD, {"public_id": "/abs"}, {}, 400, "public_id (/abs) is invalid", id="leading slash"),
    pytest.param(GOOD, {"public_id": "a\r\nSet-Cookie: x=1"}, {}, 400, "is invalid", id="CRLF"),
    pytest.param(GOOD, {"public_id": "x" * 256}, {}, 400, "is invalid", id="long id"),
    pytest.param(GOOD, {"public_id": "a?b"}, {}, 400, "public_id (a?b) is invalid", id="question mark"),
    pytest.param(GOOD, {"folder": "../up"}, {}, 400, "folder (../up) is invalid", id="folder"),
    pytest.param(GOOD, {"type": "fetch"}, {}, 400, "Invalid type fetch", id="type"),
    pytest.param(
        GOOD, {"overwrite": "perhaps"}, {}, 400, "Invalid value for parameter overwrite", id="boolean"
    ),
    pytest.param(
        GOOD,
        {"transformation": "w_abc"},
        {},
        400,
        "Invalid width in transformation: abc",
        id="transformation",
    ),
    pytest.param(GOOD, {"eager": "zz_1"}, {}, 400, "Invalid transformation component - zz_1", id="eager"),
    pytest.param(
        GOOD,
        {"eager": "w_1|c_no"},
        {},
        400,
        "Invalid transformation c_no - Invalid crop in transformation: no",
        id="eager says which",
    ),
    pytest.param(
        GOOD,
        {"eager": "w_20,fl_getinfo"},
        {},
        400,
        "fl_getinfo is not supported in eager transformations: its answer is no picture",
        id="eager numbers",
    ),
    pytest.param(
        GOOD,
        {"eager": "w_20|c_fit,w_auto:breakpoints:json"},
        {},
        400,
        "w_auto:breakpoints is not supported in eager transformations: its width is the viewer's",
        id="eager widths",
    ),
    pytest.param(
        GOOD, {"allowed_formats": "png,webp"}, {}, 400, "Image file format jpg not allowed", id="format"
    ),
    pytest.param(GOOD, {"moderation": "bogus"}, {}, 400, "Moderation kind bogus is invalid", id="moderation"),
    pytest.param(GOOD, {"eval": "1"}, {}, 400, "Parameter eval is not supported", id="eval"),
    pytest.param(
        GOOD, {"detection": "coco"}, {}, 420, "You don't have an active subscription", id="detection"
    ),
    pytest.param(
        GOOD, {"context": "no pair"}, {}, 400, "Context must be given as key=value pairs", id="context"
    ),
    pytest.param(
        GOOD, {"display_name": "a/b"}, {}, 400, "Display name cannot contain slashes", id="display name"
    ),
    pytest.param(
        "https://127.1.2.3/a.jpg",
        {},
        {},
        400,
        "Error in loading https://127.1.2.3/a.jpg - its address",
        id="remote",
    ),
    pytest.param("file:///etc/passwd", {}, {}, 400, "Unsupported source URL", id="file url"),
    pytest.param("data:image/png;base64,****", {}, {}, 400, "Invalid data URI", id="data uri"),
]


@pytest.mark.parametrize(("file", "fields", "late", "status", "sentence"), UPLOADS)
@pytest_twisted.ensureDeferred
async def test_a_bad_upload_is_refused_with_a_sentence(
    origin: RunningOrigin, file: Any, fields: dict[str, str], late: dict[str, Any], status: int, sentence: str
) -> None:
    before = await rows(origin)
    answer = await origin.post(UPLOAD, fields, file, **late)
    assert answer.status == status, answer.body
    assert sentence in answer.json["error"]["message"]
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert len(answer.headers["x-request-id"]) == 32
    assert origin.spooled() == []
    assert await rows(origin) == before
    await serves_on(origin)


@pytest_twisted.ensureDeferred
async def test_a_bomb_is_refused_before_it_is_decoded(origin: RunningOrigin, tmp_path: Path) -> None:
    bomb = png_bomb(tmp_path / "bomb.png").read_bytes()
    answer = await origin.post(UPLOAD, {"public_id": "bomb"}, bomb)
    assert answer.status == 400
    assert answer.json["error"]["message"] == "Maximum image size is 25 Megapixels. Requested 400 Megapixels"
    await serves_on(origin)


@pytest.mark.parametrize(
    ("path", "fields", "status", "message"),
    [
        ("/v1_1/nobody/image/upload", {}, 401, "Invalid cloud_name nobody"),
        ("/v1_1/demo/video/upload", {}, 400, "Unsupported video format or file"),
        ("/v1_1/demo/image/explode_all", {}, 404, "Unknown API endpoint image/explode_all"),
        ("/v1_1/demo/resources/image/tags/", {}, 404, "Unknown API endpoint resources/image/tags"),
        ("/v1_1/demo/image/destroy", {}, 400, "Missing required parameter - public_id"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_call_to_the_wrong_place_is_told_so(
    origin: RunningOrigin, path: str, fields: dict[str, str], status: int, message: str
) -> None:
    answer = await origin.post(path, fields, GOOD)
    assert (answer.status, answer.json) == (status, {"error": {"message": message}})
    assert origin.spooled() == []


@pytest.mark.parametrize(
    ("path", "fields", "status", "message"),
    [
        (UPLOAD, {}, 400, "Upload preset must be specified when using unsigned upload"),
        (UPLOAD, {"upload_preset": "p"}, 400, "Upload preset not found"),
        (
            UPLOAD,
            {"upload_preset": "p", "format": "png"},
            400,
            "Format parameter is not allowed when using unsigned upload.",
        ),
        ("/v1_1/nobody/image/upload", {"upload_preset": "p"}, 401, "Unknown API key "),
    ],
)
@pytest_twisted.ensureDeferred
async def test_an_unsigned_upload_is_refused_as_the_sheet_says(
    origin: RunningOrigin, path: str, fields: dict[str, str], status: int, message: str
) -> None:
    answer = await origin.ask("POST", origin.url + path, data=fields)
    assert answer.status == status
    assert answer.json["error"]["message"].startswith(message)


@pytest_twisted.ensureDeferred
async def test_a_wrong_method_names_the_right_ones(origin: RunningOrigin) -> None:
    answer = await origin.ask("GET", origin.url + UPLOAD)
    assert answer.status == 405
    assert answer.headers["allow"] == "POST, OPTIONS"
    assert "error" in answer.json


@pytest.mark.parametrize(
    ("content_type", "body", "message"),
    [
        ("multipart/form-data", b"--x\r\n", "no usable boundary"),
        ("multipart/form-data; boundary=x", b"nothing like it", "the closing boundary is missing"),
        ("multipart/form-data; boundary=x", b"--x\r\nno header\r\n\r\n--x--", "Malformed multipart body"),
        ("application/json", b"{", "Malformed JSON body"),
        ("text/xml", b"<a/>", "Unsupported content type: text/xml"),
        ("application/x-www-form-urlencoded", b"a=%ff%fe", "Parameters are not UTF-8"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_broken_body_is_told_so(
    origin: RunningOrigin, content_type: str, body: bytes, message: str
) -> None:
    answer = await origin.ask("POST", origin.url + UPLOAD, data=body, headers={"Content-Type": content_type})
    assert answer.status == 400
    assert message in answer.json["error"]["message"]
    assert origin.spooled() == []


def head_of_upload(length: str) -> bytes:
    return (
        f"POST {UPLOAD} HTTP/1.1\r\nHost: x\r\n{length}\r\n"
        "Content-Type: multipart/form-data; boundary=frontier\r\n\r\n"
    ).encode()


@pytest_twisted.ensureDeferred
async def test_a_client_who_leaves_half_way_leaves_no_file(origin: RunningOrigin) -> None:
    line = await connected(origin)
    line.send(head_of_upload("Content-Length: 100000") + FILE_HEAD + GOOD[:20_000])
    await origin.eventually(origin.spooled, "the file is on its way")
    line.leave()
    await origin.eventually(lambda: not origin.spooled(), "the file is gone")
    await serves_on(origin)


@pytest_twisted.ensureDeferred
async def test_a_chunked_body_over_the_limit_is_stopped_while_it_arrives(origin: RunningOrigin) -> None:
    """No Content-Length tells its size: the answer comes when the limit is passed, and nothing is left."""
    line = await connected(origin)
    line.send(head_of_upload("Transfer-Encoding: chunked"))
    line.send(b"%x\r\n" % len(FILE_HEAD) + FILE_HEAD + b"\r\n")
    piece = b"10000\r\n" + bytes(0x10000) + b"\r\n"
    for _ in range(60):
        line.send(piece)
        await pause(0)
        if line.received:
            break
    await origin.eventually(lambda: b"Maximum is 3000000." in line.received, "the refusal is heard")
    assert line.received.startswith(b"HTTP/1.1 413 ")
    await origin.eventually(lambda: not origin.spooled(), "the file is gone")
    line.leave()
    await serves_on(origin)


@pytest.mark.parametrize(
    ("authorization", "message"),
    [
        ("Bearer token", "Invalid token"),
        ("Basic " + base64.b64encode(b"1:x").decode(), "Unknown API key 1"),
        ("Basic " + base64.b64encode(b"123456789012345:x").decode(), "api_secret mismatch"),
        ("Basic " + base64.b64encode(b"999:other-secret").decode(), "cloud_name mismatch"),
        ("Basic %%%", "Invalid token"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_bad_authorization_is_refused_on_both_apis(
    origin: RunningOrigin, authorization: str, message: str
) -> None:
    headers = {"Authorization": authorization}
    admin = await origin.ask("GET", f"{origin.url}/v1_1/demo/ping", headers=headers)
    upload = await origin.ask("POST", origin.url + UPLOAD, headers=headers, data={"file": "data:,x"})
    for answer in (admin, upload):
        assert (answer.status, answer.json) == (401, {"error": {"message": message}})
    unknown = await origin.ask("GET", f"{origin.url}/v1_1/nobody/ping", headers=headers)
    assert unknown.status == 401


@pytest.mark.parametrize(
    "query", ["a=%ff", "&".join(f"a{number}=1" for number in range(1001)), "public_ids=%00"]
)
@pytest_twisted.ensureDeferred
async def test_a_broken_query_is_told_so(origin: RunningOrigin, query: str) -> None:
    auth = (origin.sdk()["api_key"], origin.sdk()["api_secret"])
    answer = await origin.ask("GET", f"{origin.url}/v1_1/demo/resources/image?{query}", auth=auth)
    assert answer.status == 400, answer.body
    assert "error" in answer.json
