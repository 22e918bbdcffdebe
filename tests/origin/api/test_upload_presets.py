"""`upload_presets` and what uploads make of them, through the official SDK and by hand."""

from collections.abc import AsyncIterator
from typing import Any

import cloudinary.api
import cloudinary.exceptions
import cloudinary.uploader
import pytest
import pytest_twisted
from urllib3 import encode_multipart_formdata

from origin.settings import Cloud
from tests.support.calls import asked
from tests.support.images import as_bytes, quartered
from tests.support.origins import CLOUD, KEY, SECRET, Answer, RunningOrigin, running_origin

PICTURE = as_bytes(quartered(20, 10), "JPEG")
PRESETS = f"/v1_1/{CLOUD}/upload_presets"
UPLOAD = f"/v1_1/{CLOUD}/image/upload"


@pytest_twisted.async_yield_fixture(scope="module")
async def origin(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningOrigin]:
    """With a cloud whose uploads have a preset of their own."""
    clouds = {
        CLOUD: Cloud(KEY, SECRET, upload_preset="by_default"),
        "other": Cloud("999", "other-secret"),
    }
    async with running_origin(tmp_path_factory.mktemp("origin"), clouds=clouds) as running:
        yield running


async def form_post(origin: RunningOrigin, fields: dict[str, Any], path: str = UPLOAD) -> Answer:
    """What a page in a browser sends: a form, no signature."""
    body, content_type = encode_multipart_formdata({"file": ("photo.jpg", PICTURE), **fields})
    return await origin.ask("POST", origin.url + path, data=body, headers={"Content-Type": [content_type]})


@pytest_twisted.ensureDeferred
async def test_the_sdk_makes_shows_changes_and_removes_a_preset(origin: RunningOrigin) -> None:
    """Settings come back parsed from the detail and as texts from the list."""
    made = await origin.called(
        cloudinary.api.create_upload_preset,
        name="whole",
        folder="folder",
        tags=["a", "b", "c"],
        context={"a": "b", "c": "d"},
        transformation=[{"width": 100, "crop": "scale"}],
        eager=[{"width": 10, "crop": "fill"}, {"transformation": [{"width": 20}, {"effect": "sepia"}]}],
        allowed_formats=["png", "jpg"],
        face_coordinates=[[1, 2, 3, 4]],
        unsigned=True,
        live=True,
        use_filename=False,
    )
    assert (made["message"], made["name"], len(made["external_id"])) == ("created", "whole", 36)
    detail = await origin.called(cloudinary.api.upload_preset, "whole")
    assert (detail["name"], detail["unsigned"], detail["external_id"]) == ("whole", True, made["external_id"])
    assert detail["settings"] == {
        "folder": "folder",
        "tags": ["a", "b", "c"],
        "context": {"a": "b", "c": "d"},
        "transformation": [{"width": 100, "crop": "scale"}],
        "eager": [[{"width": 10, "crop": "fill"}], [{"width": 20}, {"effect": "sepia"}]],
        "allowed_formats": ["png", "jpg"],
        "face_coordinates": [[1, 2, 3, 4]],
        "live": True,
        "use_filename": False,
    }
    changed = await origin.called(
        cloudinary.api.update_upload_preset, "whole", colors=True, unsigned=False, disallow_public_id=True
    )
    assert changed["message"] == "updated"
    assert changed["external_id"] == made["external_id"]
    again = await origin.called(cloudinary.api.upload_preset, "whole")
    assert again["unsigned"] is False
    assert again["settings"] == {**detail["settings"], "colors": True, "disallow_public_id": True}
    listed = await origin.called(cloudinary.api.upload_presets, max_results=500)
    (shown,) = [each for each in listed["presets"] if each["name"] == "whole"]
    assert shown["settings"]["tags"] == "a,b,c"
    assert shown["settings"]["transformation"] == "c_scale,w_100"
    assert all(isinstance(each, str) for each in shown["settings"].values())
    assert (await origin.called(cloudinary.api.delete_upload_preset, "whole"))["message"] == "deleted"
    with pytest.raises(cloudinary.exceptions.NotFound, match="Can't find upload preset named whole"):
        await origin.called(cloudinary.api.upload_preset, "whole")


@pytest_twisted.ensureDeferred
async def test_only_what_was_stored_appears(origin: RunningOrigin) -> None:
    """A preset of one flag has one setting; a name is made up where none is given."""
    made = await origin.called(cloudinary.api.create_upload_preset, phash=True)
    assert len(made["name"]) == 8
    detail = await origin.called(cloudinary.api.upload_preset, made["name"])
    assert detail["settings"] == {"phash": True}
    assert detail["unsigned"] is False


@pytest_twisted.ensureDeferred
async def test_presets_come_in_pages(origin: RunningOrigin) -> None:
    for name in ("page1", "page2", "page3"):
        await origin.called(cloudinary.api.create_upload_preset, name=name, folder="x")
    names: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = await origin.called(cloudinary.api.upload_presets, max_results=2, **cursor)
        names += [each["name"] for each in page["presets"]]
        if "next_cursor" not in page:
            break
        cursor = {"next_cursor": page["next_cursor"]}
    assert names[:3] == ["page3", "page2", "page1"]
    assert len(names) == len(set(names))


@pytest_twisted.ensureDeferred
async def test_a_name_is_taken_once(origin: RunningOrigin) -> None:
    """409 for the second; another cloud may have its own."""
    await origin.called(cloudinary.api.create_upload_preset, name="taken", folder="x")
    with pytest.raises(cloudinary.exceptions.AlreadyExists, match="Upload preset taken already exists"):
        await origin.called(cloudinary.api.create_upload_preset, name="taken", folder="y")
    theirs = f"{PRESETS.replace(CLOUD, 'other')}"
    assert (await asked(origin, "GET", theirs + "/taken", key="999:other-secret")).status == 404
    made = await asked(origin, "POST", theirs, {"name": "taken"}, key="999:other-secret")
    assert (made.status, made.json["message"]) == (200, "created")
    assert (await asked(origin, "GET", PRESETS + "/taken")).json["settings"] == {"folder": "x"}


@pytest_twisted.ensureDeferred
async def test_an_unsigned_upload_takes_all_from_its_preset(origin: RunningOrigin) -> None:
    """The SDK's own call and a plain form do the same; tags and context gather, single values are the preset's."""
    await origin.called(
        cloudinary.api.create_upload_preset,
        name="open",
        unsigned=True,
        folder="inbox",
        tags=["preset"],
        context={"from": "preset", "kept": "yes"},
        transformation={"width": 8, "crop": "scale"},
        eager=[{"width": 4, "crop": "scale"}],
    )
    stored = await origin.called(
        cloudinary.uploader.unsigned_upload,
        PICTURE,
        "open",
        public_id="mine",
        folder="elsewhere",
        tags=["said"],
        context={"from": "request", "too": "yes"},
    )
    assert stored["public_id"] == "inbox/mine"
    assert (stored["width"], stored["height"]) == (8, 4)
    assert sorted(stored["tags"]) == ["preset", "said"]
    assert stored["context"]["custom"] == {"from": "preset", "kept": "yes", "too": "yes"}
    assert [each["width"] for each in stored["eager"]] == [4]
    assert len(stored["signature"]) == 40
    assert "api_key" not in stored

    answer = await form_post(origin, {"upload_preset": "open", "tags": "form"})
    assert answer.status == 200
    assert answer.json["public_id"].startswith("inbox/")
    assert sorted(answer.json["tags"]) == ["form", "preset"]


@pytest_twisted.ensureDeferred
async def test_an_unsigned_upload_overwrites_nothing(origin: RunningOrigin) -> None:
    """Whatever the preset says."""
    await origin.called(cloudinary.api.create_upload_preset, name="over", unsigned=True, overwrite=True)
    first = await origin.upload(PICTURE, public_id="precious")
    answer = await form_post(origin, {"upload_preset": "over", "public_id": "precious"})
    assert (answer.status, answer.json["existing"]) == (200, True)
    assert answer.json["version_id"] == first["version_id"]


@pytest_twisted.ensureDeferred
async def test_a_signed_upload_has_the_last_word(origin: RunningOrigin) -> None:
    await origin.called(
        cloudinary.api.create_upload_preset, name="signed", folder="presets", tags=["preset"], type="private"
    )
    stored = await origin.upload(PICTURE, upload_preset="signed", public_id="a", tags=["said"])
    assert (stored["public_id"], stored["tags"], stored["type"]) == ("presets/a", ["said"], "private")


@pytest_twisted.ensureDeferred
async def test_a_preset_may_be_every_uploads_own(origin: RunningOrigin) -> None:
    """The cloud names it; until there is one of that name, uploads go without."""
    before = await origin.upload(PICTURE)
    assert before["tags"] == []
    await origin.called(cloudinary.api.create_upload_preset, name="by_default", tags=["default"])
    try:
        assert (await origin.upload(PICTURE))["tags"] == ["default"]
        await origin.called(cloudinary.api.create_upload_preset, name="instead", folder="x")
        assert (await origin.upload(PICTURE, upload_preset="instead"))["tags"] == []
    finally:
        await origin.called(cloudinary.api.delete_upload_preset, "by_default")


UNSIGNED_REFUSALS = [
    ({"upload_preset": "nobody"}, "Upload preset not found"),
    ({"upload_preset": "closed"}, "Upload preset must be whitelisted for unsigned uploads"),
    (
        {"upload_preset": "strict", "public_id": "x"},
        "Public id parameter is not allowed by the upload preset",
    ),
    (
        {"upload_preset": "strict", "context": "a=b"},
        "Context parameter is not allowed by the upload preset. Only tags upload parameters are allowed.",
    ),
    (
        {"upload_preset": "strict", "overwrite": "true", "format": "png"},
        "Format, Overwrite parameter is not allowed when using unsigned upload. Only upload_preset,",
    ),
    (
        {"upload_preset": "strict", "return_delete_token": "true"},
        "Return delete token parameter is not allowed when using unsigned upload.",
    ),
    ({}, "Upload preset must be specified when using unsigned upload"),
]


@pytest_twisted.ensureDeferred
async def test_unsigned_uploads_are_refused_in_the_sheets_words(origin: RunningOrigin) -> None:
    """And nothing is left behind."""
    await asked(origin, "POST", PRESETS, {"name": "closed"})
    strict = {"name": "strict", "unsigned": True, "disallow_public_id": True, "parameter_whitelist": ["tags"]}
    await asked(origin, "POST", PRESETS, strict)
    before = await asked(origin, "GET", f"/v1_1/{CLOUD}/resources/image?max_results=500")
    for fields, said in UNSIGNED_REFUSALS:
        answer = await form_post(origin, fields)
        assert (answer.status, answer.json["error"]["message"][: len(said)]) == (400, said), fields
    answer = await form_post(origin, {"upload_preset": "strict"}, UPLOAD.replace(CLOUD, "nobody"))
    assert (answer.status, answer.json["error"]["message"]) == (401, "Unknown API key ")
    after = await asked(origin, "GET", f"/v1_1/{CLOUD}/resources/image?max_results=500")
    assert after.json == before.json
    assert origin.spooled() == []
    assert (await form_post(origin, {"upload_preset": "strict", "tags": "fine"})).status == 200


BAD: list[tuple[str, str, Any, int, str]] = [
    ("POST", "", {"name": "a/b"}, 400, "name (a/b) is invalid"),
    ("POST", "", {"name": "x" * 256}, 400, "name (xxx"),
    ("POST", "", {"name": "a\nb"}, 400, "name (a%0Ab) is invalid"),
    ("POST", "", {"name": "bad\ud800"}, 400, "name ("),
    ("POST", "", {"name": "bad", "unsigned": "perhaps"}, 400, "Invalid value for parameter unsigned"),
    ("POST", "", {"name": "bad", "overwrite": "perhaps"}, 400, "Invalid value for parameter overwrite"),
    ("POST", "", {"name": "bad", "transformation": "x"}, 400, "Invalid transformation component - x"),
    ("POST", "", {"name": "bad", "eager": "w_1|x"}, 400, "Invalid transformation component - x"),
    ("POST", "", {"name": "bad", "regions": "{"}, 400, "Invalid value for parameter regions"),
    ("POST", "", {"name": "bad", "face_coordinates": "1,2"}, 400, "Invalid face_coordinates 1,2"),
    ("POST", "", {"name": "bad", "tags": ["x\0"]}, 400, "Invalid value for parameter"),
    ("POST", "", b'{"name": "bad", "context": ' + b"[" * 100_000, 400, "Malformed JSON body"),
    ("POST", "", b'{"name": "bad", "folder": "\xff"}', 400, "Malformed JSON body"),
    ("POST", "", b"[]", 400, "Request body must be a JSON object"),
    ("PUT", "/nobody", {"tags": "a"}, 404, "Can't find upload preset named nobody"),
    ("PUT", "/nobody", {"overwrite": "perhaps"}, 400, "Invalid value for parameter overwrite"),
    ("GET", "/nobody", {}, 404, "Can't find upload preset named nobody"),
    ("GET", "/a%00b", {}, 404, "Can't find upload preset named a%00b"),
    ("DELETE", "/nobody", {}, 404, "Can't find upload preset named nobody"),
    ("GET", "?next_cursor=x'", {}, 400, "Invalid value for parameter next_cursor"),
    ("GET", "?max_results=-1", {}, 400, "Invalid value for parameter max_results"),
]


@pytest_twisted.ensureDeferred
async def test_bad_input_is_told_what_is_wrong(origin: RunningOrigin) -> None:
    """And makes no preset."""
    before = await asked(origin, "GET", PRESETS + "?max_results=500")
    for method, path, document, status, said in BAD:
        answer = await asked(origin, method, PRESETS + path, document)
        told = answer.json["error"]["message"][: len(said)]
        assert (answer.status, told) == (status, said), (method, path, document)
    assert (await asked(origin, "GET", PRESETS, key="999:other-secret")).status == 401
    assert (await asked(origin, "GET", PRESETS + "?max_results=500")).json == before.json


@pytest_twisted.ensureDeferred
async def test_a_preset_holds_many_and_long_values(origin: RunningOrigin) -> None:
    """10,000 tags are kept; an upload with them is refused by the rule for tags, and nothing is stored."""
    tags = [f"tag{number}" for number in range(10_000)]
    made = await asked(origin, "POST", PRESETS, {"name": "many", "unsigned": True, "tags": tags})
    assert made.status == 200
    assert (await asked(origin, "GET", PRESETS + "/many")).json["settings"] == {"tags": tags}
    answer = await form_post(origin, {"upload_preset": "many", "public_id": "never"})
    assert (answer.status, answer.json["error"]["message"]) == (400, "Too many or too long tags")
    assert (await asked(origin, "GET", f"/v1_1/{CLOUD}/resources/image/upload/never")).status == 404
