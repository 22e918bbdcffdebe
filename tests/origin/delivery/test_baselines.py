"""`bl_<name>`: made once, kept, and worked on from then on."""

from io import BytesIO
from typing import Any

import cloudinary.utils
import pytest
import pytest_twisted
from PIL import Image

from origin.catalogue import Identity
from tests.support.images import ASTRONAUT, as_bytes, quartered
from tests.support.origins import RunningOrigin

BASE = "/demo/image/upload/bl_based"


@pytest_twisted.async_yield_fixture(scope="module", autouse=True)
async def _assets(origin: RunningOrigin) -> Any:
    await origin.upload(ASTRONAUT.read_bytes(), public_id="grounded")
    yield


@pytest_twisted.ensureDeferred
async def test_a_baseline_is_rendered_once_for_all_chains_on_it(origin: RunningOrigin) -> None:
    """The second chain costs one render, not two; sizes are those of the baseline."""
    before = origin.node.counters.renders
    for chain, size in (
        ("w_0.5", (50, 25)),
        ("w_iw,h_ih,e_negate", (100, 50)),
        ("c_crop,h_10,w_10", (10, 10)),
    ):
        answer = await origin.get(f"{BASE}/{chain}/grounded.png")
        assert answer.status == 200, answer.headers
        assert Image.open(BytesIO(answer.body)).size == size
    assert origin.node.counters.renders == before + 4
    asset = await origin.node.catalogue.assets.get(Identity("demo", "image", "upload", "grounded"))
    assert asset is not None
    rows = await origin.node.catalogue.derived.of(asset.asset_id)
    assert [row.format for row in rows].count("png") == 4


@pytest_twisted.ensureDeferred
async def test_alone_it_is_its_own_picture(origin: RunningOrigin) -> None:
    """Byte for byte the named transformation's."""
    alone = await origin.get(f"{BASE}/grounded.png")
    assert alone.body == (await origin.get("/demo/image/upload/t_based/grounded.png")).body


@pytest_twisted.ensureDeferred
async def test_the_same_chain_on_the_original_is_another_file(origin: RunningOrigin) -> None:
    """Equal plans of different sources."""
    await origin.upload(as_bytes(quartered(100, 50), "PNG"), public_id="even")
    based = await origin.get(f"{BASE}/e_negate/grounded.png")
    plain = await origin.get("/demo/image/upload/e_negate/even.png")
    straight = await origin.get("/demo/image/upload/c_fill,h_50,w_100/e_negate/grounded.png")
    assert len({based.body, plain.body}) == 2
    assert straight.status == 200


@pytest_twisted.ensureDeferred
async def test_a_baseline_whose_bytes_are_lost_is_made_anew(origin: RunningOrigin) -> None:
    await origin.upload(as_bytes(quartered(), "PNG"), public_id="lost")
    await origin.get(f"{BASE}/w_20/lost.png")
    asset = await origin.node.catalogue.assets.get(Identity("demo", "image", "upload", "lost"))
    assert asset is not None
    for row in await origin.node.catalogue.derived.of(asset.asset_id):
        await origin.node.store.delete(row.store_key)
    answer = await origin.get(f"{BASE}/w_30/lost.png")
    assert Image.open(BytesIO(answer.body)).size == (30, 15)


@pytest.mark.parametrize(
    ("chain", "sentence"),
    [
        ("w_5/bl_based", "bl_based must be the first component, and alone in it"),
        ("bl_based,w_5", "bl_based must be the first component, and alone in it"),
        ("bl_thumb", "bl_thumb needs a transformation with a format of its own (f_), not auto"),
        ("bl_nobody", "Unknown transformation nobody"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_what_is_no_baseline_is_told(origin: RunningOrigin, chain: str, sentence: str) -> None:
    answer = await origin.get(f"/demo/image/upload/{chain}/grounded.png")
    assert (answer.status, answer.headers["x-cld-error"]) == (400, sentence)


@pytest_twisted.ensureDeferred
async def test_eager_transformations_may_have_one(origin: RunningOrigin) -> None:
    """And the URL in the answer is then ready."""
    stored = await origin.upload(
        ASTRONAUT.read_bytes(), public_id="eager", eager=[{"raw_transformation": "bl_based/w_40"}]
    )
    assert (stored["eager"][0]["width"], stored["eager"][0]["height"]) == (40, 20)
    renders = origin.node.counters.renders
    url, _ = cloudinary.utils.cloudinary_url(
        "eager.png", cloud_name="demo", raw_transformation="bl_based/w_40"
    )
    assert (await origin.get(url.partition("cloudinary.com")[2])).status == 200
    assert origin.node.counters.renders <= renders + 1


@pytest_twisted.ensureDeferred
async def test_what_was_seen_in_the_original_is_not_looked_for_in_the_baseline(origin: RunningOrigin) -> None:
    """Its pixels lie elsewhere: it is looked at for itself, and the original is not forgotten over it."""
    square = Image.new("RGB", (100, 100), (255, 255, 255))
    square.paste(quartered(20, 20), (75, 40))
    await origin.upload(as_bytes(square, "PNG"), public_id="seen")
    on_original = await origin.get("/demo/image/upload/c_crop,g_auto,h_30,w_30/seen.png")
    on_baseline = await origin.get(f"{BASE}/c_crop,g_auto,h_30,w_30/seen.png")
    for answer in (on_original, on_baseline):
        assert answer.status == 200, answer.headers
        colours = Image.open(BytesIO(answer.body)).convert("RGB").getcolors(1000) or []
        assert len(colours) > 1
    told = await origin.get(f"{BASE}/c_crop,g_auto,h_30,w_30/fl_getinfo/seen.png")
    assert told.json["input"]["width"] == 100
    assert told.json["input"]["height"] == 50
