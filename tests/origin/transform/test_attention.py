"""What matters where, and the window that holds most of it (transformations.md §5.3)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from origin.transform.attention import CELLS, Attention, Window
from origin.transform.sight import Importance
from origin.transform.tracing import Trace

SIZE = (400, 300)
WHOLE = Trace(((400.0, 0.0, 0.0), (0.0, 300.0, 0.0), (0.0, 0.0, 1.0)))

grids = st.integers(1, 8).flatmap(
    lambda width: st.integers(1, 8).flatmap(
        lambda height: st.binary(min_size=width * height, max_size=width * height).map(
            lambda levels: Importance(width, height, levels)
        )
    )
)


def flat(size: tuple[int, int] = SIZE) -> Attention:
    trace = Trace(((float(size[0]), 0.0, 0.0), (0.0, float(size[1]), 0.0), (0.0, 0.0, 1.0)))
    return Attention(Importance(1, 1, b"\x80"), trace, size)


@given(grids)
@settings(max_examples=50)
def test_all_of_it_is_in_the_whole_and_parts_add_up(grid: Importance) -> None:
    """Shares of one, whatever the picture."""
    attention = Attention(grid, WHOLE, SIZE)
    assert attention.inside((0, 0, 400, 300)) == pytest.approx(1)
    left, right = attention.inside((0, 0, 150, 300)), attention.inside((150, 0, 400, 300))
    assert left + right == pytest.approx(1)
    assert 0 <= left <= 1


@given(grids, st.integers(1, 400), st.integers(1, 300))
@settings(max_examples=50)
def test_no_window_tried_holds_more_than_the_best(grid: Importance, width: int, height: int) -> None:
    """The middle and the corners are always among those tried."""
    attention = Attention(grid, WHOLE, SIZE)
    best = attention.best(width, height)
    assert 0 <= best.left <= 400 - width
    assert 0 <= best.top <= 300 - height
    share = attention.inside(best.box) + 1e-8
    for left in (0, (400 - width) / 2, 400 - width):
        for top in (0, (300 - height) / 2, 300 - height):
            assert attention.inside((left, top, left + width, top + height)) <= share


@given(grids, st.floats(0.1, 10), st.floats(0.1, 0.9))
@settings(max_examples=30)
def test_a_framed_and_composed_window_keeps_its_ratio_and_stays_inside(
    grid: Importance, ratio: float, exponent: float
) -> None:
    """At any scale."""
    attention = Attention(grid, WHOLE, SIZE)
    window = attention.composed(attention.framed(ratio, exponent))
    left, top, right, bottom = window.box
    assert -1e-6 <= left <= right <= 400 + 1e-6
    assert -1e-6 <= top <= bottom <= 300 + 1e-6
    assert window.width / window.height == pytest.approx(ratio)


@pytest.mark.parametrize("size", [(400, 300), (301, 77), (1, 1), (3000, 2), (CELLS, CELLS)])
def test_where_nothing_matters_more_the_middle_does(size: tuple[int, int]) -> None:
    """And composing leaves it there."""
    width, height = max(1, size[0] // 2), max(1, size[1] // 2)
    window = flat(size).best(width, height)
    assert window == flat(size).composed(window)
    assert (window.left, window.top) == ((size[0] - width) / 2, (size[1] - height) / 2)


def test_nothing_at_all_is_a_picture_too() -> None:
    """A clear image, or one whose parts are all shunned."""
    black = Attention(Importance(2, 2, bytes(4)), WHOLE, SIZE)
    assert black.best(100, 100) == Window(150, 100, 100, 100)
    shunned = Attention(Importance(1, 1, b"\x80"), WHOLE, SIZE, (((0.0, 0.0, 400.0, 300.0), -1.0),))
    assert shunned.best(100, 100) == Window(150, 100, 100, 100)


def test_a_boost_draws_a_window_and_a_shunned_place_repels_it() -> None:
    """Even a place smaller than a cell."""
    for box in ((300.0, 200.0, 380.0, 280.0), (399.0, 299.0, 400.0, 300.0)):
        left, top, right, bottom = (
            Attention(flat().importance, WHOLE, SIZE, ((box, 500.0),)).best(100, 100).box
        )
        assert left <= box[0] < box[2] <= right
        assert top <= box[1] < box[3] <= bottom
    away = Attention(flat().importance, WHOLE, SIZE, (((0.0, 0.0, 250.0, 300.0), -1.0),)).best(150, 300)
    assert away.left == 250


def test_a_mass_on_one_side_is_brought_to_a_third() -> None:
    """By no more than eight hundredths of the window."""
    mass = Attention(flat().importance, WHOLE, SIZE, (((120.0, 0.0, 130.0, 300.0), 50.0),))
    before = Window(100, 0, 100, 300)
    after = mass.composed(before)
    assert (after.left, after.top) == pytest.approx((92, 0), abs=0.5)


def test_what_lies_beside_the_picture_does_not_matter() -> None:
    """A frame round it is empty."""
    framed = Attention(flat().importance, Trace(((200.0, 0, 200.0), (0, 300.0, 0), (0, 0, 1))), SIZE)
    assert framed.inside((0, 0, 200, 300)) == pytest.approx(0, abs=1e-9)
    turned = Attention(flat().importance, Trace(((0, -400.0, 400.0), (300.0, 0, 0), (0, 0, 1))), SIZE)
    assert turned.inside((0, 0, 200, 300)) == pytest.approx(0.5, abs=0.01)
