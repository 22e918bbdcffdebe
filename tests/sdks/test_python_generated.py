"""`cloudinary.uploader`: archives, sprites, animations, pages, texts; and what is not built (upload-api §9)."""

import json
import time
from io import BytesIO
from zipfile import ZipFile

import cloudinary
import pytest

from tests.sdks.python_sdk import ASSET, RAW, api, get, holds, picture, put, uploader, utils
from tests.support.documents import pdf
from tests.support.images import BLUE, RED, as_bytes, quartered
from tests.support.world import eventually

pytestmark = pytest.mark.usefixtures("python_cloud")


@pytest.fixture(scope="module", autouse=True)
def _assets(python_cloud: None) -> None:
    for name, angle in (("gen/a", 0), ("gen/b", 180)):
        turned = as_bytes(quartered().rotate(angle), "PNG")
        uploader.upload(turned, public_id=name, tags="gen", asset_folder="generated")


def names_in(body: bytes) -> list[str]:
    return sorted(ZipFile(BytesIO(body)).namelist())


def test_an_archive_is_a_raw_asset() -> None:
    chains = [{"width": 9, "crop": "scale"}, {"width": 8, "crop": "scale"}]
    answer = uploader.create_zip(
        public_ids=["gen/a", "gen/b"],
        transformations=chains,
        target_public_id="gen/zipped",
        target_tags="made",
    )
    holds(answer, (RAW | {"resource_count", "file_count"}) - {"api_key"})
    assert (answer["resource_type"], answer["public_id"], answer["tags"]) == (
        "raw",
        "gen/zipped.zip",
        ["made"],
    )
    assert (answer["resource_count"], answer["file_count"]) == (2, 4)
    assert utils.verify_api_response_signature("gen/zipped.zip", answer["version"], answer["signature"])
    assert len(names_in(get(answer["url"]).data)) == 4
    tar = uploader.create_archive(tags="gen", target_format="tgz", target_public_id="gen/tarred")
    assert (tar["resource_count"], tar["file_count"]) == (2, 2)
    assert get(tar["url"]).data[:2] == b"\x1f\x8b"
    assert tar["public_id"] == "gen/tarred.tgz"


def test_downloads_of_archives_and_originals_are_signed() -> None:
    archive = utils.download_archive_url(public_ids=["gen/a"], target_public_id="mine")
    response = get(archive)
    assert (response.status, names_in(response.data)) == (200, ["gen/a.png"])
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert "mine" in response.headers["Content-Disposition"]
    assert names_in(get(utils.download_zip_url(tags=["gen"], flatten_folders=True)).data) == [
        "a.png",
        "b.png",
    ]
    folder = get(utils.download_folder("gen/", expires_at=int(time.time()) + 60))
    assert {"gen/a.png", "gen/b.png"} <= set(names_in(folder.data))
    forged = get(archive.replace("gen%2Fa", "gen%2Fb"))
    assert forged.status == 401
    assert json.loads(forged.data)["error"]["message"] == forged.headers["X-Cld-Error"]
    put("gen/private", type="private")
    url = utils.private_download_url("gen/private", "jpg", type="private", attachment=True)
    response = get(url)
    assert (response.status, response.headers["Content-Type"]) == (200, "image/jpeg")
    assert response.headers["Content-Disposition"].startswith('attachment; filename="private.jpg"')
    late = get(
        utils.private_download_url("gen/private", "png", type="private", expires_at=int(time.time()) - 9)
    )
    assert (late.status, late.headers["X-Cld-Error"]) == (401, "Request timestamp expired")
    legacy = get(utils.zip_download_url("gen", width=9, crop="scale"))
    assert (legacy.status, len(names_in(legacy.data))) == (200, 2)
    by_hand = utils.cloudinary_api_download_url(
        "generate_archive", {"tags": "gen", "mode": "download", "timestamp": utils.now()}
    )
    assert get(by_hand).status == 200


def test_a_backed_up_version_is_downloaded() -> None:
    kept = put("gen/backed", backup=True)
    (version,) = api.resource("gen/backed", versions=True)["versions"]
    response = get(utils.download_backedup_asset(kept["asset_id"], version["version_id"]))
    assert (response.status, len(response.data)) == (200, kept["bytes"])
    lost = get(utils.download_backedup_asset(kept["asset_id"], ""))
    assert (lost.status, lost.headers["X-Cld-Error"]) == (400, "Missing required parameter - version_id")


def test_a_sprite_is_made_and_downloaded() -> None:
    answer = uploader.generate_sprite("gen", width=10, crop="scale", format="jpg")
    wanted = {"css_url", "secure_css_url", "image_url", "secure_image_url", "json_url", "secure_json_url"}
    holds(answer, wanted | {"public_id", "version", "image_infos"})
    assert len(answer["image_infos"]) == 2
    for info in answer["image_infos"].values():
        holds(info, {"width", "height", "x", "y"})
    assert "/image/sprite/c_scale,f_jpg,w_10/v" in answer["image_url"]
    assert picture(answer["image_url"]).width >= 10
    assert get(answer["css_url"]).headers["Content-Type"].startswith("text/css")
    assert get(answer["json_url"]).status == 200
    downloaded = get(uploader.download_generated_sprite("gen"))
    assert (downloaded.status, "attachment" in downloaded.headers["Content-Disposition"]) == (200, True)


def test_an_animation_is_made_and_downloaded() -> None:
    answer = uploader.multi("gen", width=10, crop="scale", format="webp")
    holds(answer, {"url", "secure_url", "asset_id", "public_id", "version"})
    assert answer["public_id"] == "gen,webp,c_scale,f_webp,w_10"
    assert f"/image/multi/c_scale,f_webp,w_10/v{answer['version']}/gen.webp" in answer["url"]
    assert getattr(picture(answer["url"]), "n_frames", 1) == 2
    assert getattr(picture(uploader.download_multi("gen")), "n_frames", 1) == 2


def test_pages_are_taken_apart() -> None:
    uploader.upload(pdf([((60, 40), RED), ((60, 40), BLUE)]), public_id="gen/paper", tags="pages")
    answer = uploader.explode("gen/paper", page="all", format="png")
    assert answer["status"] == "processing"
    assert answer["batch_id"]
    with pytest.raises(cloudinary.exceptions.BadRequest):
        uploader.explode("gen/paper", width=5)
    base = cloudinary.api.resource("gen/paper")["url"].partition("/image/upload/")[0]
    eventually(lambda: get(f"{base}/image/upload/pg_2/gen/paper.png").status == 200, "the page is there")


def test_a_text_is_an_asset() -> None:
    answer = uploader.text(
        "Hello", public_id="gen/words", font_family="Arial", font_size=12, font_color="black"
    )
    holds(answer, ASSET - {"api_key"})
    assert (answer["type"], answer["format"], answer["public_id"]) == ("text", "png", "gen/words")
    assert 15 <= answer["width"] <= 45
    assert 7 <= answer["height"] <= 18
    assert picture(answer["url"]).size == (answer["width"], answer["height"])


def test_videos_from_nothing_are_refused() -> None:
    """A slideshow needs an encoder that is not here."""
    with pytest.raises(cloudinary.exceptions.BadRequest, match=r"^create_slideshow is not supported here"):
        uploader.create_slideshow(manifest_json={"w": 1}, public_id="gen/slides")
