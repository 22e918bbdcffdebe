"""Uploads and detail calls that ask what can be told of a picture, with the official SDK."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import cloudinary.api
import cloudinary.exceptions
import cloudinary.uploader
import pytest
import pytest_twisted
from PIL import Image
from twisted.internet.threads import deferToThread

from origin.render import faces
from origin.render.pool import RenderPool
from tests.support.images import ASTRONAUT, DOGS, quartered
from tests.support.origins import RunningOrigin

EVERYTHING = {
    "colors": True,
    "phash": True,
    "image_metadata": True,
    "exif": True,
    "quality_analysis": True,
    "accessibility_analysis": True,
    "cinemagraph_analysis": True,
}
FOUND = (
    *("colors", "predominant", "phash", "image_metadata", "exif", "quality_analysis", "quality_score"),
    *(
        "accessibility_analysis",
        "cinemagraph_analysis",
        "illustration_score",
        "semi_transparent",
        "grayscale",
    ),
)
needs_detector = pytest.mark.skipif(faces.name() == "none", reason="pixeledge[faces] is not installed")


def png(image: Image.Image | None = None) -> bytes:
    buffer = BytesIO()
    (image or quartered()).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def analysed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The analyses that were made."""
    made: list[tuple[str, ...]] = []
    analyse: Callable[..., Any] = RenderPool.analyse

    async def counted(self: RenderPool, path: Any, facts: Any, names: Any) -> Any:
        made.append(tuple(sorted(names)))
        return await analyse(self, path, facts, names)

    monkeypatch.setattr(RenderPool, "analyse", counted)
    return made


@pytest_twisted.ensureDeferred
async def test_an_upload_tells_what_it_was_asked_and_a_detail_call_repeats_it(
    origin: RunningOrigin, analysed: list[tuple[str, ...]]
) -> None:
    answer = await origin.upload(str(DOGS), public_id="told", **EVERYTHING)
    assert answer["predominant"]["google"][0][0] == "gray"
    assert answer["colors"][0][0].startswith("#")
    assert len(answer["phash"]) == 16
    assert answer["image_metadata"]["Make"] == "Example"
    assert answer["exif"]["Orientation"] == "Rotate 90 CW"
    assert 0.5 < answer["quality_analysis"]["focus"] <= 1
    assert answer["cinemagraph_analysis"] == {"cinemagraph_score": 0}
    assert answer["grayscale"] is False
    detail = await origin.called(cloudinary.api.resource, "told", **EVERYTHING)
    assert [detail[name] for name in FOUND] == [answer[name] for name in FOUND]
    assert len(analysed) == 1


@pytest_twisted.ensureDeferred
async def test_what_was_not_asked_at_upload_is_found_out_once(
    origin: RunningOrigin, analysed: list[tuple[str, ...]]
) -> None:
    plain = await origin.upload(png(), public_id="later")
    assert not set(FOUND) & set(plain)
    first = await origin.called(cloudinary.api.resource, "later", colors=True)
    assert sorted(name for name, _ in first["colors"]) == ["#1414DC", "#14C814", "#DC1414", "#DCDC14"]
    assert "phash" not in first
    again = await origin.called(cloudinary.api.resource, "later", colors=True, phash=True)
    assert (again["colors"], len(again["phash"])) == (first["colors"], 16)
    assert (await origin.called(cloudinary.api.resource, "later", phash=True))["phash"] == again["phash"]
    assert analysed == [("colors",), ("phash",)]


@pytest_twisted.ensureDeferred
async def test_a_new_file_is_looked_at_anew(origin: RunningOrigin) -> None:
    await origin.upload(png(), public_id="renewed", colors=True)
    await origin.upload(png(Image.new("RGB", (9, 9), (0, 0, 0))), public_id="renewed")
    detail = await origin.called(cloudinary.api.resource, "renewed", colors=True)
    assert detail["colors"] == [["#000000", 100.0]]


@pytest_twisted.ensureDeferred
async def test_an_incoming_transformation_comes_first(origin: RunningOrigin) -> None:
    answer = await origin.upload(
        png(), public_id="greyed", transformation=[{"effect": "grayscale"}], colors=True
    )
    assert answer["grayscale"] is True
    assert [name for name, _ in answer["predominant"]["google"]].count("red") == 0


@pytest_twisted.ensureDeferred
async def test_an_asset_that_stays_is_told_of_too(origin: RunningOrigin) -> None:
    await origin.upload(png(), public_id="stays")
    answer = await origin.upload(png(), public_id="stays", overwrite=False, phash=True)
    assert (answer["existing"], len(answer["phash"])) == (True, 16)


@pytest_twisted.ensureDeferred
async def test_explicit_tells_of_an_asset_that_is_there(
    origin: RunningOrigin, analysed: list[tuple[str, ...]]
) -> None:
    """What an upload could have been asked, later; an edit forgets nothing of it."""
    await origin.upload(png(), public_id="explicit", colors=True)
    explicit = cloudinary.uploader.explicit
    answer = await origin.called(explicit, "explicit", type="upload", colors=True, phash=True, tags="seen")
    assert (len(answer["colors"]), len(answer["phash"]), answer["tags"]) == (4, 16, ["seen"])
    again = await origin.called(explicit, "explicit", type="upload", context={"a": "b"}, phash=True)
    assert again["phash"] == answer["phash"]
    assert analysed == [("colors",), ("phash",)]


@pytest_twisted.ensureDeferred
async def test_explicit_finds_breakpoints(origin: RunningOrigin) -> None:
    await origin.upload(str(DOGS), public_id="later-suited")
    wanted = {"create_derived": True, "max_width": 200, "bytes_step": 1_000_000}
    answer = await origin.called(
        cloudinary.uploader.explicit, "later-suited", type="upload", responsive_breakpoints=wanted
    )
    (found,) = answer["responsive_breakpoints"]
    assert [each["width"] for each in found["breakpoints"]] == [200, 50]


@needs_detector
@pytest_twisted.ensureDeferred
async def test_faces_are_found_or_those_that_were_marked(origin: RunningOrigin) -> None:
    found = await origin.upload(str(ASTRONAUT), public_id="face", faces=True)
    assert found["faces"] == [pytest.approx([175, 66, 98, 98], abs=12)]
    marked = await origin.upload(
        str(ASTRONAUT), public_id="marked", faces=True, face_coordinates="10,20,30,40"
    )
    assert marked["faces"] == [[10, 20, 30, 40]]


@pytest_twisted.ensureDeferred
async def test_focus_is_a_float_in_json(origin: RunningOrigin) -> None:
    """Clients written in typed languages cannot read 1 as one."""
    answer = await origin.post(
        "/v1_1/demo/image/upload", {"quality_analysis": "true"}, file=png(quartered(300, 200))
    )
    assert b'"focus":1.0' in answer.body.replace(b" ", b"")


@pytest_twisted.ensureDeferred
async def test_a_raw_file_has_nothing_to_tell(origin: RunningOrigin) -> None:
    answer = await origin.upload(
        b"a,b\n1,2\n", public_id="table.csv", resource_type="raw", colors=True, exif=True
    )
    assert not set(FOUND) & set(answer)
    detail = await origin.called(cloudinary.api.resource, "table.csv", resource_type="raw", phash=True)
    assert "phash" not in detail


@pytest_twisted.ensureDeferred
async def test_many_who_ask_at_once_cost_one_analysis(
    origin: RunningOrigin, analysed: list[tuple[str, ...]]
) -> None:
    await origin.upload(png(), public_id="shared")
    asking = [deferToThread(cloudinary.api.resource, "shared", phash=True, **origin.sdk()) for _ in range(4)]
    assert len({(await each)["phash"] for each in asking}) == 1
    assert 1 <= len(analysed) <= 2  # whoever comes when it is done reads the row


@pytest.mark.parametrize("name", ["colors", "phash", "faces", "quality_analysis", "media_metadata"])
@pytest_twisted.ensureDeferred
async def test_a_flag_that_is_none_leaves_nothing_behind(origin: RunningOrigin, name: str) -> None:
    sentence = f"Invalid value for parameter {name}: maybe"
    answer = await origin.post("/v1_1/demo/image/upload", {"public_id": "unasked", name: "maybe"}, file=png())
    assert (answer.status, answer.json["error"]["message"]) == (400, sentence)
    with pytest.raises(cloudinary.exceptions.NotFound):
        await origin.called(cloudinary.api.resource, "unasked")
    assert origin.spooled() == []
