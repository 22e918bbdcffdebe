"""wire.http2.packing: lines that need no table (RFC 7541 §6.2.2)."""

from __future__ import annotations

import hpack
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.frames import HELLO, setting
from tests.support.http2_table import Table, opened
from wire.http2.frames import Kind, Setting
from wire.http2.packing import packed, packed_name, plain_text

NAMES = st.sampled_from([b":status", b"age", b"content-type", b"cache-status", b"x-a", b"etag"]) | st.binary(
    min_size=1, max_size=200
)
VALUES = st.sampled_from([b"200", b"", b"gzip, deflate"]) | st.binary(max_size=400)


@given(st.lists(st.tuples(NAMES, VALUES, st.booleans()), max_size=20))
@example([(b":status", b"200", False), (b"set-cookie", b"a" * 128, True), (b"x", b"", False)])
def test_a_reader_finds_the_same_lines_and_its_table_as_it_was(
    lines: list[tuple[bytes, bytes, bool]],
) -> None:
    """Secrets are marked as such."""
    reader = hpack.Decoder()
    reader.decode(hpack.Encoder().encode([(b"x-first", b"1")]))
    before = list(reader.header_table.dynamic_entries)
    block = b"".join([packed((name, value), is_secret=secret) for name, value, secret in lines])
    read = list(reader.decode(block, raw=True))
    assert [(bytes(name), bytes(value)) for name, value in read] == [line[:2] for line in lines]
    assert list(reader.header_table.dynamic_entries) == before
    for found, (name, value, is_secret) in zip(read, lines, strict=True):
        if is_secret and (name, value) not in reader.header_table.STATIC_TABLE:
            assert not found.indexable


@given(NAMES, VALUES)
def test_a_name_and_a_plain_value_are_a_line(name: bytes, value: bytes) -> None:
    """Whose value may be written anew."""
    assert list(hpack.Decoder().decode(packed_name(name) + plain_text(value), raw=True)) == [(name, value)]


def test_a_new_size_of_the_table_is_told_before_it() -> None:
    """RFC 7541 §4.2: the first block behind the setting says so, whoever packed it."""
    table = opened()
    table.hears(setting(Setting.HEADER_TABLE_SIZE, 100), table.hand.headers(1), table.hand.headers(3))
    table.says()
    for stream in (1, 3):
        table.connection.send_packed_head(stream, packed((b":status", b"200")), is_last=True)
    assert [each.payload.hex() for each in table.says()] == ["3f4588", "88"]


def test_a_whole_answer_is_sent_where_both_windows_take_it() -> None:
    """RFC 9113 §6.9.1: all of it or nothing, in frames of 16 KiB at most; its last one ends the stream."""
    table = Table()
    table.hears(
        HELLO, setting(Setting.INITIAL_WINDOW_SIZE, 50_000), *[table.hand.headers(n) for n in (1, 3, 5)]
    )
    table.says()
    head = packed((b":status", b"200"))
    assert not table.connection.send_whole(1, head, bytes(50_001))
    assert table.says() == []
    assert table.connection.send_whole(1, head, bytes(50_000))
    assert table.connection.waiting == 50_000
    assert not table.connection.send_whole(3, head, bytes(15_536))
    assert table.connection.send_whole(3, head, bytes(15_535))
    assert table.connection.send_whole(5, head, b"")
    said = table.says()
    assert [(each.stream, each.kind, len(each.payload), each.ends) for each in said] == [
        (1, Kind.HEADERS, 1, False),
        *[(1, Kind.DATA, 16_384, False)] * 3,
        (1, Kind.DATA, 848, True),
        (3, Kind.HEADERS, 1, False),
        (3, Kind.DATA, 15_535, True),
        (5, Kind.HEADERS, 1, True),
    ]
    assert (table.connection.streams, table.connection.window, table.connection.waiting) == ({}, 0, 0)
