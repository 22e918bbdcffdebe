"""The boxes of an animated AVIF that its encoder fills in without asking: the hour, and how often it plays.

ISO/IEC 14496-12 (boxes, `mvhd`, `tkhd`, `mdhd`, `elst`); AVIF 1.1 §7: an edit list that repeats is a loop.
"""

import struct
from collections.abc import Iterator

FOREVER = 0
CONTAINERS = frozenset({b"moov", b"trak", b"edts", b"mdia"})
DEEPEST = 8  # containers in containers; what is looked for lies in two
NEEDED = {b"mvhd": 32, b"tkhd": 36, b"mdhd": 20, b"elst": 16}  # bytes of a body, up to the last that is read
DATED = frozenset({b"mvhd", b"tkhd", b"mdhd"})
ENDLESS = (1 << 64) - 1


def told(data: bytes, rounds: int) -> bytes:
    """The same animation, undated (equal pictures are then equal files), playing that often."""
    patched = bytearray(data)
    found = list(_boxes(patched, 0, len(patched)))
    lengths = [
        struct.unpack_from(">Q", patched, body + 8)[0]
        for name, body in found
        if name == b"elst" and patched[body] == 1
    ]
    whole = max(lengths, default=0) * rounds or ENDLESS
    for name, body in found:
        if name in DATED and patched[body] == 1:  # 64-bit times
            struct.pack_into(">QQ", patched, body + 4, 0, 0)
        if name == b"mvhd" and patched[body] == 1:
            struct.pack_into(">Q", patched, body + 24, whole)
        elif name == b"tkhd" and patched[body] == 1:
            struct.pack_into(">Q", patched, body + 28, whole)
        elif name == b"elst":
            patched[body + 3] = rounds != 1  # flags: whether the edit repeats
    return bytes(patched)


def rounds_told(data: bytes) -> int:
    """How often an animated AVIF plays; a file that does not say plays for ever. Of any bytes."""
    repeats, length, whole = True, 0, ENDLESS
    for name, body in _boxes(data, 0, len(data)):
        if name == b"elst" and data[body] == 1:
            repeats = bool(data[body + 3] & 1)
            length = struct.unpack_from(">Q", data, body + 8)[0]
        elif name == b"tkhd" and data[body] == 1:
            whole = struct.unpack_from(">Q", data, body + 28)[0]
    if not repeats:
        return 1
    return FOREVER if whole == ENDLESS or not length else max(1, round(whole / length))


def _boxes(data: bytes | bytearray, start: int, stop: int, depth: int = 0) -> Iterator[tuple[bytes, int]]:
    """Names and first bytes of the bodies of all boxes that are whole, those inside of others included."""
    while start + 8 <= stop:
        size, name = struct.unpack_from(">I4s", data, start)
        body = start + 8
        if size == 1 and start + 16 <= stop:
            size, body = struct.unpack_from(">Q", data, start + 8)[0], start + 16
        end = start + size if size else stop
        if end > stop or end < body:
            return
        if end - body >= NEEDED.get(name, 0):
            yield bytes(name), body
        if name in CONTAINERS and depth < DEEPEST:
            yield from _boxes(data, body, end, depth + 1)
        start = end
