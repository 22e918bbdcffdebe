"""Patterns against a slow and obvious reading of them."""

import re

from hypothesis import given
from hypothesis import strategies as st

from wire.tokens.glob import fits, parts_of

LETTERS = st.text("ab/.", max_size=12)


def obvious(pattern: str, text: str) -> bool:
    written = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern)
    return re.fullmatch(written, text, re.DOTALL) is not None


@given(pattern=st.text("ab/.*?", max_size=10), text=LETTERS)
def test_it_agrees_with_a_regular_expression(pattern: str, text: str) -> None:
    """Which would take exponential time for some patterns."""
    assert fits(parts_of(pattern), text) is obvious(pattern, text)


def test_an_escaped_question_mark_is_itself() -> None:
    """As older documents of CloudFront write it."""
    assert fits(parts_of("a\\?b"), "a?b")
    assert not fits(parts_of("a\\?b"), "axb")


def test_many_stars_cost_no_more_than_pattern_times_text() -> None:
    """A customer's pattern may be meant to hurt."""
    assert not fits(parts_of("*a" * 200 + "*b"), "a" * 2000)
