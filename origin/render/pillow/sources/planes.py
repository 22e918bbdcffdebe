"""One channel of a Photoshop file, whatever way its bytes are packed, as an 8-bit plane."""

import mmap
import sys
import zlib
from array import array
from enum import IntEnum
from itertools import accumulate

from attrs import frozen
from PIL import Image, ImageChops

from origin.render.errors import InvalidImage

Data = mmap.mmap | bytes
"""A whole file, mapped or at hand."""


class Packing(IntEnum):
    """The numbers by which files tell how a channel is packed."""

    RAW = 0
    PACKED = 1
    ZIPPED = 2
    PREDICTED = 3


@frozen
class Channel:
    """Where a channel lies: its number (-1: alpha, -2: mask), how it is packed, its bytes."""

    number: int
    packing: int
    start: int
    stop: int


def plane(data: Data, channel: Channel, size: tuple[int, int], depth: int) -> Image.Image:
    """The channel at 8 bits. Of deeper ones, the high byte is kept."""
    width, height = size
    row = -(-width // 8) if depth == 1 else width * (depth // 8)
    packed = data[channel.start : channel.stop]
    match channel.packing:
        case Packing.RAW:
            plain = packed
        case Packing.PACKED:
            plain = _unpacked(packed, row, height)
        case Packing.ZIPPED | Packing.PREDICTED:
            plain = _inflated(packed, row * height)
        case _:
            raise InvalidImage(log=f"PSD compression {channel.packing}")
    if len(plain) < row * height:
        raise InvalidImage(log=f"PSD channel of {len(plain)} bytes, needs {row * height}")
    plain = plain[: row * height]
    if channel.packing == Packing.PREDICTED:
        plain = _predicted(plain, row, height, depth)
    if depth == 1:
        return Image.frombytes("1", size, plain).convert("L")
    if depth == 8:
        return Image.frombytes("L", size, plain)
    if depth == 16:
        return Image.frombytes("L", size, plain[::2])
    raise InvalidImage("PSD with 32 bits a channel is not supported")


def _unpacked(packed: bytes, row: int, height: int) -> bytes:
    """PackBits; Pillow's decoder takes rows of bytes one after the other."""
    try:
        return Image.frombytes("L", (row, height), packed, "packbits", "L").tobytes()
    except ValueError as error:
        raise InvalidImage(log=f"PSD packbits: {error}") from error


def _inflated(packed: bytes, size: int) -> bytes:
    """At most as many bytes as the plane has: a bomb stops there."""
    try:
        return zlib.decompressobj().decompress(packed, size)
    except zlib.error as error:
        raise InvalidImage(log=f"PSD zip: {error}") from error


def _predicted(plain: bytes, row: int, height: int, depth: int) -> bytes:
    """Undo horizontal differences, in Pillow: a column at a time would be slow, doubling is not."""
    if depth == 16:
        return _predicted_words(plain, row, height)
    image = Image.frombytes("L", (row, height), plain)
    step = 1
    while step < row:  # running sums modulo 256 by doubling
        shifted = Image.new("L", image.size)
        shifted.paste(image, (step, 0))
        image = ImageChops.add_modulo(image, shifted)
        step *= 2
    return image.tobytes()


def _predicted_words(plain: bytes, row: int, height: int) -> bytes:
    """The same for 16-bit words, whose carries cross bytes; a row's sums fit into 32 bits, and are cut after."""
    words, sums = array("H", plain), array("I")
    if sys.byteorder == "little":
        words.byteswap()
    across = row // 2
    for top in range(0, across * height, across):
        sums.extend(accumulate(words[top : top + across]))
    if sys.byteorder == "little":
        sums.byteswap()
    whole, out = sums.tobytes(), bytearray(len(plain))
    out[0::2], out[1::2] = whole[2::4], whole[3::4]
    return bytes(out)
