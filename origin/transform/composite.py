"""What a plan says about layers: where their pixels come from, and how they meet the image below.

Every number is resolved; the renderer opens or draws `source`, carries out `operations` on it, and composes.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Literal

from attrs import asdict, frozen

from origin.transform.portion import WHOLE, Portion

if TYPE_CHECKING:
    from origin.transform.plan import Operation, Rgba

Blend = Literal["over", "multiply", "screen", "overlay", "mask", "cut_out", "cutter", "displace"]

KEEPING_COLOURS: frozenset[Blend] = frozenset({"mask", "cut_out", "cutter"})
"""Blends in which a layer only decides where the base is seen."""


@frozen
class File:
    """A stored image: the number of one of the plan's inputs, and what its header must say."""

    input: int
    width: int  # stored pixels, before EXIF orientation
    height: int
    orientation: int = 1  # 1..8; 1 also when it is to be ignored
    portion: Portion = WHOLE


@frozen
class Kept:
    """The image as it was where it was kept under a name."""

    name: str
    width: int
    height: int


@frozen
class Text:
    """Words to draw. Lengths in pixels of the result."""

    text: str
    family: str
    size: int
    weight: int = 400  # 100..900
    italic: bool = False
    decoration: str = "none"  # underline, strikethrough
    alignment: str = "left"  # center right start end justify
    letter_spacing: float = 0.0
    line_spacing: float = 0.0
    smooth: bool = True
    colour: "Rgba" = (0, 0, 0, 255)
    background: "Rgba | None" = None
    border: int = 0  # round the letters with `outlined`, else round the box
    border_colour: "Rgba" = (0, 0, 0, 255)
    outlined: bool = False
    width: int | None = None  # where lines wrap
    height: int | None = None  # what does not fit ends in an ellipsis
    trimmed: bool = True  # to the ink; else the font's ascent and descent stay
    font: str = ""  # the revision of the stored font to draw in; empty: one that is installed


@frozen
class Composite:
    """Lay a layer on (or under) the image.

    The result is a canvas of `width` × `height` with the image at (`base_left`, `base_top`) and the layer
    at (`left`, `top`), cut where it sticks out. `tiled`: the layer repeats from the top left corner.
    """

    source: File | Text | Kept
    operations: "tuple[Operation, ...]"
    width: int
    height: int
    left: int = 0
    top: int = 0
    base_left: int = 0
    base_top: int = 0
    blend: Blend = "over"
    below: bool = False
    tiled: bool = False
    moves: tuple[int, int] = (0, 0)  # displace: pixels right and down that full red and full green stand for
    jitter: tuple[int, int] = (0, 0)  # anti_removal: 25ths of a pixel, and the seed of chance

    def to_json(self, spelled: "Callable[[Operation], dict[str, Any]]") -> dict[str, Any]:
        """A JSON-ready dict; `spelled` writes the operations within."""
        document = {name: getattr(self, name) for name in _PLAIN}
        return {
            **source_to_json(self.source),
            "operations": [spelled(each) for each in self.operations],
            **document,
        }

    @classmethod
    def from_json(
        cls, document: dict[str, Any], read: "Callable[[dict[str, Any]], Operation]"
    ) -> "Composite":
        """The inverse of `to_json`."""
        inner = tuple(read(each) for each in document["operations"])
        plain = {name: document[name] for name in _PLAIN}
        plain |= {name: tuple(document[name]) for name in ("moves", "jitter")}
        return cls(source=source_from_json(document), operations=inner, **plain)


_PLAIN = (
    *("width", "height", "left", "top", "base_left", "base_top"),
    *("blend", "below", "tiled", "moves", "jitter"),
)
_SOURCES: dict[str, type[File | Text | Kept]] = {"file": File, "text": Text, "kept": Kept}


def source_to_json(source: File | Text | Kept) -> dict[str, Any]:
    """Where a layer comes from, under the name of its kind."""
    kind = next(kind for kind, each in _SOURCES.items() if isinstance(source, each))
    document = asdict(source)
    return {kind: document | {"portion": source.portion.to_json()} if isinstance(source, File) else document}


def source_from_json(document: dict[str, Any]) -> File | Text | Kept:
    """The inverse of `source_to_json`, from a document that may hold more."""
    kind = next(kind for kind in _SOURCES if kind in document)
    if kind == "file":
        return file_from_json(document[kind])
    return _SOURCES[kind](**{name: _tupled(value) for name, value in document[kind].items()})


def file_from_json(document: dict[str, Any]) -> File:
    """The inverse of `asdict` for a stored image."""
    return File(**{**document, "portion": Portion(**document["portion"])})


def shows_kept(operations: "Iterable[Operation]") -> bool:
    """Whether a layer among operations, or on one of those, is an image that was kept."""
    layers = [each for each in operations if isinstance(each, Composite)]
    return any(isinstance(each.source, Kept) or shows_kept(each.operations) for each in layers)


def text_from_json(document: dict[str, Any]) -> Text:
    """The inverse of `asdict` for words, colours being tuples again."""
    return Text(**{name: _tupled(value) for name, value in document.items()})


def _tupled(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
