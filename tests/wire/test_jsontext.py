"""JSON that others wrote: what it says, or a ValueError whatever it is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire import jsontext

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda each: st.lists(each) | st.dictionaries(st.text(), each),
    max_leaves=20,
)


@given(PLAIN)
def test_it_is_read_as_it_was_written(plain: object) -> None:
    assert jsontext.read(json.dumps(plain)) == plain
    assert jsontext.read(json.dumps(plain).encode()) == plain


@given(st.binary())
def test_rubbish_is_a_value_error_at_most(raw: bytes) -> None:
    try:
        jsontext.read(raw)
    except ValueError:
        return


@pytest.mark.parametrize("deep", ["[" * 100_000, '{"a":' * 100_000, "[" * 100_000 + "]" * 100_000])
def test_so_is_what_is_nested_deeper_than_parsers_go(deep: str) -> None:
    with pytest.raises(ValueError, match="nested too deep"):
        jsontext.read(deep)
