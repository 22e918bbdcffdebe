"""One run of a scenario as the page shows it: what its timeline has told so far, and how it ended. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs
from attrs import define, field

MISSING_PROGRAM = 77  # `pixeledge run` exits so
UNDER_WAY = ("starting", "running", "ending")


@define
class Step:
    """One step: `to come`, `under way`, `done` or `failed`."""

    what: str
    state: str = "to come"
    at: float | None = None
    """When it was begun, then when it was done: seconds since the viewers came."""
    said: str = ""


@define
class Expected:
    """One expectation; not judged yet while `is_met` is None."""

    what: str
    is_met: bool | None = None
    came: str = ""


@define
class Rehearsal:
    """`starting` its world, `running`, `ending`; then `passed`, `failed`, `stopped` or `not run`, and why."""

    name: str
    is_without: bool = False
    state: str = "starting"
    why: str = ""
    about: str = ""
    safeguard: str = ""
    at: float = 0.0
    answers: int = 0
    failures: int = 0
    steps: list[Step] = field(factory=list)
    expectations: list[Expected] = field(factory=list)
    has_report: bool = False

    @property
    def is_under_way(self) -> bool:
        """Whether its process runs."""
        return self.state in UNDER_WAY

    def take(self, event: Mapping[str, Any]) -> None:
        """A line of the timeline (sim.scenarios.timeline)."""
        match event:
            case {"event": "started"}:
                self.about, self.safeguard = event["about"], event["safeguard"]
                self.steps = [Step(what) for what in event["steps"]]
                self.expectations = [Expected(what) for what in event["expectations"]]
            case {"event": "begun", "step": number, "at": at}:
                self.state = "running" if self.state == "starting" else self.state
                self._become(number, "under way", at)
            case {"event": "done", "step": number, "at": at, "said": said}:
                self._become(number, "done", at, said)
            case {"event": "answered", "answers": answers, "failures": failures, "at": at}:
                self.answers, self.failures, self.at = answers, failures, at
            case {"event": "judged", "expectation": number, "is_met": is_met, "came": came}:
                self.expectations[number] = Expected(self.expectations[number].what, is_met, came)
            case {"event": "ended", "trouble": trouble}:
                self.state, self.why = "ending", trouble

    def stop(self) -> None:
        """It is being broken off."""
        self.state, self.why = "ending", "broken off"

    def end(self, code: int | None, last_words: Iterable[str], *, has_report: bool) -> None:
        """Its process is gone; `code` is None when a signal ended it."""
        for step in self.steps:
            if step.state == "under way":
                step.state = "failed"
        self.has_report = has_report
        if self.why == "broken off":
            self.state = "stopped"
        elif code == 0:
            self.state = "passed"
        else:
            self.state = "not run" if code == MISSING_PROGRAM else "failed"
            self.why = self.why or self._unmet() or "\n".join(last_words) or "its process was killed"

    def told(self) -> dict[str, Any]:
        """All of it, as JSON."""
        return {**attrs.asdict(self), "is_under_way": self.is_under_way}

    def _become(self, number: int, state: str, at: float, said: str = "") -> None:
        step = self.steps[number]
        step.state, step.at, step.said = state, at, said
        self.at = at

    def _unmet(self) -> str:
        unmet = [expected for expected in self.expectations if expected.is_met is False]
        return f"{len(unmet)} of {len(self.expectations)} expectations were not met" if unmet else ""
