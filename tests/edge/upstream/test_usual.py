"""What takes unusually long (RFC 6298)."""

from hypothesis import given
from hypothesis import strategies as st

from edge.upstream.usual import FIRST_SECONDS, LEAST_SECONDS, Usual

seconds = st.floats(0.001, 2.0)


def after(*took: float) -> Usual:
    usual = Usual()
    for each in took:
        usual.took(each)
    return usual


def test_before_anything_is_known_a_second_is_not_unusual() -> None:
    """RFC 6298 §2.1."""
    assert Usual().bound_seconds == FIRST_SECONDS


def test_the_reckoning_is_that_of_the_rfc() -> None:
    """§2.2: R + 4 × R/2. §2.3, worked out by hand: a deviation of 3/4 × 0.15 + 1/4 × 0.2, a mean of 0.3 + 0.2/8."""
    assert abs(after(0.3).bound_seconds - 0.9) < 1e-9
    assert abs(after(0.3, 0.5).bound_seconds - (0.325 + 4 * 0.1625)) < 1e-9


@given(st.lists(seconds, min_size=1))
def test_what_is_as_always_is_never_unusual(took: list[float]) -> None:
    usual = after(*took)
    for _ in range(60):
        usual.took(took[-1])
    assert took[-1] <= usual.bound_seconds


@given(seconds)
def test_what_never_varies_is_waited_for_little_longer_than_it_takes(each: float) -> None:
    """However far away it is; but for a fifth of a second, which a busy machine may take for anything."""
    usual = after(*[each] * 60)
    assert LEAST_SECONDS <= usual.bound_seconds <= max(LEAST_SECONDS, each * 1.01)


@given(st.lists(seconds), st.integers(1, 5), seconds)
def test_what_was_given_up_in_vain_is_waited_for_longer_each_time(
    took: list[float], times: int, longer: float
) -> None:
    """So a way that has become long is learned; one time that it was gone suffices (§5.5, §5.7)."""
    usual = after(*took)
    before = usual.bound_seconds
    for _ in range(times):
        usual.back_off()
    assert usual.bound_seconds == before * 2**times
    usual.took(longer)
    assert usual.bound_seconds == after(*took, longer).bound_seconds
