"""One viewer's request carried to an upstream and its answer carried back, no faster than the viewer takes
it.

Until the viewer has been told anything, any failure can be hidden by asking another upstream, so short bodies
are taken in whole first. After that the fetch itself resumes where it broke off; when it cannot, the viewer's
connection is cut: an answer that is not whole must not look as if it were (RFC 9112 §8).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import cast

from attrs import evolve, frozen
from twisted.internet.defer import Deferred

from edge.balancer.heads import IDEMPOTENT, answered, body_length, informed
from edge.balancer.upload import TakenBody
from edge.core.events import Failure as Reason
from edge.upstream.failing import UpstreamFailed
from edge.upstream.fetch import Fetching
from edge.upstream.retold import Retold
from edge.upstream.upstreams import Upstreams
from wire.http.fields import RequestHead, ResponseHead
from wire.web.body import RequestBody
from wire.web.sending import Valve
from wire.web.site import StreamingRequest
from wire.web.spool import Reader, Spool, SpoolFailed

SLICE = 64 * 1024


class Arrival:
    """Listens to a fetch: its head awaited once, its body in a spool that keeps what was not read yet."""

    def __init__(
        self,
        upstreams: Upstreams,
        head: RequestHead,
        body: TakenBody | None,
        inform: Callable[[ResponseHead], None],
        begun: Retold | None,
    ) -> None:
        self.head: Deferred[ResponseHead] = Deferred()
        self.spool = Spool(keep=False)
        self.is_over = False
        self._inform = inform
        self.fetching = Fetching(upstreams, head, self, cast("RequestBody | None", body), begun)

    def interim_arrived(self, head: ResponseHead) -> None:
        """Told at once, though the request may be put to somebody else yet: it promises nothing of the answer."""
        self._inform(head)

    def head_arrived(self, head: ResponseHead, requested_at: float) -> None:
        self.head.callback(head)

    def body_outgrew(self) -> None:
        """Nothing is kept, so no body is too large."""

    def body_completed(self, size: int) -> None:
        self.is_over = True
        self.spool.complete()

    def fetch_failed(self, failure: UpstreamFailed) -> None:
        self.is_over = True
        if self.head.called:
            self.spool.fail(failure)
        else:
            self.head.errback(failure)


@frozen
class Relay:
    """How answers are carried: under whose name, for which region, and how much is taken in first."""

    node: str
    region: str
    collect_bytes: int

    async def carry(
        self,
        upstreams: Upstreams,
        head: RequestHead,
        request: StreamingRequest,
        body: TakenBody | None = None,
        begun: Retold | None = None,
    ) -> int:
        """Answer the request; how many body bytes went. Raises `UpstreamFailed` while nothing is told. `begun`: the
        first attempt, where it was made already.
        """
        untried = upstreams
        while True:
            arrival = Arrival(untried, head, body, partial(self._inform, request), begun)
            begun = None
            with self._fetching(arrival) as reader:
                try:
                    arrived = await arrival.head
                    arrival.fetching.proceed(arrival.spool)
                    start, is_all = await self._beginning(reader, body_length(head.method, arrived))
                except (UpstreamFailed, SpoolFailed) as failed:
                    untried = without(untried, arrival.fetching.upstream)
                    if not (may_ask_again(failed, head) and untried.urls and untried.budget.spend()):
                        raise as_upstream_failure(failed) from failed
                    continue
                told = with_cookies(answered(arrived, self.node, self.region), request.cookies)
                return await self._tell(request, told, reader, start, is_all)

    @contextmanager
    def _fetching(self, arrival: Arrival) -> Iterator[Reader]:
        reader = arrival.spool.reader()
        arrival.fetching.start()
        try:
            yield reader
        finally:
            if not arrival.is_over:
                arrival.fetching.cancel()
            reader.close()
            arrival.spool.close()

    async def _beginning(self, reader: Reader, length: int | None) -> tuple[list[bytes], bool]:
        """What is read before the viewer is told, and whether that is all."""
        parts: list[bytes] = []
        if length is not None and length > self.collect_bytes:
            return parts, False
        size = 0
        while size <= self.collect_bytes:
            part = await reader.read(SLICE)
            if not part:
                return parts, True
            parts.append(part)
            size += len(part)
        return parts, False

    def _inform(self, request: StreamingRequest, head: ResponseHead) -> None:
        told = informed(head, self.node)
        if told is not None:
            request.inform(told)

    async def _tell(
        self, request: StreamingRequest, head: ResponseHead, reader: Reader, start: list[bytes], is_all: bool
    ) -> int:
        sent = sum(map(len, start))
        with Valve(request) as valve:
            request.begin(head, b"".join(start))
            try:
                while not is_all and (part := await reader.read(SLICE)):
                    await valve.ready()
                    request.write(part)
                    sent += len(part)
            except SpoolFailed:
                request.cut()
                raise
        return sent


def with_cookies(head: ResponseHead, cookies: Iterable[bytes]) -> ResponseHead:
    """The same with what this node would have the viewer remember."""
    fields = head.fields
    for cookie in cookies:
        fields = fields.adding("Set-Cookie", cookie.decode("latin-1"))
    return evolve(head, fields=fields) if fields is not head.fields else head


def may_ask_again(failed: UpstreamFailed | SpoolFailed, head: RequestHead) -> bool:
    """Whether another upstream should be asked. The fetch has tried all, unless one was silent or began."""
    is_worth_it = isinstance(failed, SpoolFailed) or failed.reason is Reason.TIMED_OUT
    return is_worth_it and head.method in IDEMPOTENT


def without(upstreams: Upstreams, tried: str) -> Upstreams:
    """The same less one that has failed."""
    return evolve(upstreams, urls=tuple(url for url in upstreams.urls if url != tried))


def as_upstream_failure(failed: UpstreamFailed | SpoolFailed) -> UpstreamFailed:
    """Why there is no answer, whether the head or the body of it failed."""
    if isinstance(failed, UpstreamFailed):
        return failed
    cause = failed.__cause__
    return cause if isinstance(cause, UpstreamFailed) else UpstreamFailed(Reason.CUT, str(failed))
