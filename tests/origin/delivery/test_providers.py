"""Effects painted by somebody else: the program of docs/providers.md, and those that break in every way."""

import re
import sys
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import cloudinary.utils
import pytest
import pytest_twisted
from PIL import Image

from origin.settings import Provider
from tests.support.images import BLUE, as_bytes
from tests.support.origins import SECRET, RunningOrigin, running_origin

DOCUMENT = Path(__file__).parents[3] / "docs" / "providers.md"
WHITE = (255, 255, 255)
BREAKERS = {
    "gen_restore": "import sys; print('no face in it'); sys.exit(65)",
    "enhance": "import sys; print('secret trouble'); sys.exit(3)",
    "auto_enhance": "pass",
    "extract": "import sys; open(sys.argv[2], 'w').write('no picture')",
    "gen_replace": "import os; os.fork(); import time; time.sleep(60)",
    "gen_recolor": "import shutil, sys; shutil.copy(*sys.argv[1:3])",  # the picture as it is
    "gen_background_replace": "x = bytearray(1 << 30)",
    "upscale": "import shutil, sys; shutil.copy(*sys.argv[1:3])",  # not four times as large
    "adv_redeye": "import shutil, sys; shutil.copy(*sys.argv[1:3])",
}


def program(text: str) -> tuple[str, ...]:
    return (sys.executable, "-c", text)


@pytest_twisted.async_yield_fixture(scope="module")
async def origin(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningOrigin]:
    """An origin with the documented provider, and with many that fail."""
    (script,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    folder = tmp_path_factory.mktemp("origin")
    (folder / "white_out.py").write_text(script)
    providers = {
        "background_removal": Provider((sys.executable, str(folder / "white_out.py")), signed_only=False),
        "gen_fill": Provider(builtin="blurred"),
        "gen_remove": Provider(("/nowhere/at/all",)),
        **{
            name: Provider(
                program(text), seconds=1.0 if name == "gen_replace" else 10.0, memory_bytes=1 << 30
            )
            for name, text in BREAKERS.items()
        },
    }
    async with running_origin(folder, providers=providers) as running:
        product = Image.new("RGB", (60, 40), WHITE)
        product.paste(BLUE, (20, 10, 40, 30))
        await running.upload(as_bytes(product, "PNG"), public_id="product")
        await running.upload(as_bytes(Image.new("RGBA", (60, 40)), "PNG"), public_id="gone")
        yield running


def signed(chain: str) -> str:
    url, _ = cloudinary.utils.cloudinary_url(
        "product.png", cloud_name="demo", api_secret=SECRET, sign_url=True, raw_transformation=chain
    )
    return str(url).partition("cloudinary.com")[2]


@pytest_twisted.ensureDeferred
async def test_the_documented_provider_works(origin: RunningOrigin) -> None:
    """In the middle of a chain; once per picture; nothing is left lying about."""
    path = "/demo/image/upload/w_30/e_background_removal/a_90/product.png"
    answer = await origin.get(path)
    assert answer.status == 200, answer.headers
    picture = Image.open(BytesIO(answer.body)).convert("RGBA")
    assert picture.size == (20, 30)
    alpha = picture.getchannel("A")
    assert (alpha.getpixel((1, 1)), alpha.getpixel((10, 15))) == (0, 255)
    renders = origin.node.counters.renders
    assert (await origin.get(path)).body == answer.body
    assert origin.node.counters.renders == renders
    assert origin.spooled() == []


@pytest_twisted.ensureDeferred
async def test_a_refusal_of_the_provider_is_the_viewers(origin: RunningOrigin) -> None:
    """With its own sentence."""
    answer = await origin.get("/demo/image/upload/e_background_removal/gone.png")
    assert (answer.status, answer.headers["x-cld-error"]) == (
        400,
        "e_background_removal: the background is already gone",
    )


@pytest.mark.parametrize(
    ("effect", "status", "sentence"),
    [
        ("gen_restore", 400, "e_gen_restore: no face in it"),
        ("enhance", 502, "The provider of e_enhance failed"),
        ("auto_enhance", 502, "The provider of e_auto_enhance gave no picture"),
        ("extract:prompt_a", 502, "The provider of e_extract gave no picture"),
        ("gen_replace:from_a;to_b", 503, "The provider of e_gen_replace took longer than 1 seconds"),
        ("gen_background_replace", 502, "The provider of e_gen_background_replace failed"),
        ("gen_remove:prompt_a", 502, "The provider of e_gen_remove cannot be run"),
        (
            "upscale",
            502,
            "The provider of e_upscale gave a picture of 60x40 pixels instead of 240x160",
        ),
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_provider_that_breaks_costs_its_own_answer(
    origin: RunningOrigin, effect: str, status: int, sentence: str
) -> None:
    """No worker dies of it, no file stays, and what it said goes to the log alone."""
    answer = await origin.get(f"/demo/image/upload/e_{effect}/product.png")
    assert (answer.status, answer.headers["x-cld-error"]) == (status, sentence)
    assert origin.spooled() == []
    assert (
        await origin.get("/demo/image/upload/e_gen_recolor:prompt_a;to-color_red/product.png")
    ).status == 200


@pytest_twisted.ensureDeferred
async def test_add_ons_need_a_signed_url(origin: RunningOrigin) -> None:
    """As upstream (delivery-urls §8.2)."""
    refused = await origin.get("/demo/image/upload/e_adv_redeye/product.png")
    assert refused.status == 401
    assert refused.headers["x-cld-error"] == "Can't generate images using add-ons if URL isn't signed"
    assert (await origin.get(signed("e_adv_redeye"))).status == 200


@pytest_twisted.ensureDeferred
async def test_a_stand_in_that_is_switched_on_fills(origin: RunningOrigin) -> None:
    answer = await origin.get("/demo/image/upload/b_gen_fill,c_pad,h_40,w_100/product.png")
    assert Image.open(BytesIO(answer.body)).size == (100, 40)
