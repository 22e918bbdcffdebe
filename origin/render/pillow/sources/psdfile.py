"""The structure of a Photoshop file: header, resources, layer records, where channels lie. No pixels.

Adobe's file format specification, version 1 (PSD; PSB's longer fields are not read).
"""

import mmap
from typing import BinaryIO

from attrs import frozen

from origin.render.errors import InvalidImage
from origin.render.pillow.sources import resources
from origin.render.pillow.sources.planes import Channel, Packing

MOST_LAYERS = 500
MOST_CHANNELS = 56  # the format's own limit
LONGEST_SIDE = 30_000
DEPTHS = (1, 8, 16)
COLOURS = {0: 1, 1: 1, 2: 1, 3: 3, 4: 4, 7: 1, 8: 1, 9: 3}
_GROUPS = (b"lsct", b"lsdk")  # a layer that only opens or closes a group


@frozen
class Layer:
    """One layer with pixels."""

    name: str
    left: int
    top: int
    width: int
    height: int
    opacity: int
    channels: tuple[Channel, ...]


@frozen
class Psd:
    """What a file says of itself."""

    width: int
    height: int
    mode: int
    depth: int
    count: int  # of channels of the merged image
    palette: bytes
    resources: dict[int, tuple[str, bytes]]
    layers: tuple[Layer, ...]
    is_transparent: bool  # whether the merged image's first extra channel is its alpha
    merged_at: int

    @property
    def colours(self) -> int:
        """How many channels are colours; what follows them is alpha and masks."""
        return COLOURS[self.mode]

    @property
    def profile(self) -> bytes:
        """The colour profile."""
        return self.resources.get(resources.PROFILE, ("", b""))[1]

    @property
    def density(self) -> float:
        """Dots an inch, 16.16 fixed point."""
        data = self.resources.get(resources.RESOLUTION, ("", b""))[1]
        return round(int.from_bytes(data[:4], "big") / 65536, 2) if len(data) >= 4 else 0.0

    def merged(self, data: mmap.mmap) -> tuple[Channel, ...]:
        """The channels of the merged image, which share one kind of packing."""
        packing = int.from_bytes(data[self.merged_at : self.merged_at + 2], "big")
        start = self.merged_at + 2
        row = -(-self.width // 8) if self.depth == 1 else self.width * self.depth // 8
        if packing == Packing.PACKED:
            table = data[start : start + 2 * self.height * self.count]
            start += len(table)
            sizes = [
                sum(
                    int.from_bytes(table[at : at + 2], "big")
                    for at in range(first, first + 2 * self.height, 2)
                )
                for first in range(0, 2 * self.height * self.count, 2 * self.height)
            ]
        elif packing == 0:
            sizes = [row * self.height] * self.count
        else:
            raise InvalidImage(log=f"PSD: merged image of compression {packing}")
        channels = []
        for number, size in enumerate(sizes):
            is_alpha = self.is_transparent and number == self.colours
            channels.append(Channel(-1 if is_alpha else number, packing, start, start + size))
            start += size
        return tuple(channels)


def read_psd(file: BinaryIO) -> Psd:
    """The structure of a file, or `InvalidImage`."""
    reader = _Reader(file)
    head = reader.take(26)
    count, height, width = _big(head, 12, 2), _big(head, 14, 4), _big(head, 18, 4)
    depth, mode = _big(head, 22, 2), _big(head, 24, 2)
    if head[:6] != b"8BPS\0\1" or mode not in COLOURS or not COLOURS[mode] <= count <= MOST_CHANNELS:
        raise InvalidImage(log=f"PSD of mode {mode} with {count} channels")
    if depth not in DEPTHS:
        raise InvalidImage(f"PSD with {depth} bits a channel is not supported")
    if not (0 < width <= LONGEST_SIDE and 0 < height <= LONGEST_SIDE):
        raise InvalidImage(log=f"PSD of {width}x{height}")
    palette = reader.take(reader.number(4))
    found = resources.blocks(reader.take(reader.number(4)))
    kept = {number: (name, data) for number, name, data in found}
    size = reader.number(4)
    end = reader.at + size
    layers, is_transparent = _layers(reader, end) if size >= 6 else ((), False)
    has_extra = count > COLOURS[mode]
    return Psd(
        width=width,
        height=height,
        mode=mode,
        depth=depth,
        count=count,
        palette=palette[:768].ljust(768, b"\0"),
        resources=kept,
        layers=layers,
        # A file without layers does not tell alpha from a saved selection: one extra channel is taken for alpha.
        is_transparent=has_extra and (is_transparent or (not layers and count == COLOURS[mode] + 1)),
        merged_at=end,
    )


class _Reader:
    """Big-endian numbers from a file that may end anywhere."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = file.seek(0, 2)
        self.at = 0

    def take(self, size: int) -> bytes:
        """So many bytes, all of them."""
        if self.at + size > self._size:
            raise InvalidImage(log=f"PSD ends within {size} bytes at {self.at}")
        self._file.seek(self.at)
        self.at += size
        return self._file.read(size)

    def skip(self, size: int) -> None:
        """Pass over so many bytes, all of which must be there."""
        if self.at + size > self._size:
            raise InvalidImage(log=f"PSD ends within {size} bytes at {self.at}")
        self.at += size

    def number(self, size: int, *, signed: bool = False) -> int:
        """An integer of so many bytes."""
        return int.from_bytes(self.take(size), "big", signed=signed)


def _layers(reader: _Reader, end: int) -> tuple[tuple[Layer, ...], bool]:
    """Layer records from the bottom up, and whether the merged image is transparent."""
    size = reader.number(4)
    if size == 0:  # 16-bit files keep their layers in a tagged block
        return _tagged(reader, end)
    return _records(reader)


def _tagged(reader: _Reader, end: int) -> tuple[tuple[Layer, ...], bool]:
    mask = reader.number(4)
    reader.take(mask)
    while reader.at + 12 <= end:
        reader.take(4)
        key, size = reader.take(4), reader.number(4)
        if key in (b"Lr16", b"Layr") and size >= 2:
            return _records(reader)
        reader.skip(min(size + -size % 4, end - reader.at))
    return (), False


def _records(reader: _Reader) -> tuple[tuple[Layer, ...], bool]:
    count = reader.number(2, signed=True)
    if abs(count) > MOST_LAYERS:
        raise InvalidImage(f"Maximum number of PSD layers is {MOST_LAYERS}. Found {abs(count)}")
    records = [_record(reader) for _ in range(abs(count))]
    layers = []
    for layer, is_group, sizes in records:
        channels = []
        for number, size in sizes:
            packing = reader.number(2) if size >= 2 else 0
            start, stop = reader.at, reader.at + max(0, size - 2)
            if packing == Packing.PACKED:
                start = min(stop, start + 2 * layer.height)
            if number >= -1:
                channels.append(Channel(number, packing, start, stop))
            reader.skip(stop - reader.at)
        if not is_group:
            layers.append(_with_channels(layer, channels))
    return tuple(layers), count < 0


def _record(reader: _Reader) -> tuple[Layer, bool, list[tuple[int, int]]]:
    top, left, bottom, right = (reader.number(4, signed=True) for _ in range(4))
    sizes = [(reader.number(2, signed=True), reader.number(4)) for _ in range(_few(reader.number(2)))]
    reader.take(8)  # signature and blend mode
    opacity = reader.number(1)
    reader.take(3)
    end = reader.number(4) + reader.at
    reader.take(reader.number(4))  # the mask's own record
    reader.take(reader.number(4))  # blending ranges
    name_bytes = reader.number(1)
    name = reader.take(name_bytes).decode("latin-1")
    reader.take(-(name_bytes + 1) % 4)
    is_group = False
    while reader.at + 12 <= end:
        reader.take(4)
        key, size = reader.take(4), reader.number(4)
        data = reader.take(min(size + size % 2, end - reader.at))
        if key == b"luni" and len(data) >= 4:
            name = data[4 : 4 + 2 * _big(data, 0, 4)].decode("utf-16-be", "replace").rstrip("\0")
        elif key in _GROUPS:
            is_group = is_group or (len(data) >= 4 and _big(data, 0, 4) != 0)
    reader.take(max(0, end - reader.at))
    width, height = right - left, bottom - top
    if not (0 <= width <= LONGEST_SIDE and 0 <= height <= LONGEST_SIDE):
        raise InvalidImage(log=f"PSD layer of {width}x{height}")
    return Layer(name, left, top, width, height, opacity, ()), is_group, sizes


def _few(channels: int) -> int:
    if channels > MOST_CHANNELS:
        raise InvalidImage(log=f"PSD layer of {channels} channels")
    return channels


def _with_channels(layer: Layer, channels: list[Channel]) -> Layer:
    return Layer(layer.name, layer.left, layer.top, layer.width, layer.height, layer.opacity, tuple(channels))


def _big(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size], "big")
