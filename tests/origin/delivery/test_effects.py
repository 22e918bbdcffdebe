"""Effects over real sockets and worker processes, as an SDK asks for them."""

from io import BytesIO
from typing import Any

import cloudinary.utils
import pytest
import pytest_twisted
from PIL import Image

from tests.support.images import as_bytes, quartered
from tests.support.origins import RunningOrigin


def boxed() -> Image.Image:
    """A picture of 64 × 48 on a wide white ground."""
    canvas = Image.new("RGB", (200, 150), "white")
    canvas.paste(quartered(), (30, 40))
    return canvas


@pytest_twisted.async_yield_fixture(scope="module", autouse=True)
async def _assets(origin: RunningOrigin) -> Any:
    await origin.upload(as_bytes(boxed(), "PNG"), public_id="boxed")
    yield


@pytest.mark.parametrize(
    ("options", "size"),
    [
        ({"effect": "trim"}, (64, 48)),
        ({"transformation": [{"effect": "trim:20"}, {"width": 128, "crop": "scale"}]}, (128, 96)),
        ({"border": {"width": 4, "color": "black"}}, (208, 158)),
        ({"border": "4px_solid_rgb:390b", "radius": 20, "effect": "sepia"}, (208, 158)),
        ({"effect": "shadow:0", "color": "red", "x": 5, "y": 6}, (205, 156)),
        ({"effect": "blur_region:500", "x": 5, "y": 6, "width": 50, "height": 60}, (200, 150)),
        ({"effect": "art:zorro", "opacity": 30, "background": "blue"}, (200, 150)),
        ({"effect": "distort:0:0:150:20:150:130:0:150"}, (150, 150)),
        ({"background": "auto:predominant_gradient:4", "width": 220, "height": 220, "crop": "pad"}, (220, 220)),
        ({"background": "blurred:400:-20", "width": 220, "height": 220, "crop": "pad"}, (220, 220)),
        ({"effect": ["replace_color", "saddlebrown", 30, "red"]}, (200, 150)),
        ({"effect": "cartoonify:20:bw", "quality": "auto", "fetch_format": "auto"}, (200, 150)),
    ],
)  # fmt: skip
@pytest_twisted.ensureDeferred
async def test_an_sdks_url_gives_a_picture(
    origin: RunningOrigin, options: dict[str, Any], size: tuple[int, int]
) -> None:
    url, _ = cloudinary.utils.cloudinary_url("boxed.png", cloud_name="demo", **options)
    answer = await origin.get(url.partition("cloudinary.com")[2])
    assert answer.status == 200, answer.headers
    assert Image.open(BytesIO(answer.body)).size == size
    assert f"width={size[0]},height={size[1]}" in answer.headers["server-timing"]


def unprovided(name: str) -> str:
    """The refusal of what needs a provider, as a header carries it."""
    return (
        f"{name} is not supported without a provider: "
        f'see docs/providers.md for "providers: {{{name[2:]}: ...}}" of an origin'
    )


@pytest.mark.parametrize(
    ("chain", "reason"),
    [
        ("e_nonsense", "Invalid effect in transformation: nonsense"),
        ("e_art:monet", "Invalid effect in transformation: art:monet"),
        ("e_distort:0:0:0:0:0:0:0:0", "Invalid effect in transformation: distort:0:0:0:0:0:0:0:0"),
        ("e_gen_restore", unprovided("e_gen_restore")),
        ("e_background_removal:fineedges_y", unprovided("e_background_removal")),
        ("b_gen_fill:prompt_grass,c_pad,h_900,w_300", unprovided("b_gen_fill")),
        ("bo_3px_dashed_red", "Invalid border in transformation: 3px_dashed_red"),
        ("o_120", "Invalid opacity in transformation: 120"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_refusal_names_what_was_asked(origin: RunningOrigin, chain: str, reason: str) -> None:
    answer = await origin.get(f"/demo/image/upload/{chain}/boxed.png")
    assert (answer.status, answer.headers["x-cld-error"]) == (400, reason)
