"""Big-endian numbers and texts from a Photoshop file that may end anywhere."""

from typing import BinaryIO

from origin.render.errors import InvalidImage


class Reader:
    """A place in the file. In a large document (PSB) most lengths take eight bytes instead of four."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = file.seek(0, 2)
        self.at = 0
        self.is_large = False

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

    def length(self) -> int:
        """A length that grew with the large document."""
        return self.number(8 if self.is_large else 4)

    def text(self) -> str:
        """A counted text of UTF-16."""
        return self.take(2 * self.number(4)).decode("utf-16-be", "replace").rstrip("\0")

    def pascal(self) -> bytes:
        """Up to 255 bytes, counted."""
        return self.take(self.number(1))
