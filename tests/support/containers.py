"""Animations as their files tell them: read from the containers' own blocks, chunks and boxes, without Pillow."""

import struct
from collections.abc import Iterator
from fractions import Fraction

from attrs import frozen

FOREVER = 0


@frozen
class Told:
    """What a file says of its animation."""

    milliseconds: tuple[float, ...]
    rounds: int  # how often it plays, 0 for ever


def told(data: bytes) -> Told:
    """By the file's first bytes."""
    if data[:3] == b"GIF":
        return _gif(data)
    if data[:4] == b"\x89PNG":
        return _png(data)
    return _webp(data) if data[:4] == b"RIFF" else _avif(data)


def _gif(data: bytes) -> Told:
    """GIF89a: graphic control extensions, and Netscape's application block."""
    start = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)
    times, rounds = [], 1
    while data[start] != 0x3B:
        if data[start] == 0x2C:
            packed = data[start + 9]
            start += 10 + (3 << (packed & 7) + 1 if packed & 0x80 else 0) + 1
        else:
            if data[start + 1] == 0xF9:
                times.append(10 * struct.unpack_from("<H", data, start + 4)[0])
            elif data[start + 1] == 0xFF and data[start + 3 : start + 14] == b"NETSCAPE2.0":
                extra = struct.unpack_from("<H", data, start + 16)[0]
                rounds = extra + 1 if extra else FOREVER
            start += 2
        while data[start]:
            start += data[start] + 1
        start += 1
    return Told(tuple(times), rounds)


def _png(data: bytes) -> Told:
    """APNG: acTL and fcTL."""
    times, rounds, start = [], 1, 8
    while start < len(data):
        size, name = struct.unpack_from(">I4s", data, start)
        if name == b"acTL":
            rounds = struct.unpack_from(">I", data, start + 12)[0]
        elif name == b"fcTL":
            over, under = struct.unpack_from(">HH", data, start + 8 + 20)
            times.append(float(Fraction(1000 * over, under or 100)))
        start += 12 + size
    return Told(tuple(times), rounds)


def _webp(data: bytes) -> Told:
    """RFC 9649: ANIM and ANMF."""
    times, rounds, start = [], 1, 12
    while start < len(data):
        name, size = struct.unpack_from("<4sI", data, start)
        if name == b"ANIM":
            rounds = struct.unpack_from("<H", data, start + 12)[0]
        elif name == b"ANMF":
            times.append(int.from_bytes(data[start + 20 : start + 23], "little"))
        start += 8 + size + size % 2
    return Told(tuple(times), rounds)


def _avif(data: bytes) -> Told:
    """ISO/IEC 14496-12: times to sample in the first track's scale, its length, and its edit list."""
    boxes: dict[bytes, bytes] = {}
    for name, body in _boxes(data, {b"moov", b"trak", b"edts", b"mdia", b"minf", b"stbl"}):
        boxes.setdefault(name, body)
    scale = struct.unpack_from(">I", boxes[b"mdhd"], 20)[0]
    times: list[float] = []
    stts = boxes[b"stts"]
    for number in range(struct.unpack_from(">I", stts, 4)[0]):
        count, length = struct.unpack_from(">II", stts, 8 + 8 * number)
        times += [1000 * length / scale] * count
    repeats = boxes[b"elst"][3] & 1
    segment = struct.unpack_from(">Q", boxes[b"elst"], 8)[0]
    whole = struct.unpack_from(">Q", boxes[b"tkhd"], 28)[0]
    endless = whole == (1 << 64) - 1
    return Told(tuple(times), 1 if not repeats else FOREVER if endless else whole // segment)


def dates_of(data: bytes) -> set[int]:
    """The times of making that an AVIF's boxes hold."""
    dated = [
        body
        for name, body in _boxes(data, {b"moov", b"trak", b"mdia"})
        if name in (b"mvhd", b"tkhd", b"mdhd")
    ]
    return {time for body in dated for time in struct.unpack_from(">QQ", body, 4)}


def _boxes(data: bytes, containers: set[bytes]) -> Iterator[tuple[bytes, bytes]]:
    start = 0
    while start < len(data):
        size, name = struct.unpack_from(">I4s", data, start)
        body = data[start + 8 : start + size]
        yield name, body
        if name in containers:
            yield from _boxes(body, containers)
        start += size
