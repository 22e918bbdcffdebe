"""Structured fields: one error anywhere discards the field (sheet 1.13)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.http.structured import (
    Item,
    StructuredError,
    Token,
    parse_dictionary,
    parse_list,
    write_name,
    write_string,
)


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("", {}),
        ("max-age=60", {"max-age": 60}),
        ("max-age=60;x=1, no-store", {"max-age": 60, "no-store": True}),
        ("max-age=60, max-age=5", {"max-age": 5}),
        ("no-store=?0", {"no-store": False}),
        ("no-store=?1", {"no-store": True}),
        ("max-age=60;  x=1; y", {"max-age": 60}),
        ("a=(1;b=2 3;c)", {"a": (1, 3)}),
        ('no-cache="a, b"', {"no-cache": "a, b"}),
        ("a=1.5,b=-3 ,\tc=tok/en:x", {"a": 1.5, "b": -3, "c": "tok/en:x"}),
        ('a=(1 2);q=1, b=:aGk=:, c=@17, d=%"f%c3"', {"a": (1, 2), "b": b"hi", "c": 17, "d": "fÃ"}),
        (r'a="q\"\\"', {"a": 'q"\\'}),
    ],
)
def test_dictionaries(text: str, members: dict[str, Item]) -> None:
    """1.13: the last of equal keys wins; parameters are read and ignored."""
    assert parse_dictionary(text) == members


@pytest.mark.parametrize(
    "text",
    [
        "a=:A:",
        "max-age =60",
        "MAX-AGE=60",
        "max-age=60,",
        "max-age=60 no-store",
        "max-age=1234567890123456",
        "max-age=1.2345",
        'a="open',
        'a="\x7f"',
        "a=?2",
        "a=(1",
        "a=(1(2))",
        'a=(1"x")',
        "a=",
        "a=1;",
        "=1",
        'a=%"%C3"',
    ],
)
def test_one_error_discards_the_whole_field(text: str) -> None:
    """1.13 (RFC 8941 §4.2)."""
    with pytest.raises(StructuredError):
        parse_dictionary(text)


def test_tokens_are_not_strings() -> None:
    """A directive that wants a String must not take a Token."""
    word, quoted = parse_list('word, "word"')
    assert isinstance(word, Token)
    assert not isinstance(quoted, Token)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_a_written_string_reads_back(text: str) -> None:
    """Quotes and backslashes are escaped."""
    assert parse_list(write_string(text)) == (text,)


def test_names_are_tokens_where_they_can_be() -> None:
    """Cache-Status: `edge-1` needs no quotes; what is not ASCII is percent-encoded."""
    assert write_name("edge-1") == "edge-1"
    assert write_name("edge 1") == '"edge 1"'
    assert write_string("é") == '"%C3%A9"'


@given(st.text(max_size=30))
def test_any_text_is_a_dictionary_or_an_error(text: str) -> None:
    """Never another exception."""
    try:
        parse_dictionary(text)
    except StructuredError:
        return
