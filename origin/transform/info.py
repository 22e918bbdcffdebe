"""`fl_getinfo`: what a chain did to an image, told as numbers instead of pixels. Sheet: delivery-urls.md §8.6."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import asdict, frozen

from origin.transform.plan import Operation, Plan, Resample, SourceFacts
from origin.transform.tracing import size_after
from origin.transform.values import unsupported

Box = tuple[int, int, int, int]  # left, top, width, height in pixels of the source
Point = tuple[int, int]


@frozen
class Insight:
    """What was seen in the image while the plan was made. Nothing, where nobody looked."""

    chosen: tuple[Box, ...] = ()  # the rectangles that automatic gravity took
    landmarks: tuple[Mapping[str, Point], ...] | None = None  # a face each, by name; None without a detector

    @property
    def text(self) -> str:
        """The one spelling of it: plans alike may come of different looks, and then tell different things."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))


NOTHING_SEEN = Insight()


@frozen
class Made:
    """The file that would have been sent."""

    format: str
    bytes: int
    width: int
    height: int


def check_informative(facts: SourceFacts) -> None:
    """Nothing, or 400 for an image of which the numbers of one picture would not be true (§8.6)."""
    if facts.frames > 1:
        raise unsupported("fl_getinfo for animated images")
    if facts.format == "pdf":
        raise unsupported("fl_getinfo for documents")


def told(plan: Plan, facts: SourceFacts, stored_bytes: int, made: Made, insight: Insight) -> dict[str, Any]:
    """The answer's JSON."""
    width, height = facts.shown if plan.orient else (facts.width, facts.height)
    document: dict[str, Any] = {"input": {"width": width, "height": height, "bytes": stored_bytes}}
    if insight.landmarks is not None:
        document["landmarks"] = [[_face(each) for each in insight.landmarks]]
    if insight.chosen:
        document["g_auto_info"] = [_box(*each) for each in insight.chosen]
    document["resize"] = list(_steps(plan.operations, width, height))
    document["output"] = {
        "format": made.format,
        "bytes": made.bytes,
        "width": made.width,
        "height": made.height,
    }
    return document


def _steps(operations: Iterable[Operation], width: int, height: int) -> Iterable[dict[str, float]]:
    """Every cut, in pixels of the image it was made in, and every scaling."""
    for each in operations:
        if isinstance(each, Resample):
            left, top, right, bottom = each.box
            across, down = right - left, bottom - top
            if (left, top, across, down) != (0, 0, width, height):
                yield _box(round(left), round(top), round(across), round(down))
            if (across, down) != (each.width, each.height):
                yield _scale(each.width / across, each.height / down, across, down)
        width, height = size_after(each, (width, height))


def _scale(across: float, down: float, width: float, height: float) -> dict[str, float]:
    """One factor, where the two differ by no more than a rounded side (as in the sheet's example)."""
    if width >= height and abs(height * across - height * down) < 1:
        down = across
    elif height > width and abs(width * across - width * down) < 1:
        across = down
    return {"x_factor": across, "y_factor": down}


def _box(left: int, top: int, width: int, height: int) -> dict[str, float]:
    return {"x": left, "y": top, "width": width, "height": height}


def _face(points: Mapping[str, Point]) -> dict[str, dict[str, int]]:
    return {name: {"x": x, "y": y} for name, (x, y) in points.items()}
