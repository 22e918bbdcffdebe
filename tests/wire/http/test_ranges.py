"""Byte ranges (sheet 11.1, 11.3, 11.7)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.http.ranges import Part, content_range, parse_content_range, parse_ranges, resolve


@pytest.mark.parametrize(
    ("text", "size", "parts"),
    [
        ("bytes=0-1", 10, ((0, 2),)),
        ("bytes=,0-1, ,", 10, ((0, 2),)),
        ("bytes=7-", 10, ((7, 10),)),
        ("bytes=-3", 10, ((7, 10),)),
        ("bytes=-99", 10, ((0, 10),)),
        ("bytes=8-99", 10, ((8, 10),)),
        ("bytes=10-", 10, ()),
        ("bytes=-0", 10, ()),
        ("bytes=0-", 0, None),
        ("bytes=5-2", 10, None),
        ("bytes=a-b", 10, None),
        ("bytes=", 10, None),
        ("bytes=1", 10, None),
        ("items=0-1", 10, None),
        ("bytes 0-1", 10, None),
        ("BYTES=0-1", 10, ((0, 2),)),
        ("bytes= 0-0 ,\t900-901", 1000, ((0, 1), (900, 902))),
        ("bytes=900-901, 0-0", 1000, ((900, 902), (0, 1))),
        ("bytes=0-9, 50-59", 1000, ((0, 60),)),
        ("bytes=0-9, 89-99", 1000, ((0, 100),)),
        ("bytes=0-9, 90-99", 1000, ((0, 10), (90, 100))),
        ("bytes=0-0, 5000-", 1000, ((0, 1),)),
        ("bytes=0-9, 5-14, 3-20", 1000, None),
        ("bytes=0-9, 5-14", 1000, ((0, 15),)),
        ("bytes=" + "9" * 40 + "-", 10, None),
        ("bytes=" + ",".join(f"{n * 200}-{n * 200}" for n in range(17)), 10_000, None),
    ],
)
def test_what_a_range_means(text: str, size: int, parts: tuple[Part, ...] | None) -> None:
    """None is "ignore it, send 200"; () is 416. Order kept, near parts made one, abuse ignored."""
    assert resolve(parse_ranges(text), size) == parts


@given(
    st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=5), st.integers(1, 400)
)
def test_every_byte_asked_for_is_sent_once(pairs: list[tuple[int, int]], size: int) -> None:
    """However ranges overlap, parts do not, and hold all that was asked for within the body."""
    spelled = ",".join(f"{min(pair)}-{max(pair)}" for pair in pairs)
    parts = resolve(parse_ranges(f"bytes={spelled}"), size)
    if parts is None:
        return
    sent = [byte for start, stop in parts for byte in range(start, stop)]
    wanted = {byte for pair in pairs for byte in range(min(pair), max(pair) + 1) if byte < size}
    assert len(sent) == len(set(sent))
    assert wanted <= set(sent)
    assert all(byte < size for byte in sent)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("bytes 0-4/10", ((0, 5), 10)),
        ("bytes 4-4/10", ((4, 5), 10)),
        ("bytes 0-4/*", ((0, 5), None)),
        ("bytes 5-4/10", None),
        ("bytes 0-10/10", None),
        ("bytes */10", None),
        ("items 0-4/10", None),
    ],
)
def test_content_range(text: str, meaning: tuple[Part, int | None] | None) -> None:
    """11.7: last ≥ first, last < length."""
    assert parse_content_range(text) == meaning
    if meaning is not None and meaning[1] is not None:
        assert content_range(meaning[0], meaning[1]) == text
