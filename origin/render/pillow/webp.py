"""A WebP file's header, read by hand: Pillow would allocate the whole canvas to tell its size.

RFC 9649: RIFF chunks; `VP8X` carries the canvas and flags, `VP8 ` and `VP8L` begin with their size.
"""

from collections.abc import Iterator
from typing import BinaryIO

from attrs import frozen

from origin.render.errors import InvalidImage

HEAD_BYTES = 12
ANIMATED, EXIF, ALPHA = 0x02, 0x08, 0x10


@frozen
class WebpHeader:
    """What the chunks tell without decoding."""

    width: int
    height: int
    frames: int = 1
    has_alpha: bool = False
    exif: bytes = b""


def is_webp(head: bytes) -> bool:
    """Whether a file with these first bytes claims to be WebP."""
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP"


def read_header(file: BinaryIO) -> WebpHeader:
    """The header of a WebP file, which must hold as many bytes as it declares."""
    head = file.read(HEAD_BYTES)
    end = file.seek(0, 2)
    declared = int.from_bytes(head[4:8], "little") + 8
    if not is_webp(head) or declared > end:
        raise InvalidImage(log=f"WebP declares {declared} bytes, has {end}")
    chunks = _chunks(file, declared)
    name, start, size = next(chunks, (b"", 0, 0))
    file.seek(start)
    first = file.read(min(size, 16))
    if name == b"VP8 " and len(first) >= 10 and first[3:6] == b"\x9d\x01\x2a":
        return WebpHeader(_little(first, 6, 2) & 0x3FFF, _little(first, 8, 2) & 0x3FFF)
    if name == b"VP8L" and len(first) >= 5 and first[0] == 0x2F:
        bits = _little(first, 1, 4)
        return WebpHeader((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, has_alpha=bool(bits >> 28 & 1))
    if name != b"VP8X" or len(first) < 10:
        raise InvalidImage(log=f"WebP begins with chunk {name!r}")
    frames, exif = _walk(file, chunks)
    return WebpHeader(
        width=_little(first, 4, 3) + 1,
        height=_little(first, 7, 3) + 1,
        frames=max(1, frames) if first[0] & ANIMATED else 1,
        has_alpha=bool(first[0] & ALPHA),
        exif=exif if first[0] & EXIF else b"",
    )


def _walk(file: BinaryIO, chunks: Iterator[tuple[bytes, int, int]]) -> tuple[int, bytes]:
    frames, exif = 0, b""
    for name, start, size in chunks:
        if name == b"ANMF":
            frames += 1
        elif name == b"EXIF":
            file.seek(start)
            exif = file.read(size)
    return frames, exif


def _chunks(file: BinaryIO, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, first byte and size of each chunk of the RIFF container."""
    position = HEAD_BYTES
    while position + 8 <= end:
        file.seek(position)
        head = file.read(8)
        size = int.from_bytes(head[4:], "little")
        yield head[:4], position + 8, size
        position += 8 + size + size % 2


def _little(data: bytes, start: int, size: int) -> int:
    return int.from_bytes(data[start : start + size], "little")
