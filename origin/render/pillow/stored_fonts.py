"""Fonts that somebody has uploaded: read whole, by no other path than the plan's own."""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from attrs import frozen
from PIL import ImageFont

from origin.render.errors import RenderFailed, TextRefused
from origin.render.pillow.fonts import Face, told_by

MOST_BYTES = 20 << 20
NO_FONTS: Mapping[str, str] = {}


@frozen
class StoredFace(Face):
    """A face in a file of its own."""

    data: bytes = b""

    def at(self, size: int) -> ImageFont.FreeTypeFont:
        return ImageFont.truetype(BytesIO(self.data), size)


def stored_face(fonts: Mapping[str, str], revision: str, name: str) -> Face:
    """The face of a plan's font, or the refusal of a file that is none."""
    if revision not in fonts:
        raise RenderFailed(log=f"no file for the font {name} ({revision})")
    path = Path(fonts[revision])
    if path.stat().st_size > MOST_BYTES:
        raise TextRefused(f"Font {name} is larger than {MOST_BYTES >> 20} MB")
    face = StoredFace(path, name, 400, is_italic=False, data=path.read_bytes())
    try:
        _, style = face.at(10).getname()
    except (OSError, ValueError) as error:
        raise TextRefused(f"Font {name} cannot be read as a font", log=repr(error)) from error
    weight, is_italic, is_narrow = told_by(style)
    return StoredFace(path, name, weight, is_italic, is_narrow, data=face.data)
