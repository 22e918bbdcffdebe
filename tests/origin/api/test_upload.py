"""The official SDK, unchanged, against a real origin."""

import base64
import hashlib
from pathlib import Path
from typing import Any

import cloudinary.exceptions
import cloudinary.uploader
import pytest
import pytest_twisted

from tests.support.images import ASTRONAUT, DOGS, PAN_GIF, as_bytes, quartered
from tests.support.origins import CLOUD, KEY, SECRET, RunningOrigin

pytestmark = pytest.mark.usefixtures("origin")
GOOD = ASTRONAUT.read_bytes()
MD5 = hashlib.md5(GOOD).hexdigest()


def data_uri() -> str:
    return "data:image/jpeg;base64," + base64.b64encode(GOOD).decode()


@pytest_twisted.ensureDeferred
async def test_a_path_a_file_object_bytes_and_a_data_uri_give_the_same_asset(origin: RunningOrigin) -> None:
    """Every way the SDK takes a file ends in the same bytes in the store."""
    with ASTRONAUT.open("rb") as file:
        answers = [
            await origin.upload(each)
            for each in (str(ASTRONAUT), Path(ASTRONAUT), file, GOOD, data_uri(), ("named.jpg", GOOD))
        ]
    for answer in answers:
        assert answer["etag"] == MD5
        assert (answer["width"], answer["height"], answer["format"]) == (512, 512, "jpg")
        assert (answer["bytes"], answer["type"], answer["resource_type"]) == (len(GOOD), "upload", "image")
        assert len(answer["public_id"]) == 20
        got = await origin.get(answer["url"].removeprefix("http://127.0.0.1:8000"))
        assert got.body == GOOD
    assert answers[0]["original_filename"] == "astronaut-face"
    assert "original_filename" not in answers[4]
    assert answers[5]["original_filename"] == "named"
    assert origin.spooled() == []


@pytest_twisted.ensureDeferred
async def test_the_answer_has_the_sheets_fields(origin: RunningOrigin) -> None:
    answer = await origin.upload(
        str(ASTRONAUT), public_id="answer", folder="a/b", tags=["z", "a"], context={"alt": "x|y", "k": "a=b"}
    )
    assert answer["public_id"] == "a/b/answer"
    expected = cloudinary.utils.api_sign_request(
        {"public_id": "a/b/answer", "version": answer["version"]}, origin.sdk()["api_secret"]
    )
    assert answer["signature"] == expected
    assert answer["tags"] == ["z", "a"]
    assert answer["context"] == {"custom": {"alt": "x|y", "k": "a=b"}}
    assert (answer["asset_folder"], answer["display_name"]) == ("a/b", "answer")
    assert answer["placeholder"] is False
    assert answer["pages"] == 1
    assert len(answer["asset_id"]) == len(answer["version_id"]) == len(answer["request_id"]) == 32
    built, _ = cloudinary.utils.cloudinary_url(
        answer["public_id"], version=answer["version"], format="jpg", cloud_name=CLOUD, secure=False
    )
    assert answer["url"].partition("/demo/")[2] == built.partition("/demo/")[2]


@pytest_twisted.ensureDeferred
async def test_an_overwrite_keeps_the_asset_and_changes_its_version(origin: RunningOrigin) -> None:
    first = await origin.upload(str(ASTRONAUT), public_id="again", tags="old")
    await origin.get("/demo/image/upload/w_50/again.jpg")
    second = await origin.upload(as_bytes(quartered(), "PNG"), public_id="again")
    assert second["asset_id"] == first["asset_id"]
    assert second["version"] > first["version"]
    assert second["version_id"] != first["version_id"]
    assert second["overwritten"] is True
    assert "overwritten" not in first
    assert second["tags"] == []
    assert second["created_at"] == first["created_at"]
    got = await origin.get("/demo/image/upload/again")
    assert got.headers["content-type"] == "image/png"
    assert hashlib.md5(got.body).hexdigest() == second["etag"]
    small = await origin.get("/demo/image/upload/w_50/again.jpg")
    assert small.headers["etag"] not in (None, first["etag"])
    kept = await origin.upload(str(ASTRONAUT), public_id="again", overwrite=False)
    assert kept["existing"] is True
    assert kept["version"] == second["version"]


@pytest.mark.parametrize(
    "public_id", ["Zürich/雪 ☃", "a.b.c", "deep/er/still", "комната-1", "(x)!~'*,;=@$", "photo.jpg"]
)
@pytest_twisted.ensureDeferred
async def test_any_public_id_the_sheet_allows_is_stored_and_delivered(
    origin: RunningOrigin, public_id: str
) -> None:
    answer = await origin.upload(str(ASTRONAUT), public_id=public_id)
    assert answer["public_id"] == public_id
    url, _ = cloudinary.utils.cloudinary_url(
        public_id, format="jpg", cloud_name=CLOUD, width=40, crop="scale"
    )
    got = await origin.get(url.partition("cloudinary.com")[2])
    assert (got.status, got.headers["content-type"]) == (200, "image/jpeg")


@pytest_twisted.ensureDeferred
async def test_names_come_from_files_when_asked_to(origin: RunningOrigin) -> None:
    named = await origin.upload(("my summer+photo.jpg", GOOD), use_filename=True)
    assert named["public_id"].startswith("my_summer_photo_")
    assert len(named["public_id"]) == len("my_summer_photo_") + 6
    exact = await origin.upload(("my summer+photo.jpg", GOOD), use_filename=True, unique_filename=False)
    assert exact["public_id"] == "my_summer_photo"
    overridden = await origin.upload(
        GOOD, filename_override="x/other.png", use_filename=True, unique_filename=False
    )
    assert (overridden["public_id"], overridden["original_filename"]) == ("other", "other")


@pytest_twisted.ensureDeferred
async def test_facts_are_those_a_viewer_sees(origin: RunningOrigin) -> None:
    """EXIF orientation turns width and height; an animation tells its frames."""
    turned = await origin.upload(str(DOGS))
    assert (turned["width"], turned["height"]) == (1065, 1600)
    moving = await origin.upload(str(PAN_GIF))
    assert (moving["format"], moving["pages"]) == ("gif", 20)


@pytest_twisted.ensureDeferred
async def test_raw_files_are_kept_byte_for_byte(origin: RunningOrigin) -> None:
    data = b"<html><script>alert(1)</script>" * 10
    answer = await origin.upload(("page.html", data), resource_type="raw")
    assert answer["resource_type"] == "raw"
    assert answer["public_id"].endswith(".html")
    assert "width" not in answer
    assert "format" not in answer
    got = await origin.get(answer["url"].removeprefix("http://127.0.0.1:8000"))
    assert got.body == data
    assert "sandbox" in got.headers["content-security-policy"]
    text = await origin.upload(("notes.txt", b"hello"), resource_type="auto")
    assert text["resource_type"] == "raw"
    picture = await origin.upload(str(ASTRONAUT), resource_type="auto")
    assert picture["resource_type"] == "image"


@pytest_twisted.ensureDeferred
async def test_incoming_transformation_and_format_change_what_is_stored(origin: RunningOrigin) -> None:
    answer = await origin.upload(str(ASTRONAUT), transformation={"width": 100, "crop": "scale"}, format="png")
    assert (answer["width"], answer["height"], answer["format"]) == (100, 100, "png")
    got = await origin.get(answer["url"].removeprefix("http://127.0.0.1:8000"))
    assert hashlib.md5(got.body).hexdigest() == answer["etag"]
    assert origin.spooled() == []


@pytest_twisted.ensureDeferred
async def test_eager_derivatives_are_made_with_the_upload(origin: RunningOrigin) -> None:
    before = origin.node.counters.renders
    answer = await origin.upload(
        str(ASTRONAUT),
        public_id="eager",
        eager=[{"width": 40, "height": 30, "crop": "pad"}, {"width": 20, "crop": "scale", "format": "webp"}],
    )
    first, second = answer["eager"]
    assert (first["transformation"], first["width"], first["height"]) == ("c_pad,h_30,w_40", 40, 30)
    assert (second["width"], second["format"]) == (20, "webp")
    assert origin.node.counters.renders == before + 2
    got = await origin.get(first["url"].removeprefix("http://127.0.0.1:8000"))
    assert (got.status, len(got.body)) == (200, first["bytes"])
    assert origin.node.counters.renders == before + 2


@pytest_twisted.ensureDeferred
async def test_numbers_that_only_this_picture_asks_for_are_no_eager_derivative(origin: RunningOrigin) -> None:
    """A branch is chosen once the picture is known: the upload stands by then."""
    chain = "if_w_gt_10/w_20,fl_getinfo/if_end"
    answer = await origin.upload(str(ASTRONAUT), public_id="branch", eager=[{"raw_transformation": chain}])
    [told] = answer["eager"]
    assert told["status"] == "failed"
    assert told["reason"].startswith("fl_getinfo is not supported in eager transformations")


@pytest_twisted.ensureDeferred
async def test_destroy_ends_an_asset_and_what_was_made_of_it(origin: RunningOrigin) -> None:
    await origin.upload(str(ASTRONAUT), public_id="doomed")
    assert (await origin.get("/demo/image/upload/w_30/doomed.jpg")).status == 200
    assert (await origin.called(cloudinary.uploader.destroy, "doomed", invalidate=True))["result"] == "ok"
    assert (await origin.called(cloudinary.uploader.destroy, "doomed"))["result"] == "not found"
    for path in ("/demo/image/upload/doomed.jpg", "/demo/image/upload/w_30/doomed.jpg"):
        assert (await origin.get(path)).status == 404


@pytest.mark.parametrize("encoding", ["urlencoded", "json"])
@pytest_twisted.ensureDeferred
async def test_forms_and_json_upload_as_well_as_multipart(origin: RunningOrigin, encoding: str) -> None:
    """What curl users send; JSON callers normally come with Basic."""
    sdk = origin.sdk()
    fields: dict[str, Any] = {"file": data_uri(), "public_id": f"by-{encoding}"}
    options = (
        {"json": {**fields, "tags": ["a", "b"]}}
        if encoding == "json"
        else {"data": {**fields, "tags": "a,b"}}
    )
    answer = await origin.ask(
        "POST", f"{origin.url}/v1_1/demo/image/upload", auth=(sdk["api_key"], sdk["api_secret"]), **options
    )
    assert answer.status == 200, answer.body
    assert answer.json["public_id"] == f"by-{encoding}"
    assert answer.json["tags"] == ["a", "b"]
    assert answer.json["etag"] == MD5


@pytest_twisted.ensureDeferred
async def test_a_whole_file_in_one_chunk_is_a_plain_upload(origin: RunningOrigin) -> None:
    """The SDK's upload_large sends a small file as one chunk."""
    answer = await origin.called(cloudinary.uploader.upload_large, str(ASTRONAUT), resource_type="image")
    assert answer["etag"] == MD5
    with pytest.raises(cloudinary.exceptions.BadRequest, match="must be larger than 5mb"):
        await origin.called(
            cloudinary.uploader.upload_large, str(ASTRONAUT), resource_type="image", chunk_size=30_000
        )
    assert origin.spooled() == []


@pytest.mark.parametrize("span", ["0-²/³", f"0-{'9' * 5000}/9", "0-/", "*/5", "5-9/10"])
@pytest_twisted.ensureDeferred
async def test_a_range_that_is_no_whole_file_is_refused(origin: RunningOrigin, span: str) -> None:
    """Whatever stands in it: ² is a digit to Python, and no number."""
    headers = {"Content-Range": [f"bytes {span}".encode("latin-1")]}
    answer = await origin.post("/v1_1/demo/image/upload", {}, GOOD, headers)
    assert answer.status == 400, answer.body
    assert origin.spooled() == []


@pytest_twisted.ensureDeferred
async def test_a_browser_may_ask_before_it_posts(origin: RunningOrigin) -> None:
    answer = await origin.ask("OPTIONS", f"{origin.url}/v1_1/demo/image/upload")
    assert answer.status == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "X-Unique-Upload-Id" in answer.headers["access-control-allow-headers"]
    posted = await origin.post("/v1_1/demo/image/upload", {}, GOOD)
    assert posted.headers["access-control-allow-origin"] == "*"


@pytest_twisted.ensureDeferred
async def test_header_fields_of_an_upload_are_delivered_with_it(origin: RunningOrigin) -> None:
    """§3.2: three names, the rest ignored; with the original, its derived files, and a 304."""
    lines = "X-Robots-Tag: noindex\nLink: <https://example.com/a>; rel=canonical\nX-Other: no"
    answer = await origin.upload(str(ASTRONAUT), public_id="headed", headers=lines)
    assert "error" not in answer
    etag = f'"{MD5}"'
    for path, asked in (("headed.jpg", {}), ("w_20/headed.jpg", {}), ("headed.jpg", {"If_None_Match": etag})):
        got = await origin.get(f"/demo/image/upload/{path}", **asked)
        assert got.status == (304 if asked else 200)
        assert got.headers["x-robots-tag"] == "noindex"
        assert got.headers["link"] == "<https://example.com/a>; rel=canonical"
        assert "x-other" not in got.headers
    refused = await origin.post("/v1_1/demo/image/upload", {"headers": "Link: a\x01b"}, GOOD)
    assert (refused.status, origin.spooled()) == (400, [])


@pytest_twisted.ensureDeferred
async def test_eager_files_are_told_as_they_were_asked_for(origin: RunningOrigin) -> None:
    """Params in alphabetical order, the extension kept where one was given, nothing else made of it (upload-api §6)."""
    chain = "w_20,l_text:Arial_20:x,c_scale"
    answer = await origin.upload(str(ASTRONAUT), public_id="spelled", eager=f"w_20|{chain}|t_thumb/png|w_30/")
    told = [each["transformation"] for each in answer["eager"]]
    assert told == ["w_20", "c_scale,l_text:Arial_20:x,w_20", "t_thumb/png", "w_30"]
    for each, name in zip(told, ("jpg", "jpg", "png", "jpg"), strict=True):
        path = f"/{each.removesuffix('/png')}/v{answer['version']}/spelled.{name}"
        (found,) = [one for one in answer["eager"] if one["transformation"] == each]
        assert found["url"].endswith(path)
        assert (await origin.get(f"/demo/image/upload{path}")).status == 200


@pytest_twisted.ensureDeferred
async def test_eager_transformations_may_be_an_array(origin: RunningOrigin) -> None:
    """As JSON callers write what the SDKs join by `|` (upload-api §1): each makes its file."""
    await origin.upload(GOOD, public_id="arrayed")
    answer = await origin.ask(
        "POST",
        f"{origin.url}/v1_1/demo/image/explicit",
        auth=(KEY, SECRET),
        json={"public_id": "arrayed", "type": "upload", "eager": ["c_fit,w_6", "c_fit,w_7/png"]},
    )
    assert [each["transformation"] for each in answer.json["eager"]] == ["c_fit,w_6", "c_fit,w_7/png"]


@pytest_twisted.ensureDeferred
async def test_a_display_name_is_made_of_the_last_part_of_a_file_name(origin: RunningOrigin) -> None:
    answer = await origin.upload(
        GOOD, filename_override="x/other.png", use_filename_as_display_name=True, public_id="named"
    )
    assert answer["display_name"] == "other"
