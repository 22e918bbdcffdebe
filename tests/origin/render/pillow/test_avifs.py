"""The boxes of an animated AVIF, as they come from anybody."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.render.pillow.avifs import FOREVER, rounds_told, told


def box(name: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I4s", 8 + len(body), name) + body


def playing(length: int, whole: int, *, repeats: bool = True) -> bytes:
    """Boxes that say how long one round is, and all of them."""
    header = box(b"tkhd", b"\x01" + bytes(27) + struct.pack(">Q", whole) + bytes(60))
    edit = bytes([1, 0, 0, repeats]) + struct.pack(">IQ", 1, length) + bytes(12)
    return box(b"moov", box(b"trak", header + box(b"edts", box(b"elst", edit))))


def nested(depth: int) -> bytes:
    data = b""
    for _ in range(depth):
        data = box(b"moov", data)
    return data


def test_worked_rounds() -> None:
    assert rounds_told(playing(10, 30)) == 3
    assert rounds_told(playing(10, 30, repeats=False)) == 1
    assert rounds_told(playing(10, (1 << 64) - 1)) == FOREVER
    assert rounds_told(b"") == FOREVER


@pytest.mark.parametrize("name", [b"elst", b"tkhd", b"mvhd", b"mdhd"])
def test_a_box_cut_short_says_nothing(name: bytes) -> None:
    """Even where the file ends with it."""
    for length in range(16):
        data = box(b"moov", box(name, b"\x01" * length))
        assert rounds_told(data) == FOREVER
        assert told(data, 2) == data


def test_boxes_in_boxes_have_an_end() -> None:
    """Deeper than Python can follow."""
    data = nested(3000)
    assert rounds_told(data) == FOREVER
    assert told(data, 2) == data


@given(st.binary(max_size=60), st.integers(0, 150), st.integers(0, 150))
def test_any_bytes_have_rounds(noise: bytes, start: int, stop: int) -> None:
    whole = playing(10, 30)
    assert rounds_told(whole[:start] + noise + whole[stop:]) >= 0
