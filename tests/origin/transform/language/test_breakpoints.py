"""`w_auto:breakpoints`: what is asked, and which widths follow from the files' sizes."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.transform.canonical import canonical
from origin.transform.language.breakpoints import KIB, Breakpoints, read_breakpoints, sampled
from origin.transform.parse import parse_chain
from origin.transform.plan import SourceFacts
from origin.transform.resolve import plan
from wire.errors import InvalidRequest
from wire.negotiation import HeaderClass, Negotiated, negotiates


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("auto:breakpoints", "auto:breakpoints"),
        ("auto:breakpoints_50_1000_20_20", "auto:breakpoints"),
        ("auto:breakpoints_100_800_10_5:400:json", "auto:breakpoints_100_800_10_5:400:json"),
        ("auto:breakpoints:json", "auto:breakpoints:json"),
        ("auto:breakpoints:350", "auto:breakpoints:350"),
    ],
)
def test_the_forms_of_the_sheet(text: str, same: str) -> None:
    """All four settings or none (§4.5)."""
    assert read_breakpoints(text).text == same
    chain = parse_chain(f"c_limit,w_{text}")
    assert canonical(chain) == f"c_limit,w_{same}"
    assert parse_chain(canonical(chain)) == chain


def test_a_width_is_kept_when_it_saves_enough() -> None:
    """From the largest down; both ends stay."""
    sizes = {100: 10 * KIB, 200: 40 * KIB, 400: 160 * KIB}
    found = Breakpoints(100, 400, kib=50, count=20).chosen(sizes)
    assert found == (100, 244, 331, 400)  # 10, 59.5, 109.6 and 160 KiB


@given(
    st.dictionaries(st.integers(1, 3000), st.integers(1, 10**7), min_size=1, max_size=9),
    st.integers(0, 200),
    st.integers(1, 30),
)
def test_laws_of_any_list(sizes: dict[int, int], kib: int, count: int) -> None:
    """Ascending, within bounds, no more than asked, and always the largest."""
    found = Breakpoints(min(sizes), max(sizes), kib, count).chosen(sizes)
    assert list(found) == sorted(set(found))
    assert found[-1] == max(sizes)
    assert len(found) <= count
    assert count == 1 or found[0] == min(sizes)


@given(st.integers(1, 2000), st.integers(1, 2000), st.integers(2, 12))
def test_samples_hold_both_ends(one: int, other: int, samples: int) -> None:
    least, largest = sorted((one, other))
    found = sampled(least, largest, samples)
    assert found[0] == (least if least < largest else largest)
    assert found[-1] == largest
    assert list(found) == sorted(set(found))


def test_an_image_is_never_enlarged_for_it() -> None:
    assert Breakpoints().bounds(640) == (50, 640)
    assert Breakpoints().bounds(30) == (30, 30)
    assert Breakpoints().bounds(5000) == (50, 1000)


def test_the_hint_is_rounded_up_to_the_next() -> None:
    asked = Breakpoints()
    assert [asked.among((50, 300, 800), Fraction(hint)) for hint in (1, 50, 51, 900)] == [50, 50, 300, 800]


def test_without_a_hint_it_is_the_fallback_or_nothing() -> None:
    """And with one, only who has the list can plan."""
    photo = SourceFacts(4000, 3000, "jpg")
    assert plan(parse_chain("c_limit,w_auto:breakpoints:400"), photo).width == 400
    assert plan(parse_chain("c_limit,h_300,w_auto:breakpoints"), photo).width == 400
    with pytest.raises(InvalidRequest, match=r"^The breakpoints of w_auto:breakpoints are not known here$"):
        plan(parse_chain("c_limit,w_auto:breakpoints"), photo, Negotiated(width=500))


def test_the_list_itself_varies_on_nothing() -> None:
    assert negotiates("c_limit,w_auto:breakpoints:json") == frozenset()
    assert negotiates("c_limit,w_auto:breakpoints") == {HeaderClass.WIDTH, HeaderClass.DPR}
