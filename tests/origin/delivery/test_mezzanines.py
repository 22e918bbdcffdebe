"""The second derivative of a large photograph is painted from a smaller one that nobody sees."""

from io import BytesIO
from random import Random
from typing import Any

import cloudinary.api
import pytest_twisted
from PIL import Image

from origin.catalogue import MEZZANINE, Identity, derived_key
from origin.delivery.mezzanines import VERSION
from tests.support.images import as_bytes
from tests.support.origins import CLOUD, RunningOrigin


def large(seed: int = 0) -> bytes:
    """Soft shapes in 2400 × 1800."""
    noise = Image.frombytes("RGB", (24, 18), Random(seed).randbytes(24 * 18 * 3))
    return as_bytes(noise.resize((2400, 1800), Image.Resampling.BICUBIC), "JPEG")


async def made(origin: RunningOrigin, count: int) -> None:
    await origin.eventually(lambda: origin.node.counters.mezzanines >= count, "a mezzanine")


async def row_of(origin: RunningOrigin, public_id: str) -> Any:
    asset = await origin.node.catalogue.assets.get(Identity(CLOUD, "image", "upload", public_id))
    assert asset is not None
    return await origin.node.catalogue.derived.get(derived_key(asset, MEZZANINE, VERSION))


@pytest_twisted.ensureDeferred
async def test_made_after_the_first_used_by_the_second_and_shown_to_nobody(origin: RunningOrigin) -> None:
    """The first answer comes from the source; the next is no other picture for coming from elsewhere."""
    counters = origin.node.counters
    await origin.upload(large(), public_id="vast")
    before, used = counters.mezzanines, counters.renders_from_mezzanine
    first = await origin.get("/demo/image/upload/c_scale,w_300/f_jpg,q_80/vast")
    assert first.status == 200
    await made(origin, before + 1)
    assert counters.renders_from_mezzanine == used
    row = await row_of(origin, "vast")
    assert (row.width, row.height, row.format) == (2048, 1536, "jpg")
    second = await origin.get("/demo/image/upload/c_scale,w_301/f_jpg,q_80/vast")
    assert counters.renders_from_mezzanine == used + 1
    with Image.open(BytesIO(first.body)) as one, Image.open(BytesIO(second.body)) as other:
        assert other.size == (301, 226)
        pairs = zip(one.resize((8, 6)).tobytes(), other.resize((8, 6)).tobytes(), strict=True)
        assert max(abs(a - b) for a, b in pairs) < 6
    again = await origin.get("/demo/image/upload/c_scale,w_300/f_jpg,q_80/vast")
    assert again.headers["etag"] == first.headers["etag"]  # stored is stored
    lossless = await origin.get("/demo/image/upload/c_scale,w_302/f_png/vast")
    assert lossless.status == 200
    assert (counters.mezzanines, counters.renders_from_mezzanine) == (before + 1, used + 1)
    told = await origin.called(cloudinary.api.resource, "vast")
    assert len(told["derived"]) == 3
    assert not [each for each in told["derived"] if each["transformation"] == MEZZANINE]


@pytest_twisted.ensureDeferred
async def test_it_goes_with_the_revision_it_was_made_of(origin: RunningOrigin) -> None:
    """An overwrite must not be answered from what was before."""
    await origin.upload(large(1), public_id="changing")
    before = origin.node.counters.mezzanines
    await origin.get("/demo/image/upload/c_scale,w_310/f_jpg,q_80/changing")
    await made(origin, before + 1)
    old = await row_of(origin, "changing")
    await origin.upload(as_bytes(Image.new("RGB", (2400, 1800), "red"), "JPEG"), public_id="changing")
    assert await row_of(origin, "changing") is None
    assert await origin.node.catalogue.objects.named([old.store_key])  # its removal is queued
    answer = await origin.get("/demo/image/upload/c_scale,w_311/f_jpg,q_80/changing")
    with Image.open(BytesIO(answer.body)) as image:
        red, green, blue = image.convert("RGB").getpixel((5, 5))  # type: ignore[misc]  # RGB
    assert (red > 240, green < 10, blue < 10) == (True, True, True)
    await made(origin, before + 2)


@pytest_twisted.ensureDeferred
async def test_lost_bytes_cost_a_render_from_the_source(origin: RunningOrigin) -> None:
    """A row without its object is forgotten, the answer given, and the mezzanine made again."""
    await origin.upload(large(2), public_id="unlucky")
    before, used = origin.node.counters.mezzanines, origin.node.counters.renders_from_mezzanine
    await origin.get("/demo/image/upload/c_scale,w_320/f_jpg,q_80/unlucky")
    await made(origin, before + 1)
    row = await row_of(origin, "unlucky")
    await origin.node.store.delete(row.store_key)
    answer = await origin.get("/demo/image/upload/c_scale,w_321/f_jpg,q_80/unlucky")
    assert answer.status == 200
    assert origin.node.counters.renders_from_mezzanine == used
    await made(origin, before + 2)
    assert (await row_of(origin, "unlucky")).store_key != row.store_key
