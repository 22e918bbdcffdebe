"""Answers in JSON over real sockets: worked out once, purged with their asset, varied as their picture is."""

from typing import Any

import pytest
import pytest_twisted
from PIL import Image

from origin.catalogue import Identity
from tests.support.images import ASTRONAUT, PAN_GIF, RED, as_bytes
from tests.support.origins import RunningOrigin

PATH = "/demo/image/upload/c_fill,h_100,w_200"


@pytest_twisted.async_yield_fixture(scope="module", autouse=True)
async def _assets(origin: RunningOrigin) -> Any:
    await origin.upload(ASTRONAUT.read_bytes(), public_id="told")
    await origin.upload(ASTRONAUT.read_bytes(), public_id="told", type="private")
    await origin.upload(PAN_GIF.read_bytes(), public_id="moving")
    yield


@pytest_twisted.ensureDeferred
async def test_fl_getinfo_tells_the_file_that_would_be_sent(origin: RunningOrigin) -> None:
    """Its bytes are those of the very file another URL delivers."""
    sent = await origin.get(f"{PATH}/told.png")
    answer = await origin.get(f"{PATH}/fl_getinfo/told.png")
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json == {
        "input": {"width": 512, "height": 512, "bytes": 68052},
        "resize": [
            {"x": 0, "y": 128, "width": 512, "height": 256},
            {"x_factor": 0.390625, "y_factor": 0.390625},
        ],
        "output": {"format": "png", "bytes": len(sent.body), "width": 200, "height": 100},
    }
    assert "demo/image/upload/told" in answer.headers["surrogate-key"].split()
    assert "vary" not in answer.headers


@pytest_twisted.ensureDeferred
async def test_an_untouched_original_is_told_as_it_is(origin: RunningOrigin) -> None:
    answer = await origin.get("/demo/image/upload/fl_getinfo/told.jpg")
    assert answer.json["resize"] == []
    assert answer.json["output"] == {"format": "jpg", "bytes": 68052, "width": 512, "height": 512}


@pytest_twisted.ensureDeferred
async def test_it_varies_as_the_picture_does(origin: RunningOrigin) -> None:
    """One document an outcome of the negotiation."""
    path = "/demo/image/upload/w_90,f_auto,fl_getinfo/told"
    seen = {}
    for accept in ("image/avif", "image/webp", "image/*"):
        answer = await origin.get(path, Accept=accept)
        assert answer.headers["vary"] == "Accept"
        assert answer.headers["cache-control"].startswith("private")
        seen[accept] = answer.json["output"]["format"]
    assert seen == {"image/avif": "avif", "image/webp": "webp", "image/*": "jpg"}


@pytest_twisted.ensureDeferred
async def test_it_is_kept_with_its_asset_and_goes_with_it(origin: RunningOrigin) -> None:
    """Asked twice, worked out once; an overwrite ends it."""
    await origin.upload(as_bytes(Image.new("RGB", (40, 20), RED), "PNG"), public_id="fleeting")
    path = "/demo/image/upload/w_10,fl_getinfo/fleeting.png"
    first = await origin.get(path)
    renders = origin.node.counters.renders
    again = await origin.get(path, If_None_Match=first.headers["etag"])
    assert (again.status, origin.node.counters.renders) == (304, renders)
    asset = await origin.node.catalogue.assets.get(Identity("demo", "image", "upload", "fleeting"))
    assert asset is not None
    rows = await origin.node.catalogue.derived.of(asset.asset_id)
    assert sorted(row.format for row in rows) == ["json", "png"]
    await origin.upload(as_bytes(Image.new("RGB", (80, 20), RED), "PNG"), public_id="fleeting")
    assert (await origin.get(path)).json["input"]["width"] == 80


@pytest_twisted.ensureDeferred
async def test_a_private_original_is_not_told_either(origin: RunningOrigin) -> None:
    """Whoever may not see the file learns nothing of it."""
    answer = await origin.get("/demo/image/private/fl_getinfo/told.jpg")
    assert (answer.status, answer.headers["x-cld-error"]) == (401, "deny or ACL failure")


@pytest.mark.parametrize("chain", ["fl_getinfo", "w_50/fl_getinfo"])
@pytest_twisted.ensureDeferred
async def test_an_animation_has_no_such_numbers(origin: RunningOrigin, chain: str) -> None:
    answer = await origin.get(f"/demo/image/upload/{chain}/moving.gif")
    assert answer.status == 400
    assert answer.headers["x-cld-error"] == "fl_getinfo for animated images is not supported"


@pytest_twisted.ensureDeferred
async def test_what_was_chosen_is_told_only_where_it_was(origin: RunningOrigin) -> None:
    """The same cut by coordinates is the same file, and another document; whichever is asked for first."""
    size = "w_400,h_300"
    chosen = await origin.get(f"/demo/image/upload/c_crop,g_auto,{size},fl_getinfo/told.png")
    [box] = chosen.json["g_auto_info"]
    at = f"x_{box['x']},y_{box['y']}"
    renders = origin.node.counters.renders
    placed = await origin.get(f"/demo/image/upload/c_crop,g_north_west,{at},{size},fl_getinfo/told.png")
    assert origin.node.counters.renders == renders
    assert placed.json == {key: chosen.json[key] for key in ("input", "resize", "output")}


@pytest_twisted.ensureDeferred
async def test_breakpoints_are_listed_for_whoever_asks(origin: RunningOrigin) -> None:
    """Ascending, never above the original; rendered once, whoever asks with which headers."""
    path = "/demo/image/upload/c_limit,w_auto:breakpoints_60_1000_4_9:json/told.jpg"
    answer = await origin.get(path)
    assert answer.headers["content-type"] == "application/json"
    assert "vary" not in answer.headers
    widths = answer.json["breakpoints"]
    assert (widths[0], widths[-1]) == (60, 512)
    assert 4 <= len(widths) <= 9
    assert widths == sorted(widths)
    renders = origin.node.counters.renders
    assert (await origin.get(path, Sec_CH_Width="300", DPR="2")).body == answer.body
    assert origin.node.counters.renders == renders


@pytest_twisted.ensureDeferred
async def test_chains_that_meet_at_the_widest_have_lists_of_their_own(origin: RunningOrigin) -> None:
    """Scaled to one height, narrow pictures stay tall and heavy; fitted they get small."""
    chains = [f"{crop},h_512,w_auto:breakpoints_50_512_2_20:json,f_png" for crop in ("c_scale", "c_fit")]
    scaled, fitted = [(await origin.get(f"/demo/image/upload/{chain}/told.jpg")).json for chain in chains]
    assert scaled["breakpoints"][-1] == fitted["breakpoints"][-1] == 512
    assert scaled != fitted


@pytest_twisted.ensureDeferred
async def test_a_viewer_gets_the_next_breakpoint(origin: RunningOrigin) -> None:
    """In CSS pixels: what the hint counts is divided by the DPR before, and multiplied after."""
    chain = "c_limit,w_auto:breakpoints_60_1000_4_9"
    widths = (await origin.get(f"/demo/image/upload/{chain}:json/told.jpg")).json["breakpoints"]
    for hints, width in (
        ({"Width": "61"}, widths[1]),
        ({"Width": "5000"}, 512),
        ({"Width": "61", "DPR": "2"}, widths[0]),
        ({}, None),
    ):
        answer = await origin.get(f"/demo/image/upload/{chain}/told.jpg", **hints)
        assert "Width" in answer.headers["vary"].split(",")
        assert f"width={width or 512}," in answer.headers["server-timing"]
    answer = await origin.get(f"/demo/image/upload/{chain}:100/told.jpg")
    assert "width=100," in answer.headers["server-timing"]
