"""Cache-Control: sheet 1.3 to 1.10, example by example."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wire.http.cache_control import FOREVER, delta_seconds, parse_cache_control


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("MaX-aGe=60", 60),
        ('max-age="60"', 60),
        ('note="max-age=900, x", max-age=5', 5),
        ('max-age=5, note="max-age=900"', 5),
        ('ext="no-store", max-age=60', 60),
        ("max-age='60'", -1),
        ("max-age=0045", 45),
        ("max-age=2147483648", FOREVER),
        ("max-age=98765432100", FOREVER),
        ("max-age=" + "9" * 400, FOREVER),
        ("max-age=4294967296", FOREVER),
        ("max-age=" + "0" * 5000 + "45", 45),
        ("max-age=" + "0" * 5000, 0),
        ("max-age=-1", -1),
        ("max-age=1.5", -1),
        ("max-age=60s", -1),
        ("max-age=s60", -1),
        ("max-age=", -1),
        ("max-age= 60", -1),
        ("max-age =60", -1),
        ("max-age\t=60", -1),
        ("max-age", -1),
        ("max-age=+60", -1),
        ("max-age=6_0", -1),
        ("max-age=²", -1),
        ("max-age=٦", -1),
        ("max-age=900, max-age=5", 900),
        ("max-age=5, max-age=900", 5),
        (", max-age=60,,", 60),
        ("s-maxage=5", None),
    ],
)
def test_max_age(text: str, seconds: int | None) -> None:
    """1.3 both argument forms, 1.4 digits and nothing else, 1.6 the first of several."""
    assert parse_cache_control(text).seconds("max-age") == seconds


def test_a_prohibition_inside_a_string_is_text() -> None:
    """1.3."""
    assert not parse_cache_control('ext="no-store", max-age=60').has("no-store")


@pytest.mark.parametrize("text", ['max-age=60, ext="open', 'ext="a\\"', '"open', 'ext=a\\"b'])
def test_a_quote_that_never_closes_breaks_the_field(text: str) -> None:
    """1.3: nothing it says of freshness can be trusted."""
    assert parse_cache_control(text).broken


@pytest.mark.parametrize("text", ["max-age=60", 'ext="a"', 'ext="a\\"b"', 'a="", b=""'])
def test_a_quote_that_closes_breaks_nothing(text: str) -> None:
    """1.3."""
    assert not parse_cache_control(text).broken


def test_a_broken_prohibition_still_prohibits() -> None:
    """0: what cannot be parsed never makes a response more cacheable."""
    assert parse_cache_control('ext="open, no-store').has("no-store")


@pytest.mark.parametrize("text", ["no-store=1", 'NO-STORE="x"', "no-store"])
def test_arguments_where_none_belong_change_nothing(text: str) -> None:
    """1.9."""
    assert parse_cache_control(text).has("no-store")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('no-cache="Set-Cookie, X-Id"', {"set-cookie", "x-id"}),
        ("no-cache=X-Id", {"x-id"}),
        ("no-cache", set()),
        ('no-cache=""', set()),
        ('no-cache="X-Id", no-cache', set()),
        ('no-cache="A", no-cache="B"', {"a", "b"}),
        ('no-cache="X\\-Id"', {"x-id"}),
        ('no-cache="X-Id', {"x-id"}),
        ("max-age=1", None),
    ],
)
def test_field_names_of_no_cache(text: str, names: set[str] | None) -> None:
    """1.10: empty is unqualified, and the unqualified one wins."""
    assert parse_cache_control(text).names("no-cache") == names


@given(st.text(max_size=40))
@example("²")
@example("٦")
@example("+60")
@example(" 60")
@example("6_0")
def test_delta_seconds_takes_ascii_digits_and_nothing_else(text: str) -> None:
    """1.4: Python's own int() and isdigit() take far more."""
    is_number = text != "" and all(letter in "0123456789" for letter in text)
    assert (delta_seconds(text) >= 0) is is_number
    assert delta_seconds(text) <= FOREVER


@given(st.text(max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    """Whatever an origin sends, it is read, not a crash."""
    parse_cache_control(text).names("private")
