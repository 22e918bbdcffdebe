"""Interlaced PNG: seven pictures of ever more pixels, one after the other in one stream (PNG, third edition, §8.2).

Pillow writes none. It filters each pass as a picture of its own, which is just what interlacing asks for; the
passes' lines are put together and packed once.
"""

import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any, BinaryIO

from PIL import Image

PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Left, top, step across, step down."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_INTERLACED = 12  # the last byte of IHDR


def save_interlaced(image: Image.Image, file: BinaryIO, options: dict[str, Any]) -> None:
    """Write it with the options that `save` takes; metadata and palette are those of the first pass."""
    level, strategy = options.get("compress_level", 6), options.get("compress_type", 0)
    options = options | {"compress_level": 1} | _bits(image)
    passes = [list(_chunks(_saved(each, options))) for each in _passes(image)]
    packer = zlib.compressobj(level, zlib.DEFLATED, 15, 9, max(0, strategy))
    packed = b"".join(packer.compress(_lines(each)) for each in passes) + packer.flush()
    file.write(_SIGNATURE)
    is_written = False
    for name, content in passes[0]:
        if name == b"IHDR":
            head = bytearray(content)
            head[:8], head[_INTERLACED] = struct.pack(">II", *image.size), 1
            file.write(_chunk(name, bytes(head)))
        elif name != b"IDAT":
            file.write(_chunk(name, content))
        elif not is_written:
            is_written = True
            file.write(_chunk(name, packed))


def _bits(image: Image.Image) -> dict[str, int]:
    """Of a palette: the same for every pass, whatever colours it happens to have."""
    if image.mode != "P":
        return {}
    colours = len(image.getpalette("RGB") or ()) // 3
    return {"bits": 1 if colours <= 2 else 2 if colours <= 4 else 4 if colours <= 16 else 8}


def _passes(image: Image.Image) -> Iterator[Image.Image]:
    for left, top, across, down in PASSES:
        width, height = -(-(image.width - left) // across), -(-(image.height - top) // down)
        if width > 0 and height > 0:
            grid = (across, 0, left + 0.5 - across / 2, 0, down, top + 0.5 - down / 2)
            yield image.transform((width, height), Image.Transform.AFFINE, grid, Image.Resampling.NEAREST)


def _saved(image: Image.Image, options: dict[str, Any]) -> bytes:
    with BytesIO() as file:
        image.save(file, "PNG", **options)
        return file.getvalue()


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        at += 12 + size


def _lines(chunks: list[tuple[bytes, bytes]]) -> bytes:
    """The filtered lines of one pass."""
    return zlib.decompress(b"".join(content for name, content in chunks if name == b"IDAT"))


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
