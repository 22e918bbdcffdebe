"""Documents, drawings and layered files over real sockets: stored as images, delivered as they are or as pictures."""

from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from PIL import Image

from tests.support.documents import QUARTERED_HEIC, QUARTERS, many_pages, pdf, svg
from tests.support.images import BLUE, GREEN, PAN_GIF, RED, as_bytes, corners_of, quartered
from tests.support.origins import RunningOrigin
from tests.support.photoshop import LayerOf, ObjectOf, PathOf, jpeg_with, path_resources, psd

PDF = pdf([((72, 144), RED), ((100, 50), GREEN)])
SVG = svg("<script>x()</script>" + QUARTERS)
LOGO = Image.new("RGBA", (20, 10), (*BLUE, 255))
PSD = psd(
    quartered(),
    [LayerOf(quartered().convert("RGBA"), name="ground"), LayerOf(LOGO, 30, 4, "logo", placed="photo")],
    objects=[ObjectOf("photo", as_bytes(Image.new("RGB", (90, 60), GREEN), "JPEG", quality=95))],
)
CUT = jpeg_with(as_bytes(quartered(), "JPEG", quality=95), path_resources(PathOf("hull")))


@pytest_twisted.async_yield_fixture(scope="module", autouse=True)
async def _assets(origin: RunningOrigin, tmp_path_factory: pytest.TempPathFactory) -> Any:
    scan = many_pages(
        tmp_path_factory.mktemp("scan") / "scan.tiff", [quartered(), Image.new("RGB", (9, 9), BLUE)]
    )
    files = {
        "book": PDF,
        "poster": pdf([((300, 300), RED)]),
        "drawing": SVG,
        "design": PSD,
        "phone": QUARTERED_HEIC.read_bytes(),
        "scan": scan.read_bytes(),
        "pan": PAN_GIF.read_bytes(),
        "cut": CUT,
    }
    for name, data in files.items():
        await origin.upload(data, public_id=name)
    yield


@pytest.mark.parametrize(
    ("data", "facts"),
    [
        (PDF, ("pdf", 72, 144, 2)),
        (SVG, ("svg", 64, 48, 1)),
        (PSD, ("psd", 64, 48, 3)),
        (QUARTERED_HEIC.read_bytes(), ("heic", 64, 48, 1)),
        (as_bytes(quartered(), "JPEG2000"), ("jp2", 64, 48, 1)),
        (as_bytes(quartered(), "TGA"), ("tga", 64, 48, 1)),
    ],
)
@pytest.mark.parametrize("resource_type", ["image", "auto"])
@pytest_twisted.ensureDeferred
async def test_an_upload_tells_what_it_is(
    origin: RunningOrigin, data: bytes, facts: tuple[str, int, int, int], resource_type: str
) -> None:
    """By content; the answer names format, size and pages."""
    answer = await origin.upload(data, resource_type=resource_type)
    assert answer["resource_type"] == "image"
    assert (answer["format"], answer["width"], answer["height"], answer["pages"]) == facts


@pytest.mark.parametrize(
    ("path", "content_type", "data"),
    [
        ("book.pdf", "application/pdf", PDF),
        ("drawing.svg", "image/svg+xml", SVG),
        ("f_auto,q_auto/drawing", "image/svg+xml", SVG),
        ("design.psd", "image/vnd.adobe.photoshop", PSD),
        ("phone.heic", "image/heic", QUARTERED_HEIC.read_bytes()),
    ],
)
@pytest_twisted.ensureDeferred
async def test_without_a_chain_the_stored_bytes_are_delivered(
    origin: RunningOrigin, path: str, content_type: str, data: bytes
) -> None:
    answer = await origin.get(f"/demo/image/upload/{path}")
    assert (answer.status, answer.headers["content-type"]) == (200, content_type)
    assert answer.body == data
    if "svg" in content_type:
        assert answer.headers["content-security-policy"] == "script-src 'none'; sandbox"


@pytest.mark.parametrize(
    ("path", "kind", "size", "colour"),
    [
        ("book.jpg", "JPEG", (150, 300), RED),
        ("pg_2,dn_72/book.png", "PNG", (100, 50), GREEN),
        ("pg_2/w_50/book.jpg", "JPEG", (50, 25), GREEN),
        ("w_320/drawing.png", "PNG", (320, 240), RED),
        ("c_crop,g_east,w_0.5,h_1.0/drawing.png", "PNG", (50, 75), GREEN),
        ("design.png", "PNG", (64, 48), RED),
        ("pg_3/design.png", "PNG", (20, 10), BLUE),
        ("pg_name:logo/design.png", "PNG", (20, 10), BLUE),
        ("pg_embedded:1/design.png", "PNG", (90, 60), GREEN),
        ("c_scale,pg_embedded:name:logo,w_30/design.jpg", "JPEG", (30, 20), GREEN),
        ("c_fill,h_40,w_40/l_design,pg_embedded:1,w_40/book.jpg", "JPEG", (40, 40), None),
        ("phone.png", "PNG", (64, 48), RED),
        ("pg_2/scan.png", "PNG", (9, 9), BLUE),
        ("if_pc_gt_1,w_5/scan.png", "PNG", (5, 4), None),
        ("pg_3/pan.png", "PNG", (400, 225), None),
        ("pg_2-3,w_40/pan.gif", "GIF", (40, 23), None),
        ("c_fill,h_40,w_40/l_book,pg_2,w_10/drawing.png", "PNG", (40, 40), None),
    ],
)
@pytest_twisted.ensureDeferred
async def test_with_a_chain_it_becomes_a_picture(
    origin: RunningOrigin, path: str, kind: str, size: tuple[int, int], colour: tuple[int, int, int] | None
) -> None:
    image = (await origin.get(f"/demo/image/upload/{path}")).picture()
    assert (image.format, image.size) == (kind, size)
    if colour is not None:
        seen = image.convert("RGBA").convert("RGB").getpixel((3, 3))
        assert isinstance(seen, tuple)
        assert max(abs(a - b) for a, b in zip(seen, colour, strict=True)) < 12


@pytest_twisted.ensureDeferred
async def test_a_drawing_keeps_its_corners_and_its_transparency(origin: RunningOrigin) -> None:
    image = (await origin.get("/demo/image/upload/w_200/drawing.png")).picture().convert("RGBA")
    assert corners_of(image) == ["red", "green", "blue", "yellow"]
    bare = (await origin.get("/demo/image/upload/w_100,c_pad,ar_1:1/drawing.png")).picture().convert("RGBA")
    assert bare.getchannel("A").getpixel((50, 2)) == 0


@pytest_twisted.ensureDeferred
async def test_a_clipping_path_cuts(origin: RunningOrigin) -> None:
    image = (await origin.get("/demo/image/upload/fl_clip/cut.png")).picture().convert("RGBA")
    alphas = [
        pixel[3] for pixel in (image.getpixel((2, 2)), image.getpixel((32, 24))) if isinstance(pixel, tuple)
    ]
    assert alphas == [0, 255]


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("pg_3/book.jpg", "pg_3 is out of range: the file has 2 pages"),
        (
            "pg_embedded:2/design.png",
            "pg_embedded:2 is out of range: the smart objects are logo",
        ),
        ("pg_embedded:1/book.png", "pg_embedded:1 is out of range: the file has no smart objects"),
        ("w_50/drawing.svg", "Unsupported output format svg"),
        ("fl_clip/book.png", "fl_clip: the file has no clipping path"),
        ("dn_2400,f_png/poster", "Maximum image size is 25 Megapixels. Requested 100 Megapixels"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_what_a_file_has_not_is_said(origin: RunningOrigin, path: str, sentence: str) -> None:
    answer = await origin.get(f"/demo/image/upload/{path}")
    assert answer.status == 400
    assert answer.headers["x-cld-error"] == sentence


@pytest_twisted.ensureDeferred
async def test_an_upload_may_be_converted(origin: RunningOrigin, tmp_path: Path) -> None:
    """An incoming format makes a picture of a document."""
    del tmp_path
    answer = await origin.upload(PDF, format="png", public_id="converted")
    assert (answer["format"], answer["width"], answer["pages"]) == ("png", 150, 1)


@pytest_twisted.ensureDeferred
async def test_a_damaged_document_is_no_raw_file(origin: RunningOrigin) -> None:
    fields = {"public_id": "broken"}
    answer = await origin.post("/v1_1/demo/auto/upload", fields, ("broken.pdf", b"%PDF-1.7 and no more"))
    assert answer.status == 400
    assert answer.json["error"]["message"] == "Invalid image file"
