"""Layers over real sockets: found, refused, purged, and made anew when they change."""

from typing import Any

import cloudinary.utils
import pytest
import pytest_twisted
from PIL import Image, features

from origin.render.pillow.fonts import installed
from tests.support.images import ASTRONAUT, BLUE, GREEN, as_bytes
from tests.support.origins import SECRET, RunningOrigin

needs_fonts = pytest.mark.skipif(
    "dejavu sans" not in installed().families, reason="DejaVu Sans is not installed (fonts-dejavu-core)"
)


@pytest_twisted.async_yield_fixture(scope="module", autouse=True)
async def _assets(origin: RunningOrigin) -> Any:
    await origin.upload(ASTRONAUT.read_bytes(), public_id="base")
    flag = as_bytes(Image.new("RGB", (40, 20), BLUE), "PNG")
    await origin.upload(flag, public_id="brand/flag")
    for kind in ("private", "authenticated"):
        await origin.upload(flag, public_id="secret", type=kind)
    await origin.upload(("notes.txt", b"read me"), public_id="notes.txt", resource_type="raw")
    yield


def count(image: Image.Image, colour: tuple[int, int, int]) -> int:
    """How many pixels are of exactly that colour."""
    colours = image.getcolors(image.width * image.height) or []
    return sum(number for number, each in colours if each == colour)


def signed(chain: str) -> str:
    """The SDK's signed URL path of `base.png` under a chain."""
    url, _ = cloudinary.utils.cloudinary_url(
        "base.png", cloud_name="demo", api_secret=SECRET, sign_url=True, raw_transformation=chain
    )
    return str(url).partition("cloudinary.com")[2]


@pytest_twisted.ensureDeferred
async def test_a_layer_in_a_folder_is_laid_and_its_purge_reaches_the_picture(origin: RunningOrigin) -> None:
    """A new logo must end every picture that wears the old one."""
    answer = await origin.get("/demo/image/upload/w_100/l_brand:flag,g_south_east/base.png")
    result = answer.picture("RGB")
    assert result.size == (100, 100)
    assert (result.getpixel((61, 81)), result.getpixel((99, 99))) == (BLUE, BLUE)
    assert result.getpixel((59, 99)) != BLUE
    keys = answer.headers["surrogate-key"].split()
    assert {"demo/image/upload/base", "demo/image/upload/brand/flag"} <= set(keys)


@pytest_twisted.ensureDeferred
async def test_a_layer_is_asked_its_own_size(origin: RunningOrigin) -> None:
    """40 by 20, on a base of 100 (§11.1)."""
    for chain, blue in (
        ("l_brand:flag/if_w_gt_50/w_10/if_end/fl_layer_apply", 40 * 20),
        ("l_brand:flag/w_w_div_2/fl_layer_apply", 20 * 10),
        ("l_brand:flag,w_w_mul_2", 80 * 40),
    ):
        result = (await origin.get(f"/demo/image/upload/w_100/{chain}/base.png")).picture("RGB")
        assert (result.size, count(result, BLUE)) == ((100, 100), blue)


@needs_fonts
@pytest_twisted.ensureDeferred
async def test_a_dollar_an_sdk_escapes_is_drawn(origin: RunningOrigin) -> None:
    """Not taken for a variable, defined or not (delivery-urls.md §6)."""
    layer = {"font_family": "DejaVu Sans", "font_size": 30, "text": "$(x) is $(5)"}
    chain, _ = cloudinary.utils.generate_transformation_string(overlay=layer)
    plain = (await origin.get(f"/demo/image/upload/{chain}/base.png")).picture("RGB")
    assert (await origin.get(f"/demo/image/upload/$x_!no!/{chain}/base.png")).picture("RGB") == plain
    said = (await origin.get("/demo/image/upload/l_text:DejaVu%20Sans_30:no%20is%205/base.png")).picture(
        "RGB"
    )
    assert said != plain


@pytest_twisted.ensureDeferred
async def test_short_form_and_block_share_one_file(origin: RunningOrigin) -> None:
    """Equal plans, equal file."""
    before = origin.node.counters.renders
    chains = (
        "l_brand:flag,w_30,x_1",
        "l_brand:flag/w_30,c_scale/x_1,fl_layer_apply",
        "l_brand:flag.png,w_30,x_1",
    )
    answers = [await origin.get(f"/demo/image/upload/{chain}/base.png") for chain in chains]
    assert len({each.body for each in answers}) == 1
    assert origin.node.counters.renders <= before + 2  # the id with its extension is another reference


@pytest_twisted.ensureDeferred
async def test_a_changed_layer_changes_the_picture(origin: RunningOrigin) -> None:
    """The derived file belongs to one revision of each of its layers."""
    path = "/demo/image/upload/w_50/l_changing/base.png"
    for colour in (BLUE, GREEN):
        await origin.upload(as_bytes(Image.new("RGB", (20, 20), colour), "PNG"), public_id="changing")
        assert (await origin.get(path)).picture("RGB").getpixel((25, 25)) == colour


@pytest.mark.parametrize(
    ("layer", "named"),
    [("nowhere", "nowhere"), ("a:b.png", "a/b.png"), ("notes.txt", "notes.txt"), ("a%00b", "a%00b")],
)
@pytest_twisted.ensureDeferred
async def test_a_layer_that_is_not_there_is_named(origin: RunningOrigin, layer: str, named: str) -> None:
    """Raw files are no layers either. An upload of the name ends the cached refusal."""
    answer = await origin.get(f"/demo/image/upload/l_{layer}/base.png")
    assert answer.status == 400
    assert answer.headers["x-cld-error"] == f"Unknown or invalid referenced image {named} of type upload"
    if layer == "nowhere":
        assert "demo/image/upload/nowhere" in answer.headers["surrogate-key"].split()


@pytest.mark.parametrize("kind", ["private", "authenticated"])
@pytest_twisted.ensureDeferred
async def test_a_restricted_layer_needs_a_signed_url(origin: RunningOrigin, kind: str) -> None:
    """Or anybody could look at it by laying it over a picture of their choice."""
    chain = f"l_{kind}:secret,w_60"
    refused = await origin.get(f"/demo/image/upload/{chain}/base.png")
    assert (refused.status, refused.headers["x-cld-error"]) == (401, "deny or ACL failure")
    assert (await origin.get(signed(chain))).picture("RGB").getpixel((256, 256)) == BLUE
    missing = await origin.get(signed(f"l_{kind}:nothing"))
    assert missing.headers["x-cld-error"].endswith(f"referenced image nothing of type {kind}")


@needs_fonts
@pytest_twisted.ensureDeferred
async def test_words_are_drawn_and_may_enlarge_the_picture(origin: RunningOrigin) -> None:
    """Their size is asked of a worker before the plan is made."""
    chain = "c_fill,h_60,w_200/l_text:DejaVu%20Sans_30:Hello%252C%20World,co_rgb:ff0000,g_north,y_-40"
    result = (await origin.get(f"/demo/image/upload/{chain}/base.png")).picture("RGB")
    assert result.width == 200
    assert result.height > 90
    assert count(result.crop((0, 0, 200, 36)), (255, 0, 0)) > 200


@needs_fonts
@pytest.mark.skipif(not features.check("raqm"), reason="raqm is missing (libfribidi0)")
@pytest_twisted.ensureDeferred
async def test_right_to_left_words_are_drawn(origin: RunningOrigin) -> None:
    """In whatever installed face has their letters."""
    chain = "w_200/l_text:Arial_30:%D8%B3%D9%84%D8%A7%D9%85,co_rgb:00ff00"
    result = (await origin.get(f"/demo/image/upload/{chain}/base.png")).picture("RGB")
    assert count(result, (0, 255, 0)) > 50


@pytest_twisted.ensureDeferred
async def test_a_font_that_is_not_installed_is_named(origin: RunningOrigin) -> None:
    """The worker's refusal, in the answer."""
    answer = await origin.get("/demo/image/upload/l_text:Wobbly%20Sans_30:Hi/base.png")
    assert (answer.status, answer.headers["x-cld-error"]) == (
        400,
        "Font Wobbly Sans is not installed (pip install fontpkg-wobbly-sans, or install it on the system)",
    )


@pytest_twisted.ensureDeferred
async def test_incoming_and_eager_transformations_may_have_layers(origin: RunningOrigin) -> None:
    """The same planner for all three; private ones too, since the call is signed."""
    kept = await origin.upload(
        ASTRONAUT.read_bytes(),
        public_id="stamped",
        transformation=[{"width": 100}, {"overlay": "private:secret"}],
        eager=[{"raw_transformation": "w_50/l_brand:flag"}],
    )
    assert (kept["width"], kept["height"]) == (100, 100)
    assert kept["eager"][0]["width"] == 50
    assert (await origin.get("/demo/image/upload/f_png/stamped")).picture("RGB").getpixel((50, 50))[2] > 150  # type: ignore[index]
