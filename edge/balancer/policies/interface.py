"""What every routing policy is: how well a PoP fits a viewer's question."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen


@frozen
class Question:
    """What a viewer asks for, as far as it matters to whom it is given."""

    key: str
    """What it is about: the path. The same key finds the same PoP, for as long as nothing changes."""
    draw: int
    """64 bits that no other question has: what is left to chance is drawn from them."""


@frozen
class Candidate:
    """A PoP, as it is for one viewer at this moment."""

    name: str
    region: str = ""
    distance_ms: float = 0.0
    """A round trip between the viewer's region and its own."""
    answer_ms: float = 0.0
    """What it was measured to take to answer a check; 0 until it was."""
    weight: float = 1.0
    running: int = 0
    """The requests it has now."""
    place: int = 0
    """In the failover chain, the first is 0."""
    vendor: str = ""
    is_up: bool = True
    is_draining: bool = False
    share: float = 1.0
    """Of all keys, those that a PoP gets which has just returned."""


Rank = tuple[float | str, ...]


@frozen
class Policy:
    """How well a PoP fits, the lowest rank best: by up to three parts, each among those who are equal in the one
    before. Who is up, and what comes of weights of 0, is not a policy's business.
    """

    measured: Callable[[Candidate, float, int], Rank] | None = None
    """By what changes all the time: `answer_ms` and `running` of the moment, not those of the candidate."""
    lasting: Callable[[Candidate], Rank] | None = None
    """By what stays until something becomes of a PoP: `answer_ms`, `running` and the question are not looked at."""
    asked: Callable[[Candidate, Question], Rank] | None = None
    """By the question: what it is about, or its draw."""

    def __call__(self, pop: Candidate, question: Question) -> Rank:
        measured = self.measured(pop, pop.answer_ms, pop.running) if self.measured else ()
        lasting = self.lasting(pop) if self.lasting else ()
        return (*measured, *lasting, *(self.asked(pop, question) if self.asked else ()))
