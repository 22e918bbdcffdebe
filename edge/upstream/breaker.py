"""Who gave no answer so often that asking costs only time is not asked, but for one question now and then. Pure.

CLOSED ──failures in a row──▶ OPEN           no question goes there, but one every so many seconds
OPEN ──an answer, or a check that was passed──▶ CLOSED
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import inf

from attrs import define, field


@define
class Breakers:
    """A circuit breaker for each upstream (sheet 19.3). An answer is an answer whatever its status; errors that an
    upstream answers are told viewers as they are, or stood in for (14.3)."""

    now: Callable[[], float]
    failures: int = 0
    """Questions in a row without an answer that open it; 0: it stays closed."""
    seconds: float = 1.0
    """While it is open, how long until the next question is let by to see."""
    openings: int = field(default=0, init=False)
    """How often one opened."""
    _unanswered: dict[str, int] = field(factory=dict, init=False)
    _next_trials: dict[str, float] = field(factory=dict, init=False)
    """Of those that are open."""

    def refuses(self, upstream: str) -> bool:
        """Whether a question for it is not to be asked now."""
        return self.now() < self._next_trials.get(upstream, -inf)

    def seconds_left(self, upstreams: Iterable[str]) -> float:
        """Until the first of these may be asked; 0: one may be now."""
        trials = (self._next_trials.get(upstream, -inf) for upstream in upstreams)
        return max(0.0, min(trials, default=-inf) - self.now())

    def is_open(self, upstream: str) -> bool:
        """Whether it gave no answer of late; one question may still be due."""
        return upstream in self._next_trials

    def are_open(self, upstreams: Iterable[str]) -> bool:
        """Whether all of these are."""
        return all(map(self.is_open, upstreams))

    @property
    def count_open(self) -> int:
        """How many are."""
        return len(self._next_trials)

    def asked(self, upstream: str) -> None:
        """A question goes there; while it is open that was the one."""
        if upstream in self._next_trials:
            self._next_trials[upstream] = self.now() + self.seconds

    def failed(self, upstream: str) -> None:
        """A question had no answer."""
        unanswered = self._unanswered[upstream] = self._unanswered.get(upstream, 0) + 1
        if self.failures and unanswered >= self.failures:
            self.openings += upstream not in self._next_trials
            self._next_trials[upstream] = self.now() + self.seconds

    def close(self, upstream: str) -> None:
        """It answered, it is well as far as a check can tell, or it is another than it was."""
        self._unanswered.pop(upstream, None)
        self._next_trials.pop(upstream, None)
