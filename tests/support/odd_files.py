"""PNG and TIFF files of depths and kinds that Pillow does not write."""

import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

from tests.support.images import png_chunk

GREY, COLOURS, PALETTE, GREY_ALPHA, COLOURS_ALPHA = 0, 2, 3, 4, 6
CHANNELS = {GREY: 1, COLOURS: 3, PALETTE: 1, GREY_ALPHA: 2, COLOURS_ALPHA: 4}


def png(
    path: Path,
    rows: Sequence[Sequence[int]],
    *,
    kind: int,
    depth: int,
    transparency: bytes = b"",
    palette: bytes = b"",
) -> Path:
    """A PNG of these samples, row by row."""
    width = len(rows[0]) // CHANNELS[kind]
    lines = b"".join(b"\0" + packed(row, depth) for row in rows)
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, len(rows), depth, kind, 0, 0, 0))]
    chunks += [(b"PLTE", palette)] * bool(palette) + [(b"tRNS", transparency)] * bool(transparency)
    chunks += [(b"IDAT", zlib.compress(lines)), (b"IEND", b"")]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*each) for each in chunks))
    return path


def tiff(
    path: Path,
    rows: Sequence[Sequence[float]],
    *,
    bits: int,
    photometric: int,
    samples: int = 1,
    is_float: bool = False,
    byte_order: str = "<",
) -> Path:
    """A TIFF of these samples in one strip, not packed."""
    width, height = len(rows[0]) // samples, len(rows)
    if is_float:
        data = b"".join(struct.pack(f"{byte_order}{len(row)}f", *row) for row in rows)
    elif bits == 16:
        data = b"".join(struct.pack(f"{byte_order}{len(row)}H", *map(int, row)) for row in rows)
    else:
        data = b"".join(packed([int(each) for each in row], bits) for row in rows)
    start = 8 + len(data) + len(data) % 2
    more = struct.pack(f"{byte_order}{samples}H", *[bits] * samples)
    entries = [
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, samples, bits if samples == 1 else start),
        (259, 3, 1, 1),
        (262, 3, 1, photometric),
        (273, 4, 1, 8),
        (277, 3, 1, samples),
        (278, 4, 1, height),
        (279, 4, 1, len(data)),
        (339, 3, 1, 3 if is_float else 1),
    ]
    out = {"<": b"II", ">": b"MM"}[byte_order] + struct.pack(
        f"{byte_order}HI", 42, start + len(more) + len(more) % 2
    )
    out += data + b"\0" * (len(data) % 2) + more + b"\0" * (len(more) % 2)
    out += struct.pack(f"{byte_order}H", len(entries))
    for tag, kind, count, value in entries:
        short = kind == 3 and count <= 2
        field = (
            struct.pack(f"{byte_order}HH", value, 0)
            if short and count == 1
            else struct.pack(f"{byte_order}I", value)
        )
        out += struct.pack(f"{byte_order}HHI", tag, kind, count) + field
    path.write_bytes(out + struct.pack(f"{byte_order}I", 0))
    return path


def packed(row: Sequence[int], depth: int) -> bytes:
    """Samples of so many bits each, the first in the highest bits, the row filled up to a byte."""
    number = 0
    for sample in row:
        number = number << depth | sample
    bits = len(row) * depth
    size = -(-bits // 8)
    return (number << (size * 8 - bits)).to_bytes(size, "big")
