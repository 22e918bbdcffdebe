"""Small answers to long questions."""

import gc
import weakref

import pytest_twisted
from attrs import field, frozen

from origin.delivery.known import Known


@frozen(slots=False)
class Question:
    """As long as whoever asks likes."""

    text: str
    width: float = field(default=0.5)


class Teller:
    """Counts what it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    async def __call__(self) -> int:
        self.asked += 1
        return self.asked


@pytest_twisted.ensureDeferred
async def test_an_equal_question_has_its_answer() -> None:
    """Anything that differs in it makes another."""
    known, teller = Known[int](10), Teller()
    assert await known.get(Question("a"), teller) == 1
    assert await known.get(Question("a"), teller) == 1
    assert await known.get(Question("a", 0.25), teller) == 2
    assert await known.get(Question("\ud800"), teller) == 3


@pytest_twisted.ensureDeferred
async def test_the_answer_used_longest_ago_goes_first() -> None:
    known, teller = Known[int](2), Teller()
    for text in ("a", "b", "a", "c"):
        await known.get(Question(text), teller)
    assert teller.asked == 3
    assert await known.get(Question("a"), teller) == 1
    assert await known.get(Question("b"), teller) == 4


@pytest_twisted.ensureDeferred
async def test_nothing_is_kept_of_the_question_itself() -> None:
    """A thousand of forty texts each would be the size of a node."""
    known, teller = Known[int](10), Teller()
    question = Question("words " * 10_000)
    held = weakref.ref(question)
    assert await known.get(question, teller) == 1
    del question
    gc.collect()
    assert held() is None
    assert await known.get(Question("words " * 10_000), teller) == 1
