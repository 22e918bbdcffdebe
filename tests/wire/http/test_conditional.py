"""Entity tags and preconditions (sheet 1.12, 10, 11.5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.http.conditional import (
    if_range_holds,
    is_not_modified,
    is_strong,
    none_match,
    parse_tags,
    weak_match,
)
from wire.http.dates import format_date
from wire.http.fields import Fields

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ('"a,b", W/"c" , "d"', ('"a,b"', 'W/"c"', '"d"')),
        ("*", ("*",)),
        (', , "a",,', ('"a"',)),
        ('plain, "a"', ("plain", '"a"')),
        (r'"a\", "b"', (r'"a\"', '"b"')),
        ('"open, x', ('"open', "x")),
        ('"a"b, "c"', ('"a"b', '"c"')),
        ("", ()),
    ],
)
def test_commas_inside_a_tag_belong_to_it(text: str, tags: tuple[str, ...]) -> None:
    """1.12; there are no escapes in a tag, and a malformed one keeps its spelling."""
    assert parse_tags(text) == tags


@given(st.text(max_size=30))
def test_any_text_can_be_read_as_tags(text: str) -> None:
    """It ends, and crashes on nothing."""
    assert all(tag for tag in parse_tags(text))


def test_strength() -> None:
    """`W` is case-sensitive; a malformed tag is never strong and matches only its own spelling."""
    assert is_strong('"a"')
    assert not is_strong('W/"a"')
    assert not any(is_strong(tag) for tag in ("a", '"a', '"a"b', "'a'"))
    assert weak_match('W/"a"', '"a"')
    assert not weak_match('w/"a"', '"a"')
    assert weak_match("a", "a")
    assert not weak_match('"a', 'W/"a')


@pytest.mark.parametrize(
    ("wanted", "etag", "whole"),
    [
        ('"x", "a", "y"', 'W/"a"', False),
        ('W/"a"', '"a"', False),
        ('"a"', None, True),
        ("*", '"a"', False),
        ("*", None, False),
        ('"b"', '"a"', True),
    ],
)
def test_if_none_match(wanted: str, etag: str | None, whole: bool) -> None:
    """10.3: weak comparison, any member."""
    assert none_match(wanted, etag) is whole


@pytest.mark.parametrize(
    ("offset", "has_last_modified", "is_304"),
    [(0, True, True), (500, True, True), (-1, True, False), (-600, False, False), (1, False, True)],
)
def test_if_modified_since(offset: float, has_last_modified: bool, is_304: bool) -> None:
    """10.4: against Last-Modified, or Date where there is none."""
    request = Fields.of(If_Modified_Since=format_date(NOW + offset))
    modified = NOW if has_last_modified else None
    assert is_not_modified(request, etag=None, last_modified=modified, date=NOW, now=NOW) is is_304


def test_if_none_match_silences_if_modified_since() -> None:
    """10.2: the date counts only where there is no If-None-Match."""
    late = format_date(NOW + 10)
    request = Fields.of(If_None_Match='"v0"', If_Modified_Since=late)
    assert not is_not_modified(request, etag='"v1"', last_modified=NOW, date=NOW, now=NOW)
    request = Fields.of(If_None_Match='"v1"', If_Modified_Since=format_date(NOW - 3600))
    assert is_not_modified(request, etag='"v1"', last_modified=NOW, date=NOW, now=NOW)


def test_last_modified_comes_before_date() -> None:
    """10.4: and who asks nothing is answered in full."""
    since = Fields.of(If_Modified_Since=format_date(NOW - 50))
    assert is_not_modified(since, etag=None, last_modified=NOW - 100, date=NOW, now=NOW)
    assert not is_not_modified(Fields(), etag='"v1"', last_modified=NOW - 100, date=NOW, now=NOW)


def test_a_date_that_is_none_is_ignored() -> None:
    """10.4."""
    request = Fields.of(If_Modified_Since="yesterday")
    assert not is_not_modified(request, etag=None, last_modified=NOW, date=NOW, now=NOW)


@pytest.mark.parametrize(
    ("condition", "holds"), [('"v1"', True), ('"v0"', False), ('W/"v1"', False), ("v1", False)]
)
def test_if_range_by_tag(condition: str, holds: bool) -> None:
    """11.5: strong comparison."""
    response = Fields.of(ETag='"v1"')
    assert if_range_holds(condition, response, date=NOW, now=NOW) is holds
    assert not if_range_holds(condition, Fields(), date=NOW, now=NOW)


@pytest.mark.parametrize("text", ['"v1', 'W/"v1"', "v1", "yesterday"])
def test_if_range_by_what_is_neither_never_holds(text: str) -> None:
    """11.5: however it is spelled on both sides."""
    assert not if_range_holds(text, Fields.of(ETag=text, Last_Modified=text), date=NOW, now=NOW)


@pytest.mark.parametrize(("age", "holds"), [(0.0, False), (1.0, True), (60.0, True)])
def test_if_range_by_date_needs_a_strong_date(age: float, holds: bool) -> None:
    """11.5: the same text, and Date at least a second later."""
    text = format_date(NOW - age)
    assert if_range_holds(text, Fields.of(Last_Modified=text), date=NOW, now=NOW) is holds
    other = format_date(NOW - age - 5)
    assert not if_range_holds(other, Fields.of(Last_Modified=text), date=NOW, now=NOW)
