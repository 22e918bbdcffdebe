"""One viewer request, from arrival to the last decision."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from math import inf

from attrs import evolve

from edge.core.account import Account
from edge.core.admission import has_body, refusal_of
from edge.core.answering import awaits_length
from edge.core.asking import RANGE_FIELDS, Ask, reduced, refresh_request
from edge.core.commands import Command, Done, JoinFlight, LeaveFlight, LookUp, Refresh, ReleaseFlight
from edge.core.entry import Entry, variant_of
from edge.core.errand import Errand, Leg, UnexpectedEvent
from edge.core.events import (
    Event,
    Failure,
    FlightFailed,
    FlightFreshened,
    FlightHeadArrived,
    FlightJoined,
    FlightPromoted,
    FlightReleased,
    Role,
    StoreAnswered,
    ViewerLeft,
)
from edge.core.express import leave_for
from edge.core.flights import flight_key, is_for_span
from edge.core.fronting import standing
from edge.core.key import Address, BadRequest, address_of, policy_for
from edge.core.outcome import RULED, Verdict
from edge.core.parts import behind, in_view, suffices, view_of
from edge.core.policy import Policy
from edge.core.reuse import Reuse, reuse_of, reuse_when_cut_off, terms_of
from edge.core.vary import current_names, matches, selected, values_of
from edge.core.viewer import Viewer
from edge.core.wish import Wish
from wire.http.cache_status import CacheStatus
from wire.http.fields import RequestHead
from wire.http.proxy_status import ProxyError
from wire.http.recipient import ends_here

__all__ = ["Exchange", "Step", "UnexpectedEvent"]


class Step(Enum):
    """Where an exchange stands. Named here, defined below in this order."""

    NEW = "new"
    LOOKING_UP = "looking up"
    JOINING = "joining"
    WAITING = "waiting"  # a follower, no head yet
    MEASURING = "measuring"  # a follower who wants a range of what has no length yet
    UPSTREAM = "upstream"  # an Errand has the word
    DONE = "done"


class Exchange:
    """One viewer request, decided. No socket, no clock, no store.

    `start(now)` and `receive(event)` answer commands; the shell carries them out in order, each finished
    before the next (Store and Freshen too), and tells what came of them:

    ```
    start          → LookUp                              (GET, HEAD, OPTIONS where the key knows it)
                   → Fetch(body=True)                    (everything else: written through)
                   → Respond, Done                       (400, 405, 501, 508, OPTIONS *: never a look-up)
    StoreAnswered  → [Refresh], Deliver | Respond, Done  (hit, 304, 416; stale, or soon so, with a refresh behind it)
                   → JoinFlight                          (miss, or stale: may be shared)
                   → Fetch                               (not shareable: HEAD, Authorization, no-cache …)
    FlightJoined   LEADER, ALONE → Fetch;  FOLLOWER → nothing;  LATE → LookUp;  DECLINED, HELD_OFF → Done
                   ALONE → JoinFlight                    (a range that was not asked for by itself: its span's)
      to followers only:
      FlightHeadArrived → Follow | Respond, LeaveFlight; Done
                   → nothing                             (a range of what has no length yet: told again when it has)
                   → LeaveFlight, then JoinFlight (another variant) or Fetch
      FlightFreshened → Deliver | Respond, Done
      FlightReleased → Fetch | JoinFlight                (of the span)
      FlightPromoted → Fetch, as leader
                   → FailFlight, Deliver stale           (cut off)
      FlightFailed → Deliver stale | Respond 502/504, Done
    InterimArrived → [Inform]                            (1xx, any number, before the head)
    ResponseHeadArrived → ShareFlight, Forward           (storable; leader)
                   → Prepend, ShareFlight, Forward       (206: the rest of what is held)
                   → Keep, Respond                       (storable, and nobody reads the body: HEAD)
                   → Keep, ShareFlight                   (a range is wanted of what has no length yet)
                   → [ReleaseFlight], Keep               (likewise, of what may not be kept)
                   → [ShareFlight], Forward              (206: one part, stored when it has come)
                   → ReleaseFlight, Forward              (not storable; `keep=False`)
                   → Freshen, FreshenFlight, Deliver     (304 to our own validation)
                   → FailFlight, Deliver                 (5xx, stale-if-error)
                   → CancelFetch, Fetch                  (304 that names nothing we have; range too large)
                   → Invalidate, Forward                 (unsafe method, 2xx/3xx)
    ResponseBodyCompleted → [Forward | Respond], [CompleteFlight], [Store], [LandFlight], Done
    ResponseBodyOutgrew → [Forward], [ReleaseFlight]
    ResponseFailed → before the head: FailFlight, Deliver stale | Respond 502/504, Done
                   → after it: Abort, FailFlight, [Store], Done  (its beginning, as a part)
    ViewerLeft     → nothing (the fill goes on)
                   → LeaveFlight, Done | [Store], CancelFetch, ReleaseFlight | FailFlight, Done
    ```

    Laws: at most one of Respond, Deliver, Forward, Follow (none if the viewer left, or in a refresh); `Done`
    once and last; no event is due after Done. While a Deliver or Follow still runs, a leaving viewer is the
    shell's own business (`Flights.leave` for a follower whose viewer is served or gone). A 304 or a 5xx that
    was answered from the store is still followed by its ResponseBodyCompleted or ResponseFailed, and only
    then Done. Events of a fetch that was cancelled, or replaced by another Fetch, must not be told.
    """

    def __init__(self, request: RequestHead, policy: Policy) -> None:
        policy = policy_for(request.target, policy)
        self._request = reduced(request, policy)
        self._policy = policy
        self._step = Step.NEW
        self._viewer = Viewer(self._request, policy)
        self._question = self._request  # what is put upstream; a HEAD may stand for its GET
        if policy.head_fill and self._request.method == "HEAD":  # Range is for GET alone (RFC 9110 §14.2)
            fields = self._request.fields.without(RANGE_FIELDS)
            self._question = evolve(self._request, method="GET", fields=fields)
        self._terms = terms_of(request.fields, policy)
        self._address = Address("", "", "", "", "")
        self._entries: tuple[Entry, ...] = ()
        self._selected: Entry | None = None
        self._partial: Entry | None = None  # parts of what is asked for, that do not suffice
        self._reason = ""  # of going forward, as Cache-Status spells it
        self._flight = ""
        self._variant = ""  # of that flight
        self._leads = False
        self._is_alone = False
        self._collapsed: bool | None = None
        self._since = -inf
        self._is_background = False
        self._errand: Errand | None = None

    @classmethod
    def refreshing(cls, entry: Entry, request: RequestHead, policy: Policy) -> Exchange:
        """A background validation of a stale entry (the Refresh command): no viewer, else the same
        conversation."""
        key = policy_for(request.target, policy).key
        exchange = cls(refresh_request(request, entry, key), policy)
        exchange._viewer.is_present = False
        exchange._is_background = True
        exchange._entries, exchange._selected, exchange._reason = behind(entry), entry, "stale"
        return exchange

    @classmethod
    def prefetching(cls, request: RequestHead, policy: Policy) -> Exchange:
        """A fetch before anybody asks: as a viewer's, but nobody is answered, and who fetches already is left to."""
        exchange = cls(request, policy)
        exchange._viewer.is_present = False
        exchange._is_background = True
        return exchange

    def anew(self) -> Exchange:
        """The same request from the start: what it was to be answered with is gone. Never of a refresh."""
        again = Exchange.prefetching if self._is_background else Exchange
        return again(self._request, self._policy)

    @property
    def key(self) -> str:
        """The cache key; empty before `start` and for refused requests."""
        return self._address.key

    @property
    def account(self) -> Account:
        """Of the answer that the last commands hold."""
        viewer = self._viewer
        return Account(viewer.verdict, viewer.entry, self._reason, viewer.collapsed, self.key)

    @property
    def step(self) -> Step:
        """Where it stands, for the log and for tests."""
        return self._step

    def start(self, now: float) -> list[Command]:
        """The first commands."""
        if self._step is not Step.NEW:
            raise UnexpectedEvent(self._step, "start")
        self._viewer.started_at = now
        request = self._request
        refusal = refusal_of(request, self._policy.node)
        if refusal is not None:
            return self._refuse(refusal.status, now, refusal.cause, refusal.error)
        if ends_here(request):
            return [*self._viewer.about_us(now), *self._done(now)]
        try:
            self._address = address_of(request, self._policy.key)
        except BadRequest as wrong:
            return self._refuse(400, now, str(wrong), ProxyError.HTTP_REQUEST_ERROR)
        self._viewer.key = self._address.key
        if self._is_background and self._selected is not None:
            self._flight = flight_key(self.key, self._selected.variant)
            self._step = Step.JOINING
            return [JoinFlight(self._flight, inf, background=True)]
        if not self._policy.key.knows(request.method) or has_body(request):
            self._reason = "method"
            return self._fetch(Ask.AS_IS)
        if "if-match" in request.fields or "if-unmodified-since" in request.fields:
            self._reason = "bypass"  # preconditions for the origin alone (10.2)
            return self._fetch(Ask.AS_IS)
        return self._look_up(now)

    def receive(self, event: Event) -> list[Command]:
        """What to do now that this happened."""
        if self._step is Step.UPSTREAM and self._errand is not None:
            return self._ended(self._errand, self._errand.receive(event))
        told = _TOLD.get((self._step, type(event)))
        if told is None:
            raise UnexpectedEvent(self._step, event)
        return told(self, event)

    def _look_up(self, now: float) -> list[Command]:
        self._step = Step.LOOKING_UP
        self._since = now
        return [LookUp(self.key)]

    def _store_answered(self, event: StoreAnswered) -> list[Command]:
        self._entries = event.entries
        seen = in_view(standing(event.entries, event.now))
        entry = self._selected = selected(
            seen, self._request.fields, lambda held: suffices(held, self._request, event.now)
        )
        self._partial = selected(seen, self._request.fields) if entry is None else None
        if entry is None:
            missed = "vary-miss" if event.entries else "uri-miss"
            self._reason = "partial" if self._partial is not None else missed
            return self._go_forward(event.now)
        reuse = self._reuse_of(entry, event)
        if reuse is Reuse.FRESH:
            ahead = self._policy.refresh_ahead
            is_due = ahead is not None and entry.age_at(event.now) >= ahead * entry.lifetime
            refreshed = [Refresh(entry, self._request)] if is_due else []
            return [*refreshed, *self._serve(entry, event.now, Verdict.HIT)]
        if reuse is Reuse.STALE or (reuse is Reuse.STALE_REFRESH and self._terms.only_if_cached):
            return self._serve(entry, event.now, Verdict.STALE)
        if reuse is Reuse.STALE_REFRESH:
            return [Refresh(entry, self._request), *self._serve(entry, event.now, Verdict.STALE)]
        self._reason = "request" if reuse is Reuse.VALIDATE_REQUEST else "stale"
        return self._go_forward(event.now)

    def _reuse_of(self, entry: Entry, event: StoreAnswered | FlightPromoted) -> Reuse:
        if event.is_cut_off:
            return reuse_when_cut_off(entry, self._terms, event.now, self._policy)
        return reuse_of(entry, self._terms, event.now)

    def _serve(self, entry: Entry, now: float, verdict: Verdict) -> list[Command]:
        status = CacheStatus(
            self._policy.node,
            ttl=entry.ttl_at(now),
            key=self.key if self._policy.debug else None,
            detail=RULED if entry.ruled else None,
        )
        leave = None
        if verdict is Verdict.HIT:
            leave = leave_for(self._request, self._terms, entry, self._entries, self._policy)
        commands = self._viewer.from_store(entry, now, verdict, status, leave)
        return [*commands, *self._done(now)]

    def _go_forward(self, now: float) -> list[Command]:
        if self._terms.only_if_cached:
            return self._refuse(504, now, "only-if-cached")
        if not self._wish.may_be_shared:
            return self._fetch(self._wish.ask)
        if self._entries:
            self._variant = variant_of(values_of(current_names(self._entries), self._request.fields))
        return self._join()

    @property
    def _wish(self) -> Wish:
        return Wish(
            self._question,
            self._terms,
            self._policy,
            self._selected,
            self._partial,
            by_request=self._reason == "request",
            is_alone=self._is_alone,
        )

    def _join(self) -> list[Command]:
        self._flight = flight_key(self.key, self._variant, self._wish.span)
        self._step = Step.JOINING
        return [JoinFlight(self._flight, self._since, background=self._is_background)]

    def _flight_joined(self, event: FlightJoined) -> list[Command]:
        if not self._viewer.is_present and not self._is_background:
            return self._joined_in_vain(event)
        match event.role:
            case Role.FOLLOWER:
                self._step = Step.WAITING
                return []
            case Role.LATE:
                commands = self._look_up(event.now)
                self._since = (
                    inf  # once is enough: what the store does not know now, it will not learn by itself
                )
                return commands
            case Role.DECLINED | Role.HELD_OFF:
                self._viewer.collapsed = event.role is Role.DECLINED
                return self._done(event.now)
            case Role.LEADER:
                self._leads = True
            case Role.ALONE:
                return self._fetch_alone()
        return self._fetch(self._wish.ask)

    def _joined_in_vain(self, event: FlightJoined) -> list[Command]:
        """The viewer left while the table was asked."""
        out: list[Command] = []
        if event.role is Role.LEADER:
            out.append(ReleaseFlight(self._flight))
        elif event.role is Role.FOLLOWER:
            out.append(LeaveFlight(self._flight))
        return [*out, *self._done(event.now, complete=False)]

    def _flight_head_arrived(self, event: FlightHeadArrived) -> list[Command]:
        entry, now = event.entry, event.now
        if not matches(entry, self._request.fields):
            left = LeaveFlight(self._flight)
            variant = variant_of(values_of((name for name, _ in entry.vary), self._request.fields))
            if not self._variant:
                self._variant = variant
                return [left, *self._join()]
            return [left, *self._fetch_released()]
        held = view_of((entry,)) if entry.is_part else entry
        too_far = not event.is_whole and self._wish.is_beyond_reach(entry, event.received)
        is_held = suffices(held, self._request, now) and not too_far
        if not is_held or reuse_of(entry, self._terms, now) is not Reuse.FRESH:
            return [LeaveFlight(self._flight), *self._fetch_released()]
        if self._policy.always_cuts_ranges and awaits_length(entry, self._request, now):
            self._step = Step.MEASURING
            return []
        if event.is_whole:
            verdict, status = Verdict.HIT, CacheStatus(self._policy.node, ttl=entry.ttl_at(now))
        else:
            verdict, status = (
                Verdict.MISS,
                CacheStatus(
                    self._policy.node, self._reason, collapsed=True, stored=True, ttl=entry.ttl_at(now)
                ),
            )
        said = self._viewer.from_flight(entry, self._flight, now, verdict, status)
        return [*said, *self._done(now)]

    def _flight_freshened(self, event: FlightFreshened) -> list[Command]:
        entry = event.entry
        fits = matches(entry, self._request.fields) and suffices(entry, self._request, event.now)
        if not fits or reuse_of(entry, self._terms, event.now) is not Reuse.FRESH:
            return self._fetch_released()
        status = CacheStatus(self._policy.node, "stale", 304, collapsed=True, ttl=entry.ttl_at(event.now))
        self._viewer.collapsed = True
        commands = self._viewer.from_store(entry, event.now, Verdict.REVALIDATED, status)
        return [*commands, *self._done(event.now)]

    def _flight_released(self, _event: FlightReleased) -> list[Command]:
        return self._fetch_released()

    def _not_measured(self, _event: FlightReleased) -> list[Command]:
        return [LeaveFlight(self._flight), *self._fetch_released()]

    def _flight_promoted(self, event: FlightPromoted) -> list[Command]:
        self._leads = True
        held = self._selected
        if event.is_cut_off and held is not None and self._reuse_of(held, event) is Reuse.STALE_REFRESH:
            errand = self._set_out()  # with what it holds, and so may the others: there is nobody to ask
            return self._ended(errand, errand.fail(event.now, Failure.UNREACHABLE))
        return self._fetch(self._wish.ask)

    def _flight_failed(self, event: FlightFailed) -> list[Command]:
        errand = self._set_out()
        if event.reason is Failure.SERVER_ERROR and not errand.may_stand_in(event.now, is_unreachable=False):
            return self._fetch_released()  # an error the leader could go without: see for ourselves
        return self._ended(errand, errand.fail(event.now, event.reason, event.error))

    def _fetch_released(self) -> list[Command]:
        self._collapsed = False
        return self._fetch_alone()

    def _fetch_alone(self) -> list[Command]:
        """Nobody else's answer will do; but a range that is asked for now may do for those who want the same."""
        self._is_alone = True
        wish = self._wish
        if wish.span and wish.may_be_shared and not is_for_span(self._flight):
            return self._join()
        return self._fetch(self._wish.ask)

    def _fetch(self, ask: Ask) -> list[Command]:
        return self._set_out().ask(ask)

    def _set_out(self) -> Errand:
        self._step = Step.UPSTREAM
        self._errand = Errand(
            viewer=self._viewer,
            policy=self._policy,
            request=self._question,
            address=self._address,
            terms=self._terms,
            entries=self._entries,
            selected=self._selected,
            partial=self._partial,
            reason=self._reason,
            flight=self._flight,
            leads=self._leads,
            collapsed=self._collapsed,
            is_background=self._is_background,
        )
        return self._errand

    def _ended(self, errand: Errand, commands: list[Command]) -> list[Command]:
        if errand.leg is Leg.OVER:
            self._step = Step.DONE
        return commands

    def _viewer_left(self, event: ViewerLeft) -> list[Command]:
        left: list[Command] = [LeaveFlight(self._flight)] if self._step in _FOLLOWING else []
        return [*left, *self._done(event.now, complete=False)]

    def _viewer_left_joining(self, _event: ViewerLeft) -> list[Command]:
        self._viewer.is_present = False
        return []  # what the table answers must still be undone

    def _viewer_served(self, _event: ViewerLeft) -> list[Command]:
        return []  # it left after the last decision

    def _refuse(self, status: int, now: float, cause: str, error: ProxyError | None = None) -> list[Command]:
        return [*self._viewer.refuse(status, now, cause, error=error), *self._done(now)]

    def _done(self, now: float, *, complete: bool = True) -> list[Command]:
        self._step = Step.DONE
        return [Done(self._viewer.outcome(now, stored=False, complete=complete))]


_FOLLOWING = (Step.WAITING, Step.MEASURING)

_TOLD: dict[tuple[Step, type], Callable[..., list[Command]]] = {
    (Step.LOOKING_UP, StoreAnswered): Exchange._store_answered,
    (Step.LOOKING_UP, ViewerLeft): Exchange._viewer_left,
    (Step.JOINING, FlightJoined): Exchange._flight_joined,
    (Step.JOINING, ViewerLeft): Exchange._viewer_left_joining,
    (Step.WAITING, FlightHeadArrived): Exchange._flight_head_arrived,
    (Step.WAITING, FlightFreshened): Exchange._flight_freshened,
    (Step.WAITING, FlightReleased): Exchange._flight_released,
    (Step.WAITING, FlightPromoted): Exchange._flight_promoted,
    (Step.WAITING, FlightFailed): Exchange._flight_failed,
    (Step.WAITING, ViewerLeft): Exchange._viewer_left,
    (Step.MEASURING, FlightHeadArrived): Exchange._flight_head_arrived,
    (Step.MEASURING, FlightReleased): Exchange._not_measured,
    (Step.MEASURING, ViewerLeft): Exchange._viewer_left,
    (Step.DONE, ViewerLeft): Exchange._viewer_served,
}
