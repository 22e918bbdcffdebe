"""Colours as texts (transformations.md §2)."""

from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageColor

from origin.transform.colours import NAMED, read_colour, spelled_colour

channels = st.integers(0, 255)


def test_every_css_name_means_what_it_means_elsewhere() -> None:
    """All 148, in any case."""
    assert len(NAMED) == 148
    for name in NAMED:
        assert read_colour(name.upper()) == (*ImageColor.getrgb(name), 255)


@given(st.tuples(channels, channels, channels, channels))
def test_a_colour_survives_its_spelling(colour: tuple[int, int, int, int]) -> None:
    """Exactly, alpha included."""
    assert read_colour(spelled_colour(colour)) == colour


@given(st.text(max_size=12))
def test_any_text_is_a_colour_or_none(text: str) -> None:
    """Never a crash, never a channel out of range."""
    colour = read_colour(text)
    assert colour is None or all(0 <= channel <= 255 for channel in colour)
