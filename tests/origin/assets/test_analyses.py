"""Which analyses a call asks for, which of them are still to be made, and what is told of them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.assets.analyses import FIELDS, FLAGS, WITH_ANY, AnalysisWish
from wire.errors import InvalidRequest

wishes = st.builds(AnalysisWish, st.frozensets(st.sampled_from(sorted(FIELDS))))
findings = st.dictionaries(
    st.sampled_from([each for fields in FIELDS.values() for each in fields] + list(WITH_ANY)), st.integers()
)


@pytest.mark.parametrize("name", FLAGS)
def test_every_flag_asks_for_something(name: str) -> None:
    assert AnalysisWish.of({name: "true"})
    assert not AnalysisWish.of({name: "0"})


def test_media_metadata_is_the_later_name_of_image_metadata() -> None:
    assert AnalysisWish.of({"media_metadata": "1"}) == AnalysisWish.of({"image_metadata": "1"})


def test_a_flag_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="Invalid value for parameter colors: maybe"):
        AnalysisWish.of({"colors": "maybe"})


@given(wishes, findings)
def test_what_is_known_is_not_found_out_again_and_only_what_is_asked_is_told(
    wish: AnalysisWish, known: dict[str, Any]
) -> None:
    lacking = wish.lacking(known)
    assert lacking.names <= wish.names
    told = wish.told({**known, **dict.fromkeys(lacking.fields, 7)})
    assert set(told) <= set(wish.fields)
    assert set(wish.fields) - set(WITH_ANY) <= set(told)
    assert not wish.lacking({**known, **told})


def test_no_wish_is_answered_with_nothing() -> None:
    assert AnalysisWish().told({"grayscale": True, "phash": "0"}) == {}
