"""Who is up, as far as a node can know that checks its upstreams: from the checks, and from what happens to
viewers' requests. Pure. A balancer's upstreams are PoPs and origins, an edge's are shields and origins.

    UP ──fall checks missed──▶ DOWN          who does not answer its readiness check gets no viewers
    UP ──a request failed────▶ SUSPECT       refused or reset: out at once, and checked at once
    SUSPECT ──check missed───▶ DOWN
    SUSPECT, DOWN ──rise checks passed──▶ UP

A suspect is asked when nobody else is left: a connection may be cut for reasons that are not the upstream's
own (an origin behind it that broke off in the middle), and then all are suspects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum

from attrs import define, field

from edge.upstream.health import Health

UNPROBED_PAUSE_SECONDS = 2.0
LEAST_SHARE = 0.05  # of its viewers, for who has just returned


class Standing(Enum):
    """What viewers may expect of an upstream."""

    UP = "up"
    SUSPECT = "suspect"
    DOWN = "down"


class Miss(Enum):
    """How a check was missed."""

    UNREADY = "unready"  # it said that it is not ready
    REFUSED = "refused"  # refused or reset: whoever asks hears so at once
    UNANSWERED = "unanswered"  # whoever asks waits for nothing


@define
class Record:
    """One upstream's."""

    is_probed: bool = True
    standing: Standing = Standing.UP
    reason: str = ""
    passed: int = 0
    missed: int = 0
    requests: int = 0
    failures: int = 0
    suspected_at: float = 0.0
    last_miss: Miss | None = None
    """None: the last check was passed."""
    has_passed: bool = False
    """Whether a check has found it up, ever."""
    ejections: int = 0
    returned_at: float | None = None
    """When it came back after it had been down; None while it never was."""


@define
class Standings(Health):
    """By base URL. Innocent until checked: a node that starts asks, and learns from the first
    refusal.
    """

    fall: int = 2
    rise: int = 2
    slow_return_seconds: float = 0.0
    """How long it takes who was down to get all its viewers back."""
    on_suspect: Callable[[str], None] = field(default=lambda url: None)
    on_change: Callable[[str, Standing, str], None] = field(default=lambda url, standing, reason: None)
    records: dict[str, Record] = field(factory=dict)
    _changes: int = field(default=0, init=False)
    _settles_at: float = field(default=0.0, init=False)
    _whole_at: float = field(default=0.0, init=False)

    @property
    def mark(self) -> int | None:
        """As long as it is the same, so are `is_up` and `may_serve` of everyone, and who has a `share` of less than 1;
        None while mere time changes that.
        """
        return self._changes if self.now() >= self._settles_at else None

    @property
    def is_anyone_returning(self) -> bool:
        """Whether a `share` may grow still."""
        return self.now() < self._whole_at

    def watch(self, urls: Iterable[str], *, is_probed: bool = True) -> None:
        """Know these from now on."""
        for url in urls:
            self.records.setdefault(url, Record(is_probed=is_probed))

    def is_up(self, url: str) -> bool:
        """Whether viewers go there."""
        record = self.records[url]
        if record.standing is Standing.SUSPECT and not record.is_probed:
            return self.now() - record.suspected_at >= UNPROBED_PAUSE_SECONDS  # only trying can tell
        return record.standing is Standing.UP

    def may_serve(self, url: str) -> bool:
        """Whether to ask there when nobody is up."""
        return self.records[url].standing is not Standing.DOWN

    def share(self, url: str) -> float:
        """Of its viewers, those that who is up gets: all, or more and more since it returned."""
        returned_at, within = self.records[url].returned_at, self.slow_return_seconds
        if returned_at is None or self.now() >= returned_at + within:
            return 1.0
        return max(LEAST_SHARE, (self.now() - returned_at) / within)

    def forget(self, upstream: str) -> None:
        Health.forget(self, upstream)
        self._changes += 1
        self.records[upstream] = Record(is_probed=self.records[upstream].is_probed)

    # From the checks

    def check_passed(self, url: str) -> None:
        """It said that it is ready."""
        record = self.records[url]
        self.breakers.close(url)
        record.missed, record.passed, record.last_miss = 0, record.passed + 1, None
        if record.standing is not Standing.UP and record.passed >= self.rise:
            # who is up for the first time has lost nothing that it could be given back slowly
            if record.standing is Standing.DOWN and record.has_passed:
                record.returned_at = self.now()
                self._whole_at = record.returned_at + self.slow_return_seconds
            self._become(url, Standing.UP, "")
        record.has_passed = record.has_passed or record.standing is Standing.UP

    def check_missed(self, url: str, reason: str, how: Miss = Miss.UNANSWERED) -> None:
        """It refused, did not answer in time, or said that it is not ready."""
        record = self.records[url]
        record.passed, record.missed, record.last_miss = 0, record.missed + 1, how
        if record.standing is Standing.SUSPECT or record.missed >= self.fall:
            self._become(url, Standing.DOWN, reason)

    # From viewers' requests (the part of `Health` that a fetch tells)

    def failed(self, upstream: str) -> None:
        record = self.records[upstream]
        record.requests += 1
        record.failures += 1
        record.passed = 0
        record.suspected_at = self.now()
        self._changes += 1
        if not record.is_probed:  # it will be up again of itself
            self._settles_at = self.now() + UNPROBED_PAUSE_SECONDS
        if record.standing is Standing.UP:
            self._become(upstream, Standing.SUSPECT, "a request failed")
            self.on_suspect(upstream)

    def succeeded(self, upstream: str) -> None:
        record = self.records[upstream]
        record.requests += 1
        if record.standing is Standing.SUSPECT and not record.is_probed:
            self._become(upstream, Standing.UP, "")

    def is_silent(self, upstream: str) -> bool:
        record = self.records[upstream]
        return record.standing is Standing.DOWN and record.last_miss in (Miss.REFUSED, Miss.UNANSWERED)

    def is_out_of_reach(self, upstream: str) -> bool:
        record = self.records[upstream]
        return record.standing is Standing.DOWN and record.last_miss is Miss.UNANSWERED

    def ejected_until(self, upstream: str) -> float:
        return 0.0 if self.is_up(upstream) else float("inf")

    def _become(self, url: str, standing: Standing, reason: str) -> None:
        record = self.records[url]
        record.reason = reason
        if record.standing is not standing:
            record.ejections += record.standing is Standing.UP
            record.standing = standing
            self._changes += 1
            self.on_change(url, standing, reason)
