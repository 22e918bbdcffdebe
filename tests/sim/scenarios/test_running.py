"""sim.scenarios.running: a step that is broken off ends the run, whatever it makes of that."""

from twisted.internet.defer import CancelledError, Deferred

from sim.scenarios.running import whole


def test_a_step_that_takes_its_end_for_an_answer_does_not_hold_up_who_breaks_off() -> None:
    """As one does that asks until the answer is as it should be."""
    asked: list[Deferred[None]] = []

    async def asks_again() -> str:
        while True:
            asked.append(Deferred())
            try:
                await asked[-1]
            except CancelledError:
                continue

    playing = Deferred.fromCoroutine(whole(Deferred.fromCoroutine(asks_again())))
    seen: list[object] = []
    playing.addBoth(seen.append)
    playing.cancel()
    ((failure),) = seen
    assert failure.check(CancelledError)  # type: ignore[attr-defined]
    assert len(asked) == 2  # it was told


def test_what_a_step_says_and_what_it_raises_is_handed_on() -> None:
    async def says() -> str:
        return "done"

    async def fails() -> str:
        raise ZeroDivisionError

    for step, came in ((says, "done"), (fails, ZeroDivisionError)):
        seen: list[object] = []
        Deferred.fromCoroutine(whole(Deferred.fromCoroutine(step()))).addBoth(seen.append)
        assert seen == [came] or seen[0].check(came)  # type: ignore[attr-defined]
