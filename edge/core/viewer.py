"""The viewer's side of an exchange: at most one answer, its marks, and what the log will say of it."""

from __future__ import annotations

from math import ceil, floor

from attrs import define, field

from edge.core.answering import Answer, Marks, answer_from
from edge.core.commands import Command, Deliver, Follow, Forward, Inform, LeaveFlight, Respond
from edge.core.entry import Entry
from edge.core.express import Leave
from edge.core.outcome import Outcome, Verdict
from edge.core.parts import placed, placed_within, view_of
from edge.core.policy import Policy
from wire.http.cache_status import CacheStatus
from wire.http.dates import format_date
from wire.http.fields import Fields, RequestHead, ResponseHead
from wire.http.hops import end_to_end, is_from_our_edge, with_via
from wire.http.proxy_status import ProxyError, proxy_status
from wire.http.reasons import reason_of
from wire.http.recipient import ALLOWED

RETRY_AFTER_SECONDS = 1  # at least


@define
class Viewer:
    """Who asked. Answers become commands only while somebody is there to read them (`is_present`)."""

    request: RequestHead
    policy: Policy
    started_at: float = 0.0
    is_present: bool = True
    is_answered: bool = False
    is_following_upstream: bool = False
    """The answer under way feeds on our own fetch: it breaks when that breaks."""
    key: str = ""
    verdict: Verdict = Verdict.ERROR
    status: int = 0
    answered_at: float = 0.0
    cache_status: str = ""
    collapsed: bool = False
    entry: Entry | None = None
    """What is stored, or will be, of what they get."""
    _to_our_edge: bool = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._to_our_edge = is_from_our_edge(self.request.fields)

    def from_store(
        self,
        entry: Entry,
        now: float,
        verdict: Verdict,
        status: CacheStatus,
        leave: Leave | None = None,
    ) -> list[Command]:
        """All or part of a stored response, or a 304 made of it. Age always (6.4)."""
        self.entry = entry
        marks = self._marks(verdict, status, now, entry.version, age=floor(entry.age_at(now)))
        answer = answer_from(entry, entry.fields, self.request, marks, now)
        pieces = placed(entry, answer.pieces)
        return self._say(answer, now, Deliver(entry, answer.head, pieces, leave), leave)

    def from_flight(
        self, entry: Entry, key: str, now: float, verdict: Verdict, status: CacheStatus
    ) -> list[Command]:
        """The leader's response, or the part that it is, as it arrives. Followers get what hits will get, nothing of
        the initiator's (18.4)."""
        self.entry = entry
        self.collapsed = verdict is Verdict.MISS
        marks = self._marks(verdict, status, now, entry.version, age=floor(entry.age_at(now)))
        held = view_of((entry,)) if entry.is_part else entry
        answer = answer_from(held, entry.fields, self.request, marks, now)
        if not answer.pieces:
            return [*self._say(answer, now, None), LeaveFlight(key)]
        pieces = placed_within(entry, answer.pieces) if entry.is_part else answer.pieces
        return self._say(answer, now, Follow(answer.head, pieces, key))

    def from_fetch(
        self, entry: Entry, fields: Fields, now: float, verdict: Verdict, status: CacheStatus
    ) -> list[Command]:
        """Our own fetch's storable answer, as it arrives; `fields` hold what only the initiator gets
        (4.4)."""
        self.entry = entry
        slow = floor(entry.response_time - entry.request_time)
        age = slow if slow >= 1 and "age" not in fields else None
        marks = self._marks(verdict, status, now, entry.version, age=age)
        answer = answer_from(entry, fields, self.request, marks, now)
        self.is_following_upstream = bool(answer.pieces)
        return self._say(answer, now, Forward(answer.head, answer.pieces))

    def relay(
        self,
        head: ResponseHead,
        length: int,
        now: float,
        verdict: Verdict,
        status: CacheStatus,
        *,
        keep: bool = False,
    ) -> list[Command]:
        """Our own fetch's answer as it is, for this viewer alone; `keep` what will be stored of it."""
        marks = self._marks(verdict, status, now, head.version)
        fields = marks.on(head.fields.without(("content-length",)))
        has_body = self.request.method != "HEAD" and head.status not in (204, 304)
        if length >= 0 and head.status not in (204, 304):
            fields = fields.adding("Content-Length", str(length))
        sent = ResponseHead(head.status, fields, head.reason)
        self.is_following_upstream = has_body
        return self._say(Answer(sent, (b"",) if has_body else ()), now, Forward(sent, keep=keep))

    def cut_out(
        self, fields: Fields, once: Entry, now: float, verdict: Verdict, status: CacheStatus
    ) -> list[Command]:
        """The ranges that are wanted of our own fetch's answer, for this viewer alone; `fields` as they came."""
        marks = self._marks(verdict, status, now, once.version)
        answer = answer_from(once, fields, self.request, marks, now)
        self.is_following_upstream = bool(answer.pieces)
        return self._say(answer, now, Forward(answer.head, answer.pieces, keep=False))

    def inform(self, head: ResponseHead) -> list[Command]:
        """A 1xx of the upstream's, for whoever can read one (sheet 16.4). 100 is between us and the upstream."""
        if not self.is_present or self.is_answered or self.request.version == "1.0" or head.status == 100:
            return []
        fields = with_via(end_to_end(head.fields), head.version, self.policy.pseudonym)
        return [Inform(ResponseHead(head.status, fields, head.reason))]

    def refuse(
        self,
        status: int,
        now: float,
        cause: str,
        member: CacheStatus | None = None,
        error: ProxyError | None = None,
        again_seconds: float = 0.0,
    ) -> list[Command]:
        """An answer made from nothing. `member` where a fetch was tried; `error` for Proxy-Status (RFC 9209);
        `again_seconds` for Retry-After."""
        marks = self._marks(Verdict.ERROR, member, now)
        body = f"{status} {reason_of(status)}: {cause}\n".encode()
        lines = [("Date", format_date(now)), ("Content-Type", "text/plain; charset=utf-8")]
        lines += [("Cache-Control", "no-store"), ("Content-Length", str(len(body)))]
        if error is not None:
            lines.append(("Proxy-Status", proxy_status(self.policy.node, error)))
        if status == 405:
            lines.append(("Allow", ALLOWED))
        if status == 503:
            # whole seconds (RFC 9110 §10.2.3), of which the last has passed by then
            lines.append(("Retry-After", str(max(RETRY_AFTER_SECONDS, ceil(again_seconds)))))
        head = ResponseHead(status, marks.on(Fields(lines)), reason_of(status))
        return self._say(Answer(head, (), b"" if self.request.method == "HEAD" else body), now, None)

    def about_us(self, now: float) -> list[Command]:
        """What this server allows, to an OPTIONS that asks it and nobody behind it (RFC 9110 §9.3.7)."""
        lines = (("Date", format_date(now)), ("Cache-Control", "no-store"), ("Allow", ALLOWED))
        marks = self._marks(Verdict.PASS, None, now)
        return self._say(Answer(ResponseHead(204, marks.on(Fields(lines))), ()), now, None)

    def outcome(self, now: float, *, stored: bool, complete: bool) -> Outcome:
        """For Done."""
        return Outcome(
            verdict=self.verdict,
            status=self.status,
            key=self.key,
            cache_status=self.cache_status,
            started_at=self.started_at,
            answered_at=self.answered_at or now,
            stored=stored,
            collapsed=self.collapsed,
            complete=complete,
        )

    def _marks(
        self,
        verdict: Verdict,
        status: CacheStatus | None,
        now: float,
        version: str = "1.1",
        age: int | None = None,
    ) -> Marks:
        self.verdict = verdict
        self.cache_status = "" if status is None else str(status)
        return Marks(
            policy=self.policy,
            verdict=verdict,
            cache_status=self.cache_status,
            milliseconds=1000 * max(0.0, now - self.started_at),
            age=age,
            date=format_date(now) if self.policy.rebase_age else None,
            to_our_edge=self._to_our_edge,
            version=version,
        )

    def _say(
        self, answer: Answer, now: float, streaming: Command | None, leave: Leave | None = None
    ) -> list[Command]:
        if not self.is_present or self.is_answered:
            return []
        self.is_answered = True
        self.status = answer.head.status
        self.answered_at = now
        if answer.pieces and streaming is not None:
            return [streaming]
        return [Respond(answer.head, answer.body, leave)]
