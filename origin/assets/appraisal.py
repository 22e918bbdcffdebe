"""What a received file is: a picture, video or sound, or bytes as they come (upload-api §3.1, §3.2)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from origin.assets.naming import stem_and_extension
from origin.render.containers import container_at
from origin.render.errors import InvalidImage, InvalidRecording
from origin.render.pool import RenderPool
from origin.transform.plan import SourceFacts
from wire.errors import InvalidRequest
from wire.public_ids import FORMATS

_PICTURE_NAMES = "jpg jpeg jpe png webp avif gif bmp tif tiff ico heic heif jp2 tga pdf svg psd"
_PICTURES = frozenset(_PICTURE_NAMES.split())
_RECORDING_NAMES = "mp4 m4v mov webm mkv avi ogv wmv flv 3gp 3g2 mpeg mpg mxf mp3 wav m4a aac flac ogg opus"
_RECORDINGS = frozenset(_RECORDING_NAMES.split())
"""Extensions of what can be opened: a file that claims one of them and cannot be is damaged, not raw."""


@frozen
class Appraised:
    """What a file was found to be."""

    resource_type: str
    facts: SourceFacts | None = None  # of a picture
    recording: Mapping[str, Any] = field(factory=dict)  # of video and audio: `format`, `duration`, …

    @property
    def format(self) -> str | None:
        """The canonical name of its format; None of a raw file."""
        return self.facts.format if self.facts else self.recording.get("format")


async def appraised(renders: RenderPool, path: Path, resource_type: str, filename: str | None) -> Appraised:
    """The file as what it was uploaded for; `auto` leaves that to us."""
    match resource_type:
        case "raw":
            return Appraised("raw")
        case "video":
            return Appraised("video", recording=await renders.recording(path))
        case "image":
            return Appraised("image", await renders.probe(path, verify=True))
    claimed = stem_and_extension(filename or "")[1]
    try:
        if container_at(path) is not None:
            return Appraised("video", recording=await renders.recording(path))
        return Appraised("image", await renders.probe(path, verify=True))
    except InvalidImage:
        if claimed in _PICTURES:
            raise
    except InvalidRecording:
        if claimed in _RECORDINGS:
            raise
    return Appraised("raw")


def check_format(found: Appraised, allowed: tuple[str, ...], filename: str | None) -> None:
    """400 for a format that is not among those allowed, if any are named."""
    if not allowed:
        return
    name = found.format or stem_and_extension(filename or "")[1]
    if FORMATS.get(name, name) not in {FORMATS.get(each.lower(), each.lower()) for each in allowed}:
        raise InvalidRequest(f"{found.resource_type.capitalize()} file format {name} not allowed")


def check_left_alone(found: Appraised, transformation: str, converted: str | None) -> None:
    """400 for what would change a video before it is stored."""
    if found.resource_type != "video":
        return
    if transformation:
        raise InvalidRequest("Transformations are not supported for video files")
    if converted not in (None, found.format):
        raise InvalidRequest(f"Converting {found.format} to {converted} is not supported for video files")
