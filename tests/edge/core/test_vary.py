"""The secondary key (sheet 8)."""

from __future__ import annotations

import pytest

from edge.core.entry import Entry, variant_of
from edge.core.vary import current_names, matches, selected, selecting_values, values_of
from wire.http.fields import Fields


def chosen_by(vary: str, request: Fields, date: float = 0.0) -> Entry:
    head = Fields.of(Vary=vary) if vary else Fields()
    return Entry("k", 200, head, date, date, date, 60.0, 0.0, vary=selecting_values(head, request))


SHAPE_1, SHAPE_2, NONE = Fields.of(X_Shape="1"), Fields.of(X_Shape="2"), Fields()


def test_names_are_found_in_any_case_and_empty_members_skipped() -> None:
    """8.1, 1.2."""
    assert selecting_values(Fields.of(Vary=", X-SHAPE,,"), SHAPE_1) == (("x-shape", "1"),)


@pytest.mark.parametrize(
    ("first", "then", "fits"),
    [
        (SHAPE_1, SHAPE_1, True),
        (SHAPE_1, SHAPE_2, False),
        (NONE, SHAPE_1, False),
        (SHAPE_1, NONE, False),
        (NONE, NONE, True),
        (Fields.of(X_Shape=""), NONE, False),
        (Fields([("X-Shape", "1"), ("x-shape", "2")]), Fields.of(X_Shape="1,2"), True),
        (SHAPE_1, Fields.of(X_Shape="1", X_Tone="9"), True),
    ],
)
def test_absent_matches_only_absent(first: Fields, then: Fields, fits: bool) -> None:
    """8.1, 8.2, 8.5: an empty value is not absent; what Vary does not name plays no part."""
    assert matches(chosen_by("X-Shape", first), then) is fits


def test_an_absent_second_name_matches_absent() -> None:
    """8.2."""
    assert matches(chosen_by("X-Shape, X-Tone", SHAPE_1), SHAPE_1)


def test_variants_live_side_by_side() -> None:
    """8.4."""
    one, two = chosen_by("X-Shape", SHAPE_1), chosen_by("X-Shape", SHAPE_2, 1.0)
    assert selected((one, two), SHAPE_1) is one
    assert selected((one, two), SHAPE_2) is two
    assert selected((one, two), NONE) is None
    assert one.variant != two.variant
    assert selected((), NONE) is None


def test_the_most_recent_vary_decides() -> None:
    """8.7: a stored response without Vary is no match-all beside a newer one that has it."""
    old, new = chosen_by("", SHAPE_1, 0.0), chosen_by("X-Shape", SHAPE_2, 1.0)
    assert selected((old, new), Fields.of(X_Shape="3")) is None
    assert selected((old, new), SHAPE_2) is new
    assert current_names((old, new)) == {"x-shape"}
    assert selected((chosen_by("", SHAPE_1, 2.0), new), Fields.of(X_Shape="3")) is not None


def test_of_several_that_match_the_latest_date_wins() -> None:
    """7.10, 8.8."""
    one = chosen_by("X-Shape", SHAPE_1)
    both = chosen_by("X-Shape, X-Tone", SHAPE_1, 1.0)
    newest = chosen_by("X-Shape", SHAPE_1, 2.0)
    assert selected((one, both, newest), SHAPE_1) is newest


def test_equal_values_name_equal_variants() -> None:
    """One slot a variant: and absent is not empty there either."""
    assert variant_of(values_of(["x-shape"], SHAPE_1)) == chosen_by("X-Shape", SHAPE_1).variant
    assert variant_of((("a", None),)) != variant_of((("a", ""),))
    assert variant_of(()) == ""
