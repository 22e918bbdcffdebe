"""What files of video and audio say of themselves."""

import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.render.errors import InvalidRecording
from origin.render.pillow.sources import recordings
from origin.render.pillow.sources.recordings import recording, told
from tests.support.recordings import CLIP, RECORDINGS, TONE, TURNED, needs_mediainfo

pytestmark = needs_mediainfo


def read(path: Path) -> dict[str, Any]:
    return recording(str(path))


def test_a_video_with_sound() -> None:
    found = read(CLIP)
    assert found.pop("texts")["VideoFormat"] == "AVC"
    assert 100_000 < found.pop("bit_rate") < 120_000
    assert found == {
        "format": "mp4",
        "is_audio": False,
        "duration": 0.5,
        "width": 64,
        "height": 48,
        "frame_rate": 10.0,
        "nb_frames": 5,
        "rotation": 0,
        "video": {
            "pix_format": "yuv420p",
            "codec": "h264",
            "level": 10,
            "profile": "High",
            "bit_rate": "15440",
        },
        "audio": {
            "codec": "aac",
            "bit_rate": "123651",
            "frequency": 44100,
            "channels": 2,
            "channel_layout": "stereo",
        },
    }


def test_a_turned_video_is_told_as_it_is_shown() -> None:
    found = read(TURNED)
    assert (found["width"], found["height"], found["rotation"]) == (48, 64, 90)


@pytest.mark.parametrize(
    ("name", "container", "video", "audio"),
    [
        ("clip.webm", "webm", "vp9", "opus"),
        ("clip.mov", "mov", "mpeg4", None),
        ("clip.avi", "avi", "mpeg4", None),
        ("clip.mkv", "mkv", "h264", None),
        ("tone.mp3", "mp3", None, "mp3"),
        ("tone.m4a", "m4a", None, "aac"),
        ("tone.flac", "flac", None, "flac"),
        ("tone.ogg", "opus", None, "opus"),
        ("tone.wav", "wav", None, "pcm_s16le"),
    ],
)
def test_formats_and_codecs(name: str, container: str, video: str | None, audio: str | None) -> None:
    found = read(RECORDINGS / name)
    assert found["format"] == container
    assert found["is_audio"] is (video is None)
    assert found.get("video", {}).get("codec") == video
    assert found.get("audio", {}).get("codec") == audio
    assert 0.2 < found["duration"] < 0.6
    assert ("width" in found) is (video is not None)


@pytest.mark.parametrize("keep", [0, 4, 40, 400])
def test_what_is_cut_short_or_nothing_is_refused_or_told(tmp_path: Path, keep: int) -> None:
    """An MP4 whose index is at its end is nothing without it."""
    path = tmp_path / "short.mp4"
    path.write_bytes(CLIP.read_bytes()[:keep])
    with pytest.raises(InvalidRecording) as refused:
        read(path)
    assert refused.value.public == "Unsupported video format or file"


def test_a_head_alone_makes_no_video(tmp_path: Path) -> None:
    path = tmp_path / "rubbish.webm"
    path.write_bytes(b"\x1a\x45\xdf\xa3webm" + b"rubbish" * 500)
    with pytest.raises(InvalidRecording):
        read(path)


def test_not_more_is_read_than_it_takes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Rubbish behind a mark is not searched to its end, and a long file is none the worse for it."""
    monkeypatch.setattr(recordings, "MOST_BYTES", 3 << 20)
    rubbish, long = tmp_path / "rubbish.mp3", tmp_path / "long.mp4"
    rubbish.write_bytes(b"ID3" + bytes(range(7, 250)) * 40_000)
    with pytest.raises(InvalidRecording):
        read(rubbish)
    with long.open("wb") as file:
        file.write(CLIP.read_bytes())
        file.truncate(1 << 30)
    assert read(long)["video"]["codec"] == "h264"


def test_without_the_package_the_container_is_still_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordings, "find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "pymediainfo", None)
    assert read(CLIP) == {"format": "mp4", "is_audio": False}
    assert read(TONE) == {"format": "mp3", "is_audio": True}


scalars = st.one_of(st.none(), st.integers(), st.floats(), st.text(max_size=20))
KEYS = (
    "duration",
    "width",
    "height",
    "rotation",
    "frame_rate",
    "format",
    "format_profile",
    "bit_depth",
    "channel_s",
)


@given(st.dictionaries(st.sampled_from(KEYS), scalars), st.dictionaries(st.sampled_from(KEYS), scalars))
def test_whatever_a_file_claims_is_answered(video: dict[str, Any], audio: dict[str, Any]) -> None:
    """MediaInfo passes on what files say: no numbers where numbers are, and endless ones."""
    found = told(
        [{"track_type": "General"}, {**video, "track_type": "Video"}, {**audio, "track_type": "Audio"}]
    )
    assert found["is_audio"] is False
