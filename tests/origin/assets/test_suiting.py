"""Requests for responsive breakpoints, as clients write them."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.assets.suiting import MOST_REQUESTS, Suiting, parse_suitings
from wire.errors import InvalidRequest


def test_an_object_or_an_array_of_them() -> None:
    one = {
        "create_derived": True,
        "transformation": "e_sepia",
        "format": "JPEG",
        "max_width": "500",
        "min_width": 100,
        "bytes_step": 2000,
        "max_images": 5,
        "some_future_thing": [],
    }
    (found,) = parse_suitings(json.dumps(one))
    assert found == Suiting(
        create_derived=True,
        transformation="e_sepia",
        extension="jpg",
        max_width=500,
        min_width=100,
        bytes_step=2000,
        max_images=5,
    )
    assert parse_suitings(json.dumps([one, {"create_derived": "false"}])) == (
        found,
        Suiting(create_derived=False),
    )
    assert parse_suitings(None) == parse_suitings("[]") == ()


@pytest.mark.parametrize(
    "document",
    [
        "x",
        "1",
        "{}",
        "[1]",
        "[[]]",
        '{"create_derived":"maybe"}',
        '{"create_derived":[]}',
        '{"create_derived":true,"max_width":0}',
        '{"create_derived":true,"max_width":true}',
        '{"create_derived":true,"max_width":1e400}',
        '{"create_derived":true,"max_width":"-5"}',
        '{"create_derived":true,"max_width":50,"min_width":60}',
        '{"create_derived":true,"max_images":2}',
        '{"create_derived":true,"max_images":201}',
        '{"create_derived":true,"bytes_step":0}',
        '{"create_derived":true,"format":"exe"}',
        '{"create_derived":true,"format":7}',
        '{"create_derived":true,"transformation":{"width":5}}',
        "[" * 100_000,
        json.dumps([{"create_derived": True}] * (MOST_REQUESTS + 1)),
        json.dumps([{"create_derived": True}] * 10_000),
    ],
    ids=lambda document: document[:40],
)
def test_what_cannot_be_asked_is_refused(document: str) -> None:
    with pytest.raises(InvalidRequest, match="Invalid responsive_breakpoints"):
        parse_suitings(document)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda each: st.lists(each)))
def test_any_json_is_read_or_refused(document: object) -> None:
    with suppress(InvalidRequest):
        parse_suitings(json.dumps([{"create_derived": True, "max_width": document}]))


@given(full=st.integers(1, 5000), least=st.integers(1, 500), more=st.integers(0, 2000))
def test_bounds_lie_within_the_picture(full: int, least: int, more: int) -> None:
    wanted = Suiting(create_derived=False, min_width=least, max_width=least + more)
    low, high = wanted.bounds(full)
    assert 1 <= low <= high <= min(full, least + more)
