"""Arithmetic: what Python makes of the same numbers (transformations.md §9)."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.transform.language.expression import Expression, Factor, Value, parse_expression
from origin.transform.language.tokens import Kind, Token
from origin.transform.limits import Limits
from origin.transform.parse import parse_chain
from wire.errors import InvalidRequest

SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "mod": "%", "pow": "**"}


class Fixed:
    """Names with values given."""

    def __init__(self, **values: Value) -> None:
        self.values = values

    def value(self, token: Token) -> Value:
        return self.values[token.text]


def parsed(text: str, own: Token | None = None) -> Expression:
    expression = parse_expression(text, own)
    assert expression is not None
    return expression


def worth(text: str, **names: Value) -> Value:
    return parsed(text).value(Fixed(**names))


numbers = st.one_of(
    st.integers(-999, 999).map(str),
    st.decimals(min_value=-99, max_value=99, places=3, allow_nan=False).map(lambda each: f"{each:f}"),
)
operations = st.tuples(st.sampled_from(sorted(SIGNS)), numbers)


@given(numbers, st.lists(operations, max_size=4))
def test_an_expression_comes_to_what_python_makes_of_it(first: str, rest: list[tuple[str, str]]) -> None:
    """Same precedence, same grouping, same doubles; what Python cannot work out is refused."""
    ours = "_".join([first, *(word for sign, number in rest for word in (sign, number))])
    theirs = " ".join([f"({float(first)})", *(f"{SIGNS[sign]} ({float(number)})" for sign, number in rest)])
    try:
        expected = eval(theirs)
    except (ZeroDivisionError, OverflowError, TypeError):
        expected = math.nan
    try:
        found = worth(ours)
    except InvalidRequest:
        assert math.isnan(abs(expected)) or "pow" in ours  # powers soon leave the range, or the real numbers
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1_add_2_mul_3", 7),
        ("10_sub_4_sub_3", 3),
        ("2_pow_3_pow_2", 512),
        ("2_mul_3_pow_2", 18),
        ("7_mod_4_mul_2", 6),
        ("-7_mod_4", 1),
        ("10_div_4", 2.5),
        ("10_div_4_to_i", 2.5),
        ("2.9_to_i", 2),
        ("-2.9_to_i", -2),
        ("!12.5!_to_f_mul_2", 25),
        ("16:9_mul_9", 16),
        ("w_add_width", 8),
        ("initial_aspect_ratio_mul_2", 3),
        ("$big_div_2", 10),
        ("$big_to_i", 20),
    ],
)
def test_an_expression_and_its_value(text: str, value: float) -> None:
    """Precedence, grouping, conversions of one atom, long names."""
    assert worth(text, w=4.0, iar=1.5, big=20.0) == value


@pytest.mark.parametrize(
    "text",
    [
        *("", "_", "1_", "_1", "1__2", "add", "1_add", "1_2", "1_add_add_2", "foo", "1_add_foo", "$", "$1"),
        *("!a", "a!", "ctx:!a", "1e3", "1_plus_2", "to_i", "1_to_x", "w_h", "--1", "1_add_2_"),
    ],
)
def test_what_is_no_expression(text: str) -> None:
    """Told apart without a guess."""
    assert parse_expression(text) is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1_div_0", "Division by zero"),
        ("1_mod_0.0", "Division by zero"),
        ("0_pow_-1", "Division by zero"),
        ("-8_pow_0.5", "Invalid expression in transformation: -8_pow_0.5"),
        ("9_pow_999", "result of pow is too large"),
        ("999999999999_mul_999999999999", "result of mul is too large"),
        ("!a!_add_1", "!a! is no number for add"),
        ("!a!_to_i", "!a! is no number"),
    ],
)
def test_what_cannot_be_worked_out_is_refused_with_a_reason(text: str, sentence: str) -> None:
    """400, never an exception of Python's."""
    with pytest.raises(InvalidRequest, match=sentence):
        worth(text)


def test_a_leading_operator_works_on_the_current_value() -> None:
    """`w_mul_2` is twice as wide as now (§9)."""
    own = Token(Kind.CHARACTERISTIC, "w")
    assert parsed("mul_2_add_1", own).value(Fixed(w=100.0)) == 201
    assert parsed("200", own).value(Fixed()) == 200


def test_a_factor_stays_one_until_something_is_computed() -> None:
    """The dot decides between pixels and a share (§2); a result is always pixels (§9)."""
    assert isinstance(worth("0.5"), Factor)
    assert isinstance(worth("$half", half=Factor(0.5)), Factor)
    assert not isinstance(worth("0.5_mul_1"), Factor)
    assert not isinstance(worth("1"), Factor)


def test_an_expression_has_a_length_limit() -> None:
    """The text names it, wherever the expression stands."""
    assert worth("_add_".join(["1"] * 100)) == 100
    for place in ("w_{}", "$a_{}", "if_w_gt_{},w_9", "if_w_gt_1/if_w_gt_1/r_{}/if_end/if_end"):
        assert parse_chain(place.format("_add_".join(["1"] * 3)), Limits(expression_terms=3))
        with pytest.raises(InvalidRequest, match=r"Maximum expression length is 3 terms\. Requested 4"):
            parse_chain(place.format("_add_".join(["1"] * 4)), Limits(expression_terms=3))


@given(st.text("aw_15.:!$ctxmd-", max_size=30))
def test_any_text_is_an_expression_or_none(text: str) -> None:
    """And an expression's own text is itself again."""
    expression = parse_expression(text)
    if expression is not None:
        assert parse_expression(expression.text) == expression
