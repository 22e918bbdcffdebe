"""How long a question takes, from being put to the last byte of its answer."""

from __future__ import annotations

from attrs import evolve
from twisted.internet.defer import Deferred

from edge.upstream.failing import UpstreamFailed
from edge.upstream.fetch import Fetching
from edge.upstream.tiers import Tiers
from edge.upstream.upstreams import Upstreams
from wire.http.fields import RequestHead, ResponseHead


def seconds_of(upstreams: Upstreams, urls: tuple[str, ...], head: RequestHead) -> Deferred[float | None]:
    """Of these upstreams alone; None where there is no whole answer, or one that tells of a failing server. To
    cancel it ends the question.
    """
    alone = evolve(upstreams, urls=urls, balance="first", group=None, tiers=Tiers(), routes=None)
    return Timing(alone, head).start()


class Timing:
    """A listener that lets the answer's body fall."""

    def __init__(self, upstreams: Upstreams, head: RequestHead) -> None:
        self._clock = upstreams.clock
        self._fetching = Fetching(upstreams, head, self)
        self._done: Deferred[float | None] = Deferred(lambda _: self._fetching.cancel())
        self._started = 0.0
        self._is_well = False

    def start(self) -> Deferred[float | None]:
        """Put the question; the seconds."""
        self._started = self._clock.seconds()
        self._fetching.start()
        return self._done

    def interim_arrived(self, head: ResponseHead) -> None:
        """The final one is yet to come."""

    def head_arrived(self, head: ResponseHead, requested_at: float) -> None:
        self._is_well = head.status < 500
        self._fetching.proceed(None)

    def body_outgrew(self) -> None:
        """It is kept nowhere."""

    def body_completed(self, size: int) -> None:
        self._done.callback(self._clock.seconds() - self._started if self._is_well else None)

    def fetch_failed(self, failure: UpstreamFailed) -> None:
        self._done.callback(None)
