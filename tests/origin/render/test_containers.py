"""Video and audio by the first bytes of a file, and nothing else by them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.render.containers import container_at, container_of
from tests.support.images import ASTRONAUT, PAN_GIF, PHOTOGRAPHS
from tests.support.recordings import RECORDINGS


@pytest.mark.parametrize("path", sorted(RECORDINGS.glob("*.*")), ids=lambda path: path.name)
def test_recordings(path: "object") -> None:
    name = getattr(path, "name", "")
    expected = {"README.md": None, "tone.ogg": "opus"}.get(name, name.rpartition(".")[2])
    assert container_at(RECORDINGS / name) == expected


@pytest.mark.parametrize("path", [ASTRONAUT, PAN_GIF, PHOTOGRAPHS / "quartered.heic"], ids=lambda p: p.name)
def test_pictures_are_none(path: "object") -> None:
    """A HEIC begins like an MP4."""
    assert container_at(PHOTOGRAPHS / getattr(path, "name", "")) is None


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"ID3\4\0", "mp3"),
        (b"\xff\xfb\x90\x64", "mp3"),
        (b"\xff\xf1\x50\x80", "aac"),
        (b"RIFF\0\0\0\0AVI LIST", "avi"),
        (b"RIFF\0\0\0\0WEBPVP8 ", None),
        (b"FORM\0\0\0\0AIFFCOMM", "aiff"),
        (b"\0\0\0\x18ftypM4V mp42", "m4v"),
        (b"\0\0\0\x18ftyp3gp5mp42", "3gp"),
        (b"\0\0\0\x18ftypavif", None),
        (b"\0\0\x10\0moov", "mov"),
        ((b"G" + bytes(187)) * 3, "ts"),
        (b"GIF89a" + bytes(600), None),
        (b"\0\0\x01\xba\x44", "mpeg"),
        (b"\xff\xd8\xff\xe0", None),
        (b"", None),
    ],
)
def test_heads(head: bytes, name: str | None) -> None:
    assert container_of(head) == name


@given(st.binary(max_size=600))
def test_any_bytes_are_answered(head: bytes) -> None:
    container_of(head)
