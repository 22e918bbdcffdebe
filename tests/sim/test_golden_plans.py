"""A few hundred chains come to the plans that somebody has looked at."""

import json

import pytest

from tests.origin.transform.test_geometry import WORKED
from tests.support.golden_plans import PLANS, Asked, asked

KEPT = [json.loads(line) for line in PLANS.read_text("utf-8").splitlines()]


@pytest.mark.parametrize(("each", "kept"), list(zip(asked(), KEPT, strict=True)), ids=lambda each: None)
def test_a_plan_is_as_it_was(each: Asked, kept: dict[str, object]) -> None:
    """A change on purpose writes them anew: python -m tests.support.golden_plans --write."""
    assert json.loads(json.dumps(each.answer())) == kept


def test_they_are_many_and_hold_the_worked_table() -> None:
    """Every row of the sheet's crop table; both plans and refusals."""
    chains = {(each.source, each.chain) for each in asked()}
    assert {(f"{w}x{h}", f"c_{mode},{params}") for mode, (w, h), params, *_ in WORKED} <= chains
    assert sum("plan" in each for each in KEPT) > 300
    assert sum("error" in each for each in KEPT) > 30
