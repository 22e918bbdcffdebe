"""The chunked coding, read without doubts: for tests that must tell whole from cut."""

from __future__ import annotations


def dechunked(data: bytes) -> tuple[bytes, bool]:
    """The content of a chunked body, as far as it came, and whether it is whole."""
    content = b""
    while True:
        size, end, data = data.partition(b"\r\n")
        try:
            length = int(size.partition(b";")[0], 16)
        except ValueError:
            return content, False
        if not end or length == 0:
            return content, bool(end) and (end + data).endswith(b"\r\n\r\n")
        content += data[:length]
        if data[length : length + 2] != b"\r\n":
            return content, False
        data = data[length + 2 :]
