"""Coordinates stored with an asset, as its details hold them: `coordinates` and `regions` (upload-api.md §3.2)."""

from collections.abc import Mapping
from typing import Any

from origin.catalogue.values import AssetDraft
from origin.transform.references import Caption
from origin.transform.sight import Marks, Rect

CAPTION = "caption"
"""What the details of a stored text call its style."""


def marks_of(asset: AssetDraft) -> Marks:
    """What people have marked in the picture."""
    return marks_of_details(asset.details)


def marks_of_details(details: Mapping[str, Any]) -> Marks:
    """The same of a picture that is no asset yet."""
    coordinates, regions = details.get("coordinates", {}), details.get("regions", {})
    return Marks(
        faces=tuple(map(_rect, coordinates.get("faces", ()))),
        areas=tuple(map(_rect, coordinates.get("custom", ()))),
        regions={name: _around(points) for name, points in regions.items()},
    )


def caption_of(asset: AssetDraft) -> Caption | None:
    """The style of a stored text."""
    told = asset.details.get(CAPTION)
    return Caption(**told) if told else None


def marked(
    faces: tuple[Rect, ...], areas: tuple[Rect, ...], regions: Mapping[str, tuple[tuple[int, int], ...]]
) -> dict[str, Any]:
    """The details that say so; nothing for what is not marked."""
    coordinates = {
        name: [list(box) for box in boxes] for name, boxes in (("faces", faces), ("custom", areas))
    }
    coordinates = {name: boxes for name, boxes in coordinates.items() if boxes}
    outlines = {name: [list(point) for point in points] for name, points in regions.items()}
    return {
        **({"coordinates": coordinates} if coordinates else {}),
        **({"regions": outlines} if outlines else {}),
    }


def _rect(numbers: Any) -> Rect:
    left, top, width, height = numbers
    return left, top, width, height


def _around(points: Any) -> Rect:
    """The bounding box of an outline; a pixel at least."""
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(1, max(xs) - min(xs)), max(1, max(ys) - min(ys))
