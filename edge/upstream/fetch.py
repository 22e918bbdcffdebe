"""One question put to the upstreams, and its answer brought home whole or declared lost."""

from __future__ import annotations

from typing import Protocol

from attrs import evolve
from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import Logger

from edge.core.events import Failure as Reason
from edge.upstream.answer import Answer
from edge.upstream.connection import UpstreamConnection, framed
from edge.upstream.failing import UpstreamFailed
from edge.upstream.promise import Promise, keeps, promised_by
from edge.upstream.retold import Retold
from edge.upstream.succession import Succession
from edge.upstream.upstreams import Upstreams
from wire.http.fields import RequestHead, ResponseHead
from wire.web.body import RequestBody
from wire.web.spool import Source

log = Logger()

MOST_RESUMES = 3
UNANSWERED = frozenset({Reason.UNREACHABLE, Reason.TIMED_OUT, Reason.CUT})


class Listener(Protocol):
    """Who asked."""

    def interim_arrived(self, head: ResponseHead) -> None:
        """A 1xx head; the final one is yet to come."""

    def head_arrived(self, head: ResponseHead, requested_at: float) -> None:
        """The final head. The body waits for `Fetching.proceed`."""

    def body_outgrew(self) -> None:
        """The body passed the object limit."""

    def body_completed(self, size: int) -> None:
        """The whole message came."""

    def fetch_failed(self, failure: UpstreamFailed) -> None:
        """No whole answer will come."""


class Sink(Protocol):
    """Where a body goes: a spool, or what writes to one."""

    source: Source | None

    def write(self, data: bytes) -> None:
        """Some more of it."""


class Fetching:
    """A question under way. Tries the next upstream where that is allowed; after `proceed`, fills a spool.

    When an upstream dies in the middle of a body that has a strong ETag and a known length, the rest is asked
    of the next healthy one by Range and If-Range and appended: whoever drinks from the spool never notices.
    """

    def __init__(
        self,
        upstreams: Upstreams,
        head: RequestHead,
        listener: Listener,
        body: RequestBody | None = None,
        begun: Retold | None = None,
    ) -> None:
        """`begun`: the first attempt, where it was made already."""
        self.received = 0
        self.upstream = ""
        self._has_head = False
        self._upstreams = upstreams
        self._head = head
        self._body = body
        self._succession = Succession(upstreams, head.method, body)
        self._begun = begun
        self._listener = listener
        self._spool: Sink | None = None
        self._answer: Answer | None = None
        self._taking: Deferred[UpstreamConnection | Retold] | None = None
        self._proceeding: Deferred[None] = Deferred()
        self._is_cancelled = False
        self._is_body_cut = False
        self._most_bytes = upstreams.limits.object_bytes
        self._has_outgrown = False

    def start(self) -> None:
        """Ask. The listener hears what comes of it, never before this returns unless all of it is at hand."""
        running = Deferred.fromCoroutine(self._run())
        running.addErrback(
            lambda failure: log.failure("while fetching {uri}", failure, uri=self._head.target)
        )

    def proceed(self, spool: Sink | None) -> None:
        """The head was considered: the body goes to `spool`, or falls when there is none."""
        self._spool = spool
        if spool is not None:
            spool.source = self
        if not self._proceeding.called:
            self._proceeding.callback(None)

    def gather_at_most(self, most_bytes: int) -> None:
        """A larger body outgrows whoever gathers it, though it may be none too large for the store."""
        self._most_bytes = min(self._most_bytes, most_bytes)

    @property
    def awaits_decision(self) -> bool:
        """Whether the head is here, and not settled yet where the body goes."""
        return self._has_head and not self._proceeding.called

    def cancel(self) -> None:
        """Nobody wants the answer. The listener hears no more."""
        self._is_cancelled = True
        if self._taking is not None:
            self._taking.cancel()
        if self._answer is not None:
            self._answer.drop()
        self.proceed(None)

    # The spool's brake

    def pause(self) -> None:
        answer = self._answer
        if answer is not None and answer.connection is not None and not answer.end.called:
            answer.held_back(True)
            answer.connection.pause()

    def resume(self) -> None:
        answer = self._answer
        if answer is not None and answer.connection is not None and not answer.end.called:
            answer.held_back(False)
            answer.connection.resume()

    # How it goes

    async def _run(self) -> None:
        try:
            requested_at = self._upstreams.now()
            answer, head = await self._first_answer()
            self._has_head = True
            self._listener.head_arrived(head, requested_at)
            await self._proceeding
            await self._whole_body(answer, head)
        except UpstreamFailed as failure:
            if not self._is_cancelled:
                self._listener.fetch_failed(failure)
        except Exception:  # a defect of ours: it is logged, but whoever waits must not wait for ever
            if not self._is_cancelled:
                self._listener.fetch_failed(UpstreamFailed(Reason.CUT, "Internal error"))
            raise
        else:
            if not self._is_cancelled:
                self._listener.body_completed(self.received)

    async def _first_answer(self) -> tuple[Answer, ResponseHead]:
        """The first head that any upstream answers."""
        upstreams = self._upstreams
        upstreams.budget.asked()
        ordered = upstreams.in_order(self._head)
        if self._begun is not None:
            first = self._begun.upstream
            ordered = (first, *(each for each in ordered if each != first))
        if not ordered:
            raise self._not_asked()
        while True:
            upstream, *others = ordered
            try:
                answer, head = await self._ask(upstream, self._head)
            except UpstreamFailed as failed:
                ordered = () if self._is_cancelled else self._succession.without(failed, upstream, others)
                if not ordered:
                    raise
            else:
                ordered = self._succession.after(head.status, upstream, others)
                if not ordered:
                    return answer, head
                answer.drop()

    def _not_asked(self) -> UpstreamFailed:
        """All are out of reach, or gave no answer too often (sheet 19.3)."""
        told, reason = self._upstreams, Reason.BREAKER_OPEN
        here = told.health.here(told.urls)
        told.answers.update((url, reason.value) for url in here)
        again_seconds = told.health.breakers.seconds_left(here)
        return UpstreamFailed(reason, "no upstream has given an answer of late", again_seconds=again_seconds)

    async def _ask(self, upstream: str, head: RequestHead) -> tuple[Answer, ResponseHead]:
        """One upstream's answer; on a kept connection that turns out dead, asked once more on a fresh one."""
        health = self._upstreams.health
        health.breakers.asked(upstream)
        self.upstream = upstream
        try:
            connection = await self._connection(upstream)
            try:
                answered = await self._ask_on(connection, upstream, head)
            except UpstreamFailed as failed:
                is_stale = (
                    connection.is_used
                    and failed.reason is Reason.CUT
                    and not connection.answer_has_begun
                    and not connection.is_hung_up
                )
                if self._is_cancelled or not is_stale or not self._succession.is_repeatable:
                    raise
                answered = await self._ask_on(await self._connection(upstream, fresh=True), upstream, head)
        except UpstreamFailed as failed:
            if not self._is_cancelled:
                self._upstreams.answers[upstream, failed.reason.value] += 1
                if failed.reason is Reason.UNREACHABLE and self._upstreams.routes is not None:
                    self._upstreams.routes.failed(upstream)
                if failed.reason is not Reason.BUSY and not self._is_body_cut:
                    health.failed(upstream)
                    if failed.reason in UNANSWERED:
                        health.breakers.failed(upstream)
            raise
        self._upstreams.answered(upstream, answered[1].status)
        return answered

    async def _connection(self, upstream: str, *, fresh: bool = False) -> UpstreamConnection | Retold:
        """A connection, perhaps after a wait in line; the wait ends with whoever wanted it."""
        begun, self._begun = self._begun, None
        if begun is not None:
            return begun
        idle = None if fresh else self._upstreams.pool.take_idle(upstream)
        if idle is not None:
            return idle
        self._taking = Deferred.fromCoroutine(self._upstreams.pool.take(upstream, fresh=fresh))
        try:
            return await self._taking
        except CancelledError as cancelled:
            raise UpstreamFailed(Reason.CUT, "nobody waits for it") from cancelled
        finally:
            self._taking = None

    async def _ask_on(
        self, connection: UpstreamConnection | Retold, upstream: str, head: RequestHead
    ) -> tuple[Answer, ResponseHead]:
        answer = self._answer = Answer(
            self._upstreams.clock, self._upstreams.limits, self._data_arrived, self._interim_arrived
        )
        if self._is_cancelled:
            connection.abort()
            raise UpstreamFailed(Reason.CUT, "nobody waits for it")
        answer.connection = connection
        if isinstance(connection, Retold):
            connection.tell(answer)
            answer.expect_head()
            return answer, await answer.head
        has_body = self._body is not None and self._body.length != 0
        told = self._upstreams.told(upstream, head)
        connection.ask(framed(told, upstream, self._body), answer, has_body=has_body)
        if has_body and self._body is not None:
            sending = Deferred.fromCoroutine(self._send_body(connection, self._body, answer))
            sending.addErrback(self._body_failed, answer)
        else:
            answer.expect_head()
        return answer, await answer.head

    async def _send_body(self, connection: UpstreamConnection, body: RequestBody, answer: Answer) -> None:
        is_chunked = body.length is None
        async for chunk in body.chunks():
            if answer.end.called or not connection.is_open:
                break
            await self._send(
                connection, b"%x\r\n%b\r\n" % (len(chunk), chunk) if is_chunked else chunk, answer
            )
        if answer.end.called or not body.is_complete:
            connection.abort()  # answered before we were done: what we owe it will never come
            return
        if is_chunked:
            await self._send(connection, b"0\r\n\r\n", answer)
        connection.sent()
        answer.expect_head()

    async def _send(self, connection: UpstreamConnection, piece: bytes, answer: Answer) -> None:
        if connection.is_full:
            with answer.room_expected():
                await connection.send(piece)
        else:
            await connection.send(piece)

    def _body_failed(self, failure: object, answer: Answer) -> None:
        """The viewer's body was cut, which is no fault of the upstream: it must not take it for a whole one."""
        self._is_body_cut = True
        if answer.connection is not None:
            answer.connection.abort()
        answer.failed(UpstreamFailed(Reason.CUT, "the request's body was cut short"))

    def _interim_arrived(self, head: ResponseHead) -> None:
        if not self._is_cancelled and not self._has_head:
            self._listener.interim_arrived(head)

    # The body

    def _data_arrived(self, data: bytes) -> None:
        self.received += len(data)
        if self._spool is not None:
            self._spool.write(data)
        if self.received > self._most_bytes and not self._has_outgrown:
            self._has_outgrown = True
            self._listener.body_outgrew()

    async def _whole_body(self, answer: Answer, head: ResponseHead) -> None:
        resumes = 0
        promise = promised_by(head) if self._head.method == "GET" and self._spool is not None else None
        limits = self._upstreams.limits
        has_others = promise is not None and len(self._upstreams.urls) > 1
        while not self._is_cancelled:
            answer.expect_body(limits.resume_seconds if has_others else limits.between_bytes_seconds)
            if answer.connection is not None:
                answer.connection.read_on()
            answer.watch_body()
            try:
                await answer.end
            except UpstreamFailed as failed:
                resumes += 1
                if self._is_cancelled or resumes > MOST_RESUMES or promise is None:
                    raise
                answer = await self._resumed(failed, promise)
            else:
                return

    async def _resumed(self, failed: UpstreamFailed, promise: Promise) -> Answer:
        """The rest of the body from the next upstream that has the very same one; else the failure stands."""
        self._upstreams.health.failed(self.upstream)
        first = promise.start + self.received
        fields = self._head.fields.without(["range", "if-range", "if-none-match", "if-modified-since"])
        # Its end is named only where the viewer named one: a plain "from here on" is understood more widely.
        last = "" if promise.stop == promise.size else str(promise.stop - 1)
        fields = fields.adding("Range", f"bytes={first}-{last}").adding("If-Range", promise.etag)
        rest = evolve(self._head, fields=fields)
        for upstream in self._upstreams.in_order(self._head):
            if self._is_cancelled:
                break
            try:
                answer, again = await self._ask(upstream, rest)
            except UpstreamFailed:
                continue
            if keeps(again, promise, self.received):
                log.info("resumed {uri} at byte {at}", uri=rest.target, at=first)
                return answer
            answer.drop()
        raise failed
