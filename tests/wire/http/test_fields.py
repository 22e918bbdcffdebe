"""Header sections as values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.http.fields import Fields, split_list

NAMES = st.sampled_from(["Vary", "vary", "X-Test", "x-TEST", "Set-Cookie"])
LINES = st.lists(st.tuples(NAMES, st.text('abc," =', max_size=8)), max_size=8)


def test_names_are_found_whatever_their_case() -> None:
    """RFC 9110 §5.1."""
    fields = Fields([("ETag", '"a"')])
    assert fields.get("etag") == '"a"'
    assert "ETAG" in fields
    assert fields.get("date") is None


def test_lines_of_one_name_are_one_list() -> None:
    """Sheet 1.1: joined in order; a singleton is its first line."""
    fields = Fields([("Vary", "a"), ("X", "1"), ("vary", "b, c")])
    assert fields.joined("vary") == "a, b, c"
    assert fields.members("Vary") == ("a", "b", "c")
    assert fields.get("vary") == "a"
    assert fields.all("VARY") == ("a", "b, c")


@pytest.mark.parametrize(
    ("text", "members"),
    [
        (", max-age=60,,", ("max-age=60",)),
        (" , ,", ()),
        ('a="x, y", b', ('a="x, y"', "b")),
        (r'a="x\", y", b', (r'a="x\", y"', "b")),
        ("a='x, y'", ("a='x", "y'")),
    ],
)
def test_lists_split_at_commas_outside_quotes(text: str, members: tuple[str, ...]) -> None:
    """Sheet 1.2, 1.3: empty members are skipped; single quotes quote nothing."""
    assert split_list(text) == members


def test_replacing_leaves_one_line_and_the_original_as_it_was() -> None:
    """Fields are values."""
    fields = Fields([("A", "1"), ("a", "2"), ("B", "3")])
    assert list(fields.replacing("A", "4")) == [("B", "3"), ("A", "4")]
    assert list(fields.adding("A", "4"))[-1] == ("A", "4")
    assert len(fields) == 3
    assert list(fields.only(["b"])) == [("B", "3")]


@given(LINES)
def test_bytes_and_back_change_nothing(lines: list[tuple[str, str]]) -> None:
    """What came from a socket goes out as it was, but for white space at the ends."""
    fields = Fields((name, value.strip(" \t")) for name, value in lines)
    assert Fields.from_bytes(fields.to_bytes()) == fields


@given(LINES, NAMES)
def test_without_and_only_part_the_lines(lines: list[tuple[str, str]], name: str) -> None:
    """Every line is on exactly one side."""
    fields = Fields(lines)
    assert len(fields.without([name])) + len(fields.only([name])) == len(fields)
    assert name not in fields.without([name])


def test_names_are_asked_for_in_any_case_and_lines_are_added_at_the_end() -> None:
    """1.1 (RFC 9110 §5.1)."""
    fields = Fields.of(X_A="1").adding("x-a", "2")
    assert list(fields) == [("X-A", "1"), ("x-a", "2")]
    assert (fields.get("X-A"), fields.all("X-A"), fields.joined("X-A")) == ("1", ("1", "2"), "1, 2")
    assert fields.members("X-A") == ("1", "2")


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ('"q",yz', ('"q"', "yz")),
        ('"a,b",c', ('"a,b"', "c")),
        ('"\\a",b', ('"\\a"', "b")),
        ('"\\"",b', ('"\\""', "b")),
        ('a\\"b,c"', ('a\\"b,c"',)),
        ('"a"\t,\tb', ('"a"', "b")),
        ('"open,a', ('"open,a',)),
    ],
)
def test_lists_split_to_the_letter(text: str, members: tuple[str, ...]) -> None:
    """1.2, 1.3: a backslash escapes inside quotes alone."""
    assert split_list(text) == members
