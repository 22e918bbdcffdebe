"""What is in a picture: faces, how much each part matters, and what people have marked in it.

All boxes are in pixels of the original as it is shown, EXIF orientation applied (transformations.md §5.2).
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from attrs import field, frozen
from attrs.validators import ge

Rect = tuple[int, int, int, int]
"""Left, top, width, height."""

Area = tuple[Fraction, Fraction, Fraction, Fraction]
"""Left, top, right, bottom on a canvas, exact."""


@frozen
class Face:
    """One face found: its box, and where eyes, nose and mouth corners are if that is known."""

    box: Rect
    landmarks: tuple[tuple[int, int], ...] = ()


@frozen
class Importance:
    """How much each cell of a coarse grid over the picture matters, row by row, 0 to 255."""

    width: int = field(validator=ge(1))
    height: int = field(validator=ge(1))
    levels: bytes

    def __attrs_post_init__(self) -> None:
        if len(self.levels) != self.width * self.height:
            raise ValueError(f"{len(self.levels)} levels for {self.width}x{self.height} cells")


@frozen
class Sight:
    """What looking at a picture has told. `faces` None: nobody who finds faces was there to look."""

    faces: tuple[Face, ...] | None
    importance: Importance
    illustration: float = 0.0  # how likely it is drawn: 0, a photograph, to 1

    def to_json(self) -> dict[str, Any]:
        """A JSON-ready dict."""
        grid = self.importance
        return {
            "faces": None
            if self.faces is None
            else [{"box": face.box, "landmarks": face.landmarks} for face in self.faces],
            "importance": {
                "width": grid.width,
                "height": grid.height,
                "levels": b64encode(grid.levels).decode("ascii"),
            },
            "illustration": self.illustration,
        }

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Sight":
        """The inverse of `to_json`. Raises ValueError, KeyError or TypeError for anything else."""
        grid, faces = document["importance"], document["faces"]
        return cls(
            None
            if faces is None
            else tuple(
                Face(_rect(face["box"]), tuple((int(x), int(y)) for x, y in face["landmarks"]))
                for face in faces
            ),
            Importance(grid["width"], grid["height"], b64decode(grid["levels"], validate=True)),
            float(document["illustration"]),
        )


BLANK = Sight((), Importance(1, 1, b"\x80"))
"""No faces, nothing drawn, and no part matters more than another."""


@frozen
class Marks:
    """The coordinates people have stored with a picture; faces among them stand for those found (§5.2)."""

    faces: tuple[Rect, ...] = ()
    areas: tuple[Rect, ...] = ()  # custom coordinates
    regions: Mapping[str, Rect] = field(factory=dict)  # the bounding boxes of named regions


UNMARKED = Marks()


def _rect(numbers: Any) -> Rect:
    left, top, width, height = (int(each) for each in numbers)
    return left, top, width, height
