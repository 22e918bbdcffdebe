"""The structure of a Photoshop file: header, resources, layer records, where channels lie. No pixels.

Adobe's file format specification, versions 1 (PSD) and 2 (PSB, whose sizes and lengths are longer).
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO

from attrs import evolve, field, frozen

from origin.render.errors import InvalidImage
from origin.render.pillow.sources import resources
from origin.render.pillow.sources.placed import PLACED, Placed, objects, placed_id
from origin.render.pillow.sources.planes import Channel, Data, Packing
from origin.render.pillow.sources.psdreader import Reader

MOST_LAYERS = 500
MOST_CHANNELS = 56  # the format's own limit
LONGEST_SIDE = {1: 30_000, 2: 300_000}  # by version
DEPTHS = (1, 8, 16)
COLOURS = {0: 1, 1: 1, 2: 1, 3: 3, 4: 4, 7: 1, 8: 1, 9: 3}
_GROUPS = (b"lsct", b"lsdk")  # a layer that only opens or closes a group
_DEEP = (b"Lr16", b"Lr32", b"Layr")  # where files of more than 8 bits keep their layers
_OBJECTS = (b"lnkD", b"lnk2", b"lnk3")  # where smart objects are kept
_GROWN = frozenset(
    b"LMsk Lr16 Lr32 Layr Mt16 Mt32 Mtrn Alph FMsk lnk2 lnk3 lnkE FXid FEid PxSD pths extn cinf artd".split()
)
"""Blocks whose length takes eight bytes in a large document."""


@frozen
class Layer:
    """One layer with pixels."""

    name: str
    left: int
    top: int
    width: int
    height: int
    opacity: int
    channels: tuple[Channel, ...] = ()
    placed: str = ""  # the id of the smart object that it shows


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
    is_large: bool = False
    objects: dict[str, Placed] = field(factory=dict)  # the files in smart objects, by id

    @property
    def placed(self) -> list[tuple[str, Placed | None]]:
        """Layers that show a smart object, from the bottom up, and the file in it; None: it is elsewhere."""
        return [(each.name, self.objects.get(each.placed)) for each in self.layers if each.placed]

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

    def merged(self, data: Data) -> tuple[Channel, ...]:
        """The channels of the merged image, which share one kind of packing."""
        packing = int.from_bytes(data[self.merged_at : self.merged_at + 2], "big")
        start = self.merged_at + 2
        row = -(-self.width // 8) if self.depth == 1 else self.width * self.depth // 8
        if packing == Packing.PACKED:
            entry = 4 if self.is_large else 2
            table = data[start : start + entry * self.height * self.count]
            start += len(table)
            lines = [int.from_bytes(table[at : at + entry], "big") for at in range(0, len(table), entry)]
            sizes = [sum(lines[at : at + self.height]) for at in range(0, len(lines), self.height)]
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
    reader = Reader(file)
    head = reader.take(26)
    count, height, width = _big(head, 12, 2), _big(head, 14, 4), _big(head, 18, 4)
    depth, mode = _big(head, 22, 2), _big(head, 24, 2)
    version = _big(head, 4, 2)
    if (
        head[:4] != b"8BPS"
        or version not in LONGEST_SIDE
        or mode not in COLOURS
        or not COLOURS[mode] <= count <= MOST_CHANNELS
    ):
        raise InvalidImage(log=f"PSD of mode {mode} with {count} channels")
    if depth not in DEPTHS:
        raise InvalidImage(f"PSD with {depth} bits a channel is not supported")
    if not (0 < width <= LONGEST_SIDE[version] and 0 < height <= LONGEST_SIDE[version]):
        raise InvalidImage(log=f"PSD of {width}x{height}")
    palette = reader.take(reader.number(4))
    found = resources.blocks(reader.take(reader.number(4)))
    kept = {number: (name, data) for number, name, data in found}
    reader.is_large = version == 2
    size = reader.length()
    end = reader.at + size
    layers, is_transparent = _layers(reader) if size >= 6 else ((), False)
    found_objects: dict[str, Placed] = {}
    if size >= 6:
        for key, start, stop in _blocks(reader, end):
            reader.at = start
            if key in _DEEP and not layers and stop - start >= 2:
                layers, is_transparent = _records(reader)
            elif key in _OBJECTS:
                found_objects |= objects(reader, stop)
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
        is_large=reader.is_large,
        objects=found_objects,
    )


def _layers(reader: Reader) -> tuple[tuple[Layer, ...], bool]:
    """Layer records from the bottom up, and whether the merged image is transparent."""
    size = reader.length()
    after = reader.at + size + size % 2
    found: tuple[tuple[Layer, ...], bool] = _records(reader) if size else ((), False)
    reader.at = after
    return found


def _blocks(reader: Reader, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Key, start and end of the tagged blocks after the layers; they end quietly where the file does."""
    with suppress(InvalidImage):
        reader.skip(reader.number(4))  # the mask of all layers
        while reader.at + 12 <= end:
            mark, key = reader.take(4), reader.take(4)
            if mark not in (b"8BIM", b"8B64"):
                return
            size = reader.number(8 if reader.is_large and key in _GROWN else 4)
            after = reader.at + size + -size % 4
            yield key, reader.at, min(end, reader.at + size)
            reader.at = after


def _records(reader: Reader) -> tuple[tuple[Layer, ...], bool]:
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
                start = min(stop, start + (4 if reader.is_large else 2) * layer.height)
            if number >= -1:
                channels.append(Channel(number, packing, start, stop))
            reader.skip(stop - reader.at)
        if not is_group:
            layers.append(evolve(layer, channels=tuple(channels)))
    return tuple(layers), count < 0


def _record(reader: Reader) -> tuple[Layer, bool, list[tuple[int, int]]]:
    top, left, bottom, right = (reader.number(4, signed=True) for _ in range(4))
    sizes = [(reader.number(2, signed=True), reader.length()) for _ in range(_few(reader.number(2)))]
    reader.take(8)  # signature and blend mode
    opacity = reader.number(1)
    reader.take(3)
    end = reader.number(4) + reader.at
    reader.take(reader.number(4))  # the mask's own record
    reader.take(reader.number(4))  # blending ranges
    name_bytes = reader.number(1)
    name = reader.take(name_bytes).decode("latin-1")
    reader.take(-(name_bytes + 1) % 4)
    is_group, placed = False, ""
    while reader.at + 12 <= end:
        reader.take(4)
        key = reader.take(4)
        size = reader.number(8 if reader.is_large and key in _GROWN else 4)
        data = reader.take(min(size + size % 2, end - reader.at))
        if key == b"luni" and len(data) >= 4:
            name = data[4 : 4 + 2 * _big(data, 0, 4)].decode("utf-16-be", "replace").rstrip("\0")
        elif key in _GROUPS:
            is_group = is_group or (len(data) >= 4 and _big(data, 0, 4) != 0)
        elif key in PLACED:
            placed = placed or placed_id(key, data)
    reader.take(max(0, end - reader.at))
    width, height = right - left, bottom - top
    longest = LONGEST_SIDE[2 if reader.is_large else 1]
    if not (0 <= width <= longest and 0 <= height <= longest):
        raise InvalidImage(log=f"PSD layer of {width}x{height}")
    return Layer(name, left, top, width, height, opacity, placed=placed), is_group, sizes


def _few(channels: int) -> int:
    if channels > MOST_CHANNELS:
        raise InvalidImage(log=f"PSD layer of {channels} channels")
    return channels


def _big(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size], "big")
