"""Random expressions about a small world, and what they mean said plainly: no index, no SQL."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from hypothesis import strategies as st

from origin.catalogue import Asset
from origin.search.literals import Age, Literal, Moment, Number
from origin.search.tree import (
    All,
    Edge,
    Everything,
    Has,
    Is,
    Not,
    Some,
    Tree,
    Within,
    Word,
    all_of,
    not_,
    some_of,
)

WORDS = ("cat", "Cat", "catalog", "dog", "red cat", "red-dog", "Bäcker", "x", "", "a/cat", "🥐", "10", "2.5")
TEXT_FIELDS = ("tags", "filename", "display_name", "context", "context.alt", "context.c d", "metadata.m")
ENUM_VALUES = ("image", "raw", "upload", "private", "active", "public", "authenticated", "png")
NUMBERS = (
    "bytes",
    "width",
    "height",
    "pixels",
    "aspect_ratio",
    "pages",
    "duration",
    "face_count",
)
DATES = ("created_at", "uploaded_at", "updated_at", "last_updated.tags_updated_at")
DYNAMIC = ("metadata.n", "context.alt", "metadata.d", "image_metadata.Make", "quality_analysis.focus")
DAY = 86400.0

_names = st.sampled_from
_numbers = st.sampled_from((0, 1, 2, 2.5, 10, 64, 100, 1000, 6400, 1.33333)).map(
    lambda each: Number(float(each))
)
_moments = st.builds(
    lambda day, length: Moment(day * DAY, length), st.integers(-1, 12), st.sampled_from((DAY, 60.0, 1.0, 0.0))
)
_ages = st.builds(Age, st.integers(0, 12), st.sampled_from("hdw"))


def _within(fields: Iterable[str], literals: st.SearchStrategy[Any]) -> st.SearchStrategy[Tree]:
    edges = st.none() | st.builds(Edge, literals, st.booleans())
    ranges = st.builds(Within, _names(tuple(fields)), edges, edges)
    return ranges.filter(lambda each: each.low is not None or each.high is not None)


def _values(fields: Iterable[str], words: Iterable[str], prefix: bool = True) -> st.SearchStrategy[Tree]:
    leaf: st.SearchStrategy[Any] = st.sampled_from((Has, Is))
    is_prefix = st.booleans() if prefix else st.just(False)
    built = st.builds(
        lambda kind, *rest: kind(*rest), leaf, _names(tuple(fields)), _names(tuple(words)), is_prefix
    )
    return built.filter(lambda each: bool(each.text) or not each.is_prefix)


_leaf = st.one_of(
    st.builds(Word, _names(WORDS), st.booleans()).filter(lambda each: bool(each.text) or not each.is_prefix),
    _values(TEXT_FIELDS, WORDS),
    _values(("public_id", "etag", "image_metadata.Make"), WORDS),
    _values(("asset_folder", "folder"), WORDS, prefix=False),
    _values(("format", "moderation_status", "access_control"), ("jpg", "png", "approved", "token", "a")),
    _values(("resource_type", "type"), ENUM_VALUES, prefix=False),
    _values(("status", "access_mode"), ENUM_VALUES),
    _within(NUMBERS, _numbers),
    _within(("transparent",), st.sampled_from((Number(0.0), Number(1.0)))),
    _within(DATES, _moments | _ages),
    _within(DYNAMIC, _numbers | _moments),
)


def trees() -> st.SearchStrategy[Tree]:
    """Trees as `parse` makes them."""
    inner = st.recursive(
        _leaf,
        lambda parts: st.one_of(
            st.lists(parts, min_size=1, max_size=3).map(all_of),
            st.lists(parts, min_size=1, max_size=3).map(some_of),
            parts.map(not_),
        ),
        max_leaves=6,
    )
    return inner | st.just(Everything())


def matches(tree: Tree, asset: Asset, now: float) -> bool:
    """Whether the asset is meant."""
    match tree:
        case Everything():
            return True
        case All(parts):
            return all(matches(each, asset, now) for each in parts)
        case Some(parts):
            return any(matches(each, asset, now) for each in parts)
        case Not(part):
            return not matches(part, asset, now)
        case Word(text, is_prefix):
            return _spoken(text, is_prefix, [each for texts in _texts(asset).values() for each in texts])
        case Has(name, text, is_prefix) if name in TEXT_FIELDS and _split(text):
            return _spoken(text, is_prefix, _of(name, asset))
        case Has(name, text, is_prefix) | Is(name, text, is_prefix):
            return any(_same(text, is_prefix, each) for each in _of(name, asset))
        case Within(name, low, high):
            return any(_is_between(each, low, high, now) for each in _numbers_of(name, asset))


def _split(text: str) -> list[str]:
    return [each for each in re.split(r"[\s!-/:-@\[-`{-~]+", text.casefold()) if each]


def _spoken(text: str, is_prefix: bool, texts: list[str]) -> bool:
    """Every word of the text is in some text; with a prefix the last may go on."""
    there = {word for each in texts for word in _split(each)}
    words = _split(text)
    tail = words.pop() if is_prefix and words and text.casefold().endswith(words[-1]) else ""
    found = all(word in there for word in words) and (
        not tail or any(each.startswith(tail) for each in there)
    )
    return found and bool(words or tail)


def _same(text: str, is_prefix: bool, value: str) -> bool:
    return value.startswith(text) if is_prefix else value == text


def _texts(asset: Asset) -> dict[str, list[str]]:
    def listed(value: Any) -> list[str]:
        return [str(each) for each in value] if isinstance(value, list) else [str(value)]

    return {
        "tags": list(asset.tags),
        "filename": [asset.identity.public_id.rpartition("/")[2]],
        "display_name": [asset.display_name],
        "public_id": [asset.identity.public_id],
        **{f"context.{key}": [value] for key, value in asset.context.items()},
        **{f"metadata.{key}": listed(value) for key, value in asset.metadata.items()},
    }


def _of(name: str, asset: Asset) -> list[str]:
    details, texts = asset.details, _texts(asset)
    analysis = details.get("analysis", {})
    if name == "context":
        return [each for key, values in texts.items() if key.startswith("context.") for each in values]
    others: dict[str, Callable[[], list[str | None]]] = {
        "asset_folder": lambda: [asset.asset_folder],
        "folder": lambda: [asset.asset_folder or asset.identity.public_id.rpartition("/")[0]],
        "format": lambda: [asset.format],
        "etag": lambda: [asset.etag],
        "resource_type": lambda: [asset.identity.resource_type],
        "type": lambda: [asset.identity.type],
        "status": lambda: ["active"],
        "access_mode": lambda: [details.get("access_mode", "public")],
        "moderation_status": lambda: [each["status"] for each in details.get("moderation", ())],
        "access_control": lambda: [each["access_type"] for each in details.get("access_control", ())],
        "image_metadata.Make": lambda: [analysis.get("image_metadata", {}).get("Make")],
    }
    found = others[name]() if name in others else texts.get(name, [])
    return [each for each in found if each is not None]


def _numbers_of(name: str, asset: Asset) -> list[float]:
    width, height = asset.width, asset.height
    analysis = asset.details.get("analysis", {})
    faces = analysis.get("faces")
    said: dict[str, float | None] = {
        "bytes": asset.bytes,
        "width": width,
        "height": height,
        "pixels": width and height and width * height,
        "aspect_ratio": width and height and round(width / height, 5),
        "pages": None if asset.facts is None else asset.facts.page_count,
        "duration": asset.details.get("duration"),
        "face_count": None if faces is None else len(faces),
        "transparent": None if asset.facts is None else float(asset.facts.has_alpha),
        "created_at": asset.created_at,
        "uploaded_at": asset.uploaded_at,
        "updated_at": asset.last_updated.get("updated_at", asset.uploaded_at),
        "last_updated.tags_updated_at": asset.last_updated.get("tags_updated_at"),
        "quality_analysis.focus": analysis.get("quality_analysis", {}).get("focus"),
    }
    if name in said:
        value = said[name]
        return [] if value is None else [float(value)]
    return [number for each in _of(name, asset) if (number := _read(each)) is not None]


def _read(text: str) -> float | None:
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return float(text)
    days = re.fullmatch(r"1970-01-(\d\d)", text)
    return (int(days[1]) - 1) * DAY if days else None


def _is_between(value: float, low: Edge | None, high: Edge | None, now: float) -> bool:
    if low is not None:
        first, end = _ends(low.literal, now)
        if not (value >= first if low.is_inclusive else value >= end if end > first else value > first):
            return False
    if high is None:
        return True
    first, end = _ends(high.literal, now)
    return (value < end if end > first else value <= first) if high.is_inclusive else value < first


def _ends(literal: Literal, now: float) -> tuple[float, float]:
    """From, and up to without; the same for a point."""
    match literal:
        case Number(value):
            return value, value
        case Moment(start, seconds):
            return start, start + seconds
        case Age(count, unit):
            then = now - count * {"h": 3600, "d": DAY, "w": 7 * DAY}[unit]
            return then, then
