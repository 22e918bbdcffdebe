"""What was found out about a picture, as search names it (admin-api §13): from the details of its row."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_FAMILIES = ("image_metadata", "quality_analysis", "accessibility_analysis")
ALONE = ("face_count", "grayscale", "illustration_score", "transparent")
"""What of `image_analysis` is also a field of its own."""

_TAKEN = ("DateTimeOriginal", "CreateDate", "DateTimeDigitized", "DateTime")


def image_analysis(
    details: Mapping[str, Any], has_alpha: bool | None, etag: str | None = None
) -> dict[str, Any]:
    """`image_analysis` of an answer: what is known of it."""
    found = _found(details)
    faces = found.get("faces", _mapping(details.get("coordinates")).get("faces"))
    known = {
        "face_count": None if not isinstance(faces, list) else len(faces),
        "faces": faces,
        "grayscale": found.get("grayscale"),
        "illustration_score": found.get("illustration_score"),
        "transparent": found.get("semi_transparent", has_alpha),
        "etag": etag,
        "colors": _colours(found.get("colors")),
    }
    return {name: value for name, value in known.items() if value is not None}


def analyses_of(details: Mapping[str, Any], has_alpha: bool | None) -> dict[str, Any]:
    """Every field that an analysis fills, under its canonical name in expressions."""
    found = _found(details)
    seen = image_analysis(details, has_alpha)
    families = {name: found[name] for name in _FAMILIES if isinstance(found.get(name), Mapping)}
    quality = families.get("quality_analysis", {})
    return {
        **{name: seen.get(name) for name in ALONE},
        "quality_score": found.get("quality_score", quality.get("quality_score")),
        "image_analysis": {"colors": seen.get("colors", {})},
        **families,
    }


def taken_at(details: Mapping[str, Any]) -> float | None:
    """Unix seconds of the shot, by the clock of the camera, which knows no zone."""
    written = _found(details).get("image_metadata")
    if not isinstance(written, Mapping):
        return None
    for name in _TAKEN:
        try:
            moment = datetime.strptime(str(written.get(name))[:19], "%Y:%m:%d %H:%M:%S")
        except ValueError:
            continue
        return moment.replace(tzinfo=UTC).timestamp()
    return None


def _found(details: Mapping[str, Any]) -> Mapping[str, Any]:
    return _mapping(details.get("analysis"))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _colours(colours: Any) -> dict[str, Any] | None:
    if not isinstance(colours, list):
        return None
    pairs = (each for each in colours if isinstance(each, list | tuple) and len(each) == 2)
    return {str(name): share for name, share in pairs}
