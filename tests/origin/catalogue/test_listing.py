"""Prefixes as ranges, places as cursors."""

from hypothesis import example, given
from hypothesis import strategies as st

from origin.catalogue.listing import Place
from origin.catalogue.prefixes import successor

texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=6)


@example("\ud7ff", "\ud7ff\ue000")
@example("a\U0010ffff", "b")
@example("\U0010ffff", "\U0010ffff\U0010ffff")
@given(texts.filter(bool), texts)
def test_a_text_lies_below_the_successor_exactly_if_it_has_the_prefix(prefix: str, text: str) -> None:
    """In the byte order both databases sort by."""
    end = successor(prefix)
    is_in_range = prefix.encode() <= text.encode() and (end is None or text.encode() < end.encode())
    assert is_in_range == text.startswith(prefix)


@given(st.floats(0, 1e11), st.integers(-(2**63), 2**63 - 1))
def test_a_cursor_comes_back_as_the_same_place(created_at: float, number: int) -> None:
    """To the last bit of the time, or a page would skip or repeat an asset; and safe in a query string."""
    place = Place(created_at, number)
    cursor = place.to_cursor()
    assert Place.from_cursor(cursor) == place
    assert cursor.replace("-", "").replace("_", "").isalnum()
