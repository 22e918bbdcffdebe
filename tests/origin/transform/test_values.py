"""Numbers, lengths and ratios as texts (transformations.md §2)."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.transform.values import (
    Original,
    Pixels,
    Share,
    half_up,
    read_length,
    read_number,
    read_ratio,
    spelled_decimal,
    spelled_number,
)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("1", Pixels(1)),
        ("1.0", Share(Fraction(1))),
        ("1.1", Share(Fraction(11, 10))),
        (".5", Share(Fraction(1, 2))),
        ("-5", Pixels(-5)),
        ("iw", Original("w")),
        ("oh", Original("h")),
        ("1.", None),
        ("1e3", None),
        ("", None),
        ("+1", None),
        (" 1", None),
        ("1\n", None),
        ("٣", None),
        ("1_000", None),
        ("9" * 10, None),
        ("nan", None),
    ],
)
def test_the_dot_tells_a_factor_from_pixels(text: str, length: Pixels | Share | Original | None) -> None:
    """`w_1` is one pixel, `w_1.0` the whole width; Python's own looser number syntax is not the grammar's."""
    assert read_length(text) == length


@pytest.mark.parametrize(
    ("text", "ratio"),
    [("16:9", Fraction(16, 9)), ("1.5", Fraction(3, 2)), ("1", Fraction(1)), ("1.5:1", Fraction(3, 2))]
    + [(bad, None) for bad in ("0", "16:0", "0:9", "16:9:4", ":", "a:b", "-1:2", "-1.5")],
)
def test_a_ratio_is_above_zero(text: str, ratio: Fraction | None) -> None:
    """Width over height."""
    assert read_ratio(text) == ratio


@pytest.mark.parametrize(
    ("value", "rounded"), [("0.5", 1), ("1.5", 2), ("2.5", 3), ("-0.5", 0), ("426.5", 427)]
)
def test_halves_round_up(value: str, rounded: int) -> None:
    """1280x853 at half is 640x427."""
    assert half_up(Fraction(value)) == rounded


@given(st.integers(-(10**17), 10**17).map(lambda units: Fraction(units, 10**9)))
def test_a_number_survives_its_spelling(value: Fraction) -> None:
    """To nine decimals, with and without a dot."""
    assert read_number(spelled_decimal(value)) == value
    assert read_number(spelled_number(value)) == value
    assert "." in spelled_decimal(value)
