"""Archives as they are written, a piece at a time: bytes in, bytes of the archive out, nothing kept but its list."""

import zlib
from struct import pack
from tarfile import BLOCKSIZE, PAX_FORMAT, TarInfo
from time import gmtime
from typing import IO, Protocol
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from attrs import define, field

_LEVEL = 1
_DENSE = frozenset(
    (
        *(
            "jpg",
            "jpeg",
            "png",
            "webp",
            "avif",
            "gif",
            "heic",
            "jxl",
            "jp2",
            "mp4",
            "webm",
            "mov",
            "mkv",
            "mp3",
        ),
        *("ogg", "aac", "m4a", "flac", "opus", "zip", "gz", "tgz", "woff2"),
    )
)
"""Extensions of what does not shrink: to try takes a second for 28 MB, and holds up all others."""

_EARLIEST = 315_532_800.0  # a ZIP file's dates begin in 1980


class Archive(Protocol):
    """An archive under way: `begin`, `feed` until `size` bytes have come, `end`; after the last, `finish`."""

    def begin(self, name: str, size: int, modified: float) -> bytes:
        """A file of so many bytes comes, last changed then (unix seconds)."""

    def feed(self, data: bytes) -> bytes:
        """Some of its bytes."""

    def end(self) -> bytes:
        """That was all of it."""

    def finish(self) -> bytes:
        """That was all. What has no such end is no archive, and programs say so."""


class _Written:
    """What a `ZipFile` writes to when it cannot go back."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Keep it until it is taken."""
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits."""

    def take(self) -> bytes:
        """All that was written since."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


class Zip:
    """A ZIP file, its files as they are: pictures do not shrink."""

    def __init__(self) -> None:
        self._written = _Written()
        self._zip = ZipFile(self._written, "w", ZIP_STORED)  # type: ignore[call-overload]  # it only writes
        self._file: IO[bytes] | None = None

    def begin(self, name: str, size: int, modified: float) -> bytes:
        info = ZipInfo(name, gmtime(max(modified, _EARLIEST))[:6])
        info.file_size, info.external_attr = size, 0o644 << 16
        self._file = self._zip.open(info, "w")
        return self._written.take()

    def feed(self, data: bytes) -> bytes:
        assert self._file is not None
        self._file.write(data)
        return self._written.take()

    def end(self) -> bytes:
        assert self._file is not None
        self._file.close()
        return self._written.take()

    def finish(self) -> bytes:
        self._zip.close()
        return self._written.take()


@define(eq=False)
class Tgz:
    """A gzipped tar file. It is one gzip member (RFC 1952), so that no part of it looks whole; what does not shrink
    lies in stored blocks."""

    _size: int = field(default=0, init=False)
    _written: int = field(default=0, init=False)  # bytes of the tar file
    _crc: int = field(default=0, init=False)
    _head: bytes = field(default=b"\x1f\x8b\x08\0\0\0\0\0\0\xff", init=False)  # no name, time or flags
    _deflate: "zlib._Compress" = field(factory=lambda: _deflating(_LEVEL), init=False)

    def begin(self, name: str, size: int, modified: float) -> bytes:
        info = TarInfo(name)
        info.size, info.mtime, self._size = size, int(modified), size
        self._deflate = _deflating(0 if name.rpartition(".")[2].lower() in _DENSE else _LEVEL)
        return self._begun() + self.feed(info.tobuf(PAX_FORMAT))

    def feed(self, data: bytes) -> bytes:
        self._crc, self._written = zlib.crc32(data, self._crc), self._written + len(data)
        return self._deflate.compress(data)

    def end(self) -> bytes:
        return self.feed(bytes(-self._size % BLOCKSIZE)) + self._deflate.flush(zlib.Z_SYNC_FLUSH)

    def finish(self) -> bytes:
        self._deflate = _deflating(_LEVEL)
        end = self._begun() + self.feed(bytes(2 * BLOCKSIZE)) + self._deflate.flush()
        return end + pack("<LL", self._crc, self._written & 0xFFFF_FFFF)

    def _begun(self) -> bytes:
        head, self._head = self._head, b""
        return head


def _deflating(level: int) -> "zlib._Compress":
    """A run of blocks that refer to nothing before them."""
    return zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)


FORMATS: "dict[str, type[Zip] | type[Tgz]]" = {"zip": Zip, "tgz": Tgz}
"""By `target_format`."""
