"""What is remembered of loads that came to nothing."""

import pytest

from origin.remote.errors import RemoteMissing, RemoteTrouble
from origin.remote.failures import SECONDS, Failures
from wire.errors import MediaError, Unavailable


def told(failures: Failures, key: str, now: float) -> MediaError | None:
    try:
        failures.check(key, now)
    except MediaError as error:
        return error
    return None


def test_a_failure_is_told_again_for_a_while() -> None:
    failures = Failures()
    error = RemoteMissing("http://a/", 404)
    failures.note("a", error, now=10.0)
    assert told(failures, "a", 10.0) is told(failures, "a", 9.0 + SECONDS) is error
    assert told(failures, "b", 10.0) is None
    assert told(failures, "a", 10.0 + SECONDS) is None
    assert len(failures) == 0


def test_our_own_troubles_are_not_the_files() -> None:
    failures = Failures()
    failures.note("a", Unavailable("busy"), now=0.0)
    assert told(failures, "a", 0.0) is None


def test_the_oldest_make_room() -> None:
    failures = Failures(kept=2)
    for now, key in enumerate("abac"):
        failures.note(key, RemoteTrouble(f"http://{key}/", "silent"), now=float(now))
    assert len(failures) == 2
    assert [told(failures, key, 4.0) is not None for key in "abc"] == [True, False, True]


def test_nothing_of_the_load_stays_in_memory() -> None:
    """Told however often, a failure grows no tail of frames."""
    failures = Failures()
    with pytest.raises(RemoteTrouble) as caught:
        try:
            raise OSError
        except OSError as error:
            raise RemoteTrouble("http://a/", "silent") from error
    failures.note("a", caught.value, now=0.0)
    for _ in range(3):
        again = told(failures, "a", 0.0)
        assert again is not None
        assert again.__cause__ is again.__context__ is None
        depth, trace = 0, again.__traceback__
        while trace is not None:
            depth, trace = depth + 1, trace.tb_next
        assert depth == 2
