"""Several at once, each item once; what may help is tried again."""

from collections.abc import AsyncIterator

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from sim.transfer.cloud import TransferError, TryAgain
from sim.transfer.working import TRIES, each, tried


async def numbers(count: int) -> AsyncIterator[int]:
    for number in range(count):
        yield number


def test_every_item_is_worked_on_once_and_so_many_at_a_time() -> None:
    waiting: list[Deferred[None]] = []
    seen: list[int] = []

    async def work(number: int) -> None:
        seen.append(number)
        waiting.append(Deferred())
        await waiting[-1]

    ended: list[object] = []
    Deferred.fromCoroutine(each(numbers(5), work, at_once=2)).addBoth(ended.append)
    assert seen == [0, 1]
    while waiting:
        waiting.pop(0).callback(None)
        assert len(waiting) <= 2
    assert (seen, ended) == ([0, 1, 2, 3, 4], [None])


def test_the_first_error_ends_them_all() -> None:
    left: list[int] = []

    async def work(number: int) -> None:
        if number == 1:
            raise ValueError("broken")
        try:
            await Deferred()
        finally:
            left.append(number)

    ended: list[Failure] = []
    Deferred.fromCoroutine(each(numbers(5), work, at_once=2)).addErrback(ended.append)
    assert left == [0]
    assert isinstance(ended[0].value, ValueError)


@pytest.mark.parametrize(("failures", "succeeds"), [(0, True), (TRIES - 1, True), (TRIES, False)])
def test_what_may_help_is_tried_again(failures: int, succeeds: bool) -> None:
    clock, tries, results = Clock(), [0], list[object]()

    async def work() -> str:
        tries[0] += 1
        if tries[0] <= failures:
            raise TryAgain("not now")
        return "done"

    Deferred.fromCoroutine(tried(clock, work)).addBoth(results.append)
    for _ in range(TRIES):
        clock.advance(100)
    if succeeds:
        assert results == ["done"]
    else:
        (failure,) = results
        assert isinstance(failure, Failure)
        assert type(failure.value) is TransferError
