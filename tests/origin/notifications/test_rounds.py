"""Rounds in virtual time."""

import pytest_twisted
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from origin.notifications.rounds import Rounds
from wire.errors import Unavailable


class Work:
    """Counts rounds; the last one ends when told to."""

    def __init__(self) -> None:
        self.began = 0
        self.open: Deferred[None] = Deferred()
        self.error: Exception | None = None

    async def once(self) -> None:
        self.began += 1
        if self.error is not None:
            raise self.error
        await self.open

    def end(self) -> None:
        ending, self.open = self.open, Deferred()
        ending.callback(None)


@pytest_twisted.ensureDeferred
async def test_a_round_comes_after_a_pause_or_soon_and_never_two_at_once() -> None:
    work, clock = Work(), Clock()
    rounds = Rounds(work.once, clock, 1.0)
    rounds.start()
    clock.advance(0.9)
    assert work.began == 0
    clock.advance(0.1)
    assert work.began == 1
    rounds.soon()  # while one is under way: once more right after it
    rounds.soon()
    clock.advance(9.0)
    assert work.began == 1
    work.end()
    assert work.began == 2
    work.end()
    assert work.began == 2
    rounds.soon()
    assert work.began == 3
    await rounds.stop()
    clock.advance(9.0)
    assert (work.began, clock.getDelayedCalls()) == (3, [])


@pytest_twisted.ensureDeferred
async def test_a_bad_round_does_not_end_them() -> None:
    work, clock = Work(), Clock()
    work.error = Unavailable("not now")
    rounds = Rounds(work.once, clock, 1.0)
    rounds.start()
    clock.pump([1.0, 1.0, 1.0])
    assert work.began == 3
    await rounds.stop()
    assert clock.getDelayedCalls() == []
