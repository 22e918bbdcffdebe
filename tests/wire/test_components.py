"""The grammar of a chain: separators, keys, and nothing lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.components import is_component, printable, split_chain, split_component
from wire.errors import InvalidRequest


def test_a_chain_splits_at_slashes_and_commas_only_where_they_stand_raw() -> None:
    """An escaped comma or slash belongs to a value (delivery-urls.md §3)."""
    first, second = split_chain("c_fill,w_10/l_text:Arial_20:a%252Cb%2Fc")
    assert [str(param) for param in first.params] == ["c_fill", "w_10"]
    assert second.params[0].value == "text:Arial_20:a%2Cb/c"


@pytest.mark.parametrize(
    ("param", "value"),
    [
        ("l_text:Arial_20:%24%28a%29 $(b)", "text:Arial_20:%24(a) $(b)"),
        ("u_text:Arial_20:%2524", "text:Arial_20:%24"),
        ("l_text:$style:%24", "text:$style:%24"),
        ("l_%24logo", "$logo"),
        ("e_%24fx", "$fx"),
    ],
)
def test_an_escaped_dollar_in_the_words_of_a_layer_is_no_raw_one(param: str, value: str) -> None:
    """They are decoded twice; variables are found before the last time (delivery-urls.md §6)."""
    assert split_component(param).params[0].value == value


@pytest.mark.parametrize("segment", ["my_path", "w_100,foo", "w_100,w_", "w_1,xyz_2", "$1a_2", ",", "w"])
def test_what_is_no_component_is_refused_with_its_text(segment: str) -> None:
    """400 with the sheet's words (§8.2)."""
    with pytest.raises(InvalidRequest) as refusal:
        split_component(segment)
    assert refusal.value.public == f"Invalid transformation component - {segment}"


@pytest.mark.parametrize(
    ("segment", "looks"),
    [
        ("w_100", True),
        ("abc_x", True),
        ("$w_2", True),
        ("$long9_2", True),
        ("if_else", True),
        ("abcd_x", False),
        ("A_x", False),
        ("01_x", False),
        ("w_", False),
        ("_x", False),
        ("sample", False),
        ("x,w_100", False),
    ],
)
def test_a_segment_is_taken_for_a_component_by_its_first_part(segment: str, looks: bool) -> None:
    """One to three lower-case letters and an underscore (§3.6)."""
    assert is_component(segment) is looks


def test_the_last_of_a_repeated_key_wins_but_flags_gather() -> None:
    """transformations.md §1."""
    values = split_component("e_sepia,fl_progressive,e_blur:5,fl_attachment").last()
    assert values == {"e": "blur:5", "fl": "progressive.attachment"}


def test_empty_parts_count_for_nothing() -> None:
    """Emitters leave a comma or a slash behind; the canonical form drops them (§9.3)."""
    assert [component.raw for component in split_chain("w_1,,h_2//c_fill,/")] == ["w_1,,h_2", "c_fill,"]
    assert [str(param) for param in split_component("w_1,,h_2,").params] == ["w_1", "h_2"]


def test_bytes_that_are_no_utf8_are_refused() -> None:
    """Nothing is guessed about another encoding."""
    with pytest.raises(InvalidRequest, match="Invalid URL encoding"):
        _ = split_component("l_a%FFb").params[0].value


@given(st.text(max_size=60))
def test_splitting_is_total_and_keeps_the_raw_text(chain: str) -> None:
    """Any text gives components or a refusal, and components say what was written."""
    try:
        components = split_chain(chain)
    except InvalidRequest:
        return
    assert [component.raw for component in components] == [part for part in chain.split("/") if part]
    for component in components:
        assert [str(param) for param in component.params] == [
            part for part in component.raw.split(",") if part
        ]


@given(st.text(max_size=400))
def test_printable_text_fits_a_header_line(text: str) -> None:
    """Whatever a caller sent may be said back to them."""
    shown = printable(text)
    assert len(shown) <= 300
    assert not any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in shown)
