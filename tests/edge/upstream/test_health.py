"""What questions tell of an upstream."""

from __future__ import annotations

import pytest

from edge.upstream.health import Health


class At:
    """A clock that stands where it is put."""

    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_each_failure_in_a_row_ejects_for_twice_as_long_up_to_a_limit() -> None:
    """And one good answer forgives all."""
    health = Health(At())
    pauses = []
    for _ in range(8):
        health.failed("http://a")
        pauses.append(health.ejected_until("http://a") - 100)
    assert pauses == [0.5, 1, 2, 4, 8, 15, 15, 15]
    health.answered("http://a", 200)
    assert health.ejected_until("http://a") == 0


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_an_outlier_is_ejected_after_so_many_errors_in_a_row(status: int) -> None:
    """An error of its own is forgiven, five are not."""
    health = Health(At(), outlier_errors=5)
    for _ in range(4):
        health.answered("http://a", status)
    assert health.ejected_until("http://a") == 0
    health.answered("http://a", status)
    assert health.ejected_until("http://a") > 100


@pytest.mark.parametrize("status", [200, 304, 404, 501, 505])
def test_any_other_answer_ends_the_row(status: int) -> None:
    """What it says of the request says nothing of the upstream."""
    health = Health(At(), outlier_errors=2)
    for code in (500, status, 500, status, 500):
        health.answered("http://a", code)
    assert health.ejected_until("http://a") == 0


def test_outliers_are_let_be_where_it_is_not_wanted() -> None:
    """A shield only hands on the errors of the origins behind it."""
    health = Health(At(), outlier_errors=0)
    for _ in range(50):
        health.answered("http://a", 500)
    assert health.ejected_until("http://a") == 0


def test_an_outlier_that_comes_back_and_fails_again_is_out_for_longer() -> None:
    """Five more errors, twice the pause."""
    health = Health(At(), outlier_errors=5)
    for _ in range(10):
        health.answered("http://a", 500)
    assert health.ejected_until("http://a") == 101
