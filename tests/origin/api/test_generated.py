"""What is made of several assets, or of none: multi, sprite, text, explode, by the official SDK (upload-api §9)."""

import json
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import cloudinary.exceptions
import cloudinary.uploader
import pytest
import pytest_twisted
from PIL import Image

from origin.catalogue import Identity
from tests.support.images import as_bytes, quartered
from tests.support.notified import told_once
from tests.support.origins import CLOUD, KEY, SECRET, RunningOrigin
from tests.support.remote import remote_server

PNG = as_bytes(quartered(), "PNG")  # 64x48
WIDE = as_bytes(quartered(80, 40), "PNG")


@pytest_twisted.async_yield_fixture(scope="module", autouse=True)
async def assets(origin: RunningOrigin) -> AsyncIterator[None]:
    """Two pictures with a tag, and a document of two pages."""
    await origin.upload(PNG, public_id="logo/b", tags="logo")
    await origin.upload(WIDE, public_id="logo/a", tags="logo")
    pages = BytesIO()
    quartered().save(pages, "GIF", save_all=True, append_images=[quartered().rotate(180)], duration=100)
    await origin.upload(pages.getvalue(), public_id="two-pages")
    await origin.upload(b"raw", public_id="raw.bin", resource_type="raw")
    yield


def url_of(answer: dict[str, Any], name: str = "secure_url") -> str:
    return str(urlsplit(answer[name]).path)


async def picture(origin: RunningOrigin, path: str) -> Image.Image:
    got = await origin.get(path)
    assert got.status == 200, got.headers
    return Image.open(BytesIO(got.body))


def link(function: Any, **options: Any) -> str:
    url = urlsplit(function(cloud_name=CLOUD, api_key=KEY, api_secret=SECRET, **options))
    return f"{url.path}?{url.query}"


class TestMulti:
    @pytest_twisted.ensureDeferred
    async def test_an_animation_by_public_id(self, origin: RunningOrigin) -> None:
        """A gif, delivered where the answer says."""
        answer = await origin.called(cloudinary.uploader.multi, "logo")
        assert answer["public_id"] == "logo,gif"
        path = url_of(answer)
        assert path == f"/{CLOUD}/image/multi/v{answer['version']}/logo.gif"
        shown = await picture(origin, path)
        assert (shown.format, shown.size, shown.n_frames) == ("GIF", (80, 48), 2)  # type: ignore[attr-defined]
        again = await origin.called(cloudinary.uploader.multi, "logo")
        assert again["asset_id"] == answer["asset_id"]
        assert (again["version"], len(again["asset_id"])) == (answer["version"], 32)

    @pytest_twisted.ensureDeferred
    async def test_another_format_and_a_transformation(self, origin: RunningOrigin) -> None:
        """The SDK writes the format into the transformation; the answer shows it sorted."""
        answer = await origin.called(cloudinary.uploader.multi, "logo", format="webp", width=20, crop="scale")
        assert answer["public_id"] == "logo,webp,c_scale,f_webp,w_20"
        assert url_of(answer).endswith("/logo.webp")
        shown = await picture(origin, url_of(answer))
        assert (shown.format, shown.size[0]) == ("WEBP", 20)
        document = await origin.called(cloudinary.uploader.multi, "logo", format="pdf")
        got = await origin.get(url_of(document))
        assert (got.status, got.body[:5]) == (200, b"%PDF-")
        animated = await origin.called(cloudinary.uploader.multi, "logo", format="png")
        shown = await picture(origin, url_of(animated))
        assert (shown.format, shown.n_frames) == ("PNG", 2)  # type: ignore[attr-defined]

    @pytest_twisted.ensureDeferred
    async def test_a_delay(self, origin: RunningOrigin) -> None:
        """Of each frame, in milliseconds."""
        answer = await origin.post(f"/v1_1/{CLOUD}/image/multi", {"tag": "logo", "delay": "300"})
        shown = await picture(origin, url_of(answer.json))
        assert shown.info["duration"] == 300

    @pytest_twisted.ensureDeferred
    async def test_a_download(self, origin: RunningOrigin) -> None:
        """By a signed link (signing §6, F5), or by POST."""
        got = await origin.get(link(cloudinary.uploader.download_multi, tag="logo", format="pdf"))
        assert (got.status, got.body[:5]) == (200, b"%PDF-")
        assert 'filename="logo.pdf"' in got.headers["content-disposition"]
        got = await origin.post(f"/v1_1/{CLOUD}/image/multi", {"tag": "logo", "mode": "download"})
        assert got.body[:4] == b"GIF8"

    @pytest_twisted.ensureDeferred
    async def test_later(self, origin: RunningOrigin) -> None:
        """Pending, then told whole; what cannot be made is told as an error."""
        fields = {"tag": "logo", "async": "1", "notification_url": "poll://multi"}
        answer = (await origin.post(f"/v1_1/{CLOUD}/image/multi", fields)).json
        assert (answer["status"], answer["public_id"]) == ("pending", "logo,gif")
        told = await told_once(origin, "multi")
        assert (told["notification_type"], told["public_id"]) == ("multi", "logo,gif")
        assert told["batch_id"] == answer["batch_id"]
        await origin.post(
            f"/v1_1/{CLOUD}/image/multi", {**fields, "tag": "none", "notification_url": "poll://no-multi"}
        )
        assert (await told_once(origin, "no-multi"))["notification_type"] == "error"


@pytest_twisted.ensureDeferred
async def test_a_sprite(origin: RunningOrigin) -> None:
    """Sheet, style and positions, all of them delivered."""
    answer = await origin.called(
        cloudinary.uploader.generate_sprite, "logo", width=32, crop="scale", format="jpg"
    )
    assert answer["public_id"] == "logo,jpg,c_scale,f_jpg,w_32"
    base = f"/{CLOUD}/image/sprite/c_scale,f_jpg,w_32/v{answer['version']}/logo"
    for kind in ("image", "css", "json"):
        extension = "jpg" if kind == "image" else kind
        assert url_of(answer, f"secure_{kind}_url") == url_of(answer, f"{kind}_url") == f"{base}.{extension}"
    shown = await picture(origin, url_of(answer, "image_url"))
    infos = answer["image_infos"]
    assert set(infos) == {"logo/a", "logo/b"}
    assert infos["logo/a"] == {"width": 32, "height": 16, "x": 0, "y": 0}
    assert shown.size[0] >= max(each["x"] + each["width"] for each in infos.values())
    assert json.loads((await origin.get(url_of(answer, "json_url"))).body)["image_infos"] == infos
    assert b".logo-a {" in (await origin.get(url_of(answer, "css_url"))).body
    got = await origin.get(link(cloudinary.uploader.download_generated_sprite, tag="logo"))
    assert (got.status, got.headers["content-type"]) == (200, "image/png")


@pytest_twisted.ensureDeferred
async def test_urls_in_place_of_a_tag(origin: RunningOrigin) -> None:
    """In the order given, under a name of its own, delivered where the answer says; one and the same twice."""
    async with remote_server() as remote:
        urls = [remote.serves("/a%20b.png", WIDE), remote.serves("/c.png", PNG)]
        answer = await origin.called(cloudinary.uploader.multi, urls=urls, public_id="film", format="webp")
        assert answer["public_id"] == "film,webp"
        assert url_of(answer) == f"/{CLOUD}/image/multi/v{answer['version']}/film.webp"
        shown = await picture(origin, url_of(answer))
        assert (shown.size, shown.n_frames) == ((80, 48), 2)  # type: ignore[attr-defined]
        sheet = await origin.called(cloudinary.uploader.generate_sprite, urls=urls, width=20, crop="scale")
        again = await origin.called(cloudinary.uploader.generate_sprite, urls=urls, width=20, crop="scale")
        assert sheet["public_id"] == again["public_id"]
        assert sheet["image_infos"]["c"] == {"width": 20, "height": 15, "x": 0, "y": 10}
        assert (await picture(origin, url_of(sheet, "image_url"))).size == (20, 25)
        positions = await origin.get(url_of(sheet, "json_url"))
        assert json.loads(positions.body)["image_infos"] == sheet["image_infos"]
        assert b".c { background" in (await origin.get(url_of(sheet, "css_url"))).body
        got = await origin.get(link(cloudinary.uploader.download_multi, urls=urls))
        assert got.body[:4] == b"GIF8"
        gone = f"http://127.0.0.1:{remote.port}/nowhere.png"
        refused = await origin.post(f"/v1_1/{CLOUD}/image/multi", {"urls": [urls[0], gone]})
        assert refused.status in (400, 404), refused.body
    assert origin.spooled() == []


class TestText:
    @pytest_twisted.ensureDeferred
    async def test_words_as_an_image(self, origin: RunningOrigin) -> None:
        """A png of type `text`, cut to the ink (§9), delivered and listed as such."""
        answer = await origin.called(cloudinary.uploader.text, "hello world")
        assert (answer["type"], answer["format"], answer["resource_type"]) == ("text", "png", "image")
        assert 40 <= answer["width"] <= 80
        assert 7 <= answer["height"] <= 14
        assert url_of(answer) == f"/{CLOUD}/image/text/v{answer['version']}/{answer['public_id']}.png"
        shown = await picture(origin, url_of(answer))
        assert shown.size == (answer["width"], answer["height"])
        alpha = shown.convert("RGBA").getchannel("A")
        assert alpha.getbbox() == (0, 0, *shown.size)
        again = await origin.called(cloudinary.uploader.text, "hello world")
        assert (again["public_id"], again["asset_id"]) == (answer["public_id"], answer["asset_id"])

    @pytest_twisted.ensureDeferred
    async def test_every_parameter(self, origin: RunningOrigin) -> None:
        """Size, weight, colours: seen in the picture."""
        small = await origin.called(cloudinary.uploader.text, "Sample Name")
        answer = await origin.post(
            f"/v1_1/{CLOUD}/image/text",
            {
                "text": "Sample Name",
                "public_id": "styled",
                "font_family": "Arial",
                "font_size": "24",
                "font_color": "#ff0000",
                "font_weight": "bold",
                "font_style": "italic",
                "background": "yellow",
                "opacity": "100",
                "text_decoration": "underline",
                "text_align": "center",
                "letter_spacing": "2",
                "line_spacing": "1",
                "font_hinting": "full",
                "font_antialiasing": "best",
            },
        )
        assert answer.status == 200, answer.body
        assert answer.json["width"] > 2 * small["width"]
        shown = (await picture(origin, url_of(answer.json))).convert("RGBA")
        colours = {colour for _, colour in shown.getcolors(1 << 16) or ()}
        assert {(255, 255, 0, 255), (255, 0, 0, 255)} <= colours

    @pytest_twisted.ensureDeferred
    async def test_half_opaque_letters(self, origin: RunningOrigin) -> None:
        """`opacity` is that of the letters."""
        answer = await origin.called(cloudinary.uploader.text, "I", font_size=60, opacity=50)
        shown = (await picture(origin, url_of(answer))).convert("RGBA")
        assert max(shown.getchannel("A").tobytes()) in (127, 128)

    @pytest_twisted.ensureDeferred
    async def test_other_words_in_its_style(self, origin: RunningOrigin) -> None:
        """`l_text:<id>:<words>` looks as the style written out; what the layer says itself counts more."""
        await origin.called(
            cloudinary.uploader.text, "any", public_id="house_style", font_size=20, font_color="red"
        )
        named = await origin.get(f"/{CLOUD}/image/upload/l_text:house_style:Hi/logo/a.png")
        written = await origin.get(f"/{CLOUD}/image/upload/l_text:Arial_20:Hi,co_red/logo/a.png")
        assert (named.status, named.body == written.body) == (200, True), named.headers
        assert f"{CLOUD}/image/text/house_style" in named.headers["surrogate-key"]
        black = await origin.get(f"/{CLOUD}/image/upload/l_text:house_style:Hi,co_black/logo/a.png")
        plain = await origin.get(f"/{CLOUD}/image/upload/l_text:Arial_20:Hi/logo/a.png")
        assert black.body == plain.body
        await origin.called(cloudinary.uploader.text, "any", public_id="house_style", font_size=30)
        larger = await origin.get(f"/{CLOUD}/image/upload/l_text:house_style:Hi/logo/a.png")
        assert larger.body == (await origin.get(f"/{CLOUD}/image/upload/l_text:Arial_30:Hi/logo/a.png")).body

    @pytest_twisted.ensureDeferred
    async def test_the_image_itself_as_a_layer(self, origin: RunningOrigin) -> None:
        """`l_text:<id>` without words; in a folder, its slash escaped."""
        await origin.called(cloudinary.uploader.text, "Hi", public_id="notes/hi", font_size=20)
        for chain in ("l_text:notes%2Fhi", "l_text:notes%2Fhi:Hi"):
            got = await origin.get(f"/{CLOUD}/image/upload/{chain}/logo/a.png")
            assert got.status == 200, got.headers

    @pytest_twisted.ensureDeferred
    async def test_an_unknown_style(self, origin: RunningOrigin) -> None:
        """A refusal with its name."""
        got = await origin.get(f"/{CLOUD}/image/upload/l_text:nowhere:Hi/logo/a.png")
        assert got.status == 400
        assert "nowhere of type text" in got.headers["x-cld-error"]


class TestExplode:
    @pytest_twisted.ensureDeferred
    async def test_every_page(self, origin: RunningOrigin) -> None:
        """Made after the answer, delivered under `pg_<n>`, told of once."""
        renders = origin.node.counters.renders
        answer = await origin.called(
            cloudinary.uploader.explode,
            "two-pages",
            page="all",
            width=20,
            crop="scale",
            notification_url="poll://explode",
        )
        assert answer["status"] == "processing"
        told = await told_once(origin, "explode")
        assert (told["notification_type"], told["batch_id"]) == ("explode", answer["batch_id"])
        assert len(told["eager"]) == 2
        assert origin.node.counters.renders == renders + 2
        for number, each in enumerate(told["eager"], 1):
            assert (each["width"], each["format"]) == (20, "png")
            assert (await origin.get(url_of(each))).status == 200
            url = f"/{CLOUD}/image/upload/c_scale,pg_{number},w_20/two-pages.png"
            assert (await origin.get(url)).status == 200
        assert origin.node.counters.renders == renders + 2


MAKE: dict[str, list[tuple[dict[str, Any], int, str]]] = {
    "multi": [
        ({}, 400, "Missing required parameter - tag"),
        ({"tag": "none"}, 404, "Resource not found - none"),
        ({"tag": "logo", "urls": ["http://a.test/b.png"]}, 400, "tag or urls, and not both"),
        ({"urls": ["nonsense"]}, 404, "Error in loading - nonsense"),
        ({"urls": ["http://10.0.0.1/a.png"]}, 404, "Error in loading"),
        ({"urls": [f"http://a.test/{n}" for n in range(101)]}, 400, "Maximum number of images"),
        ({"tag": "logo", "format": "mp4"}, 400, "multi as mp4 is not supported"),
        ({"tag": "logo", "transformation": "f_webm"}, 400, "multi as webm is not supported"),
        ({"tag": "logo", "format": "exe"}, 400, "Invalid format - exe. Must be one of: gif, png, webp, pdf"),
        ({"tag": "logo", "transformation": "w_0"}, 400, "Invalid width"),
        ({"tag": "logo", "mode": "keep"}, 400, "Invalid mode - keep"),
        ({"tag": "logo", "delay": "soon"}, 400, "delay"),
        ({"tag": "logo", "notification_url": "ftp://x"}, 400, "notification_url"),
    ],
    "sprite": [
        ({}, 400, "Missing required parameter - tag"),
        ({"tag": "none"}, 404, "Resource not found - none"),
        ({"tag": "logo", "format": "gif"}, 400, "Invalid format - gif. Must be one of: png, jpg"),
    ],
    "text": [
        ({}, 400, "Missing required parameter - text"),
        ({"text": "  "}, 400, "Invalid"),
        ({"text": "a", "font_size": "0"}, 400, "font_size"),
        ({"text": "a", "font_size": "9999999"}, 400, "Maximum font size"),
        ({"text": "a", "font_family": "a:b"}, 400, "font_family"),
        ({"text": "a", "font_family": "a_2"}, 400, "font_family"),
        ({"text": "a", "font_family": "a" * 256}, 400, "font_family"),
        ({"text": "a", "font_family": "nowhere.ttf"}, 400, "nowhere.ttf"),
        ({"text": "a", "font_color": "reddish"}, 400, "font_color"),
        ({"text": "a", "background": "#12"}, 400, "background"),
        ({"text": "a", "opacity": "101"}, 400, "opacity"),
        ({"text": "a", "font_weight": "heavy"}, 400, "Invalid font_weight - heavy. Must be one of: normal"),
        ({"text": "a", "text_align": "up"}, 400, "Invalid text_align - up"),
        ({"text": "a", "line_spacing": "wide"}, 400, "line_spacing"),
        ({"text": "a", "public_id": "a?b"}, 400, "public_id (a?b) is invalid"),
        ({"text": "a" * 10_001}, 400, "Maximum text length"),
    ],
    "explode": [
        ({"transformation": "pg_all"}, 400, "Missing required parameter - public_id"),
        ({"public_id": "two-pages"}, 400, "Missing required parameter - transformation"),
        ({"public_id": "two-pages", "transformation": "pg_1"}, 400, "must contain pg_all, once"),
        ({"public_id": "two-pages", "transformation": "pg_all/pg_all"}, 400, "must contain pg_all, once"),
        ({"public_id": "two-pages", "transformation": "pg_all,w_0"}, 400, "Invalid width"),
        ({"public_id": "two-pages", "transformation": "pg_all", "format": "exe"}, 400, "Unsupported output"),
        ({"public_id": "nowhere", "transformation": "pg_all"}, 404, "Resource not found - nowhere"),
        ({"public_id": "two-pages", "transformation": "pg_all", "type": "list"}, 400, "Invalid type list"),
    ],
    "create_collage": [({}, 400, "create_collage is not supported")],
}


@pytest.mark.parametrize(
    ("verb", "fields", "status", "message"),
    [(verb, *case) for verb, cases in MAKE.items() for case in cases],
)
@pytest_twisted.ensureDeferred
async def test_bad_input_makes_nothing(
    origin: RunningOrigin, verb: str, fields: dict[str, Any], status: int, message: str
) -> None:
    """A sentence that says what to fix; no asset, no file, no job."""
    before = origin.node.counters.uploads
    got = await origin.post(f"/v1_1/{CLOUD}/image/{verb}", fields)
    assert (got.status, message in got.json["error"]["message"]) == (status, True), got.body
    assert origin.node.counters.uploads == before
    assert origin.spooled() == []


@pytest_twisted.ensureDeferred
async def test_videos_are_refused_by_name(origin: RunningOrigin) -> None:
    """By the SDK, and by hand."""
    with pytest.raises(cloudinary.exceptions.BadRequest, match="create_slideshow is not supported"):
        await origin.called(cloudinary.uploader.create_slideshow, manifest_json={"w": 1})
    got = await origin.post(f"/v1_1/{CLOUD}/video/concat", {"urls": ["http://a/b.mp4"]})
    assert (got.status, "concat is not supported" in got.json["error"]["message"]) == (400, True)


@pytest_twisted.ensureDeferred
async def test_a_text_is_an_asset_like_others(origin: RunningOrigin) -> None:
    """Deleted by its type and name."""
    await origin.called(cloudinary.uploader.text, "gone", public_id="gone")
    answer = await origin.called(cloudinary.uploader.destroy, "gone", type="text")
    assert answer["result"] == "ok"
    assert await origin.node.catalogue.assets.get(Identity(CLOUD, "image", "text", "gone")) is None
