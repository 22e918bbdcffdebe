"""What chains name beside pictures, over real sockets: tables, profiles, stored fonts, variables."""

from io import BytesIO
from typing import Any

import pytest
import pytest_twisted
from PIL import Image

from origin.render.pillow.fonts import installed
from tests.support import profiles
from tests.support.images import ASTRONAUT, BLUE, as_bytes
from tests.support.origins import RunningOrigin

WARM = "LUT_3D_SIZE 2\n" + "\n".join(f"{r} {g} 0" for b in (0, 1) for g in (0, 1) for r in (0, 1))
PATHS = [face.path for faces in installed().families.values() for face in faces if face.path]
needs_a_font = pytest.mark.skipif(not PATHS, reason="no font is installed (fonts-dejavu-core)")


@pytest_twisted.async_yield_fixture(scope="module", autouse=True)
async def _assets(origin: RunningOrigin) -> Any:
    await origin.upload(ASTRONAUT.read_bytes(), public_id="base")
    await origin.upload(as_bytes(Image.new("RGB", (40, 20), BLUE), "PNG"), public_id="brand/flag")
    await raw(origin, "films/warm.cube", WARM.encode())
    yield


async def raw(origin: RunningOrigin, public_id: str, data: bytes, kind: str = "upload") -> None:
    await origin.upload((public_id, data), public_id=public_id, resource_type="raw", type=kind)


@pytest_twisted.ensureDeferred
async def test_a_stored_table_grades_the_picture_and_purges_it(origin: RunningOrigin) -> None:
    """A raw file: its change ends every picture it coloured."""
    path = "/demo/image/upload/w_40/l_lut:films:warm.cube/fl_layer_apply/base.png"
    answer = await origin.get(path)
    assert answer.picture("RGB").getchannel("B").getextrema() == (0, 0)
    assert "demo/raw/upload/films/warm.cube" in answer.headers["surrogate-key"].split()
    await raw(origin, "films/warm.cube", WARM.replace(" 0\n", " 1\n").encode())
    assert (await origin.get(path)).picture("RGB").getchannel("B").getextrema() != (0, 0)


@pytest.mark.parametrize(
    ("layer", "sentence"),
    [
        ("lut:no.cube", "Unknown or invalid referenced raw file no.cube of type upload"),
        (
            "text:No_Such.ttf_20:Hi",
            "Unknown or invalid referenced raw file No_Such.ttf of type authenticated",
        ),
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_missing_raw_file_is_named(origin: RunningOrigin, layer: str, sentence: str) -> None:
    """And its upload ends the refusal."""
    answer = await origin.get(f"/demo/image/upload/l_{layer}/fl_layer_apply/base.png")
    assert (answer.status, answer.headers["x-cld-error"]) == (400, sentence)
    assert any(key.startswith("demo/raw/") for key in answer.headers["surrogate-key"].split())


@pytest.mark.parametrize("kind", ["authenticated", "upload"])
@pytest_twisted.ensureDeferred
async def test_a_stored_profile_is_the_colours_a_picture_leaves_in(origin: RunningOrigin, kind: str) -> None:
    """§7.3: a raw, authenticated .icc; a new one ends every picture that left in the old one's colours."""
    name = f"press/{kind}.icc"
    await raw(origin, name, profiles.press(), kind)
    path = f"/demo/image/upload/w_40/cs_icc:press:{kind}.icc/base.jpg"
    answer = await origin.get(path)
    assert Image.open(BytesIO(answer.body)).info["icc_profile"] == profiles.press()
    assert f"demo/raw/{kind}/{name}" in answer.headers["surrogate-key"].split()
    await raw(origin, name, profiles.grey(), kind)
    again = await origin.get(path)
    assert Image.open(BytesIO(again.body)).info["icc_profile"] == profiles.grey()


@pytest.mark.parametrize(
    ("chain", "sentence"),
    [
        ("cs_icc:no.icc/base.jpg", "Unknown or invalid referenced raw file no.icc of type authenticated"),
        ("cs_icc:films:notes.icc/base.jpg", "films/notes.icc is no ICC colour profile"),
        (
            "cs_icc:films:grey.icc,f_webp/base",
            "The colour profile films/grey.icc is of GRAY, which webp cannot hold",
        ),
        ("cs_icc:films:grey.icc/base.gif", "cs_icc in gif is not supported"),
        ("cs_icc:films:warm.cube/base.jpg", "Invalid color_space in transformation: icc:films:warm.cube"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_profile_that_cannot_be_followed_is_told(
    origin: RunningOrigin, chain: str, sentence: str
) -> None:
    """By its name: 400."""
    await raw(origin, "films/notes.icc", b"read me", "authenticated")
    await raw(origin, "films/grey.icc", profiles.grey(), "authenticated")
    answer = await origin.get(f"/demo/image/upload/w_9,{chain}")
    assert (answer.status, answer.headers["x-cld-error"]) == (400, sentence)


@needs_a_font
@pytest.mark.parametrize("kind", ["authenticated", "upload"])
@pytest_twisted.ensureDeferred
async def test_words_in_a_stored_font_need_no_signature(origin: RunningOrigin, kind: str) -> None:
    """The font itself is authenticated, as upstream wants it; what it draws is not."""
    assert PATHS[0] is not None
    await raw(origin, f"Own_{kind}.ttf", PATHS[0].read_bytes(), kind)
    chain = f"c_fill,h_60,w_200/l_text:Own_{kind}.ttf_40:Hello,co_rgb:00ff00"
    result = (await origin.get(f"/demo/image/upload/{chain}/base.png")).picture("RGB")
    colours = {colour: count for count, colour in result.getcolors(20_000) or []}
    assert colours.get((0, 255, 0), 0) > 100


@pytest_twisted.ensureDeferred
async def test_a_variable_may_name_a_file_or_hold_the_picture(origin: RunningOrigin) -> None:
    """`$m_ref:!…!` is what `l_` would say; `$img_current` is the picture where it stands."""
    base = "/demo/image/upload/c_fill,h_60,w_60"
    by_name = await origin.get(f"{base}/l_brand:flag/base.png")
    by_reference = await origin.get(f"{base}/$m_ref:!brand:flag!/l_$m/base.png")
    assert by_reference.picture("RGB").getpixel((30, 30)) == BLUE
    assert by_reference.body == by_name.body
    kept = (await origin.get(f"{base}/$img_current/e_negate/l_$img/base.png")).picture("RGB")
    plain = (await origin.get(f"{base}/base.png")).picture("RGB")
    assert kept.tobytes() == plain.tobytes()


@pytest_twisted.ensureDeferred
async def test_a_style_may_be_a_variable(origin: RunningOrigin) -> None:
    """The whole of it, or its parts."""
    base = "/demo/image/upload/c_fill,h_60,w_200"
    plain = await origin.get(f"{base}/l_text:Arial_30:Hello/base.png")
    for chain in ("$s_!Arial_30!/l_text:$s:Hello", "$n_30/l_text:Arial_$n:$(w),$w_!Hello!"):
        assert (await origin.get(f"{base}/{chain}/base.png")).body == plain.body
