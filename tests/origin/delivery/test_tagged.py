"""What the assets of one tag make together (delivery-urls.md §8.7)."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import cloudinary.uploader
import cloudinary.utils
import pytest
import pytest_twisted
from PIL import Image
from twisted.internet.defer import Deferred, gatherResults

from origin.catalogue import Query
from origin.transform.limits import Limits
from tests.support.images import ASTRONAUT, as_bytes
from tests.support.origins import SECRET, RunningOrigin, running_origin

COLOURS = {"red": (255, 0, 0), "green": (0, 128, 0), "blue": (0, 0, 255)}


def plain(colour: tuple[int, int, int], size: tuple[int, int]) -> bytes:
    return as_bytes(Image.new("RGB", size, colour), "PNG")


@pytest_twisted.async_yield_fixture(scope="module", autouse=True)
async def _assets(origin: RunningOrigin) -> Any:
    for number, (name, colour) in enumerate(COLOURS.items()):
        await origin.upload(
            plain(colour, (40 + 10 * number, 30)),
            public_id=f"flags/{name}",
            tags="flag,fürry",
            context=f"n={number}",
        )
    await origin.upload(plain((9, 9, 9), (5, 5)), public_id="hidden", type="private", tags="flag")
    await origin.upload(("a.txt", b"x"), public_id="a.txt", resource_type="raw", tags="flag")
    yield


def signed(path: str) -> str:
    """The path with the signature the SDK would give it."""
    head, _, source = path.rpartition("/")
    chain = head.split("/", 4)[4] if head.count("/") > 3 else ""
    url, _ = cloudinary.utils.cloudinary_url(
        source, cloud_name="demo", api_secret=SECRET, sign_url=True, type=head.split("/")[3],
        raw_transformation=chain or None,
    )  # fmt: skip
    return str(url).partition("cloudinary.com")[2]


LIST = "/demo/image/list/flag.json"


@pytest_twisted.ensureDeferred
async def test_a_list_shows_the_public_assets_newest_first(origin: RunningOrigin) -> None:
    answer = await origin.get(signed(LIST))
    assert answer.status == 200, answer.headers
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "public, no-transform, max-age=60"
    assert answer.headers["surrogate-key"].split()[0] == "demo/image/tag/flag"
    resources = answer.json["resources"]
    assert [each["public_id"] for each in resources] == ["flags/blue", "flags/green", "flags/red"]
    first = resources[0]
    assert (first["format"], first["width"], first["height"], first["type"]) == ("png", 60, 30, "upload")
    assert first["context"] == {"custom": {"n": "2"}}
    assert isinstance(first["version"], int)
    assert first["created_at"] == answer.json["updated_at"][: len(first["created_at"])]
    again = await origin.get(signed(LIST), If_None_Match=answer.headers["etag"])
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        (LIST, 401, "Images of type list are restricted in this account"),
        (signed("/demo/image/list/none.json"), 404, "Resource not found - none"),
        (signed("/demo/image/list/flag.xml"), 400, "Unsupported output format xml of list"),
        (signed("/demo/image/list/flag.png"), 400, "Unsupported output format png of list"),
        ("/demo/image/sprite/none.png", 404, "Resource not found - none"),
        ("/demo/image/sprite/flag.gif", 400, "Unsupported output format gif of sprite"),
        ("/demo/raw/sprite/flag.png", 400, "Unsupported output format png of sprite"),
        ("/demo/image/sprite/w_abc/flag.png", 400, "Invalid width in transformation: abc"),
        ("/demo/image/multi/flag.mp4", 400, "Unsupported output format mp4 of multi"),
        ("/demo/image/text/nothing.png", 404, "Resource not found - nothing"),
        ("/demo/image/gravatar/abc.jpg", 404, "Resource not found - abc"),
        ("/demo/image/whatever/abc.jpg", 404, "Resource not found - abc"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_what_cannot_be_shown_is_told(
    origin: RunningOrigin, path: str, status: int, sentence: str
) -> None:
    answer = await origin.get(path)
    assert answer.status == status, answer.headers
    assert answer.headers["x-cld-error"].startswith(sentence)


@pytest_twisted.ensureDeferred
async def test_a_sheet_holds_every_image_where_its_positions_say(origin: RunningOrigin) -> None:
    """Every image goes through the chain first; sheet, positions and style sheet agree."""
    sheet = (await origin.get("/demo/image/sprite/c_scale,h_15/flag.png")).picture("RGBA")
    told = await origin.get("/demo/image/sprite/c_scale,h_15/flag.json")
    infos = told.json["image_infos"]
    assert list(infos) == ["flags/blue", "flags/green", "flags/red"]
    for name, place in infos.items():
        assert place["height"] == 15
        middle = (place["x"] + place["width"] // 2, place["y"] + place["height"] // 2)
        assert sheet.getpixel(middle) == (*COLOURS[name.removeprefix("flags/")], 255)
    style = await origin.get("/demo/image/sprite/c_scale,h_15/flag.css")
    assert style.headers["content-type"] == "text/css; charset=utf-8"
    blue = infos["flags/blue"]
    assert style.body.decode().splitlines()[0] == (
        f".flags-blue {{ background: url('flag.png') no-repeat -{blue['x']}px -{blue['y']}px;"
        f" width: {blue['width']}px; height: 15px; }}"
    )


@pytest_twisted.ensureDeferred
async def test_an_archive_holds_every_image_after_the_chain(origin: RunningOrigin) -> None:
    """Packed once, in their own formats, or in the one that the chain names."""
    answer = await origin.get("/demo/image/multi/c_scale,h_15/flag.zip")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/zip")
    with ZipFile(BytesIO(answer.body)) as archive:
        names = archive.namelist()
        assert names == ["flags/blue.png", "flags/green.png", "flags/red.png"]
        sizes = [Image.open(BytesIO(archive.read(name))).size for name in names]
    assert sizes == [(30, 15), (25, 15), (20, 15)]
    renders = origin.node.counters.renders
    again = await origin.get("/demo/image/multi/h_15,c_scale/flag.zip")
    assert (again.body, again.headers["etag"]) == (answer.body, answer.headers["etag"])
    assert origin.node.counters.renders == renders
    jpegs = await origin.get("/demo/image/multi/f_jpg/flag.zip")
    with ZipFile(BytesIO(jpegs.body)) as archive:
        assert {name.rpartition(".")[2] for name in archive.namelist()} == {"jpg"}
    as_stored = await origin.get("/demo/image/multi/flag.zip")
    with ZipFile(BytesIO(as_stored.body)) as archive:
        assert archive.read("flags/red.png") == plain(COLOURS["red"], (40, 30))
    assert "demo/image/tag/flag" in " ".join(answer.headers["surrogate-key"].split())


@pytest.mark.parametrize("kind", ["gif", "webp", "png"])
@pytest_twisted.ensureDeferred
async def test_an_animation_shows_every_image_by_its_name(origin: RunningOrigin, kind: str) -> None:
    """In order of the public ids, as long as `dl_` says, each in the middle of the largest."""
    answer = await origin.get(f"/demo/image/multi/dl_200/c_scale,h_15/flag.{kind}")
    assert answer.status == 200, answer.headers
    with Image.open(BytesIO(answer.body)) as image:
        assert (image.format, image.size, image.n_frames) == (kind.upper(), (30, 15), 3)  # type: ignore[attr-defined]
        for number, name in enumerate(("blue", "green", "red")):
            image.seek(number)
            image.load()
            assert image.info["duration"] == 200
            shown = image.convert("RGBA").getpixel((15, 7))
            assert isinstance(shown, tuple)
            assert all(abs(a - b) < 6 for a, b in zip(shown, COLOURS[name], strict=False)), (name, shown)


@pytest_twisted.ensureDeferred
async def test_a_document_has_a_page_for_every_image(origin: RunningOrigin) -> None:
    answer = await origin.get("/demo/image/multi/flag.pdf")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.body.startswith(b"%PDF-")
    assert answer.body.count(b"/Type /Page\n") == 3


@pytest_twisted.ensureDeferred
async def test_a_sheet_is_rendered_once_and_anew_when_a_member_changes(origin: RunningOrigin) -> None:
    for name in ("one", "two"):
        await origin.upload(plain((1, 2, 3), (10, 10)), public_id=name, tags="pair")
    before = origin.node.counters.renders
    first = await origin.get("/demo/image/sprite/pair.png")
    assert (await origin.get("/demo/image/sprite/v7/pair.png")).body == first.body
    assert origin.node.counters.renders == before + 1
    await origin.upload(plain((200, 2, 3), (10, 10)), public_id="two", tags="pair")
    after = await origin.get("/demo/image/sprite/pair.jpg")
    assert Image.open(BytesIO(after.body)).format == "JPEG"
    assert (await origin.get("/demo/image/sprite/pair.png")).body != first.body
    await origin.called(cloudinary.uploader.destroy, "two")
    alone = (await origin.get("/demo/image/sprite/fl_attachment/pair.png")).picture("RGBA")
    assert alone.size == (10, 10)


@pytest_twisted.ensureDeferred
async def test_a_sheet_can_be_saved_under_its_tags_name(origin: RunningOrigin) -> None:
    answer = await origin.get("/demo/image/sprite/fl_attachment/flag.png")
    assert answer.headers["content-disposition"].startswith('attachment; filename="flag.png"')


@pytest_twisted.ensureDeferred
async def test_whoever_bears_a_tag_tells_what_shows_it(origin: RunningOrigin) -> None:
    """An upload, an overwrite that drops the tag, a removal: each ends what caches hold of the tag's lists."""
    catalogue = origin.node.catalogue
    told: list[str] = []
    add = catalogue.outbox.claim

    async def watched(*arguments: Any, **more: Any) -> Any:
        entries = await add(*arguments, **more)
        told.extend(key for each in entries for key in each.payload.get("keys", ()))
        return entries

    catalogue.outbox.claim = watched  # type: ignore[method-assign]
    try:
        await origin.upload(ASTRONAUT.read_bytes(), public_id="teller", tags="told")
        await origin.eventually(lambda: told.count("demo/image/tag/told") == 1, "told of an upload")
        await origin.upload(ASTRONAUT.read_bytes(), public_id="teller")
        await origin.eventually(lambda: told.count("demo/image/tag/told") == 2, "told of a tag dropped")
    finally:
        catalogue.outbox.claim = add  # type: ignore[method-assign]
    assert json.dumps(told).count("demo/image/upload/teller") == 0  # nobody asked for that


@pytest.fixture
def listings(origin: RunningOrigin, monkeypatch: pytest.MonkeyPatch) -> list[Query]:
    """What the catalogue is asked to list."""
    asked: list[Query] = []
    kind: Any = type(origin.node.catalogue.assets)
    listed = kind.list

    def recorded(assets: Any, query: Query) -> Any:
        asked.append(query)
        return listed(assets, query)

    monkeypatch.setattr(kind, "list", recorded)
    return asked


@pytest_twisted.ensureDeferred
async def test_of_a_tag_too_many_bear_no_more_is_read_than_tells(
    origin: RunningOrigin, listings: list[Query]
) -> None:
    """One more than a sheet may hold."""
    await origin.get(signed("/demo/image/sprite/flag.png"))
    assert [query.limit for query in listings] == [Limits().sheet_images + 1]


@pytest_twisted.ensureDeferred
async def test_whoever_asks_for_a_list_being_read_waits_for_it(
    origin: RunningOrigin, listings: list[Query], monkeypatch: pytest.MonkeyPatch
) -> None:
    gate: Deferred[None] = Deferred()
    kind: Any = type(origin.node.catalogue.assets)
    listed = kind.list

    async def held(assets: Any, query: Query) -> Any:
        found = await listed(assets, query)
        if not gate.called:
            await gate
        return found

    monkeypatch.setattr(kind, "list", held)
    asking = [Deferred.fromCoroutine(origin.get(signed(LIST))) for _ in range(6)]
    await origin.eventually(lambda: listings and origin.node._in_flight.count == 6, "six are in flight")
    gate.callback(None)
    answers = await gatherResults(asking)
    assert {(each.status, each.body) for each in answers} == {(200, answers[0].body)}
    assert len(listings) == 1


@pytest_twisted.ensureDeferred
async def test_a_sheet_of_too_many_is_refused(tmp_path: Path) -> None:
    async with running_origin(tmp_path, limits=Limits(sheet_images=2)) as origin:
        for number in range(4):
            await origin.upload(plain((0, 0, number), (4, 4)), public_id=f"n{number}", tags="many")
            answer = await origin.get("/demo/image/sprite/many.json")
            assert answer.status == (200 if number < 2 else 400), answer.headers
        assert answer.headers["x-cld-error"] == "Maximum number of images on a sheet is 2. Requested 3"
