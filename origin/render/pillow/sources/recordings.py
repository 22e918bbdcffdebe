"""What a file of video or audio says of itself, read by MediaInfo in a process apart; nothing of it is decoded.

Names are those of upload-api.md §3.5; codecs and layouts are called as ffprobe calls them. Without
`pixeledge[video]` only the container is known.
"""

import re
from collections.abc import Mapping
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO

from attrs import define

from origin.render.containers import AUDIO, container_at
from origin.render.errors import InvalidRecording
from origin.render.pillow.sources.apart import Outcome, apart

BUFFER_BYTES = 1 << 20
MOST_BYTES = 64 << 20  # that are read of a file; of a sound one a few, wherever they lie
MOST_TEXTS, LONGEST = 200, 300

_CODECS = {
    "AVC": "h264",
    "HEVC": "hevc",
    "MPEG-4 Visual": "mpeg4",
    "MPEG Video": "mpeg2video",
    "VP8": "vp8",
    "VP9": "vp9",
    "AV1": "av1",
    "ProRes": "prores",
    "Theora": "theora",
    "VC-1": "vc1",
    "JPEG": "mjpeg",
    "AAC": "aac",
    "MPEG Audio": "mp3",
    "AC-3": "ac3",
    "E-AC-3": "eac3",
    "Opus": "opus",
    "Vorbis": "vorbis",
    "FLAC": "flac",
    "ALAC": "alac",
    "AMR": "amr_nb",
    "WMA": "wmav2",
}
_LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}
_LEVELS = {"h264": 10, "hevc": 30}  # what ffprobe multiplies them by
_ENDLESS = 1 << 53  # beyond, numbers are not what anybody wrote
_UNTOLD = re.compile(
    r"other_|count|kind_of|stream_identifier|streamorder|track_type|unique_id|file_|complete_name|folder|"
    r"proportion|.*_url\Z|.*url\Z|encoding_settings|footersize|headersize|datasize|md5"
)

Track = Mapping[str, Any]
Told = dict[str, Any]


def recording(path: str) -> Told:
    """`format`, `is_audio`, and what of duration, size, rates, `video` and `audio` is known; `texts` by name."""
    container = container_at(Path(path))
    if container is None:
        raise InvalidRecording(log="no container that is known")
    if find_spec("pymediainfo") is None:
        return {"format": container, "is_audio": container in AUDIO}
    said = apart(partial(_read, path), log="MediaInfo").said
    return {"format": "ogv" if container == "ogg" and not said["is_audio"] else container, **said}


@define
class _Spared:
    """A file that ends when enough of it was read: what looks for its first frame until then has none."""

    file: BinaryIO
    left: int

    def read(self, size: int) -> bytes:
        """As files do."""
        data = self.file.read(min(size, self.left))
        self.left -= len(data)
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        """As files do."""
        return self.file.seek(offset, whence)

    def tell(self) -> int:
        """As files do."""
        return self.file.tell()


def _read(path: str) -> Outcome:
    from pymediainfo import MediaInfo

    with open(path, "rb") as file:  # not by its name: a file could refer to others beside it
        found = MediaInfo.parse(_Spared(file, MOST_BYTES), buffer_size=BUFFER_BYTES)
        tracks = [each.to_data() for each in found.tracks]
    return Outcome(told(tracks))


def told(tracks: list[dict[str, Any]]) -> Told:
    """An answer's fields from MediaInfo's tracks; refused where nothing can be seen or heard."""
    general, video, audio = (
        next((each for each in tracks if each.get("track_type") == kind), None)
        for kind in ("General", "Video", "Audio")
    )
    if general is None or (video is None and audio is None):
        raise InvalidRecording(log="no stream of video or audio")
    found: Told = {"is_audio": video is None, "texts": _texts(general, video, audio)}
    found |= _known(
        duration=_seconds(general, video, audio), bit_rate=_whole(general.get("overall_bit_rate"))
    )
    if video is not None:
        found |= _picture(video)
    if audio is not None:
        found["audio"] = _sound(audio)
    return found


def _picture(track: Track) -> Told:
    codec = _codec(track)
    profile, *levels = str(track.get("format_profile", "")).split("@")
    width, height = _whole(track.get("width")), _whole(track.get("height"))
    rotation = round(_float(track.get("rotation")) or 0) % 360
    if rotation in (90, 270):
        width, height = height, width
    level = re.sub(r"[^0-9.]", "", levels[0]) if levels else ""
    return _known(
        width=width,
        height=height,
        frame_rate=_float(track.get("frame_rate")),
        nb_frames=_whole(track.get("frame_count")),
        rotation=rotation,
        video=_known(
            pix_format=_pixels(track),
            codec=codec,
            level=round(float(level) * _LEVELS.get(codec, 1)) if level and level.count(".") < 2 else None,
            profile=profile or None,
            bit_rate=_spelled(track.get("bit_rate")),
        ),
    )


def _sound(track: Track) -> Told:
    channels = _whole(track.get("channel_s"))
    return _known(
        codec=_codec(track),
        bit_rate=_spelled(track.get("bit_rate")),
        frequency=_whole(track.get("sampling_rate")),
        channels=channels,
        channel_layout=None if channels is None else _LAYOUTS.get(channels),
    )


def _codec(track: Track) -> str:
    name = str(track.get("format", ""))
    if name == "PCM":
        sign = "u" if "Unsigned" in str(track.get("format_settings", "")) else "s"
        end = "be" if track.get("format_settings__endianness") == "Big" else "le"
        return f"pcm_{sign}{_whole(track.get('bit_depth')) or 16}{end}"
    if name == "MPEG Video" and track.get("format_version") == "Version 1":
        return "mpeg1video"
    return _CODECS.get(name, name.lower().replace(" ", "_"))


def _pixels(track: Track) -> str | None:
    sampling, depth = track.get("chroma_subsampling"), _whole(track.get("bit_depth")) or 8
    if sampling is None:
        return None
    name = "yuv" + re.sub(r"[^0-9]", "", str(sampling)) + "p"
    return name if depth == 8 else f"{name}{depth}le"


def _seconds(*tracks: Track | None) -> float | None:
    """The first that tells a duration, which MediaInfo gives in milliseconds."""
    durations = (_float(track.get("duration")) for track in tracks if track is not None)
    return next((round(each / 1000, 6) for each in durations if each is not None), None)


def _texts(*tracks: Track | None) -> dict[str, str]:
    """All that is told, by names like `Duration`, `VideoFormatProfile`, `AudioSamplingRate`."""
    found = {}
    for track in tracks:
        for key, value in (track or {}).items():
            if track is not None and not _UNTOLD.match(key) and isinstance(value, str | int | float):
                kind = "" if track["track_type"] == "General" else track["track_type"]
                found[kind + "".join(word.capitalize() for word in key.split("_"))] = str(value)[:LONGEST]
    return dict(list(found.items())[:MOST_TEXTS])


def _known(**fields: Any) -> Told:
    return {name: value for name, value in fields.items() if value is not None}


def _float(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if abs(number) < _ENDLESS else None


def _whole(value: Any) -> int | None:
    number = _float(value)
    return None if number is None else round(number)


def _spelled(value: Any) -> str | None:
    number = _whole(value)
    return None if number is None else str(number)
