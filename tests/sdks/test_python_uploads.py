"""`cloudinary.uploader`: files in, by every way there is (upload-api §3–§6)."""

import base64
import hashlib
from io import BytesIO
from pathlib import Path

import cloudinary
import pytest

from tests.sdks.python_sdk import ASSET, HEX, PICTURE, RAW, api, get, holds, on, picture, put, uploader, utils
from tests.support.images import ASTRONAUT
from tests.support.listeners import Listener
from tests.support.world import World, eventually

pytestmark = pytest.mark.usefixtures("python_cloud")

PART = 5 * 1024 * 1024


def test_upload_answers_with_all_the_sheet_names(world: World) -> None:
    answer = uploader.upload(
        str(ASTRONAUT),
        public_id="up/astronaut",
        tags=["space", "face"],
        context={"alt": "a = b|c"},
        asset_folder="people",
        display_name="Astronaut",
        eager=[{"width": 40, "height": 30, "crop": "pad"}],
        colors=True,
        phash=True,
        image_metadata=True,
        faces=True,
        face_coordinates=[[10, 20, 90, 300]],
        responsive_breakpoints={"create_derived": True, "min_width": 100, "max_width": 200, "max_images": 3},
        moderation="manual",
        return_delete_token=True,
    )
    holds(answer, ASSET | {"original_filename", "delete_token", "predominant", "image_metadata", "faces"})
    assert (answer["public_id"], answer["format"], answer["resource_type"]) == (
        "up/astronaut",
        "jpg",
        "image",
    )
    assert (answer["width"], answer["height"], answer["pages"], answer["type"]) == (512, 512, 1, "upload")
    assert answer["tags"] == ["space", "face"]
    assert answer["context"] == {"custom": {"alt": "a = b|c"}}
    assert answer["etag"] == hashlib.md5(ASTRONAUT.read_bytes()).hexdigest()
    assert HEX.fullmatch(answer["asset_id"])
    assert HEX.fullmatch(answer["version_id"])
    assert (answer["asset_folder"], answer["display_name"]) == ("people", "Astronaut")
    assert answer["original_filename"] == "astronaut-face"
    assert answer["moderation"] == [{"kind": "manual", "status": "pending"}]
    assert len(answer["phash"]) == 16
    assert answer["colors"][0][0].startswith("#")
    (eager,) = answer["eager"]
    holds(eager, {"transformation", "width", "height", "bytes", "format", "url", "secure_url"})
    assert (eager["transformation"], eager["width"], eager["height"]) == ("c_pad,h_30,w_40", 40, 30)
    assert picture(eager["url"]).size == (40, 30)
    widths = [each["width"] for each in answer["responsive_breakpoints"][0]["breakpoints"]]
    assert widths == sorted(widths, reverse=True)
    assert widths[0] == 200
    assert utils.verify_api_response_signature("up/astronaut", answer["version"], answer["signature"])
    assert not utils.verify_api_response_signature("up/other", answer["version"], answer["signature"])
    built = cloudinary.utils.cloudinary_url("up/astronaut", format="jpg", version=answer["version"])[0]
    assert answer["url"] == on(world.ready["api_url"], built)
    assert get(answer["url"]).data == ASTRONAUT.read_bytes()


def test_a_stream_a_data_uri_and_a_url_are_uploaded(listener: Listener) -> None:
    stream = uploader.upload(BytesIO(PICTURE), use_filename=True, unique_filename=False)
    assert (stream["public_id"], stream["original_filename"]) == ("stream", "stream")
    data = uploader.upload("data:image/png;base64," + base64.b64encode(PICTURE).decode())
    assert data["etag"] == stream["etag"] == hashlib.md5(PICTURE).hexdigest()
    assert len(data["public_id"]) == 20
    url = uploader.upload(f"{listener.url}/astronaut.jpg?size=1")
    assert (url["original_filename"], url["format"], url["width"]) == ("astronaut", "jpg", 512)


def test_an_overwrite_keeps_the_asset_and_a_refused_one_its_version() -> None:
    first, second = put("up/again", tags="a"), put("up/again")
    assert (second["asset_id"], second["overwritten"], second["tags"]) == (first["asset_id"], True, [])
    assert second["version"] > first["version"]
    third = put("up/again", overwrite=False)
    assert (third["existing"], third["version"]) == (True, second["version"])


def test_an_unsigned_upload_follows_its_preset() -> None:
    made = api.create_upload_preset(name="open", unsigned=True, folder="open", tags=["preset"])
    assert (made["message"], made["name"]) == ("created", "open")
    answer = uploader.unsigned_upload(PICTURE, "open", public_id="free", tags="own")
    assert (answer["public_id"], sorted(answer["tags"])) == ("open/free", ["own", "preset"])
    with pytest.raises(
        cloudinary.exceptions.BadRequest, match=r"Transformation parameter is not allowed when"
    ):
        uploader.unsigned_upload(PICTURE, "open", transformation={"width": 5})


def test_upload_image_and_upload_resource_give_objects_with_the_answer() -> None:
    image = uploader.upload_image(PICTURE, public_id="up/object")
    holds(image.metadata, ASSET)
    assert (image.public_id, image.format) == ("up/object", "png")
    raw = uploader.upload_resource(BytesIO(b"words"), public_id="up/words.txt", resource_type="raw")
    holds(raw.metadata, RAW)
    assert (raw.resource_type, raw.public_id, "format" in raw.metadata) == ("raw", "up/words.txt", False)


def test_a_large_file_goes_in_parts(tmp_path: Path) -> None:
    whole = bytes(range(256)) * 24_000
    path = tmp_path / "large.bin"
    path.write_bytes(whole)
    answer = uploader.upload_large(str(path), chunk_size=PART, public_id="up/large.bin", tags="large")
    holds(answer, RAW)
    assert (answer["done"], answer["bytes"], answer["resource_type"]) == (True, len(whole), "raw")
    assert answer["etag"] == hashlib.md5(whole).hexdigest()
    assert hashlib.md5(get(answer["url"]).data).hexdigest() == answer["etag"]


def test_one_part_is_answered_with_what_is_there() -> None:
    size, identity = PART + 7, utils.random_public_id()
    parts = [(0, bytes(PART)), (PART, b"the end")]
    answers = [
        uploader.upload_large_part(
            ("two.bin", part),
            public_id="up/two.bin",
            http_headers={
                "Content-Range": f"bytes {start}-{start + len(part) - 1}/{size}",
                "X-Unique-Upload-Id": identity,
            },
        )
        for start, part in parts
    ]
    holds(answers[0], {"done", "bytes", "kind", "resource_type", "public_id"})
    assert (answers[0]["done"], answers[0]["bytes"], answers[0]["kind"]) == (False, PART, "upload")
    assert (answers[1]["done"], answers[1]["bytes"]) == (True, size)


def test_explicit_changes_and_fetches(listener: Listener) -> None:
    first = put("up/explicit")
    answer = uploader.explicit(
        "up/explicit", type="upload", tags="new", context="k=v", eager={"width": 9, "crop": "scale"}
    )
    holds(answer, ASSET | {"eager", "context"})
    assert (answer["asset_id"], answer["tags"], answer["version"]) == (
        *(first["asset_id"], ["new"], first["version"]),
    )
    assert answer["eager"][0]["transformation"] == "c_scale,w_9"
    fetched = uploader.explicit(f"{listener.url}/astronaut.jpg", type="fetch")
    assert (fetched["type"], fetched["width"]) == ("fetch", 512)
    with pytest.raises(cloudinary.exceptions.NotFound, match=r"^Resource not found - up/nothing$"):
        uploader.explicit("up/nothing", type="upload")


def test_rename_moves_and_destroy_removes() -> None:
    first = put("up/before", display_name="kept")
    put("up/taken")
    answer = uploader.rename("up/before", "up/after", invalidate=True)
    holds(answer, ASSET - {"api_key", "tags"})
    assert (answer["public_id"], answer["asset_id"], answer["display_name"]) == (
        *("up/after", first["asset_id"], "kept"),
    )
    assert answer["version"] > first["version"]
    with pytest.raises(cloudinary.exceptions.BadRequest, match=r"to_public_id up/taken already exists"):
        uploader.rename("up/after", "up/taken")
    with pytest.raises(cloudinary.exceptions.NotFound, match=r"Resource not found - up/before"):
        uploader.rename("up/before", "up/elsewhere")
    assert uploader.destroy("up/after", invalidate=True)["result"] == "ok"
    assert uploader.destroy("up/after")["result"] == "not found"


def test_what_is_made_later_is_pending_and_told(listener: Listener) -> None:
    """`async`, with its notification, signed as the SDK verifies it (signing §3)."""
    url = f"{listener.url}/told-python"
    answer = uploader.upload(PICTURE, public_id="up/later", notification_url=url, **{"async": True})
    assert (answer["status"], answer["public_id"], answer["type"]) == ("pending", "up/later", "upload")
    assert answer["batch_id"]
    eventually(
        lambda: [each for each in listener.posted if each.path == "/told-python"], "the upload is told"
    )
    (told,) = [each for each in listener.posted if each.path == "/told-python"]
    stamp, signature = told.headers["X-Cld-Timestamp"], told.headers["X-Cld-Signature"]
    assert utils.verify_notification_signature(told.body.decode(), int(stamp), signature)
    assert not utils.verify_notification_signature(told.body.decode() + " ", int(stamp), signature)


def test_parameters_are_signed_by_hand() -> None:
    params = {"public_id": "up/hand", "timestamp": utils.now()}
    secret = cloudinary.config().api_secret
    assert utils.api_string_to_sign(params, 2) == f"public_id=up/hand&timestamp={params['timestamp']}"
    signed = utils.sign_request(dict(params), {})
    assert signed["signature"] == utils.api_sign_request(params, secret)
    answer = uploader.upload(PICTURE, public_id="up/hand")
    assert utils.signed_preloaded_image(answer).endswith(f"up/hand.png#{answer['signature']}")


def test_a_low_level_call_gives_errors_when_asked_to() -> None:
    answer = uploader.call_api("destroy", {"timestamp": 1, "public_id": "x"}, return_error=True)
    assert answer["error"]["message"].startswith("Stale request - reported time is 1970-01-01 00:00:01 +0000")
    assert answer["error"]["http_code"] == 400
    assert HEX.fullmatch(answer["error"]["request_id"])
    params = utils.build_upload_params(public_id="up/low")
    assert uploader.call_cacheable_api("upload", params, file=PICTURE)["public_id"] == "up/low"
    assert not uploader.is_appengine_sandbox()
