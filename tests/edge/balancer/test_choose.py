"""Who may be asked at all; what holds under every policy is in `tests/contracts/test_policies.py`."""

from typing import Any

import pytest
from attrs import evolve

from edge.balancer.choose import Tier, as_good_as_the_first, in_order, tier
from edge.balancer.policies import Candidate, Question
from edge.balancer.policies.nearest import nearest

POP = Candidate("fra", "eu", 2.0)
CAT = Question("/cat.jpg", 1)


@pytest.mark.parametrize(
    ("change", "standing"),
    [
        ({}, Tier.READY),
        ({"share": 0.0}, Tier.RETURNING),
        ({"weight": 0.0}, Tier.RESERVE),
        ({"is_draining": True, "weight": 0.0}, Tier.DRAINING),
        ({"is_up": False, "is_draining": True}, Tier.SUSPECT),
    ],
)
def test_what_a_viewer_may_expect(change: dict[str, Any], standing: Tier) -> None:
    """The worst of what is true of it."""
    assert tier(evolve(POP, **change), CAT) is standing


def test_a_vendor_without_weight_makes_its_pops_reserves() -> None:
    """Several in the order they are named, and before those that drain."""
    pops = [
        evolve(POP, name="drains", is_draining=True),
        *(evolve(POP, name=vendor, vendor=vendor) for vendor in ("second", "first", "main")),
    ]
    order = in_order(pops, CAT, nearest, {"main": 1.0, "first": 0.0, "second": 0.0})
    assert [pop.name for pop in order] == ["main", "first", "second", "drains"]


@pytest.mark.parametrize("weights", [{"first": 0.0, "second": 0.0}, {"first": 5.0, "second": 1.0}])
def test_what_is_answered_together_is_of_one_vendor(weights: dict[str, float]) -> None:
    """Two reserves are in an order, and a vendor that was drawn has been drawn: whoever gets both addresses may use
    either."""
    pops = [
        evolve(POP, name=f"{vendor}-{number}", vendor=vendor)
        for vendor in ("second", "first")
        for number in (1, 2)
    ]
    order = in_order(pops, CAT, nearest, weights)
    told = as_good_as_the_first(order, CAT, weights)
    assert told == order[:2]
    assert len({pop.vendor for pop in told}) == 1
