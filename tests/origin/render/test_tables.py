"""Colour tables read from text: both formats, and every way to be none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.render.tables import NotATable, read_table

CORNERS = [(r, g, b) for b in (0, 1) for g in (0, 1) for r in (0, 1)]  # red changes fastest
CUBE = 'TITLE "same"\n# nothing changes\nLUT_3D_SIZE 2\n' + "\n".join(f"{r} {g} {b}" for r, g, b in CORNERS)
THREE_D_L = "0 1023\n" + "\n".join(
    f"{r * 1023} {g * 1023} {b * 1023}" for r in (0, 1) for g in (0, 1) for b in (0, 1)
)


def test_both_formats_say_the_same() -> None:
    """A .3dl has whole numbers, and blue changes fastest."""
    one, other = read_table(CUBE, is_cube_file=True), read_table(THREE_D_L, is_cube_file=False)
    assert one == other
    assert one.values == tuple(float(value) for point in CORNERS for value in point)


def test_a_curve_and_its_domain() -> None:
    """One-dimensional tables are cubes' older brothers."""
    table = read_table("LUT_1D_SIZE 2\nDOMAIN_MAX 2 2 2\n0 0 0\n1 .5 2.5e-1\n", is_cube_file=True)
    assert (table.is_cube, table.values, table.high) == (False, (0, 0, 0, 1, 0.5, 0.25), (2, 2, 2))


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "0 values"),
        ("LUT_3D_SIZE 2\n0 0 0\n", "1 values"),
        ("LUT_3D_SIZE 2\n" + "0 0 0\n" * 9, "line 10: a value more"),
        ("LUT_3D_SIZE 66\n0 0 0", "LUT_3D_SIZE 66 is not from 2 to 65"),
        ("LUT_3D_SIZE 1\n0 0 0", "LUT_3D_SIZE 1"),
        ("LUT_3D_SIZE 2\nLUT_1D_SIZE 2\n0 0 0", "line 2"),
        ("LUT_3D_SIZE x\n0 0 0", "line 1"),
        ("LUT_3D_SIZE ²\n0 0 0", "line 1"),  # a digit to Python, but no number
        ("LUT_3D_SIZE 0000000002\n0 0 0", "line 1"),
        ("0 0 0", "line 1"),
        ("LUT_1D_SIZE 2\n0 0\n", "line 2: expected three numbers"),
        ("LUT_1D_SIZE 2\n0 0 nan\n", "line 2: expected three numbers"),
        ("LUT_1D_SIZE 2\n0 0 1e99\n", "line 2: a number is too large"),
        ("LUT_1D_SIZE 2\nDOMAIN_MIN 1 1 1\n0 0 0\n1 1 1\n", "its domain is empty"),
    ],
)
def test_what_is_no_cube_is_told(text: str, wrong: str) -> None:
    with pytest.raises(NotATable, match=wrong):
        read_table(text, is_cube_file=True)


@pytest.mark.parametrize("text", ["", "0 1 2 3\n0 0 0\n", "0 0 0\n" * 7, "a b\n", "0 1\n", "1 2 x\n"])
def test_what_is_no_3dl_is_told(text: str) -> None:
    with pytest.raises(NotATable):
        read_table(text, is_cube_file=False)


@given(st.text("0123456789²٣. -e\nLUT_3DSIZE#", max_size=200), st.booleans())
def test_any_text_is_read_or_refused(text: str, is_cube_file: bool) -> None:
    try:
        table = read_table(text, is_cube_file)
    except NotATable:
        return
    assert len(table.values) == 3 * (table.size**3 if table.is_cube else table.size)
