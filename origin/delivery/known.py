"""Answers used last, by the question: small ones to questions that may be long."""

from collections import OrderedDict
from collections.abc import Callable, Coroutine
from hashlib import sha256
from typing import Any, Generic, TypeVar

from attrs import define, field

from origin.delivery.flights import Flights

V = TypeVar("V")


@define(eq=False)
class Known(Generic[V]):
    """So many answers. One question asked twice at once is answered once.

    Of a question only a hash is kept: `most` bounds what is held whatever somebody writes into a URL.
    """

    most: int
    _answers: OrderedDict[bytes, V] = field(factory=OrderedDict, init=False)
    _flights: Flights[V] = field(factory=Flights, init=False)

    async def get(self, question: object, answered: Callable[[], Coroutine[Any, Any, V]]) -> V:
        """The answer; questions are the same if their `repr` is, so they are values of ours."""
        key = sha256(repr(question).encode()).digest()
        if key in self._answers:
            self._answers.move_to_end(key)
            return self._answers[key]
        answer = await self._flights.join(key.hex(), answered)
        self._answers[key] = answer
        if len(self._answers) > self.most:
            self._answers.popitem(last=False)
        return answer
