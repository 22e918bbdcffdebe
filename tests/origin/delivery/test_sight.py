"""Gravities that look at the picture, over real sockets: looked at once, remembered, and stored marks obeyed."""

import json
from typing import Any

import cloudinary.api
import pytest
import pytest_twisted
from PIL import Image, ImageDraw

from origin.catalogue import Identity
from origin.render import faces
from tests.support.images import ASTRONAUT, BLUE, GREEN, PAN_GIF, as_bytes
from tests.support.origins import RunningOrigin

needs_detector = pytest.mark.skipif(faces.name() == "none", reason="pixeledge[faces] is not installed")
WHITE, RED = (255, 255, 255), (255, 0, 0)


def bordered() -> Image.Image:
    """A blue box of 40 × 30 at (20, 50) on white."""
    canvas = Image.new("RGB", (200, 100), WHITE)
    ImageDraw.Draw(canvas).rectangle((20, 50, 59, 79), fill=BLUE)
    return canvas


@pytest_twisted.async_yield_fixture(scope="module", autouse=True)
async def _assets(origin: RunningOrigin) -> Any:
    await origin.upload(ASTRONAUT.read_bytes(), public_id="portrait")
    await origin.upload(PAN_GIF.read_bytes(), public_id="moving")
    await origin.upload(as_bytes(Image.new("RGB", (40, 20), GREEN), "PNG"), public_id="tag")
    await origin.upload(as_bytes(bordered(), "PNG"), public_id="bordered")
    await origin.upload(
        as_bytes(bordered(), "PNG"),
        public_id="marked",
        face_coordinates="20,50,40,30|100,10,10,10",
        custom_coordinates="0,0,300,20",
        regions=json.dumps({"box": [[20, 50], [60, 80]]}),
    )
    yield


async def shown(origin: RunningOrigin, chain: str, name: str) -> Image.Image:
    return (await origin.get(f"/demo/image/upload/{chain}/{name}.png")).picture("RGB")


@needs_detector
@pytest_twisted.ensureDeferred
async def test_a_portrait_is_cut_about_the_face(origin: RunningOrigin) -> None:
    """In a worker with all its limits; the second size costs no second look."""
    thumb = await shown(origin, "c_thumb,g_face,w_90,h_90", "portrait")
    assert thumb.size == (90, 90)
    red, green, blue = thumb.resize((1, 1), Image.Resampling.BOX, box=(30, 30, 60, 70)).getpixel((0, 0))  # type: ignore[misc]
    assert red > green > blue  # skin
    before = origin.node.counters.looks
    await shown(origin, "c_thumb,g_face,w_80,h_80", "portrait")
    assert origin.node.counters.looks == before


@pytest_twisted.ensureDeferred
async def test_what_was_seen_outlives_the_memory_of_the_node(origin: RunningOrigin) -> None:
    """It is a row."""
    await shown(origin, "c_fill,g_auto,w_60,h_90", "portrait")
    identity = Identity("demo", "image", "upload", "portrait")
    asset = await origin.node.catalogue.assets.get(identity)
    assert asset is not None
    sight = await origin.node.catalogue.sights.get(asset, f"2/{faces.name()}")
    assert sight is not None
    assert sight.importance.width == 64


@pytest_twisted.ensureDeferred
async def test_stored_coordinates_are_kept_and_obeyed(origin: RunningOrigin) -> None:
    """Faces, areas and regions; sides limited to the picture's (upload-api §3.2)."""
    answer = await origin.upload(
        as_bytes(bordered(), "PNG"), public_id="again", custom_coordinates="1,2,300,4"
    )
    assert answer["coordinates"] == {"custom": [[1, 2, 200, 4]]}
    detail = await origin.called(cloudinary.api.resource, "marked", coordinates=True)
    assert detail["coordinates"] == {
        "faces": [[20, 50, 40, 30], [100, 10, 10, 10]],
        "custom": [[0, 0, 200, 20]],
    }
    for chain in ("c_crop,g_face", "c_crop,g_region_!box!", "e_trim", "w_400/c_crop,g_face/w_40"):
        cut = await shown(origin, chain, "marked")
        assert cut.size == (40, 30), chain
        assert cut.getpixel((20, 15)) == BLUE
    assert (await shown(origin, "c_crop,g_custom", "marked")).size == (200, 20)
    told = await shown(origin, "if_fc_eq_2_and_ccc_eq_1_and_!box!_in_rn,w_11", "marked")
    assert told.size[0] == 11


@pytest_twisted.ensureDeferred
async def test_a_layer_goes_on_every_face_or_nowhere(origin: RunningOrigin) -> None:
    """§11.3; sized by the face with `fl_region_relative`."""
    tagged = await shown(origin, "l_tag/c_scale,fl_region_relative,w_0.5/fl_layer_apply,g_faces", "marked")
    assert [tagged.getpixel(spot) for spot in ((40, 65), (105, 15))] == [GREEN, GREEN]
    assert [tagged.getpixel(spot) for spot in ((28, 65), (101, 15))] == [BLUE, WHITE]
    one = await shown(origin, "l_tag,w_10,g_face", "marked")
    assert [one.getpixel(spot) for spot in ((40, 65), (105, 15))] == [GREEN, WHITE]
    none = await shown(origin, "l_tag,w_10,g_face", "bordered")
    assert none.tobytes() == bordered().tobytes()


@pytest_twisted.ensureDeferred
async def test_a_trim_is_looked_up_before_the_plan_is_made(origin: RunningOrigin) -> None:
    """So a layer, a condition and a size may follow it, also on a layer."""
    assert (await shown(origin, "e_trim/l_tag,w_10,g_north_west", "bordered")).getpixel((0, 0)) == GREEN
    assert (await shown(origin, "e_trim/if_w_eq_40,w_w_mul_2", "bordered")).size == (80, 60)
    assert (await shown(origin, "if_tar_lt_1.4,w_5", "bordered")).size[0] == 5
    layered = await shown(origin, "l_bordered/e_trim/fl_layer_apply,g_north_west", "portrait")
    assert [layered.getpixel(spot) for spot in ((0, 0), (39, 29))] == [BLUE, BLUE]
    assert layered.getpixel((40, 30)) != BLUE


@pytest_twisted.ensureDeferred
async def test_what_automatic_gravity_chose_is_told(origin: RunningOrigin) -> None:
    """In pixels of the original (delivery-urls §8.6)."""
    answer = await origin.get("/demo/image/upload/w_100/c_fill,g_auto,h_50,w_40/fl_getinfo/bordered.png")
    told = json.loads(answer.body)
    (chosen,) = told["g_auto_info"]
    assert (chosen["width"], chosen["height"]) == (80, 100)
    assert chosen["x"] + chosen["width"] > 60 > chosen["x"]


@pytest_twisted.ensureDeferred
async def test_effects_on_faces(origin: RunningOrigin) -> None:
    """Only there."""
    blurred = await shown(origin, "e_blur_faces:2000", "marked")
    assert blurred.getpixel((21, 65)) not in (BLUE, WHITE)
    assert blurred.getpixel((150, 90)) == WHITE


@pytest_twisted.ensureDeferred
async def test_an_animation_is_cut_in_its_middle(origin: RunningOrigin) -> None:
    """Content-aware gravity is for still pictures (§1)."""
    first, second = [
        (await origin.get(f"/demo/image/upload/c_crop,h_40,w_40{gravity}/moving.gif")).body
        for gravity in (",g_auto", "")
    ]
    assert first == second
    refused = await origin.get("/demo/image/upload/c_fill_pad,g_auto,w_9,h_9/moving.gif")
    assert (refused.status, refused.headers["x-cld-error"]) == (
        400,
        "c_fill_pad is not supported for animated images",
    )


@pytest.mark.parametrize(
    ("param", "value", "sentence"),
    [
        ("face_coordinates", "1,2,3", "Invalid face_coordinates 1,2,3: expected x,y,width,height"),
        ("custom_coordinates", "1,2,3,0", "Invalid custom_coordinates 1,2,3,0"),
        ("regions", '{"a b":[[1,2],[3,4]]}', "Invalid regions"),
        ("regions", '{"a":[[1,2]]}', "Invalid regions"),
        ("regions", "[" * 5000, "Invalid regions"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_marks_that_make_no_sense_are_refused(
    origin: RunningOrigin, param: str, value: str, sentence: str
) -> None:
    """With what is expected."""
    with pytest.raises(Exception, match=sentence):
        await origin.upload(as_bytes(bordered(), "PNG"), public_id="bad", **{param: value})


@pytest_twisted.ensureDeferred
async def test_incoming_transformations_look_too(origin: RunningOrigin) -> None:
    """At a file that is no asset yet."""
    kept = await origin.upload(
        as_bytes(bordered(), "PNG"),
        public_id="cut",
        transformation=[{"raw_transformation": "e_trim/c_fill,g_auto,w_30,h_30"}],
    )
    assert (kept["width"], kept["height"]) == (30, 30)
    marked = await origin.upload(
        as_bytes(bordered(), "PNG"),
        public_id="cut-where-marked",
        custom_coordinates="20,50,40,30",
        transformation={"crop": "crop", "gravity": "custom"},
    )
    assert (marked["width"], marked["height"]) == (40, 30)
    assert (await origin.get("/demo/image/upload/cut.png")).picture("RGB").getpixel((15, 15)) == BLUE


@pytest_twisted.ensureDeferred
async def test_a_branch_may_ask_whether_the_picture_is_drawn(origin: RunningOrigin) -> None:
    """A box on white is, a portrait is not (§8)."""
    for name, width in (("bordered", 10), ("portrait", 20)):
        assert (await shown(origin, "if_ils_gt_0.5,w_10/if_else,w_20", name)).width == width
