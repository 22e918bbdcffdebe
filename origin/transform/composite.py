"""What a plan says about layers: where their pixels come from, and how they meet the image below.

Every number is resolved; the renderer opens or draws `source`, carries out `operations` on it, and composes.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from attrs import asdict, frozen

from origin.transform.portion import WHOLE, Portion

if TYPE_CHECKING:
    from origin.transform.plan import Operation, Rgba

Blend = Literal["over", "multiply", "screen", "overlay", "mask", "cut_out", "cutter"]

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


@frozen
class Composite:
    """Lay a layer on (or under) the image.

    The result is a canvas of `width` × `height` with the image at (`base_left`, `base_top`) and the layer
    at (`left`, `top`), cut where it sticks out. `tiled`: the layer repeats from the top left corner.
    """

    source: File | Text
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

    def to_json(self, spelled: "Callable[[Operation], dict[str, Any]]") -> dict[str, Any]:
        """A JSON-ready dict; `spelled` writes the operations within."""
        document = {
            name: getattr(self, name)
            for name in ("width", "height", "left", "top", "base_left", "base_top", "blend", "below", "tiled")
        }
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
        rest = dict(document)
        inner = tuple(read(each) for each in rest.pop("operations"))
        source = source_from_json({kind: rest.pop(kind) for kind in ("text", "file") if kind in rest})
        return cls(source=source, operations=inner, **rest)


def source_to_json(source: File | Text) -> dict[str, Any]:
    """Where a layer comes from, under the name of its kind."""
    return {"text" if isinstance(source, Text) else "file": asdict(source)}


def source_from_json(document: dict[str, Any]) -> File | Text:
    """The inverse of `source_to_json`."""
    return text_from_json(document["text"]) if "text" in document else file_from_json(document["file"])


def file_from_json(document: dict[str, Any]) -> File:
    """The inverse of `asdict` for a stored image."""
    return File(**{**document, "portion": Portion(**document["portion"])})


def text_from_json(document: dict[str, Any]) -> Text:
    """The inverse of `asdict` for words, colours being tuples again."""
    fields: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in document.items()
    }
    return Text(**fields)
