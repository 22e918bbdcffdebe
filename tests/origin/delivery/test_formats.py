"""Every format over real sockets and confined workers; what f_auto chose is told in every field."""

from importlib import import_module
from io import BytesIO
from typing import Any

import pytest
import pytest_twisted
from PIL import Image

from tests.support.containers import FOREVER, told
from tests.support.images import ASTRONAUT, PAN_GIF, as_bytes, logo, screenshot
from tests.support.origins import RunningOrigin

import_module("pillow_jxl")  # lets Pillow read what the worker wrote

TYPES = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "jpe": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "avif": "image/avif",
    "bmp": "image/bmp",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "ico": "image/x-icon",
    "jp2": "image/jp2",
    "pdf": "application/pdf",
    "tga": "image/x-tga",
    "eps": "application/postscript",
    "jxl": "image/jxl",
}
PILLOWS = {"jpg": "JPEG", "jpe": "JPEG", "tif": "TIFF", "jp2": "JPEG2000"}
WEBP, AVIF = "image/webp,*/*", "image/avif,image/webp,*/*"


@pytest_twisted.async_yield_fixture(scope="module", autouse=True)
async def _assets(origin: RunningOrigin) -> Any:
    await origin.upload(as_bytes(logo(), "PNG"), public_id="formats/logo")
    await origin.upload(as_bytes(screenshot(), "PNG"), public_id="formats/shot")
    await origin.upload(ASTRONAUT.read_bytes(), public_id="formats/photo")
    await origin.upload(PAN_GIF.read_bytes(), public_id="formats/pan")
    yield


@pytest.mark.parametrize("name", TYPES)
@pytest_twisted.ensureDeferred
async def test_each_format_by_extension_and_by_param(origin: RunningOrigin, name: str) -> None:
    """One file for both, with its own media type."""
    renders = origin.node.counters.renders
    answers = [
        await origin.get(f"/demo/image/upload/w_90/formats/logo.{name}"),
        await origin.get(f"/demo/image/upload/f_{name},w_90/formats/logo"),
    ]
    assert [each.status for each in answers] == [200, 200], answers[0].headers
    assert {each.headers["content-type"] for each in answers} == {TYPES[name]}
    assert answers[0].body == answers[1].body
    if name not in ("pdf", "eps"):
        with Image.open(BytesIO(answers[0].body), formats=(PILLOWS.get(name, name.upper()),)) as image:
            image.load()
            assert image.size == (90, 90)
    assert origin.node.counters.renders <= renders + 1


@pytest.mark.parametrize(
    ("path", "accept", "kind"),
    [
        ("f_auto,w_200/formats/photo", AVIF, "avif"),
        ("f_auto,w_200/formats/photo", WEBP, "webp"),
        ("f_auto,w_200/formats/photo", "*/*", "jpg"),
        ("f_auto,w_200/formats/logo", WEBP, "webp"),
        ("f_auto,w_200/formats/logo", "*/*", "png"),
        ("f_auto,w_200,b_white/formats/logo.jpg", "*/*", "jpg"),
        ("f_auto/formats/shot", "*/*", "png"),
        ("f_auto/formats/shot", "image/avif", "png"),
        ("f_auto,q_auto,w_40/formats/photo", AVIF, "webp"),
        ("f_auto,w_100/formats/pan", AVIF, "webp"),
        ("f_auto,w_100/formats/pan.jpg", "*/*", "gif"),
        ("f_auto:image,w_100/formats/pan", "*/*", "jpg"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_what_f_auto_chose_is_what_is_told(
    origin: RunningOrigin, path: str, accept: str, kind: str
) -> None:
    """Media type, timing and the name to save it under follow the bytes, not the plan."""
    chain, _, name = path.partition("/")
    url = f"/demo/image/upload/{chain},fl_attachment:saved/{name}"
    first, again = [await origin.get(url, Accept=accept) for _ in range(2)]
    assert first.status == 200, first.headers
    assert first.headers["content-type"] == TYPES[kind]
    assert rf",format=\"{kind}\"" in first.headers["server-timing"]
    assert f'filename="saved.{kind}"' in first.headers["content-disposition"]
    assert "Accept" in first.headers["vary"].split(",")
    assert first.headers["cache-control"].startswith("private, ")
    with Image.open(BytesIO(first.body)) as image:
        assert image.format == {"jpg": "JPEG"}.get(kind, kind.upper())
    assert (again.body, again.headers["etag"]) == (first.body, first.headers["etag"])


@pytest_twisted.ensureDeferred
async def test_an_animation_leaves_in_every_format_that_moves(origin: RunningOrigin) -> None:
    """Twenty frames of 80 ms, for ever."""
    for chain in ("f_gif", "f_webp,fl_awebp", "f_png,fl_apng", "f_avif,fl_animated"):
        answer = await origin.get(f"/demo/image/upload/{chain},w_60/formats/pan")
        assert answer.status == 200, answer.headers
        assert told(answer.body).milliseconds == (80,) * 20
        assert told(answer.body).rounds == FOREVER
    slow = await origin.get("/demo/image/upload/dl_200,e_loop:1,w_60/formats/pan.gif")
    assert (told(slow.body).milliseconds, told(slow.body).rounds) == ((200,) * 20, 2)


@pytest_twisted.ensureDeferred
async def test_an_icon_tells_the_size_it_has(origin: RunningOrigin) -> None:
    """Not the one that was asked for."""
    answer = await origin.get("/demo/image/upload/w_400/formats/photo.ico")
    assert "width=256,height=256" in answer.headers["server-timing"]
    assert Image.open(BytesIO(answer.body), formats=("ICO",)).size == (256, 256)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("w_9/formats/photo.psd", "Unsupported output format psd"),
        ("f_heif,w_9/formats/photo", "Unsupported output format heic"),
        ("cs_cmyk,f_png/formats/photo", "cs_cmyk in png is not supported"),
        ("fl_c2pa/formats/photo", "fl_c2pa is not supported"),
        ("fl_shiny/formats/photo", "Invalid flag in transformation: shiny"),
        ("dn_none/formats/photo", "Invalid density in transformation: none"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_what_cannot_be_made_is_refused_by_name(origin: RunningOrigin, path: str, reason: str) -> None:
    answer = await origin.get(f"/demo/image/upload/{path}")
    assert (answer.status, answer.headers["x-cld-error"]) == (400, reason)
