"""ICC profiles made in code (ICC.1:2001-04): a grey one by its gamma, and a press that prints with black alone."""

import struct
from collections.abc import Sequence
from itertools import product

_D50 = (0.9642, 1.0, 0.8249)
_IDENTITY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)


def grey(gamma: float = 1.0) -> bytes:
    """A display of greys."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256))
    return _profile(b"mntr", b"GRAY", b"XYZ ", {b"wtpt": b"XYZ " + bytes(4) + _fixed(*_D50), b"kTRC": curve})


def press() -> bytes:
    """Cyan, magenta and yellow stay dry: what is not light is black ink."""
    to_ink = [(0, 0, 0, 255 - light) for light, _, _ in product((0, 255), repeat=3)]
    to_lab = [(255 - max(ink), 128, 128) for ink in product((0, 255), repeat=4)]
    tables = {
        b"wtpt": b"XYZ " + bytes(4) + _fixed(*_D50),
        b"A2B0": _table(4, to_lab),
        b"B2A0": _table(3, to_ink),
    }
    return _profile(b"prtr", b"CMYK", b"Lab ", tables)


def lab() -> bytes:
    """A space that no picture of ours leaves in."""
    return _profile(b"spac", b"Lab ", b"Lab ", {b"wtpt": b"XYZ " + bytes(4) + _fixed(*_D50)})


def _table(channels: int, points: Sequence[tuple[int, ...]]) -> bytes:
    """A lut8Type (§6.5.9) of two points a side, straight before and behind it."""
    out = len(points[0])
    head = b"mft1" + bytes(4) + bytes([channels, out, 2, 0]) + _fixed(*_IDENTITY)
    straight = bytes(range(256))
    return head + straight * channels + bytes(value for point in points for value in point) + straight * out


def _profile(kind: bytes, space: bytes, middle: bytes, tags: dict[bytes, bytes]) -> bytes:
    text = b"pixeledge tests\0"
    tags = tags | {
        b"desc": b"desc" + bytes(4) + struct.pack(">I", len(text)) + text + bytes(78),
        b"cprt": b"text" + bytes(4) + text,
    }
    places, body, start = b"", b"", 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        places += name + struct.pack(">II", start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    head = struct.pack(">I4sI4s4s4s", start + len(body), b"", 0x02400000, kind, space, middle)
    head += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28) + _fixed(*_D50)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + places + body


def _fixed(*numbers: float) -> bytes:
    return struct.pack(f">{len(numbers)}i", *(round(each * 65536) for each in numbers))
