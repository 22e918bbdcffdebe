"""Cursors come back as what they were made of; whatever else is sent as one is refused in one sentence."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.catalogue import NUMBER, cursor_of, values_in
from wire import base64url
from wire.errors import InvalidRequest

NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@given(NAMES, st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False))
def test_a_cursor_is_what_it_was_made_of(name: str, number: int, moment: float) -> None:
    assert values_in(cursor_of(name, number, moment), str, int, NUMBER) == [name, number, moment]


def spelled(text: str) -> str:
    return base64url.encode(text.encode())


@pytest.mark.parametrize(
    "cursor",
    [
        "!",
        "",
        "YQ==",
        base64url.encode(b"\xff"),
        spelled("{}"),
        spelled("[]"),
        spelled('["a"]'),
        spelled('["a", 1, 2]'),
        spelled('[1, "a"]'),
        spelled('["a", true]'),
        spelled('["a", null]'),
        spelled('["a", NaN]'),
        spelled('["a", -Infinity]'),
        spelled('["a", 1e400]'),
        spelled(f'["a", {2**63}]'),
        spelled(r'["\u0000", 1]'),
        spelled(r'["\ud800", 1]'),
        spelled("[" * 100_000),
    ],
)
def test_anything_else_is_refused_by_the_name_of_its_parameter(cursor: str) -> None:
    with pytest.raises(InvalidRequest, match="Invalid value for parameter related_next_cursor"):
        values_in(cursor, str, NUMBER, param="related_next_cursor")


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists))
def test_no_json_makes_more_than_a_refusal(document: Any) -> None:
    try:
        values_in(spelled(json.dumps(document)), str)
    except InvalidRequest:
        return
    assert isinstance(document, list)
    assert isinstance(document[0], str)
