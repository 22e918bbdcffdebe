"""What fields are compared with, and the intervals they mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.search.literals import (
    Age,
    Literal,
    Moment,
    Number,
    anything,
    moment,
    number,
    ratio,
    size,
    truth,
    when,
)
from origin.search.tree import Edge, Within, equal

DAY, NOON = Moment(1705276800.0, 86400.0), 1705320000.0  # 2024-01-15
NOW = 1705924800.0  # a week later


@pytest.mark.parametrize(
    ("within", "inside", "outside"),
    [
        (equal("d", DAY), (1705276800.0, NOON, 1705363199.9), (1705276799.9, 1705363200.0)),
        (Within("d", Edge(DAY, False)), (1705363200.0,), (NOON, 1705276800.0)),
        (Within("d", Edge(DAY)), (1705276800.0, NOON, 2e9), (1705276799.9,)),
        (Within("d", high=Edge(DAY, False)), (1705276799.9,), (1705276800.0, NOON)),
        (Within("d", high=Edge(DAY)), (0.0, NOON), (1705363200.0,)),
        (Within("d", Edge(Age(1, "d"), False)), (NOW - 86399.0, NOW, NOW + 1), (NOW - 86400.0,)),
        (Within("d", Edge(Age(2, "w")), Edge(Age(36, "h"))), (NOW - 86400.0 * 3,), (NOW - 86400.0, 0.0)),
        (equal("n", Number(5.0)), (5.0,), (4.999, 5.001)),
        (Within("n", Edge(Number(5.0), False), Edge(Number(6.0), False)), (5.5,), (5.0, 6.0)),
    ],
)
def test_intervals(within: Within, inside: tuple[float, ...], outside: tuple[float, ...]) -> None:
    """A day is all of it: after it is past its end, until it takes it in. An age is an instant."""
    interval = within.interval(NOW)
    assert all(each in interval for each in inside)
    assert not any(each in interval for each in outside)


@given(st.text() | st.from_regex(r"[-+0-9.eETZ: kmgbhdw/]{0,30}"))
def test_any_text_is_read_or_refused(text: str) -> None:
    """And what is read has an interval with finite ends."""
    for reader in (number, size, ratio, moment, when, anything, truth):
        read = reader(text)
        if read is not None:
            first, last = read.span(NOW)
            assert first <= last < float("inf")


@given(
    st.one_of(
        st.floats(allow_nan=False, allow_infinity=False).map(lambda each: Number(each + 0.0)),
        st.builds(
            Moment,
            st.integers(-(10**7), 4 * 10**9).map(lambda each: each * 60.0),
            st.sampled_from((60.0, 1.0)),
        ),
        st.builds(Age, st.integers(0, 999_999), st.sampled_from("hdw")),
    )
)
def test_literals_are_written_as_they_are_read(literal: Literal) -> None:
    """Round trip."""
    assert anything(str(literal)) == literal
