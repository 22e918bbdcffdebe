"""Work that several viewers wait for and that is done once."""

from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from attrs import define, field
from twisted.internet.defer import CancelledError, Deferred
from twisted.python.failure import Failure

T = TypeVar("T")


@define(eq=False)
class _Flight(Generic[T]):
    waiting: "list[Deferred[T]]" = field(factory=list)
    work: "Deferred[Any] | None" = None


class Flights(Generic[T]):
    """One piece of work per key at a time. It ends with its last waiter; each waiter has its own Deferred."""

    def __init__(self) -> None:
        self._flights: dict[str, _Flight[T]] = {}

    def __len__(self) -> int:
        return len(self._flights)

    def waiting(self, key: str) -> int:
        """How many wait for that key now."""
        flight = self._flights.get(key)
        return len(flight.waiting) if flight else 0

    async def join(self, key: str, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The outcome of the work under way for `key`, begun now if there is none."""
        flight = self._flights.get(key)
        is_leader = flight is None
        if flight is None:
            flight = self._flights[key] = _Flight()
        waiter: Deferred[T] = Deferred(lambda gone: self._leave(key, flight, gone))
        flight.waiting.append(waiter)
        if is_leader:
            flight.work = Deferred.fromCoroutine(work())
            flight.work.addBoth(self._land, key, flight)
        return await waiter

    def _leave(self, key: str, flight: _Flight[T], waiter: "Deferred[T]") -> None:
        flight.waiting.remove(waiter)
        if not flight.waiting:
            self._forget(key, flight)  # whoever comes next begins anew
            if flight.work is not None:
                flight.work.cancel()

    def _land(self, outcome: "T | Failure", key: str, flight: _Flight[T]) -> None:
        self._forget(key, flight)
        waiting, flight.waiting = flight.waiting, []
        if not waiting and isinstance(outcome, Failure):
            outcome.trap(CancelledError)  # anything else that nobody waits for is logged by its Deferred
        for waiter in waiting:
            if isinstance(outcome, Failure):
                waiter.errback(Failure(outcome.value))
            else:
                waiter.callback(outcome)

    def _forget(self, key: str, flight: _Flight[T]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
