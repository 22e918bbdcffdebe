"""A run of a scenario as it goes, for programs: one JSON object a line. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable

from attrs import asdict, frozen

from sim.scenarios.expect import Verdict


@frozen
class Started:
    """A run begins: its world is started, then its viewers come."""

    scenario: str
    about: str
    safeguard: str
    is_without: bool
    """Whether the safeguard is switched off."""
    steps: tuple[str, ...]
    expectations: tuple[str, ...]
    run: int
    """Which of several, from 1."""
    runs: int


@frozen
class Begun:
    """A step is being done, or waited for."""

    at: float
    """Seconds since the viewers came."""
    step: int
    """Its place, from 0."""


@frozen
class Done:
    """A step has come about."""

    at: float
    step: int
    said: str


@frozen
class Answered:
    """What viewers have had so far."""

    at: float
    answers: int
    failures: int


@frozen
class Judged:
    """An expectation, by its place, and what came."""

    expectation: int
    is_met: bool
    came: str

    @classmethod
    def of(cls, number: int, verdict: Verdict) -> Judged:
        return cls(number, verdict.is_met, verdict.came)


@frozen
class Ended:
    """The run is over and its world is gone."""

    is_passed: bool
    trouble: str
    """The step that could not be done, or ""."""


Event = Started | Begun | Done | Answered | Judged | Ended
Tell = Callable[[Event], None]


def line_of(event: Event) -> str:
    """`{"event": "done", "at": 12.5, "step": 3, "said": "…"}` and the line's end."""
    plain = {key: round(value, 2) if key == "at" else value for key, value in asdict(event).items()}
    return json.dumps({"event": type(event).__name__.lower()} | plain) + "\n"
