"""The lines of a head or of trailers, read strictly (RFC 9112 §2.2, §5; RFC 9110 §5.5)."""

from __future__ import annotations

import re

NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
STRAY = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n")
"""What no line may hold: control characters, and half a line end."""
STRAY_OR_FOLD = re.compile(STRAY.pattern + rb"|\r\n(?=[ \t])")

Line = tuple[bytes, bytes]


class MalformedLine(ValueError):
    """Not the line that it should be; the text says what is wrong, for whoever sent it."""


def field_line(line: bytes) -> Line:
    """Name and value of one field line, without the white space around the value."""
    name, colon, value = line.partition(b":")
    if not colon:
        raise MalformedLine("A header line has no colon")
    if NAME.fullmatch(name) is None:
        if name.rstrip(b" \t") != name:
            raise MalformedLine("White space between a header's name and its colon")  # RFC 9112 §5.1
        raise MalformedLine("A header's name holds a character that no name may hold")
    return name, value.strip(b" \t")


def stray_in(buffer: bytearray, start: int, end: int, limit: int, pattern: re.Pattern[bytes] = STRAY) -> str:
    """What is wrong with the first stray character before `end`, or "".

    `end` is -1 while the end has not come: then all up to `limit` is looked at, but for a last carriage return,
    which may still become a line end.
    """
    stop = end
    if end < 0:
        stop = min(len(buffer), limit)
        stop -= stop > 0 and buffer[stop - 1] == 0x0D
    found = pattern.search(buffer, start, stop)
    return "" if found is None else why_stray(found[0])


def why_stray(found: bytes) -> str:
    """The sentence for what `STRAY` or `STRAY_OR_FOLD` has found."""
    if found == b"\n":
        return "A line ends with a bare line feed"
    if found == b"\r":
        return "A carriage return stands without its line feed"
    if found == b"\r\n":
        return "A header is folded over two lines"
    return f"The control character 0x{found[0]:02x} is not allowed in a header"
