"""One trip to the upstream on a viewer's behalf: what its answer means for viewer, store and flight."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import partial

from attrs import define, evolve, field

from edge.core.answering import awaits_length, ranges_wanted
from edge.core.asking import Ask, upstream_request
from edge.core.commands import (
    Abort,
    CancelFetch,
    Command,
    CompleteFlight,
    Done,
    Drop,
    FailFlight,
    Fetch,
    ForgetUnshareable,
    Forward,
    Freshen,
    FreshenFlight,
    Invalidate,
    Keep,
    LandFlight,
    Prepend,
    ReleaseFlight,
    ShareFlight,
)
from edge.core.entry import Entry
from edge.core.events import (
    Event,
    Failure,
    InterimArrived,
    ResponseBodyCompleted,
    ResponseBodyOutgrew,
    ResponseFailed,
    ResponseHeadArrived,
    ViewerLeft,
)
from edge.core.flights import is_for_span
from edge.core.fronting import in_front, in_front_of
from edge.core.invalidation import SAFE, invalidated, prospect_of_post
from edge.core.keeping import is_storable, is_worth_finishing, salvaged, storing
from edge.core.key import Address
from edge.core.outcome import RULED, Verdict
from edge.core.parts import behind, placed, reach, seen_as
from edge.core.pieces import Span
from edge.core.policy import Policy
from edge.core.reuse import ERROR_STATUSES, Terms, may_serve_on_error
from edge.core.ruling import BYPASS
from edge.core.storing import (
    Filling,
    Refusal,
    part_prospect_of,
    promised_length,
    prospect_of,
    received,
    shown_once,
)
from edge.core.unanswered import ERRORS, TOO_LARGE, is_too_large, status_for
from edge.core.validation import after_head, completed, continues, freshened, named_by, served_once
from edge.core.viewer import Viewer
from wire.http.cache_status import CacheStatus
from wire.http.fields import Fields, RequestHead, ResponseHead
from wire.http.proxy_status import ProxyError


class UnexpectedEvent(Exception):
    """An event that this step does not know. Our bug, never the viewer's."""


class Leg(Enum):
    """Where the trip stands."""

    ASKING = "asking"  # no head yet
    MEASURING = "measuring"  # the viewer wants a range of a body whose length is not known before its end
    RECEIVING = "receiving"  # the body that answers the viewer, or fills the store, is arriving
    SETTLING = "settling"  # all is decided; only the end of the upstream message is awaited
    OVER = "over"


@define
class Errand:
    """A fetch and its consequences. Who shares it, and what it is to replace, was settled before it
    leaves."""

    viewer: Viewer
    policy: Policy
    request: RequestHead
    address: Address
    terms: Terms
    entries: tuple[Entry, ...] = ()
    """All that is stored under the key; `selected` among them, if the request had one to be validated."""
    selected: Entry | None = None
    partial: Entry | None = None
    """A view of the parts that are held of what is asked for, and do not suffice."""
    reason: str = ""
    """Of going forward, as Cache-Status spells it."""
    flight: str = ""
    leads: bool = False
    collapsed: bool | None = None
    is_background: bool = False
    leg: Leg = Leg.ASKING
    _ask: Ask = field(default=Ask.AS_IS, init=False)
    _sent: Fields = field(factory=Fields, init=False)
    _requested_at: float = field(default=0.0, init=False)
    _prospect: Entry | None = field(default=None, init=False)
    _held_back: Callable[[float, int], list[Command]] | None = field(default=None, init=False)
    """To say at a moment the answer that waited for its length."""
    _prefix: int = field(default=0, init=False)
    """Bytes from the store before those of the fetch."""
    _was_stored: bool = field(default=False, init=False)

    def ask(self, ask: Ask) -> list[Command]:
        """Set out, or set out again with another question while there is no head yet."""
        self._ask = ask
        entry = self.partial if ask is Ask.COMPLETE else self.selected
        head = upstream_request(self.request, self.address, self.policy, ask, entry)
        self._sent = head.fields
        return [Fetch(head, body=self.request.method not in ("GET", "HEAD"))]

    def receive(self, event: Event) -> list[Command]:
        """What to do now that this happened."""
        told = _TOLD.get((self.leg, type(event)))
        if told is None:
            raise UnexpectedEvent(self.leg, event)
        return told(self, event)

    def _interim_arrived(self, event: InterimArrived) -> list[Command]:
        return self.viewer.inform(event.head)

    def _head_arrived(self, event: ResponseHeadArrived) -> list[Command]:
        head, now = event.head, event.now
        self._requested_at = event.requested_at
        if is_too_large(head, self.policy):
            return [CancelFetch(), *self.fail(now, *TOO_LARGE)]
        if head.status in ERROR_STATUSES and self.is_background:
            return [CancelFetch(), *self.fail(now, Failure.SERVER_ERROR)]
        if head.status in ERROR_STATUSES and self.may_stand_in(now, is_unreachable=False):
            return self._stand_in(now, Failure.SERVER_ERROR, head.status)
        if self.request.method == "HEAD" or self.reason in ("method", "bypass"):
            return self._head_of_other(head, now)
        if head.status == 304 and self._ask is Ask.VALIDATE:
            return self._confirmed(head, now)
        if head.status == 304 and not self._asked_conditionally():
            return [CancelFetch(), *self.fail(now, Failure.MALFORMED)]
        if head.status == 206 and "range" not in self._sent:
            return [CancelFetch(), *self.fail(now, Failure.MALFORMED)]
        if self._ask is Ask.COMPLETE and head.status in (206, 416):
            return self._rest_arrived(head, now)
        if head.status == 206:
            return self._part_arrived(head, now)
        return self._answered(head, now)

    def _asked_conditionally(self) -> bool:
        fields = self.request.fields
        asked = "if-none-match" in fields or "if-modified-since" in fields
        return asked and self._ask in (Ask.FILL, Ask.AS_IS)

    def _head_of_other(self, head: ResponseHead, now: float) -> list[Command]:
        """HEAD, unsafe and unknown methods, and what was passed: relayed, with what it does to the store."""
        before: list[Command] = []
        filling = self._filling(now)
        entry = self.selected
        if entry is not None:  # a HEAD's: the others look nothing up
            told = [(each, after_head(each, head, filling, self.policy)) for each in behind(entry)]
            before += [Freshen(after) for each, after in told if after is not None and after != each]
        outdated = invalidated(self.request, self.address, head, self.policy)
        before += [outdated] if outdated is not None else []
        self._prospect = prospect_of_post(self.request, self.address, head, filling, self.policy)
        status = self._status(head.status, now, self._prospect)
        self.leg = Leg.RECEIVING
        if self._prospect is not None:
            fields = received(head, now).fields.without(("content-length",))
            said = self.viewer.from_fetch(self._prospect, fields, now, Verdict.PASS, status)
        else:
            verdict = (
                Verdict.MISS if self.request.method == "HEAD" and self.reason != "bypass" else Verdict.PASS
            )
            said = self.viewer.relay(received(head, now), promised_length(head), now, verdict, status)
        return [*before, *said]

    def _confirmed(self, head: ResponseHead, now: float) -> list[Command]:
        """A 304 to our own precondition (sheet 9.3–9.5)."""
        assert self.selected is not None
        asked, filling = self.selected, self._filling(now)
        named = [each for entry in named_by(head, asked, self.entries) for each in behind(entry)]
        ours = behind(asked)
        if not any(entry in ours for entry in named):  # not ours: ask again, without preconditions
            return [CancelFetch(), *self.ask(Ask.PLAIN)]
        served = served_once(asked, head, filling, self.policy)
        updates: list[Command] = []
        drops: list[Command] = [*map(Drop, in_front(asked, self.entries))]
        for entry in named:
            after = freshened(entry, head, filling.selecting(entry), self.policy)
            if isinstance(after, Entry):
                updates.append(Freshen(after))
                if entry in ours:
                    served = seen_as(after, asked.parts) if asked.parts else after
                    self._was_stored = True
            elif not after.spares_entries:
                drops.append(Drop(entry))
        if self.leads:
            self.leads = False
            shared = self._was_stored and served.is_fresh(now) and not served.no_cache
            over = FreshenFlight(self.flight, served) if shared else ReleaseFlight(self.flight, remember=True)
            updates.append(over)
        status = CacheStatus(
            self.policy.node, self.reason, 304, collapsed=self.collapsed, ttl=served.ttl_at(now)
        )
        self.leg = Leg.SETTLING
        said = self.viewer.from_store(served, now, Verdict.REVALIDATED, status)
        return [*updates, *said, *drops]  # the body is opened before it may go

    def _part_arrived(self, head: ResponseHead, now: float) -> list[Command]:
        """A 206: for this viewer as it is, and for those who wait for the same span, and stored as a part if it may be
        (11.7)."""
        known = self.partial or self.selected
        held = known if known is not None and continues(known, head) else None
        judged = part_prospect_of(head, self._filling(now), self.policy, held)
        drops = self._outdated_by(judged) if held is None else []
        if self.is_background:  # nobody takes the bytes: who asks next does
            return [CancelFetch(), *drops, *self._done(now)]
        self.leg = Leg.RECEIVING
        length = promised_length(head)
        if isinstance(judged, Refusal):
            released = self._release(remember=True)
            status = self._status(206, now, None, judged.reason)
            said = self.viewer.relay(received(head, now), length, now, Verdict.PASS, status)
            return [*released, *drops, *said]
        self._prospect = judged
        status = self._status(206, now, judged)
        said = self.viewer.relay(received(head, now), length, now, Verdict.MISS, status, keep=True)
        return [*self._share(judged, now), *drops, *said]

    def _rest_arrived(self, head: ResponseHead, now: float) -> list[Command]:
        """What we hold and what comes are a whole (11.10); if not, or if that may not be stored, all is asked
        for anew."""
        assert self.partial is not None
        held, whole = self.partial, completed(self.partial, head, self._filling(now), self.policy)
        if whole is None:
            self.partial = None
            return [CancelFetch(), *map(Drop, behind(held)), *self.ask(Ask.FILL)]
        self._prefix, self._prospect = reach(held), whole
        self.leg = Leg.RECEIVING
        status = self._status(206, now, whole)
        said = self.viewer.from_fetch(whole, whole.fields, now, Verdict.MISS, status)
        return [Prepend(placed(held, (Span(0, self._prefix),))), *self._share(whole, now), *said]

    def _outdated_by(self, judged: Entry | Refusal) -> list[Command]:
        """What was to be validated gives way to another answer, unless that has no say in what is stored (3.2)."""
        is_silent = isinstance(judged, Refusal) and (self.terms.no_store or judged.reason == BYPASS)
        if self.selected is None or is_silent:
            return []
        return [Drop(entry) for entry in behind(self.selected)]

    def _answered(self, head: ResponseHead, now: float) -> list[Command]:
        """A final answer with a body of its own, to a GET."""
        judged = prospect_of(head, self._filling(now), self.policy)
        if isinstance(judged, Entry) and head.status >= 500 and self.selected is not None:
            judged = in_front_of(self.selected, judged, now)  # 9.2: leave the entry alone
        if self._should_have_asked_for_range(head, judged):
            released = self._release(remember=True)
            drops = self._outdated_by(judged)
            self.selected = None
            return [CancelFetch(), *drops, *released, *self.ask(Ask.AS_IS)]
        if isinstance(judged, Refusal):
            return self._answered_for_one(head, judged, now)
        self._prospect = judged
        if self.policy.always_cuts_ranges and awaits_length(judged, self.request, now):
            self.leg, self._held_back = Leg.MEASURING, partial(self._say, head, judged)
            return [Keep(from_start=True), *self._share(judged, now)]
        self.leg = Leg.RECEIVING
        commands = [*self._share(judged, now), *self._say(head, judged, now)]
        is_read = any(isinstance(command, ShareFlight | Forward) for command in commands)
        return commands if is_read else [Keep(), *commands]

    def _say(self, head: ResponseHead, judged: Entry, now: float, size: int = -1) -> list[Command]:
        status = self._status(head.status, now, judged)
        fields = received(head, now).fields.without(("content-length",))
        told = judged if size < 0 else evolve(judged, size=size)
        return self.viewer.from_fetch(told, fields, now, Verdict.MISS, status)

    def _measured(self, event: ResponseBodyCompleted) -> list[Command]:
        """All of it is here, and the range can be cut out."""
        assert self._held_back is not None
        return [*self._held_back(event.now, event.size), *self._body_completed(event)]

    def _outgrew_measure(self, event: ResponseBodyOutgrew) -> list[Command]:
        """It is too much to be waited for: the whole goes out, range or not (RFC 9110 §14.2)."""
        assert self._held_back is not None
        self.leg = Leg.RECEIVING
        return [*self._held_back(event.now, -1), *self._body_outgrew(event)]

    def _should_have_asked_for_range(self, head: ResponseHead, judged: Entry | Refusal) -> bool:
        """The viewer wants a part, and the whole we asked for will not be kept or is too far to wait for
        (11.6)."""
        if "range" not in self.request.fields or "range" in self._sent or head.status != 200:
            return False
        return isinstance(judged, Refusal) or judged.size > self.policy.range_fill_bytes

    def _share(self, entry: Entry, now: float) -> list[Command]:
        shareable = entry.is_fresh(now) and not entry.no_cache
        if not shareable:
            return self._release(remember=True)
        if self.leads:
            return [ShareFlight(self.flight, entry)]
        is_for_it = not entry.is_part or is_for_span(self.flight)
        return [ForgetUnshareable(self.flight)] if self.flight and is_for_it else []

    def _answered_for_one(self, head: ResponseHead, refusal: Refusal, now: float) -> list[Command]:
        commands = self._release(remember=head.status < 500 and head.status != 304)
        superseded = (
            head.status < 500
            and head.status not in (304, 416)
            and not self.terms.no_store
            and refusal.reason != BYPASS
        )
        if superseded:  # 3.2
            commands += [
                Drop(entry) for held in (self.selected, self.partial) if held for entry in behind(held)
            ]
        verdict = Verdict.PASS if self._ask is Ask.AS_IS else Verdict.MISS
        status = self._status(head.status, now, None, refusal.reason)
        self.leg = Leg.RECEIVING
        if self.policy.always_cuts_ranges and (cut := self._cut_out(head, now, verdict, status)):
            return [*commands, *cut]
        said = self.viewer.relay(received(head, now), promised_length(head), now, verdict, status)
        return [*commands, *said]

    def _cut_out(
        self, head: ResponseHead, now: float, verdict: Verdict, status: CacheStatus
    ) -> list[Command]:
        """The ranges that the viewer wants of what is not kept, if any: one as it passes, else when all is here."""
        once = shown_once(head, self._filling(now), self.policy)
        fields = received(head, now).fields.without(("content-length",))
        cut_out = partial(self.viewer.cut_out, fields, verdict=verdict, status=status)
        wanted = ranges_wanted(once, self.request, now)
        if not wanted:
            return []
        if len(wanted) == 1 and once.size >= 0:
            return cut_out(once, now)
        self.leg = Leg.MEASURING
        self._held_back = lambda now, size: cut_out(evolve(once, size=size), now)
        return [Keep(from_start=True, on_disk=False)]

    def _release(self, *, remember: bool) -> list[Command]:
        if not self.leads:
            return []
        self.leads = False
        return [ReleaseFlight(self.flight, remember)]

    def _body_completed(self, event: ResponseBodyCompleted) -> list[Command]:
        commands: list[Command] = []
        size = self._prefix + event.size
        is_rest = self._prefix > 0
        if self._prospect is not None and is_storable(self._prospect, size, self.policy, with_prefix=is_rest):
            prospect = self._prospect
            measured = prospect if prospect.size == size else evolve(prospect, size=size)
            if self.leads:
                commands.append(CompleteFlight(self.flight, measured if prospect.size < 0 else None))
            commands += self._store(measured)
        if self.leads:
            commands.append(LandFlight(self.flight))
        return [*commands, *self._done(event.now)]

    def _store(self, entry: Entry) -> list[Command]:
        replaced = behind(self.selected) if self.selected is not None else ()
        commands = storing(entry, self.entries, replaced, self.policy)
        self._was_stored = bool(commands)
        return commands

    def _salvage(self, received: int) -> list[Command]:
        """What came of a body that will not come whole."""
        part = salvaged(self._prospect, self._prefix + received, self.policy)
        return self._store(part) if part is not None else []

    def _body_outgrew(self, _event: ResponseBodyOutgrew) -> list[Command]:
        self._prospect = None
        return [ReleaseFlight(self.flight, remember=True)] if self.leads else []

    def _failed(self, event: ResponseFailed) -> list[Command]:
        if self.leg is Leg.ASKING:
            return self.fail(event.now, event.reason, event.error, event.again_seconds)
        if self.leg is Leg.SETTLING:
            return self._done(event.now)
        if self.leg is Leg.MEASURING:
            return self.fail(event.now, event.reason, event.error)
        cuts = self.viewer.is_present and self.viewer.is_following_upstream
        cut: list[Command] = [Abort()] if cuts else []
        broke_off = event.reason in (Failure.CUT, Failure.TIMED_OUT)
        kept = self._salvage(event.received) if broke_off else []
        return [*cut, *self._fail_flight(event.reason), *kept, *self._done(event.now, complete=False)]

    def _fail_flight(self, reason: Failure, error: ProxyError | None = None) -> list[Command]:
        hold = self.policy.failure_hold_seconds
        is_held = hold > 0 and self.flight != "" and self.leg is Leg.ASKING
        told = self.leads or is_held  # who asked for itself alone found out for others
        failed: list[Command] = [FailFlight(self.flight, reason, error, hold)] if told else []
        self.leads = False
        return failed

    def may_stand_in(self, now: float, *, is_unreachable: bool) -> bool:
        """Whether what is stored may be served in place of an error."""
        entry = self.selected
        return entry is not None and may_serve_on_error(
            entry, self.terms, now, is_unreachable=is_unreachable, policy=self.policy
        )

    def _stand_in(
        self, now: float, reason: Failure, fwd_status: int | None = None, error: ProxyError | None = None
    ) -> list[Command]:
        """The stored response in place of an error (14.3, 14.4)."""
        assert self.selected is not None
        failed = self._fail_flight(reason, error)
        entry = self.selected
        status = CacheStatus(
            self.policy.node, self.reason, fwd_status, ttl=entry.ttl_at(now), detail=self._shown(reason.value)
        )
        verdict = (
            Verdict.HIT if entry.is_fresh(now) else Verdict.STALE
        )  # fresh: the viewer wanted it confirmed
        said = self.viewer.from_store(entry, now, verdict, status)
        if fwd_status is None:
            return [*failed, *said, *self._done(now)]
        self.leg = Leg.SETTLING
        return [*failed, *said]

    def fail(
        self, now: float, reason: Failure, error: ProxyError | None = None, again_seconds: float = 0.0
    ) -> list[Command]:
        """No answer worth the name came from upstream: the stored one, or an error of ours."""
        is_unreachable = reason not in (Failure.MALFORMED, Failure.SERVER_ERROR)
        if self.may_stand_in(now, is_unreachable=is_unreachable):
            return self._stand_in(now, reason, error=error)
        shown = self._shown(reason.value)
        member = CacheStatus(self.policy.node, self.reason, collapsed=self.collapsed, detail=shown)
        named = error or ERRORS.get(reason)
        status = status_for(reason, named, has_stored=self.selected is not None)
        said = self.viewer.refuse(status, now, reason.value, member, named, again_seconds)
        return [*self._fail_flight(reason, error), *said, *self._done(now, complete=False)]

    def _viewer_left(self, event: ViewerLeft) -> list[Command]:
        self.viewer.is_present = False
        prospect = self._prospect
        is_worth_it = prospect is not None and is_worth_finishing(prospect, event.received, self.policy)
        if event.followers or is_worth_it or self.leg is Leg.SETTLING:
            return []
        commands: list[Command] = [*self._salvage(event.received), CancelFetch()]
        if self.leg is Leg.ASKING and self.request.method not in SAFE:
            commands.append(Invalidate((self.address.key,)))  # it may have been carried out: believe nothing
        if self.leg in (Leg.MEASURING, Leg.RECEIVING):
            commands += self._fail_flight(Failure.CUT)
        return [*commands, *self._release(remember=False), *self._done(event.now, complete=event.is_served)]

    def _filling(self, now: float) -> Filling:
        return Filling(self.address, self.request.fields, self._requested_at, now, self.terms.no_store)

    def _status(self, status: int, now: float, entry: Entry | None, detail: str | None = None) -> CacheStatus:
        return CacheStatus(
            self.policy.node,
            self.reason,
            fwd_status=status if status != 200 or self.reason in ("stale", "request") else None,
            ttl=entry.ttl_at(now) if entry is not None else None,
            stored=entry is not None,
            collapsed=self.collapsed,
            key=self._shown(self.address.key),
            detail=RULED if entry is not None and entry.ruled else self._shown(detail),
        )

    def _shown(self, text: str | None) -> str | None:
        """What Cache-Status tells those who look for faults (22.4), and nobody else."""
        return text if self.policy.debug else None

    def _done(self, now: float, *, complete: bool = True) -> list[Command]:
        self.leg = Leg.OVER
        return [Done(self.viewer.outcome(now, stored=self._was_stored, complete=complete))]


_TOLD: dict[tuple[Leg, type], Callable[..., list[Command]]] = {
    (Leg.ASKING, InterimArrived): Errand._interim_arrived,
    (Leg.ASKING, ResponseHeadArrived): Errand._head_arrived,
    (Leg.ASKING, ResponseFailed): Errand._failed,
    (Leg.ASKING, ViewerLeft): Errand._viewer_left,
    (Leg.MEASURING, ResponseBodyCompleted): Errand._measured,
    (Leg.MEASURING, ResponseBodyOutgrew): Errand._outgrew_measure,
    (Leg.MEASURING, ResponseFailed): Errand._failed,
    (Leg.MEASURING, ViewerLeft): Errand._viewer_left,
    (Leg.RECEIVING, ResponseBodyCompleted): Errand._body_completed,
    (Leg.RECEIVING, ResponseBodyOutgrew): Errand._body_outgrew,
    (Leg.RECEIVING, ResponseFailed): Errand._failed,
    (Leg.RECEIVING, ViewerLeft): Errand._viewer_left,
    (Leg.SETTLING, ResponseBodyCompleted): Errand._body_completed,
    (Leg.SETTLING, ResponseFailed): Errand._failed,
    (Leg.SETTLING, ViewerLeft): Errand._viewer_left,
}
