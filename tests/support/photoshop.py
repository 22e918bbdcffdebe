"""Photoshop files and paths made in code, so that every way of packing them can be read again."""

import struct
import zlib
from collections.abc import Sequence
from typing import Literal

from attrs import field, frozen
from PIL import Image, ImageChops

Packing = Literal["raw", "packed", "zipped", "predicted"]
_PACKINGS = {"raw": 0, "packed": 1, "zipped": 2, "predicted": 3}
MODES = {"1": 0, "L": 1, "P": 2, "RGB": 3, "CMYK": 4, "LAB": 9}


@frozen
class LayerOf:
    """A layer to write: an RGBA picture at a place."""

    picture: Image.Image
    left: int = 0
    top: int = 0
    name: str = "layer"
    opacity: int = 255
    placed: str = ""  # the id of the smart object it shows


@frozen
class ObjectOf:
    """A file in a smart object."""

    id: str
    data: bytes
    filename: str = "inside.png"
    described: bool = True  # whether a descriptor stands before the file, as Photoshop writes it
    kind: bytes = b"liFD"


@frozen
class PathOf:
    """A clipping path of straight lines, in shares of the image."""

    name: str
    points: Sequence[tuple[float, float]] = field(
        default=((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))
    )


def psd(
    picture: Image.Image,
    layers: Sequence[LayerOf] = (),
    *,
    packing: Packing = "packed",
    depth: int = 8,
    resources: bytes = b"",
    transparent: bool = False,
    objects: Sequence[ObjectOf] = (),
    large: bool = False,
) -> bytes:
    """A PSD whose merged image is the picture."""
    colours = picture.convert("RGB") if picture.mode == "RGBA" else picture
    planes = (
        [ImageChops.invert(each) for each in colours.split()] if picture.mode == "CMYK" else colours.split()
    )
    if picture.mode == "RGBA":
        planes = (*planes, picture.getchannel("A"))
    head = struct.pack(
        ">4sH6xHIIHH",
        b"8BPS",
        1 + large,
        len(planes),
        picture.height,
        picture.width,
        depth,
        MODES[colours.mode],
    )
    palette = b""
    if picture.mode == "P":
        entries = picture.getpalette("RGB") or []
        whole = bytes(entries).ljust(768, b"\0")
        palette = whole[0::3] + whole[1::3] + whole[2::3]
    section = _layers(layers, packing, depth, transparent, large) + _linked(objects, large)
    parts = (head, _sized(palette), _sized(resources), _sized(section, large))
    kind: Packing = "raw" if packing in ("zipped", "predicted") else packing  # a merged image is never zipped
    return b"".join(parts) + _merged(planes, kind, depth, large)


def resource(number: int, content: bytes, name: str = "") -> bytes:
    """One image resource."""
    title = name.encode("latin-1")
    pascal = bytes([len(title)]) + title
    pascal += b"\0" * (len(pascal) % 2)
    return b"8BIM" + struct.pack(">H", number) + pascal + _sized(content) + b"\0" * (len(content) % 2)


def path_resources(*paths: PathOf, clipping: str | None = None) -> bytes:
    """Saved paths, the last of them (or the named) chosen for clipping."""
    written = b"".join(
        resource(2000 + number, _path(each.points), each.name) for number, each in enumerate(paths)
    )
    chosen = (clipping or paths[-1].name).encode("latin-1")
    return written + resource(2999, bytes([len(chosen)]) + chosen + b"\0" * 6, "")


def app13(resources: bytes) -> bytes:
    """The segment in which a JPEG carries resources."""
    content = b"Photoshop 3.0\0" + resources
    return b"\xff\xed" + struct.pack(">H", len(content) + 2) + content


def jpeg_with(jpeg: bytes, resources: bytes) -> bytes:
    """A JPEG with resources before all else."""
    return jpeg[:2] + app13(resources) + jpeg[2:]


def _path(points: Sequence[tuple[float, float]]) -> bytes:
    records = [struct.pack(">H24x", 6), struct.pack(">HH22x", 0, len(points))]
    for across, down in points:
        knot = round(down * (1 << 24)), round(across * (1 << 24))
        records.append(struct.pack(">H6i", 2, *knot, *knot, *knot))
    return b"".join(records)


def _linked(objects: Sequence[ObjectOf], large: bool) -> bytes:
    if not objects:
        return b""
    written = b"".join(_entry(each) for each in objects)
    return b"8BIMlnk2" + _sized(written, large) + b"\0" * (-len(written) % 4)


def _entry(each: ObjectOf) -> bytes:
    name = _text(each.filename)
    number = _key(b"cmpI")
    inner = (
        _text("") + _key(b"null") + struct.pack(">I", 1) + _key(b"compID") + b"long" + struct.pack(">i", -1)
    )
    described = struct.pack(">I", 16) + _text("") + _key(b"null") + struct.pack(">I", 2)
    described += _key(b"compInfo") + b"Objc" + inner + number + b"VlLs" + struct.pack(">I", 1) + b"bool\1"
    content = each.kind + struct.pack(">I", 2) + bytes([len(each.id)]) + each.id.encode() + name
    content += b"png 8BIM" + struct.pack(">Q", len(each.data)) + bytes([each.described])
    content += (described if each.described else b"") + each.data
    return struct.pack(">Q", len(content)) + content + b"\0" * (-len(content) % 4)


def _placed(identifier: str) -> bytes:
    """What a layer that shows a smart object carries: a descriptor with its id."""
    described = _text("") + _key(b"null") + struct.pack(">I", 2)
    described += (
        _key(b"Idx ") + b"doub" + struct.pack(">d", 1.0) + _key(b"Idnt") + b"TEXT" + _text(identifier + "\0")
    )
    content = b"soLD" + struct.pack(">II", 4, 16) + described
    return b"8BIMSoLd" + _sized(content + b"\0" * (-len(content) % 4))


def _text(text: str) -> bytes:
    return struct.pack(">I", len(text)) + text.encode("utf-16-be")


def _key(key: bytes) -> bytes:
    return struct.pack(">I", 0 if len(key) == 4 else len(key)) + key


def _layers(
    layers: Sequence[LayerOf], packing: Packing, depth: int, transparent: bool, large: bool = False
) -> bytes:
    if not layers:
        return b""
    records, channels = [], []
    for layer in layers:
        planes = [(-1, layer.picture.getchannel("A")), *enumerate(layer.picture.convert("RGB").split())]
        packed = [(number, _channel(plane, packing, depth, large)) for number, plane in planes]
        title = layer.name.encode("latin-1", "replace")[:200]
        pascal = bytes([len(title)]) + title
        pascal += b"\0" * (-len(pascal) % 4)
        unicode_name = struct.pack(">I", len(layer.name)) + layer.name.encode("utf-16-be")
        unicode_name += b"\0" * (len(unicode_name) % 2)
        extra = _sized(b"") + _sized(b"") + pascal + b"8BIMluni" + _sized(unicode_name)
        extra += _placed(layer.placed) if layer.placed else b""
        right, bottom = layer.left + layer.picture.width, layer.top + layer.picture.height
        records.append(
            struct.pack(">iiiiH", layer.top, layer.left, bottom, right, len(packed))
            + b"".join(struct.pack(">hQ" if large else ">hI", number, len(data)) for number, data in packed)
            + b"8BIMnorm"
            + bytes([layer.opacity, 0, 0, 0])
            + _sized(extra)
        )
        channels += [data for _, data in packed]
    count = -len(layers) if transparent else len(layers)
    info = struct.pack(">h", count) + b"".join(records) + b"".join(channels)
    info += b"\0" * (len(info) % 2)
    return _sized(info, large) + _sized(b"")


def _channel(plane: Image.Image, packing: Packing, depth: int, large: bool) -> bytes:
    rows = _rows(plane, depth)
    head = struct.pack(">H", _PACKINGS[packing])
    if packing == "zipped":
        return head + zlib.compress(b"".join(rows))
    if packing == "predicted":
        return head + zlib.compress(b"".join(_differences(row, depth) for row in rows))
    if packing == "raw":
        return head + b"".join(rows)
    packed = [_packbits(row) for row in rows]
    return (
        head + b"".join(struct.pack(">I" if large else ">H", len(each)) for each in packed) + b"".join(packed)
    )


def _differences(row: bytes, depth: int) -> bytes:
    """Each sample less the one before it."""
    size = depth // 8
    samples = [int.from_bytes(row[at : at + size], "big") for at in range(0, len(row), size)]
    pairs = zip(samples, [0, *samples], strict=False)
    return b"".join(((each - before) % (1 << depth)).to_bytes(size, "big") for each, before in pairs)


def _merged(planes: Sequence[Image.Image], packing: Packing, depth: int, large: bool) -> bytes:
    rows = [row for plane in planes for row in _rows(plane, depth)]
    head = struct.pack(">H", _PACKINGS[packing])
    if packing == "raw":
        return head + b"".join(rows)
    packed = [_packbits(row) for row in rows]
    return (
        head + b"".join(struct.pack(">I" if large else ">H", len(each)) for each in packed) + b"".join(packed)
    )


def _rows(plane: Image.Image, depth: int) -> list[bytes]:
    data = ImageChops.invert(plane).tobytes() if plane.mode == "1" else plane.tobytes()
    if depth == 16:
        data = bytes(each for value in data for each in (value, value))
    row = len(data) // plane.height
    return [data[at : at + row] for at in range(0, len(data), row)]


def _packbits(row: bytes) -> bytes:
    """Runs of equal bytes, literals between them."""
    out, at = bytearray(), 0
    while at < len(row):
        run = 1
        while at + run < len(row) and run < 128 and row[at + run] == row[at]:
            run += 1
        if run > 1:
            out += bytes([257 - run, row[at]])
        else:
            out += bytes([0, row[at]])
        at += run
    return bytes(out)


def _sized(content: bytes, large: bool = False) -> bytes:
    return struct.pack(">Q" if large else ">I", len(content)) + content
