"""sim.topology.spread: which machine each instance of a pool stands on."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.topology.spread import Hosts, in_turn


@given(machines=st.integers(1, 9), instances=st.integers(1, 64))
def test_no_machine_has_two_instances_more_than_another(machines: int, instances: int) -> None:
    """However many there are: so it holds of those that are always there, and of all there may be."""
    names = [f"m{number}" for number in range(machines)]
    counted = Counter(dict.fromkeys(names, 0))
    for number in range(instances):
        counted[in_turn(names, number)] += 1
        assert max(counted.values()) - min(counted.values()) <= 1


@given(machines=st.integers(1, 9), number=st.integers(0, 63))
def test_an_instance_stays_where_it_is_when_the_pool_has_more(machines: int, number: int) -> None:
    """It is its number that says where, and the machines: not how many others there are."""
    names = [f"m{number}" for number in range(machines)]
    assert in_turn(names, number) == in_turn(names, number + machines)


@pytest.mark.parametrize(
    ("written", "names"),
    [("two", ("two",)), (["one"], ("one",)), (["one", "two"], ("one", "two"))],
)
def test_one_machine_or_several_are_named(written: object, names: tuple[str, ...]) -> None:
    assert Hosts.parse(written).names == names


@pytest.mark.parametrize("written", [[], [1], 1, None, {"one": 1}, ["one", ["two"]]])
def test_what_names_no_machine_is_refused(written: Any) -> None:
    with pytest.raises(ValueError, match=r"expected the name of a machine, or several: \[one, two\]"):
        Hosts.parse(written)
