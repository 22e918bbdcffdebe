"""Responsive breakpoints of uploads, with the official SDK."""

from itertools import pairwise
from typing import Any

import cloudinary.api
import cloudinary.exceptions
import pytest
import pytest_twisted

from tests.support.images import BRUSHES
from tests.support.origins import RunningOrigin

WIDTH, HEIGHT = 1365, 1074


async def asked(origin: RunningOrigin, *requests: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    answer = await origin.upload(str(BRUSHES), responsive_breakpoints=list(requests), **more)
    found: list[dict[str, Any]] = answer["responsive_breakpoints"]
    return found


@pytest_twisted.ensureDeferred
async def test_widths_that_each_save_a_step(origin: RunningOrigin) -> None:
    """Descending, from the largest asked for to the least; every file as long as told, and made already."""
    (found,) = await asked(
        origin,
        {
            "create_derived": True,
            "transformation": {"effect": "sepia"},
            "bytes_step": 20_000,
            "min_width": 200,
            "max_width": 1000,
        },
        public_id="suited",
    )
    widths = [each["width"] for each in found["breakpoints"]]
    sizes = [each["bytes"] for each in found["breakpoints"]]
    assert found["transformation"] == "e_sepia"
    assert (widths[0], widths[-1]) == (1000, 200)
    assert widths == sorted(widths, reverse=True)
    assert len(widths) > 3
    assert min(more - less for more, less in pairwise(sizes[:-1])) > 15_000
    derived = (await origin.called(cloudinary.api.resource, "suited", max_results=100))["derived"]
    assert {each["bytes"] for each in derived} >= set(sizes)
    for each in (found["breakpoints"][0], found["breakpoints"][-1]):
        path = each["url"].partition(":8000")[2]
        assert f"/e_sepia/c_scale,w_{each['width']}/" in path
        assert len((await origin.get(path)).body) == each["bytes"]
        assert each["height"] == pytest.approx(each["width"] * HEIGHT / WIDTH, abs=1)


@pytest_twisted.ensureDeferred
async def test_a_picture_is_not_enlarged_and_a_wide_step_leaves_two(origin: RunningOrigin) -> None:
    """Its full width and the least; another format; nothing made before it is asked for."""
    first, second = await asked(
        origin,
        {"create_derived": False, "max_width": 3000, "bytes_step": 10_000_000},
        {"create_derived": False, "format": "webp", "max_images": 3, "bytes_step": 1000, "max_width": 300},
        public_id="two",
    )
    assert [each["width"] for each in first["breakpoints"]] == [WIDTH, 50]
    assert first["breakpoints"][0]["height"] == HEIGHT
    assert "transformation" not in first
    assert len(second["breakpoints"]) == 3
    assert all(each["url"].endswith("/two.webp") for each in second["breakpoints"])
    smallest = second["breakpoints"][-1]
    body = (await origin.get(smallest["url"].partition(":8000")[2])).body
    assert len(body) == smallest["bytes"]


@pytest_twisted.ensureDeferred
async def test_a_turned_picture_is_as_wide_as_its_box(origin: RunningOrigin) -> None:
    (found,) = await asked(
        origin,
        {
            "create_derived": False,
            "transformation": {"width": 100, "height": 80, "crop": "scale", "angle": 45},
            "bytes_step": 10_000_000,
        },
    )
    assert found["breakpoints"][0]["width"] == pytest.approx(int(180 * 0.7071), abs=1)


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ("{", "Invalid responsive_breakpoints {: expected a JSON object, or an array of them"),
        ('[{"create_derived":true,"transformation":"w_oops"}]', "Invalid width in transformation: oops"),
        ('[{"create_derived":true,"transformation":"fl_getinfo"}]', "fl_getinfo"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_what_cannot_be_asked_leaves_nothing_behind(
    origin: RunningOrigin, wanted: str, sentence: str
) -> None:
    fields = {"public_id": "unsuited", "responsive_breakpoints": wanted}
    answer = await origin.post("/v1_1/demo/image/upload", fields, file=BRUSHES.read_bytes())
    assert answer.status == 400
    assert sentence in answer.json["error"]["message"]
    with pytest.raises(cloudinary.exceptions.NotFound):
        await origin.called(cloudinary.api.resource, "unsuited")
    assert origin.spooled() == []


@pytest_twisted.ensureDeferred
async def test_what_is_no_picture_has_none(origin: RunningOrigin) -> None:
    answer = await origin.upload(
        b"text",
        public_id="text.txt",
        resource_type="raw",
        responsive_breakpoints={"create_derived": True},
    )
    assert "responsive_breakpoints" not in answer
