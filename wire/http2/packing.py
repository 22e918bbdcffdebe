"""Field lines packed without the connection's table (RFC 7541 §6.2.2): the same bytes serve every connection.

They may stand between blocks that use the table, since they neither read nor change it.
"""

from __future__ import annotations

import hpack
from hpack.hpack import encode_integer
from hpack.table import HeaderTable

from wire.http.lines import Line

_STATIC = HeaderTable.STATIC_TABLE_MAPPING
_huffman = hpack.Encoder().huffman_coder
_NOT_INDEXED, _NEVER_INDEXED = 0x00, 0x10


def packed(line: Line, *, is_secret: bool = False) -> bytes:
    """A whole line. A secret one asks whoever passes it on to keep it out of tables, too (§7.1.3)."""
    name, value = line
    index = _STATIC[name][1].get(value) if name in _STATIC else None
    if index is not None:
        return _integer(index, 7, 0x80)
    return packed_name(name, is_secret=is_secret) + _huffman_text(value)


def packed_name(name: bytes, *, is_secret: bool = False) -> bytes:
    """A line up to its value."""
    mark = _NEVER_INDEXED if is_secret else _NOT_INDEXED
    if name in _STATIC:
        return _integer(_STATIC[name][0], 4, mark)
    return bytes([mark]) + _huffman_text(name)


def plain_text(text: bytes) -> bytes:
    """A value in so many bytes: cheap to make (§5.2)."""
    return _integer(len(text), 7, 0x00) + text


def _huffman_text(text: bytes) -> bytes:
    code = _huffman.encode(text)
    return _integer(len(code), 7, 0x80) + code


def _integer(value: int, bits: int, mark: int) -> bytes:
    """§5.1."""
    made = encode_integer(value, bits)
    made[0] |= mark
    return bytes(made)
