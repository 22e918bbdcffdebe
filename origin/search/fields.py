"""The fields that expressions may name, and how each is asked."""

from collections.abc import Mapping
from enum import Enum

from attrs import frozen

from origin.search.analysis import ALONE
from origin.search.literals import Reader, anything, number, ratio, size, truth, when


class Kind(Enum):
    """How a field's values are compared."""

    TOKENS = "tokens"  # by words, upper and lower case alike
    WHOLE = "whole"  # letter by letter
    ENUM = "enum"  # whole, from a list of lower-case names
    NUMBER = "number"  # on a line: numbers, dates, true and false


@frozen
class Field:
    """One field. `reads` says which literals its values are compared with; None: with none."""

    kind: Kind
    reads: Reader | None = None
    may_prefix: bool = True


Fields = Mapping[str, Field]

_TEXT, _WHOLE = Field(Kind.TOKENS), Field(Kind.WHOLE)
_NUMBER, _DATE, _TRUTH = (Field(Kind.NUMBER, each, may_prefix=False) for each in (number, when, truth))
_DATE_NAMES = ("created_at", "uploaded_at", "updated_at", "taken_at")
_NUMBER_NAMES = (
    "width",
    "height",
    "duration",
    "pages",
    "pixels",
    "face_count",
    "illustration_score",
    "quality_score",
)

ASSET_FIELDS: Fields = {
    **dict.fromkeys(("tags", "filename", "display_name"), _TEXT),
    **dict.fromkeys(("public_id", "asset_id", "etag"), _WHOLE),
    **dict.fromkeys(("folder", "asset_folder"), Field(Kind.WHOLE, may_prefix=False)),
    **dict.fromkeys(("resource_type", "type"), Field(Kind.ENUM, may_prefix=False)),
    **dict.fromkeys(
        ("format", "status", "moderation_status", "moderation_kind", "access_mode", "access_control"),
        Field(Kind.ENUM),
    ),
    **dict.fromkeys(_NUMBER_NAMES, _NUMBER),
    **dict.fromkeys(_DATE_NAMES, _DATE),
    **dict.fromkeys(("transparent", "grayscale"), _TRUTH),
    "bytes": Field(Kind.NUMBER, size, may_prefix=False),
    "aspect_ratio": Field(Kind.NUMBER, ratio, may_prefix=False),
    "context": _TEXT,  # under whatever key
}
FOLDER_FIELDS: Fields = {"name": _WHOLE, "path": _WHOLE, "created_at": _DATE}

_FAMILIES = {
    "context": Field(Kind.TOKENS, anything),
    "metadata": Field(Kind.TOKENS, anything),
    "last_updated": _DATE,
    **dict.fromkeys(
        ("image_metadata", "image_analysis", "quality_analysis", "accessibility_analysis"),
        Field(Kind.WHOLE, anything),
    ),
}


def field_of(name: str, fields: Fields) -> Field | None:
    """The field of that name, `context.<key>` and its like included where `fields` are those of assets."""
    family, dot, key = name.partition(".")
    if dot and key and fields is ASSET_FIELDS:
        return _FAMILIES.get(family)
    return fields.get(name)


def canonical_name(name: str) -> str:
    """The name that the index uses: `last_updated.tags` is `last_updated.tags_updated_at`."""
    family, _, key = name.partition(".")
    if family == "last_updated" and key and not key.endswith("updated_at"):
        return f"{name}_updated_at"
    if family == "image_analysis" and key in (*ALONE, "etag"):
        return key
    return name
