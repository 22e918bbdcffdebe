"""What is known of the upstreams from how they behaved: who failed lately is left alone for a while."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import Factory, define, field

from edge.upstream.breaker import Breakers

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 15.0
SERVER_ERRORS = frozenset({500, 502, 503, 504})


@define
class _Record:
    failures: int = 0
    ejected_until: float = 0.0


@define
class Health:
    """Passive health: each failure in a row ejects for twice as long; one success forgives all.

    Outliers too: who answers 500, 502, 503 or 504 `outlier_errors` times in a row has failed once (0: never).
    """

    now: Callable[[], float]
    outlier_errors: int = 0
    away: set[str] = field(factory=set)
    """Upstreams that are not there for now, as an operator said: neither asked nor checked."""
    breakers: Breakers = Factory(lambda health: Breakers(health.now), takes_self=True)
    _records: dict[str, _Record] = field(factory=dict, init=False)
    _errors: dict[str, int] = field(factory=dict, init=False)

    def leave(self, upstream: str) -> None:
        """It is about to end, or has yet to be started."""
        self.away.add(upstream)

    def join(self, upstream: str) -> None:
        """It is there: another process than the one before, of which nothing is known yet."""
        if upstream in self.away:
            self.away.discard(upstream)
            self.forget(upstream)

    def forget(self, upstream: str) -> None:
        """What was known of it is about another."""
        self._records.pop(upstream, None)
        self._errors.pop(upstream, None)
        self.breakers.close(upstream)

    def here(self, upstreams: Sequence[str]) -> Sequence[str]:
        """Those of them that are there, in their order; all, where none is: asking beats refusing."""
        return [each for each in upstreams if each not in self.away] or upstreams

    def failed(self, upstream: str) -> None:
        """It refused, was cut off before it answered, or took too long."""
        record = self._records.setdefault(upstream, _Record())
        record.failures += 1
        pause = FIRST_PAUSE_SECONDS * 2 ** min(record.failures - 1, 16)
        record.ejected_until = self.now() + min(pause, LONGEST_PAUSE_SECONDS)

    def succeeded(self, upstream: str) -> None:
        """It answered as it should."""
        self._records.pop(upstream, None)

    def answered(self, upstream: str, status: int) -> None:
        """A head came from it."""
        if status not in SERVER_ERRORS or not self.outlier_errors:
            self._errors.pop(upstream, None)
            self.succeeded(upstream)
            return
        errors = self._errors.get(upstream, 0) + 1
        self._errors[upstream] = errors % self.outlier_errors
        if errors == self.outlier_errors:
            self.failed(upstream)

    def is_silent(self, upstream: str) -> bool:
        """Whether checks have found that it does not even say how it is. Questions alone never tell."""
        return False

    def is_out_of_reach(self, upstream: str) -> bool:
        """Whether they have found that to ask it costs time, and no more comes of it."""
        return False

    def are_silent(self, upstreams: Sequence[str]) -> bool:
        """Whether all that are there are."""
        return all(map(self.is_silent, self.here(upstreams)))

    def ejected_until(self, upstream: str) -> float:
        """When it may be asked again; 0 for one in good standing."""
        record = self._records.get(upstream)
        return record.ejected_until if record is not None else 0.0
