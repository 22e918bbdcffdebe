from hypothesis import given
from hypothesis import strategies as st

from sim.scaling.plan import Moves, Standing, moves, running

ABSENT, STARTING, SERVING, LOST, DRAINING = Standing
COUNTED = {STARTING, SERVING}


def test_what_is_missing_is_started_in_order() -> None:
    """Those that start already are counted."""
    found = {"m-1": SERVING, "m-2": STARTING, "m-3": ABSENT, "m-4": ABSENT}
    assert moves(3, found) == Moves(start=("m-3",))
    assert moves(2, found) == Moves()


def test_the_last_ones_go() -> None:
    """So it is always the same that come and go."""
    assert moves(1, {"m-1": SERVING, "m-2": SERVING, "m-3": STARTING}) == Moves(drain=("m-2", "m-3"))


def test_another_takes_the_place_of_one_that_is_lost() -> None:
    """Dead for good, stopped by an operator, or silent."""
    assert moves(1, {"m-1": LOST, "m-2": ABSENT}) == Moves(start=("m-2",))


def test_who_drains_is_taken_back_before_another_is_started() -> None:
    """It is warm, and there at once."""
    assert moves(3, {"m-1": SERVING, "m-2": DRAINING, "m-3": ABSENT}) == Moves(
        start=("m-3",), recall=("m-2",)
    )


@given(
    st.lists(st.sampled_from(Standing), min_size=1, max_size=12).map(
        lambda each: {f"m-{number}": standing for number, standing in enumerate(each)}
    ),
    st.integers(1, 12),
)
def test_carried_out_there_are_as_many_as_are_wanted_or_nobody_is_left(
    found: dict[str, Standing], wanted: int
) -> None:
    """Once around is enough, and a second time changes nothing."""
    to_do = moves(wanted, found)
    after = (
        found | dict.fromkeys((*to_do.start, *to_do.recall), SERVING) | dict.fromkeys(to_do.drain, DRAINING)
    )
    if running(after) < wanted:
        assert not {ABSENT, DRAINING} & set(after.values())
    else:
        assert running(after) == wanted
        assert moves(wanted, after) == Moves()
