"""Chains as sites write them, each asked of the balancer twice: made, then kept by an edge; sizes and colours right.

`PIXELEDGE_SHEET=FOLDER` keeps what came, to be looked at.
"""

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cloudinary.utils
import pytest
import urllib3
import yaml
from attrs import field, frozen
from PIL import Image, features

from origin.render.pillow.fonts import installed
from tests.support.sdk import options, upload
from tests.support.shop import INK, MUSTARD, NAMED, PICTURES, TEAL
from tests.support.world import ROOT, World, world

MODERN = "image/avif,image/webp,image/*,*/*;q=0.8"
HINTS = "Sec-CH-DPR,DPR,Sec-CH-Width,Width,Sec-CH-Viewport-Width,Viewport-Width"
NEAR = 14  # levels: what a lossy encoder may do to a flat colour
needs_fonts = pytest.mark.skipif(
    "dejavu sans" not in installed().families, reason="DejaVu Sans is not installed (fonts-dejavu-core)"
)
needs_raqm = pytest.mark.skipif(not features.check("raqm"), reason="raqm is missing (libfribidi0)")
Colour = tuple[int, ...]


@frozen
class Case:
    """A chain on an asset, and what must come."""

    chain: str
    asset: str
    kind: str
    size: tuple[int, int]
    pixels: tuple[tuple[int, int, Colour], ...] = ()  # x, y and the colour there
    headers: dict[str, str] = field(factory=dict)
    vary: str = ""
    check: Callable[[Image.Image], bool] = lambda image: True


def count(image: Image.Image, colour: Colour, within: int = NEAR) -> int:
    """How many pixels look like that colour."""
    colours = image.convert("RGB").getcolors(image.width * image.height) or []
    return sum(
        number
        for number, seen in colours
        if isinstance(seen, tuple) and max(abs(a - b) for a, b in zip(seen, colour, strict=True)) <= within
    )


WHITE, BLACK = (255, 255, 255), (0, 0, 0)
CASES = {
    "hero with words and a logo": Case(
        "c_fill,h_500,w_1200/co_white,l_text:DejaVu%20Sans_64_bold:Summer%20sale/fl_layer_apply,g_west,x_60"
        "/l_brand:logo/c_scale,w_120/fl_layer_apply,g_south_east,x_30,y_20/q_80",
        "shop/mountains.jpg", "JPEG", (1200, 500),
        pixels=((1200 - 30 - 60, 500 - 20 - 60, INK), (1200 - 30 - 60, 500 - 20 - 25, MUSTARD)),
        check=lambda image: count(image.crop((60, 200, 560, 300)), WHITE) > 2000,
    ),
    "round avatar": Case(
        "c_crop,g_north,h_300,w_300/c_scale,w_160/r_max/bo_4px_solid_white", "people/astronaut.png", "PNG",
        (168, 168), pixels=((4, 4, (0, 0, 0, 0)), (0, 84, (*WHITE, 255))),
        check=lambda image: image.mode == "RGBA",
    ),
    "avatar, drawn to the face": Case(
        "c_thumb,g_face,h_200,w_200/r_max/f_png", "people/astronaut", "PNG", (200, 200),
        pixels=((2, 2, (0, 0, 0, 0)), (100, 115, (237, 197, 179))),  # clear outside, a cheek in the middle
        check=lambda image: count(image, (70, 60, 90), 30) < 400,  # nothing of the shuttle is left
    ),
    "tiled watermark": Case(
        "c_fill,h_400,w_600/l_brand:logo/c_scale,w_100/o_100/fl_layer_apply,fl_tiled", "shop/mountains.jpg",
        "JPEG", (600, 400),
        pixels=tuple((x, y, INK) for x in (50, 150, 550) for y in (50, 250, 350)),
    ),
    "product on a padded ground": Case(
        "b_rgb:f0f0f0,c_pad,h_600,w_800", "shop/vase.webp", "WEBP", (800, 600),
        pixels=((5, 300, (240, 240, 240)), (794, 300, (240, 240, 240)), (400, 420, TEAL)),
    ),
    "product cut out, with a shadow": Case(
        "e_make_transparent:15/e_trim/c_fit,h_300,w_300/e_shadow:40,x_8,y_8/f_png", "shop/vase", "PNG", (0, 0),
        check=lambda image: image.mode == "RGBA" and 150 < image.width < 320 and count(image, TEAL) > 5000,
    ),
    "responsive, by hints": Case(
        "c_limit,w_auto:100:400/dpr_auto,f_auto,q_auto", "shop/mountains.jpg", "AVIF", (1600, 1200),
        # 725 CSS pixels, up to 800, two device pixels each
        headers={"Accept": MODERN, "Sec-CH-DPR": "2.0", "Sec-CH-Width": "1450"},
        vary=f"Accept,Save-Data,{HINTS}",
    ),
    "responsive, without hints": Case(
        "c_limit,w_auto:100:400/dpr_auto,f_auto,q_auto", "shop/mountains.jpg", "JPEG", (400, 300),
        vary=f"Accept,Save-Data,{HINTS}",
    ),
    "upright ones otherwise": Case(
        "if_ar_lt_1.0/c_fill,h_400,w_300/if_else/c_fill,h_300,w_400/if_end/e_sepia:10", "people/dogs.jpg",
        "JPEG", (300, 400),
    ),
    "wide ones so": Case(
        "if_ar_lt_1.0/c_fill,h_400,w_300/if_else/c_fill,h_300,w_400/if_end/e_sepia:10", "shop/brushes.jpg",
        "JPEG", (400, 300),
    ),
    "small animation": Case(
        "c_fill,h_100,w_100/f_webp,fl_awebp", "shop/dandelion.gif", "WEBP", (100, 100),
        check=lambda image: getattr(image, "n_frames", 1) == 20,
    ),
    "blurred placeholder": Case(
        "c_scale,w_60/e_blur:400/f_jpg,q_30", "shop/mountains", "JPEG", (60, 45),
    ),
    "named, with a variable": Case(
        "$tall_200/t_card/q_90", "people/astronaut.jpg", "JPEG", (312, 212), pixels=((2, 100, MUSTARD),),
    ),
    "format by what the viewer takes": Case(
        "c_fill,h_200,w_300/f_auto,q_auto:eco", "shop/brushes.jpg", "WEBP", (300, 200),
        headers={"Accept": "image/webp,*/*"}, vary="Accept",
    ),
    "social card": Case(
        "c_fill,h_630,w_1200/e_brightness:-50"
        "/c_fit,co_white,l_text:DejaVu%20Serif_64_bold_center_line_spacing_10:"
        "Ten%20valleys%252C%20one%20weekend%0AWhat%20to%20pack,w_1000/fl_layer_apply,g_center"
        "/co_rgb:f0aa14,l_text:DejaVu%20Sans_30:shop.example/fl_layer_apply,g_south_west,x_60,y_50/q_90",
        "shop/mountains.jpg", "JPEG", (1200, 630),
        check=lambda image: count(image.crop((100, 200, 1100, 430)), WHITE) > 4000
        and count(image.crop((55, 530, 320, 600)), MUSTARD, 40) > 300,
    ),
    "cut-out over stripes": Case(
        "c_fit,h_300,w_400/u_brand:ground/c_fill,fl_relative,h_1.0,w_1.0/fl_layer_apply/q_95", "shop/fig.jpg",
        "JPEG", (400, 271), check=lambda image: count(image, TEAL, 20) > 8000,
    ),
    "cut to a star": Case(
        "c_fill,h_300,w_300/l_brand:star/fl_cutter,fl_layer_apply/f_png", "shop/brushes", "PNG", (300, 300),
        pixels=((3, 3, (0, 0, 0, 0)), (296, 296, (0, 0, 0, 0))),
        check=lambda image: image.getchannel("A").getpixel((150, 150)) == 255,
    ),
    "right to left": Case(
        "c_fill,h_200,w_600/e_brightness:-60/co_white,l_text:DejaVu%20Sans_60_right:"
        "%D9%85%D8%B1%D8%AD%D8%A8%D8%A7%20%D8%A8%D9%83%D9%85/fl_layer_apply,g_east,x_30",
        "shop/mountains.jpg", "JPEG", (600, 200),
        check=lambda image: count(image.crop((250, 0, 600, 200)), WHITE, 40) > 800,
    ),
    "collage of layers in layers": Case(
        "c_fill,h_400,w_400/l_people:astronaut/c_fill,h_200,w_200"
        "/l_brand:logo/c_scale,w_60/fl_layer_apply,g_north_east,x_5,y_5/bo_5px_solid_white"
        "/fl_layer_apply,g_south_west,x_20,y_20/l_brand:star/c_scale,w_80/fl_layer_apply,g_north/q_95",
        "shop/mountains.jpg", "JPEG", (400, 400),
        pixels=((22, 250, WHITE), (20 + 5 + 200 - 5 - 30, 400 - 20 - 5 - 200 + 5 + 30, INK), (200, 45, INK)),
    ),
    "grid cell, graded": Case(
        "ar_4:5,c_fill,g_north,w_320/e_improve/e_vignette:40/r_24/b_white/f_webp,q_auto:good",
        "people/dogs", "WEBP", (320, 400), pixels=((1, 1, WHITE), (318, 398, WHITE)),
    ),
    "first page of a document": Case(
        "c_fill,h_200,pg_1,w_150/bo_2px_solid_black/f_jpg,q_90", "shop/leaflet", "JPEG", (154, 204),
        pixels=((77, 102, TEAL),),
    ),
    "text over a multiplied layer": Case(
        "c_fill,h_300,w_300/l_brand:ground/c_fill,fl_relative,h_1.0,w_1.0/e_multiply,fl_layer_apply"
        "/b_white,co_black,l_text:DejaVu%20Sans_24_italic:new/fl_layer_apply,g_north_west,x_10,y_10/q_90",
        "shop/brushes.jpg", "JPEG", (300, 300), check=lambda image: count(image.crop((0, 0, 80, 50)), WHITE) > 300,
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    clouds = yaml.safe_load((ROOT / "topology.yaml").read_text("utf-8"))["clouds"]
    clouds["demo"]["transformations"] = NAMED
    with world(tmp_path_factory.mktemp("shop"), "--no-seed", clouds=clouds) as started:
        for public_id, file in PICTURES.items():
            upload(started, file, public_id=public_id)
        upload(started, PICTURES["people/astronaut"], public_id="member", type="private")
        yield started


def asked(running: World, path: str, **headers: str) -> urllib3.BaseHTTPResponse:
    """Through the front door, from Frankfurt's region."""
    return running.get(running.ready["balancer"]["url"], f"{path}?region=eu-central", **headers)


def opened(name: str, answer: urllib3.BaseHTTPResponse) -> Image.Image:
    """The picture that came, whole; kept where it is asked for."""
    assert answer.status == 200, answer.headers.get("X-Cld-Error")
    image = Image.open(io.BytesIO(answer.data))
    if folder := os.environ.get("PIXELEDGE_SHEET"):
        suffix = (image.format or "").lower()
        (Path(folder) / f"{name.replace(' ', '-').replace(',', '')}.{suffix}").write_bytes(answer.data)
    image.load()
    return image


def is_near(seen: Any, wanted: Colour) -> bool:
    """Colours alike; of what is wholly transparent only that counts."""
    if len(wanted) == 4 and wanted[3] == 0:
        return bool(seen[3] == 0)
    return bool(max(abs(a - b) for a, b in zip(seen, wanted, strict=False)) <= NEAR)


@needs_fonts
@pytest.mark.parametrize("name", CASES)
def test_a_chain_as_sites_write_it(running: World, name: str) -> None:
    """Right the first time, and from the edge the second."""
    if name == "right to left" and not features.check("raqm"):
        pytest.skip("raqm is missing (libfribidi0)")
    case = CASES[name]
    path = f"/demo/image/upload/{case.chain}/v1/{case.asset}"
    headers = {key.replace("-", "_"): value for key, value in case.headers.items()}
    first, second = asked(running, path, **headers), asked(running, path, **headers)
    image = opened(name, first)
    assert image.format == case.kind
    assert first.headers["Content-Type"] == f"image/{case.kind.lower()}"
    if case.size != (0, 0):
        assert image.size == case.size
    for x, y, colour in case.pixels:
        shown = image.convert("RGBA").getpixel((x, y))
        assert is_near(shown, colour), (x, y, shown)
    assert case.check(image)
    assert (first.headers["X-Cache"], second.headers["X-Cache"]) == ("MISS", "HIT")
    assert first.headers["X-PoP"] == second.headers["X-PoP"]
    assert second.data == first.data
    assert set(first.headers.get("Vary", "").replace(" ", "").split(",")) - {"Origin"} == set(
        case.vary.split(",")
    )


def test_a_private_original_needs_its_signature(running: World) -> None:
    """Its derived pictures do not; a wrong signature opens nothing."""
    config = options(running)
    url, _ = cloudinary.utils.cloudinary_url("member.jpg", type="private", sign_url=True, **config)
    path = str(url).partition("cloudinary.com")[2]
    assert opened("signed private original", asked(running, path)).size == (512, 512)
    assert asked(running, path).headers["X-Cache"] == "HIT"
    assert asked(running, "/demo/image/private/member.jpg").status == 401
    assert asked(running, path.replace("s--", "s--A", 1)[:-1]).status in (401, 404)
    assert opened("private, derived", asked(running, "/demo/image/private/w_100/member.jpg")).size == (
        100,
        100,
    )


def test_a_download_has_a_name(running: World) -> None:
    """fl_attachment tells the browser what to call it."""
    answer = asked(running, "/demo/image/upload/c_fit,w_300/fl_attachment:price%20list/shop/brushes.jpg")
    assert opened("download", answer).width == 300
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="price list.jpg"')


def test_a_missing_picture_has_a_stand_in(running: World) -> None:
    """d_ shows the brand's logo at the size asked for, kept for a while only."""
    answer = asked(running, "/demo/image/upload/c_pad,d_brand:logo.png,h_100,w_100/v1/shop/nothing.png")
    image = opened("stand-in", answer)
    assert image.size == (100, 100)
    assert is_near(image.convert("RGBA").getpixel((50, 50)), INK)
    missing = asked(running, "/demo/image/upload/w_100/v1/shop/nothing.png")
    assert (missing.status, missing.headers["X-Cld-Error"]) == (404, "Resource not found - shop/nothing")


def test_each_kind_of_viewer_has_an_own_variant_at_the_edge(running: World) -> None:
    """f_auto: three classes of Accept, three files, none of them served to another."""
    path = "/demo/image/upload/c_fill,h_120,w_160/f_auto/v1/shop/brushes"
    kinds = {MODERN: "AVIF", "image/webp,*/*": "WEBP", "*/*": "JPEG"}
    for state in ("MISS", "HIT"):
        for accept, kind in kinds.items():
            answer = asked(running, path, Accept=accept)
            assert opened(f"f_auto {kind}", answer).format == kind
            assert answer.headers["X-Cache"] == state
