"""The chunked coding (RFC 9112 §7.1): one reading or none, however the bytes are cut (sheet 4.5, 12.1, 22.1, 22.5)."""

from __future__ import annotations

import pytest

from wire.http.chunked import ChunkedBody, MalformedChunk


def taken(raw: bytes, *, step: int = 0, padded: bool = False) -> tuple[bytes, bool, bytes]:
    """The content, whether its end was reached, and what is left; fed at once, or `step` bytes at a time."""
    body, buffer, content = ChunkedBody(padded=padded), bytearray(), b""
    step = step or len(raw) or 1
    for start in range(0, len(raw), step):
        buffer += raw[start : start + step]
        while (piece := body.take(buffer)) is not None:
            if not piece:
                return content, True, bytes(buffer) + raw[start + step :]
            content += piece
    return content, False, bytes(buffer)


END = b"0\r\n\r\n"


@pytest.mark.parametrize(
    "raw",
    [
        b"5\r\nhello\r\n" + END,
        b"2\r\nhe\r\n3\r\nllo\r\n" + END,
        b"005\r\nhello\r\n000\r\n\r\n",
        b"000000000000005\r\nhello\r\n" + END,
        b"5;a=b;c\r\nhello\r\n0;d\r\n\r\n",
        b'5 \t;a="b\xe9"\r\nhello\r\n' + END,
        b"5\r\nhello\r\n0\r\nX-Sum: 1\r\nY:\r\n\r\n",
    ],
)
@pytest.mark.parametrize("step", [0, 1, 2, 3])
def test_content_is_what_the_chunks_hold(raw: bytes, step: int) -> None:
    """Extensions and trailers are nobody's; what stands behind the end belongs to the next message."""
    assert taken(raw + b"GET", step=step) == (b"hello", True, b"GET")
    for cut in range(len(raw)):
        content, ended, _ = taken(raw[:cut], step=step)
        assert (b"hello".startswith(content), ended) == (True, False), "12.1: cut short is not whole"


@pytest.mark.parametrize(("digits", "size"), [(b"aF", 0xAF), (b"10", 16), (b"fa", 250)])
def test_sizes_are_hexadecimal(digits: bytes, size: int) -> None:
    """In any case."""
    assert taken(digits + b"\r\n" + b"x" * size + b"\r\n" + END) == (b"x" * size, True, b"")


WRONG = (
    *(b"\r\n", b"g\r\n", b"-1\r\n", b"+5\r\n", b"0x5\r\n", b" 5\r\n", b"5 \r\n", b"5\t\r\n", b"5 5\r\n"),
    *(
        b"0000000000000005\r\n",
        b"5\nhello\r\n",
        b"5\rhello",
        b"5;\0\r\n",
        b"5;\x7f\r\n",
        b"5;a\nb\r\n",
        b"_5\r\n",
    ),
    *(b"3\r\nhello", b"5\r\nhello0\r\n", b"5\r\nhello\n0\r\n", b"5\r\nhello\r0\r\n", b"\xb2\r\n"),
    *(b"5\r\nhello\rX" + END, b"5\r\nhelloX\n" + END, b"5\r\nhelloXX" + END),
    *(
        b"0\r\nX : 1\r\n",
        b"0\r\nX\r\n",
        b"0\r\n: 1\r\n",
        b"0\r\nX: 1\n\r\n",
        b"0\r\nX: 1\r\n y\r\n",
        b"0\r\nX: \0\r\n",
    ),
    *(b"0\r\n\n", b"0\r\n\rX"),
)


@pytest.mark.parametrize("raw", WRONG)
@pytest.mark.parametrize("step", [0, 1])
def test_what_two_parsers_could_read_in_two_ways_is_refused(raw: bytes, step: int) -> None:
    """22.1: in a sentence."""
    with pytest.raises(MalformedChunk, match=r"^[A-Z].*[a-z]$"):
        taken(raw, step=step)


@pytest.mark.parametrize("blank", [b" ", b"\t", b" \t "])
def test_blanks_behind_a_size_are_for_who_asks_for_them(blank: bytes) -> None:
    """Some servers pad; before it, and within, never."""
    raw = b"5" + blank + b"\r\nhello\r\n0" + blank + b"\r\n\r\n"
    assert taken(raw, padded=True) == (b"hello", True, b"")
    assert taken(b"5" + blank + b";x\r\nhello\r\n" + END, padded=True)[1]
    for wrong in (b" 5\r\n", b"5 5\r\n", b"0000000000000005\r\n"):
        with pytest.raises(MalformedChunk):
            taken(wrong, padded=True)


@pytest.mark.parametrize(("length", "fits"), [(4096, True), (4097, False)])
def test_a_size_line_is_no_longer_than_it_may_be(length: int, fits: bool) -> None:
    """22.5: 4 KiB with its end, and nobody waits for more."""
    line = b"5;" + b"a" * (length - 4) + b"\r\n"
    if fits:
        assert taken(line + b"hello\r\n" + END)[:2] == (b"hello", True)
        assert taken(line[:4095]) == (b"", False, line[:4095])
        return
    for raw in (line, line[:4096]):
        with pytest.raises(MalformedChunk, match="too long"):
            taken(raw)


@pytest.mark.parametrize(("length", "fits"), [(16_384, True), (16_385, False)])
@pytest.mark.parametrize("lines", [1, 4])
def test_trailers_are_no_larger_than_they_may_be(length: int, fits: bool, lines: int) -> None:
    """22.5: 16 KiB in all, the empty line at their end included."""
    few = b"X: 1\r\n" * (lines - 1)
    last = b"Y: " + b"a" * (length - len(few) - 7) + b"\r\n"
    raw = b"0\r\n" + few + last + b"\r\n"
    assert len(raw) == length + 3
    if fits:
        assert taken(raw) == (b"", True, b"")
        assert taken(raw[:-1])[1] is False
        return
    for cut in (raw, raw[:-1]):
        with pytest.raises(MalformedChunk, match="too large"):
            taken(cut)


def wasting(wasted: int, size: int = 1) -> bytes:
    """A chunk that costs so many bytes more than what is free for its size."""
    free = 16 + 2 * size
    line = b"%x;" % size
    return line + b"a" * (wasted + free - len(line) - 2) + b"\r\n" + b"x" * size + b"\r\n"


def test_much_must_not_be_read_to_get_little() -> None:
    """22.5: 16 KiB over all chunks; what is free is free, and content earns more."""
    full = wasting(1024) * 16
    assert taken(full + wasting(0) * 50 + END)[1]
    with pytest.raises(MalformedChunk, match="extensions"):
        taken(full + wasting(1))
    for size in (1, 300):
        assert taken(full + wasting(0, size) + END)[1]
        with pytest.raises(MalformedChunk, match="extensions"):
            taken(full + wasting(1, size))
    earned = b"200\r\n" + b"x" * 512 + b"\r\n"  # 16 + 1024 free, 5 used
    assert taken(full + earned + wasting(1024) + wasting(11) + END)[1]
    with pytest.raises(MalformedChunk, match="extensions"):
        taken(full + earned + wasting(1024) + wasting(12))
    with pytest.raises(MalformedChunk, match="extensions"):
        taken(earned * 9 + full + wasting(1))
