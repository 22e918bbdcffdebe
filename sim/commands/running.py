"""One piece of asynchronous work as a whole command."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run_once(work: Callable[[Any], Coroutine[Any, Any, T]]) -> T:
    """Run the reactor until `work(reactor)` has returned or raised. Ctrl-C cancels it, and is raised."""
    from twisted.internet.defer import Deferred
    from twisted.python.failure import Failure

    from sim.node import install_reactor

    reactor = install_reactor()
    outcome: list[T | Failure] = []
    doing: list[Deferred[Any]] = []

    def begin() -> None:
        doing.append(Deferred.fromCoroutine(work(reactor)))
        doing[0].addBoth(end)

    def end(result: T | Failure) -> None:
        outcome.append(result)
        if reactor.running:
            reactor.callLater(0, stop)

    def stop() -> None:
        if reactor.running and not getattr(reactor, "_stopped", False):
            reactor.stop()

    reactor.callWhenRunning(begin)
    reactor.addSystemEventTrigger("before", "shutdown", lambda: doing[0].cancel() if doing else None)
    reactor.run()
    if not outcome:
        raise KeyboardInterrupt
    (result,) = outcome
    if isinstance(result, Failure):
        result.raiseException()
        raise AssertionError
    return result
