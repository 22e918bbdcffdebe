"""What the renderer must do: named operations with resolved integers, and nothing left to decide.

A `Plan` is the whole contract between `origin.transform` (which decides) and `origin.render` (which
paints). It travels to a worker as JSON, so every field is a plain value.
"""

from collections.abc import Iterable, Iterator
from typing import Any, cast

from attrs import asdict, field, fields, frozen

from origin.transform.composite import Composite
from origin.transform.params.finish import PLAIN, Finish
from origin.transform.portion import WHOLE, Portion

Rgba = tuple[int, int, int, int]
"""Straight (not premultiplied) 8-bit red, green, blue, alpha."""

WHITE: Rgba = (255, 255, 255, 255)
TRANSPARENT: Rgba = (0, 0, 0, 0)


@frozen
class Sheet:
    """One page of a file: its size, and where a layer of a layered image lies on the whole."""

    width: int
    height: int
    left: int = 0
    top: int = 0
    name: str = ""
    has_alpha: bool | None = None  # None: as the whole file


@frozen
class Outline:
    """A clipping path that a file carries, by the box around it, in pixels of the stored image."""

    name: str
    left: int
    top: int
    width: int
    height: int


def _sheets(values: Iterable[Any]) -> tuple[Sheet, ...]:
    return tuple(each if isinstance(each, Sheet) else Sheet(**each) for each in values)


def _outlines(values: Iterable[Any]) -> tuple[Outline, ...]:
    return tuple(each if isinstance(each, Outline) else Outline(**each) for each in values)


@frozen
class SourceFacts:
    """What is known of a stored image without decoding it."""

    width: int  # stored pixels, before EXIF orientation; of a drawing, its own units (1/72 or 1/96 inch)
    height: int
    format: str  # canonical name: jpg png webp avif gif bmp tiff ico …
    bytes: int = 0
    frames: int = 1
    has_alpha: bool = False
    orientation: int = 1  # EXIF 1..8
    pages: int = 1  # of a document; layers of a layered image, the whole being the first; sizes of an icon
    density: float = 0.0  # dots an inch, as the file says; 0: it does not
    sheets: tuple[Sheet, ...] = field(default=(), converter=_sheets)  # of pages that differ from the first
    outlines: tuple[Outline, ...] = field(default=(), converter=_outlines)
    embedded: tuple[Sheet, ...] = field(
        default=(), converter=_sheets
    )  # files in smart objects; 0 by 0: unreadable

    @property
    def page_count(self) -> int:
        """Frames of an animation, pages of everything else."""
        return max(self.frames, self.pages)

    @property
    def shown(self) -> tuple[int, int]:
        """Width and height as a viewer sees the image, EXIF orientation applied."""
        return (self.height, self.width) if self.orientation >= 5 else (self.width, self.height)


@frozen
class Resample:
    """Cut `box` (left, top, right, bottom in pixels of the current image, maybe fractional) and resample."""

    box: tuple[float, float, float, float]
    width: int
    height: int


@frozen
class Pad:
    """Lay the image at (left, top) on a canvas. `colour` None: white under an opaque image, else clear."""

    width: int
    height: int
    left: int
    top: int
    colour: Rgba | None = None


@frozen
class Rotate:
    """Turn clockwise; the canvas grows to the bounding box, new area transparent."""

    degrees: float


@frozen
class Flip:
    """Mirror left-right, or top-bottom."""

    horizontal: bool


@frozen
class RoundCorners:
    """Cut corners to these radii in pixels, clockwise from top left; `ellipse`: to the inscribed one."""

    radii: tuple[int, int, int, int] = (0, 0, 0, 0)
    ellipse: bool = False


@frozen
class Grayscale:
    """Luma in all channels."""


@frozen
class Sepia:
    """Blend towards the sepia matrix by `level` percent, 1..100."""

    level: int


@frozen
class Blur:
    """Gaussian blur of the given sigma in pixels."""

    sigma: float


@frozen
class Flatten:
    """Composite over a colour."""

    colour: Rgba


@frozen
class Border:
    """A frame of one colour around the image, which grows by `thickness` on each side; round with `radii`.

    The radii are the image's own, clockwise from top left; the outer edge is rounder by the thickness.
    """

    thickness: int
    colour: Rgba
    width: int  # of the canvas after it
    height: int
    radii: tuple[int, int, int, int] = (0, 0, 0, 0)
    ellipse: bool = False


@frozen
class Opacity:
    """Alpha times `percent`, 0..100."""

    percent: int


@frozen
class Filter:
    """An effect by name, its arguments settled: levels clamped, lengths in pixels of this canvas."""

    name: str
    arguments: tuple[Any, ...]  # numbers, words and tuples of these
    width: int  # of the canvas after it
    height: int


@frozen
class Provided:
    """Work for a provider plugged in: the image goes out, and one of this size comes back."""

    effect: str
    provider: str  # who it is: another one gives other pixels
    options: tuple[tuple[str, Any], ...]
    width: int  # of the canvas after it
    height: int


@frozen
class Keep:
    """Hold on to the image as it is here, under a name: a layer further on shows it."""

    name: str


@frozen
class Grade:
    """Look every colour up in the table in one of the plan's inputs, a .cube or .3dl file."""

    input: int


Operation = (
    Resample
    | Pad
    | Rotate
    | Flip
    | RoundCorners
    | Grayscale
    | Sepia
    | Blur
    | Flatten
    | Border
    | Opacity
    | Filter
    | Provided
    | Keep
    | Grade
    | Composite
)

OPERATIONS: dict[str, type[Any]] = {
    "resample": Resample,
    "pad": Pad,
    "rotate": Rotate,
    "flip": Flip,
    "round_corners": RoundCorners,
    "grayscale": Grayscale,
    "sepia": Sepia,
    "blur": Blur,
    "flatten": Flatten,
    "border": Border,
    "opacity": Opacity,
    "filter": Filter,
    "provided": Provided,
    "keep": Keep,
    "grade": Grade,
    "composite": Composite,
}
_NAMES = {kind: name for name, kind in OPERATIONS.items()}


@frozen
class Output:
    """How the result is encoded. `quality` 1..100; None: `auto` (best, good, eco, low) decides by content."""

    format: str  # what is expected to be delivered
    quality: int | None = None
    auto: str | None = "good"
    sensitive: bool = False  # a little more than `auto`
    subsampling: str | None = None  # "420", "444" or None for the encoder's rule
    progressive: bool = False
    animated: bool = False  # the frames of an animated source are kept
    background: Rgba = WHITE  # under transparency, when the format has no alpha
    loop: int | None = None  # how often an animation plays in all, 0 for ever; None: as the source does
    others: tuple[str, ...] = ()  # what is delivered instead where only pixels can tell (f_auto, fl_lossy)
    smallest: bool = False  # of all these formats, for graphics and tiny pictures
    finish: Finish = PLAIN

    @property
    def formats(self) -> tuple[str, ...]:
        """All that may be delivered."""
        return (self.format, *self.others)

    @property
    def moves(self) -> bool:
        """Whether an animated source stays so; a GIF always does."""
        return self.animated or self.format == "gif"


_FIELDS = {kind: tuple(each.name for each in fields(kind)) for kind in (*OPERATIONS.values(), Output, Finish)}


@frozen
class Input:
    """A stored image the plan needs beside its source; its revision makes the plan another one."""

    type: str  # upload, private, authenticated, fetch
    public_id: str  # as the chain names it
    revision: str
    resource_type: str = "image"


@frozen
class Plan:
    """One render, from opening the source to the last byte."""

    orient: bool  # apply EXIF orientation on load
    operations: tuple[Operation, ...]
    output: Output
    width: int  # of the result
    height: int
    passthrough: bool = False  # the stored bytes already are the answer; nothing to render
    inputs: tuple[Input, ...] = ()
    further: tuple[Composite, ...] = ()  # frames after the first, each laid on a clear canvas
    portion: Portion = WHOLE  # of the source
    profile: int | None = None  # the input whose colour profile the result leaves in; None: sRGB
    keeps_smaller: bool = False  # the stored bytes would do as well, where the pixels decide for their format

    def to_json(self) -> dict[str, Any]:
        """A JSON-ready dict; every operation carries its name under `op`."""
        further = {"further": [_spelled(each) for each in self.further]} if self.further else {}
        profile = {} if self.profile is None else {"profile": self.profile}
        keeps = {"keeps_smaller": True} if self.keeps_smaller else {}
        return {
            **further,
            **profile,
            **keeps,
            "orient": self.orient,
            "operations": [_spelled(each) for each in self.operations],
            "output": {**_plain(self.output), "finish": _plain(self.output.finish)},
            "width": self.width,
            "height": self.height,
            "passthrough": self.passthrough,
            "inputs": [asdict(each) for each in self.inputs],
            "portion": self.portion.to_json(),
        }

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Plan":
        """The inverse of `to_json`, for the worker's side of the pipe."""
        operations = tuple(_read(each) for each in document["operations"])
        packed = {name: _tupled(value) for name, value in document["output"].items()}
        output = Output(**packed | {"finish": Finish(**packed["finish"])})
        return cls(
            orient=document["orient"],
            operations=operations,
            output=output,
            width=document["width"],
            height=document["height"],
            passthrough=document["passthrough"],
            inputs=tuple(Input(**each) for each in document["inputs"]),
            further=tuple(cast(Composite, _read(each)) for each in document.get("further", ())),
            portion=Portion(**document["portion"]),
            profile=document.get("profile"),
            keeps_smaller=document.get("keeps_smaller", False),
        )


def panned_in(operations: Iterable[Operation]) -> tuple[int, int] | None:
    """How many pictures a still becomes by `e_zoompan`, and for how many milliseconds each is shown."""
    for each in operations:
        if isinstance(each, Filter) and each.name == "zoompan":
            return each.arguments[0], each.arguments[1]
    return None


def provided_in(operations: Iterable[Operation]) -> Iterator[Provided]:
    """The work for providers, that on layers included."""
    for each in operations:
        if isinstance(each, Provided):
            yield each
        elif isinstance(each, Composite):
            yield from provided_in(each.operations)


def _spelled(operation: Operation) -> dict[str, Any]:
    if isinstance(operation, Composite):
        return {"op": "composite", **operation.to_json(_spelled)}
    return {"op": _NAMES[type(operation)], **_plain(operation)}


def _plain(value: Operation | Output | Finish) -> dict[str, Any]:
    """A value's fields. (`asdict` would look for values within them.)"""
    return {name: getattr(value, name) for name in _FIELDS[type(value)]}


def _read(document: dict[str, Any]) -> Operation:
    fields = {name: value for name, value in document.items() if name != "op"}
    if document["op"] == "composite":
        return Composite.from_json(fields, _read)
    operation: Operation = OPERATIONS[document["op"]](
        **{name: _tupled(value) for name, value in fields.items()}
    )
    return operation


def _tupled(value: Any) -> Any:
    return tuple(map(_tupled, value)) if isinstance(value, list) else value
