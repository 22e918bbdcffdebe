"""Smart objects of a Photoshop file: which layer shows which, and where the file in each lies.

Adobe's file format specification ("Placed Layer", "Linked Layer"); what stands before a file may be a descriptor,
a tree of typed values, which is walked to learn where it ends.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from io import BytesIO

from attrs import frozen

from origin.render.errors import InvalidImage
from origin.render.pillow.sources.psdreader import Reader

PLACED = (b"PlLd", b"plLd", b"SoLd", b"SoLE")
MOST_OBJECTS = 100
MOST_DEPTH = 16
MOST_VALUES = 10_000  # of one list


@frozen
class Placed:
    """A file within the file."""

    filename: str
    start: int
    stop: int


def placed_id(key: bytes, data: bytes) -> str:
    """The id of the object that a layer shows; nothing if that cannot be read."""
    reader = Reader(BytesIO(data))
    with suppress(InvalidImage):
        reader.skip(8)  # a mark and a version
        if key in (b"PlLd", b"plLd"):
            return reader.pascal().decode("latin-1")
        reader.skip(4)
        return _identifier(reader)
    return ""


def objects(reader: Reader, stop: int) -> dict[str, Placed]:
    """Objects whose files are within, by id. What lies elsewhere, or cannot be read, is left out."""
    found: dict[str, Placed] = {}
    for start, end in _entries(reader, stop):
        reader.at = start
        with suppress(InvalidImage):
            found |= _object(reader, end)
    return found


def _entries(reader: Reader, stop: int) -> Iterator[tuple[int, int]]:
    with suppress(InvalidImage):
        for _ in range(MOST_OBJECTS):
            size, start = reader.number(8), reader.at
            yield start, min(stop, start + size)
            reader.at = start + size + -size % 4
            if reader.at + 8 > stop:
                return


def _object(reader: Reader, stop: int) -> dict[str, Placed]:
    kind = reader.take(4)
    reader.skip(4)  # version
    identifier, filename = reader.pascal().decode("latin-1"), reader.text()
    reader.skip(8)  # the file's type and creator
    size = reader.number(8)
    if reader.number(1):
        reader.skip(4)
        _descriptor(reader)
    if kind != b"liFD" or reader.at + size > stop:
        return {}
    return {identifier: Placed(filename, reader.at, reader.at + size)}


def _identifier(reader: Reader) -> str:
    """The `Idnt` of a descriptor."""
    for key, kind in _values(reader):
        if (key, kind) == (b"Idnt", b"TEXT"):
            return reader.text()
        _value(reader, kind, 0)
    return ""


def _descriptor(reader: Reader, depth: int = 0) -> None:
    for _, kind in _values(reader):
        _value(reader, kind, depth)


def _values(reader: Reader) -> Iterator[tuple[bytes, bytes]]:
    """Key and kind of each; the reader is to be moved past the value before the next."""
    reader.text()
    _key(reader)
    for _ in range(_few(reader.number(4))):
        yield _key(reader), reader.take(4)


def _list(reader: Reader, depth: int) -> None:
    for _ in range(_few(reader.number(4))):
        _value(reader, reader.take(4), depth)


def _few(count: int) -> int:
    if count > MOST_VALUES:
        raise InvalidImage(log=f"PSD: descriptor of {count} values")
    return count


def _key(reader: Reader) -> bytes:
    return reader.take(reader.number(4) or 4)


_SIZES = {b"doub": 8, b"UntF": 12, b"long": 4, b"comp": 8, b"bool": 1}
_PASSED: dict[bytes, Callable[[Reader], object]] = {
    b"TEXT": Reader.text,
    b"enum": lambda reader: (_key(reader), _key(reader)),
    b"type": lambda reader: (reader.text(), _key(reader)),
    b"GlbC": lambda reader: (reader.text(), _key(reader)),
    b"tdta": lambda reader: reader.skip(reader.number(4)),
    b"alis": lambda reader: reader.skip(reader.number(4)),
}
_NESTED: dict[bytes, Callable[[Reader, int], None]] = {
    b"Objc": _descriptor,
    b"GlbO": _descriptor,
    b"VlLs": _list,
}


def _value(reader: Reader, kind: bytes, depth: int) -> None:
    """Pass over one value."""
    if kind in _SIZES:
        reader.skip(_SIZES[kind])
    elif kind in _PASSED:
        _PASSED[kind](reader)
    elif kind in _NESTED and depth < MOST_DEPTH:
        _NESTED[kind](reader, depth + 1)
    else:
        raise InvalidImage(log=f"PSD: descriptor value {kind!r}")
