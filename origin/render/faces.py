"""Finding faces: what a detector is, and which one there is. Optional: `pixeledge[faces]` (image-pipeline.md §9)."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from attrs import frozen

LONGEST_SIDE = 512  # of the copy a detector is given: smaller faces than a twentieth of that are lost
_CASCADE = "haarcascade_frontalface_alt2.xml"
_SCALE, _NEIGHBOURS, _SMALLEST = 1.2, 4, 24


@frozen
class Found:
    """One face on the copy looked at, in its pixels."""

    box: tuple[float, float, float, float]  # left, top, width, height
    landmarks: tuple[tuple[float, float], ...] = ()


class Detector(Protocol):
    """Finds faces in grey levels, row by row."""

    def __call__(self, levels: bytes, width: int, height: int) -> tuple[Found, ...]: ...


def name() -> str:
    """Which detector workers here would load; what was seen with another is looked at again."""
    return "none" if _cascade() is None else "haar"


def _cascade() -> Path | None:
    """The trained cascade inside of OpenCV's wheel, which is not loaded for that; those of version 5 have none."""
    found = find_spec("cv2")
    if found is None or found.origin is None:
        return None
    path = Path(found.origin).parent / "data" / _CASCADE
    return path if path.is_file() else None


def load() -> Detector | None:
    """The detector, loaded; None where there is none. Half of the time of a first look: a worker that never
    looks is spared it."""
    return None if _cascade() is None else _haar()


def _haar() -> Detector:
    """OpenCV's frontal cascade: one wheel, no further weights, and no false hit among our sample pictures."""
    import cv2
    import numpy

    cv2.setNumThreads(1)  # one job a worker, one worker a core
    cascade: Any = cv2.CascadeClassifier(str(_cascade()))

    def detect(levels: bytes, width: int, height: int) -> tuple[Found, ...]:
        grey = numpy.frombuffer(levels, numpy.uint8).reshape(height, width)
        boxes = cascade.detectMultiScale(grey, _SCALE, _NEIGHBOURS, minSize=(_SMALLEST, _SMALLEST))
        return tuple(Found((float(x), float(y), float(w), float(h))) for x, y, w, h in boxes)

    return detect
