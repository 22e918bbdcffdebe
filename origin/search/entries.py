"""What an asset is found by: one row of plain values, words of its texts, and numbers of what else it says."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from attrs import field, frozen

from origin.search.analysis import analyses_of, taken_at
from origin.search.literals import aspect_ratio, moment, number, truth
from origin.search.words import whole, words_of

EXACT = "="
"""How terms begin that are whole values; words hold no such sign."""

MOST_TERMS = 4096
"""More than these an asset is not found by: whoever writes a book into a context pays for a page of it."""


@frozen(kw_only=True)
class Described:
    """An asset as search sees it."""

    public_id: str
    resource_type: str
    type: str
    format: str | None
    asset_folder: str
    display_name: str
    etag: str
    bytes: int
    width: int | None
    height: int | None
    pages: int | None
    has_alpha: bool | None
    created_at: float
    uploaded_at: float
    tags: Sequence[str] = ()
    context: Mapping[str, str] = field(factory=dict)
    metadata: Mapping[str, Any] = field(factory=dict)
    details: Mapping[str, Any] = field(factory=dict)
    last_updated: Mapping[str, float] = field(factory=dict)

    @property
    def filename(self) -> str:
        """The last part of the public id."""
        return self.public_id.rpartition("/")[2]

    @property
    def folder(self) -> str:
        """Where it lies: its asset folder, or else the path in its public id."""
        return self.asset_folder or self.public_id.rpartition("/")[0]

    @property
    def pixels(self) -> int | None:
        """Width by height."""
        return None if self.width is None or self.height is None else self.width * self.height


@frozen
class Entries:
    """What the index holds of one asset."""

    row: Mapping[str, Any]
    terms: frozenset[tuple[str, str]]  # (term, field)
    numbers: frozenset[tuple[str, float]]  # (field, value)


def entries_of(asset: Described) -> Entries:
    """Everything an expression or an order can ask for."""
    terms = dict.fromkeys((term, name) for name, term in _terms(asset))
    return Entries(_row(asset), frozenset(islice(terms, MOST_TERMS)), frozenset(_numbers(asset)))


def _row(asset: Described) -> dict[str, Any]:
    duration = asset.details.get("duration")
    shape = None if asset.width is None else aspect_ratio(asset.width, asset.height or 0)
    return {
        **{name: getattr(asset, name) for name in ("public_id", "resource_type", "type", "format", "etag")},
        "filename": asset.filename,
        "display_name": asset.display_name,
        "asset_folder": asset.asset_folder,
        "folder": asset.folder,
        "access_mode": str(asset.details.get("access_mode") or "public"),
        "created_at": asset.created_at,
        "uploaded_at": asset.uploaded_at,
        "updated_at": asset.last_updated.get("updated_at", asset.uploaded_at),
        "bytes": float(asset.bytes),
        "width": _float(asset.width),
        "height": _float(asset.height),
        "pixels": _float(asset.pixels),
        "aspect_ratio": shape,
        "duration": _float(duration if isinstance(duration, int | float) else None),
        "pages": _float(asset.pages),
    }


def _float(value: float | None) -> float | None:
    return None if value is None else float(value)


def _terms(asset: Described) -> Iterator[tuple[str, str]]:
    """(field, term), the most useful first."""
    for name, text in (("filename", asset.filename), ("display_name", asset.display_name)):
        yield from _words(name, text)
    yield from _words("public_id", asset.public_id)
    for tag in asset.tags:
        yield from _value("tags", tag)
    for family, said in (("context", asset.context), ("metadata", asset.metadata)):
        for key, value in said.items():
            for each in _each(value):
                yield from _value(f"{family}.{key}", _text(each))
    yield from _exact(_judged(asset.details))
    yield from _exact(_analysed(asset))


def _words(name: str, text: str) -> Iterator[tuple[str, str]]:
    return ((name, word) for word in words_of(text))


def _value(name: str, text: str) -> Iterator[tuple[str, str]]:
    yield name, EXACT + whole(text)
    yield from _words(name, text)


def _exact(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    return ((name, EXACT + whole(value)) for name, value in pairs)


def _judged(details: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for each in _each(details.get("moderation") or ()):
        for name in ("kind", "status"):
            if isinstance(each, Mapping) and each.get(name):
                yield f"moderation_{name}", str(each[name]).lower()
    for rule in _each(details.get("access_control") or ()):
        if isinstance(rule, Mapping) and rule.get("access_type"):
            yield "access_control", str(rule["access_type"]).lower()


def _analysed(asset: Described) -> Iterator[tuple[str, str]]:
    """Numbers alone have a name without a dot, and are no words."""
    found = _flat(analyses_of(asset.details, asset.has_alpha))
    return ((name, _text(value)) for name, value in found if "." in name)


def _numbers(asset: Described) -> Iterator[tuple[str, float]]:
    said = {"context": asset.context, "metadata": asset.metadata}
    for name, value in (*_flat(said), *_flat(analyses_of(asset.details, asset.has_alpha))):
        text = _text(value)
        read = truth(text) if isinstance(value, bool) else number(text) or moment(text)
        if read is not None:
            yield name, read.span(0.0)[0]
    yield from ((f"last_updated.{kind}", float(at)) for kind, at in asset.last_updated.items())
    taken = taken_at(asset.details)
    if taken is not None:
        yield "taken_at", taken


def _flat(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Dotted names and scalars; an array is several values of one name."""
    waiting = [("", document)]
    while waiting:
        prefix, part = waiting.pop()
        for key, value in part.items():
            for each in _each(value):
                if isinstance(each, Mapping):
                    waiting.append((f"{prefix}{key}.", each))
                elif each is not None:
                    yield f"{prefix}{key}", each


def _each(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else (value,)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
