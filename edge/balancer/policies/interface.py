"""What every routing policy is: how well a PoP fits a viewer's question."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen


@frozen
class Question:
    """What a viewer asks for, as far as it matters to whom it is given."""

    key: str
    """What it is about: the path. The same key finds the same PoP, for as long as nothing changes."""
    draw: str
    """A word that no other question has: what is left to chance is drawn from it."""


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
Policy = Callable[[Candidate, Question], Rank]
"""How well they fit, the lowest best. Who is up, and what comes of weights of 0, is not a policy's business."""
