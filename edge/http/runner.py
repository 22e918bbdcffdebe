"""Carries out what an exchange decides: a talk with the store, the flights, the upstreams and a viewer.

The conversation belongs to the cache, not to its viewer: that one left is told to the core, which decides
whether the fill goes on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from typing import Any

from attrs import evolve
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from edge.cache.interface import Body, BodyMissing
from edge.core import commands as do
from edge.core import events as ev
from edge.core.entry import Entry
from edge.core.exchange import Exchange
from edge.core.outcome import Outcome
from edge.core.pieces import WHOLE, Extent
from edge.http.answering import BodyPart
from edge.http.fill import Fill
from edge.http.machinery import Hearer, Machinery
from edge.http.showing import Showing
from edge.http.turned_away import TurnedAway
from edge.personality.interface import Visit
from wire.http.fields import RequestHead, ResponseHead
from wire.web.site import StreamingRequest
from wire.web.spool import Reader, Spool, SpoolFailed, SpoolGone

log = Logger()

FROM_UPSTREAM = (
    *(ev.InterimArrived, ev.ResponseHeadArrived),
    *(ev.ResponseBodyCompleted, ev.ResponseBodyOutgrew, ev.ResponseFailed),
)


class Conversation(Hearer):
    """One exchange, from its first command to its last. A refresh is one without a viewer."""

    def __init__(
        self,
        machinery: Machinery,
        exchange: Exchange | TurnedAway,
        head: RequestHead | None = None,
        request: StreamingRequest | None = None,
        visit: Visit | None = None,
    ) -> None:
        self._node = machinery
        self._exchange = exchange
        self._head = head
        self._showing = Showing(machinery, request, visit)
        self._inbox: deque[ev.Event] = deque()
        self._waiting: Deferred[None] | None = None
        self._outcome: Outcome | None = None
        self._fill = Fill(machinery, self.hear)
        self._offered: tuple[Spool, Reader] | None = None
        self._missing: set[str] = set()
        self._decided_at = 0.0
        self.over: Deferred[Outcome | None] = Deferred()
        """Fires when nothing of it is left, with what it came to; None if it broke."""

    @property
    def _name(self) -> str:
        return self._head.target if self._head is not None else "a refresh"

    # Its life

    def begin(self) -> None:
        """Converse. Nobody needs to wait for it; whatever goes wrong ends here."""
        self._node.in_flight.entered()
        conversing = Deferred.fromCoroutine(self._converse())
        request = self._showing.request
        if not conversing.called and request is not None and not request.finished:
            request.notifyFinish().addErrback(self._viewer_left)
        conversing.addErrback(self._broke)
        conversing.addBoth(lambda _: self._ended())

    async def _converse(self) -> None:
        commands = self._exchange.start(self._node.now())
        while True:
            try:
                for command in commands:
                    step = CARRY_OUT[type(command)](self, command)
                    if step is not None:
                        await step
            except BodyMissing:
                commands = self._anew()
                continue
            if self._outcome is not None:
                break
            event = await self._next_event()
            self._decided_at = event.now
            commands = self._exchange.receive(event)
        answering = self._showing.under_way
        if answering is not None:
            await answering.done

    async def _next_event(self) -> ev.Event:
        if not any(isinstance(event, ev.ResponseHeadArrived) for event in self._inbox):
            self._fill.settle()
        while not self._inbox:
            self._waiting = Deferred()
            await self._waiting
        return self._inbox.popleft()

    def _anew(self) -> list[do.Command]:
        """A body was evicted between its look-up and its use: it is a miss after all."""
        self._stop_fetching()
        self._node.hand_round(self._node.flights.abandon(self, self._node.now()))
        self._inbox.clear()
        if self._head is None:
            raise BodyMissing("the entry to refresh is gone")
        self._exchange = self._exchange.anew()
        commands = self._exchange.start(self._node.now())
        if self._showing.under_way is None:
            self.hear(ev.ViewerLeft(self._node.now()))
        return commands

    def _ended(self) -> None:
        """The last of it: counted, and nothing left behind."""
        node = self._node
        self._decline_offer()
        self._fill.end()
        node.hand_round(node.flights.abandon(self, node.now()))
        node.in_flight.left()
        outcome, request, head = self._outcome, self._showing.request, self._head
        self.over.callback(outcome)
        if outcome is None or request is None or head is None:
            return
        now = node.now()
        node.tally.answered(outcome, request.sentLength, now - outcome.started_at)
        if node.access_log is not None:
            was_slow = self._fill.was_held_back
            node.access_log.write(self._showing.line(request, head, outcome, now, was_slow=was_slow))

    def _broke(self, failure: Failure) -> None:
        """Our bug. This viewer gets an error, its followers another chance, and the node serves on."""
        if not failure.check(BodyMissing):
            log.failure("while answering {uri}", failure, uri=self._name)
        self._stop_fetching()
        self._node.hand_round(self._node.flights.abandon(self, self._node.now()))
        self._showing.broke()

    def _viewer_left(self, _: Failure) -> None:
        self._fill.let_go()
        self._showing.left()
        if self._outcome is None:
            followers = self._node.flights.followers_of(self)
            self.hear(ev.ViewerLeft(self._node.now(), followers, self._fill.received))

    def _viewer_served(self, _: None) -> None:
        """With a part of what nobody else reads: the rest of it is not waited for."""
        request = self._showing.request
        if request is not None and not request.is_gone:
            self.hear(ev.ViewerLeft(self._node.now(), received=self._fill.received, is_served=True))

    def hear(self, event: ev.Event) -> None:
        if self._outcome is not None:
            return
        if isinstance(event, ev.FlightHeadArrived):
            event = self._offer_taken(event)
        if isinstance(event, ev.FlightPromoted):
            event = evolve(event, is_cut_off=self._node.upstreams.are_cut_off)
        self._inbox.append(event)
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.callback(None)

    def _offer_taken(self, event: ev.FlightHeadArrived) -> ev.Event:
        """The leader's body is held open from now on: it may be done before we are asked. Where its first bytes
        are gone (no room to keep them) there is nothing to follow."""
        self._decline_offer()
        spool = self._node.spools[id(event.entry)]
        event = evolve(event, received=spool.size)
        try:
            self._offered = spool, spool.reader()
        except SpoolGone:
            self._node.flights.leave(self)
            return ev.FlightReleased(event.now, "its beginning is gone")
        return event

    def _decline_offer(self) -> None:
        if self._offered is not None:
            self._offered[1].close()
            self._offered = None

    # The store

    async def _look_up(self, command: do.LookUp) -> None:
        entries = await self._node.variants(command.key)
        if self._missing:
            entries = tuple(entry for entry in entries if entry.body_id not in self._missing)
        self.hear(ev.StoreAnswered(self._node.now(), entries, self._node.upstreams.are_cut_off))

    async def _store(self, command: do.Store) -> None:
        await self._fill.store(command.entry, command.pieces)

    async def _freshen(self, command: do.Freshen) -> None:
        await self._fill.freshen(command.entry)

    async def _drop(self, command: do.Drop) -> None:
        await self._fill.drop(command.entry)

    async def _invalidate(self, command: do.Invalidate) -> None:
        await self._node.invalidate(command.keys, command.tags)
        self._fill.outlive_purges()  # our own answer to an unsafe request is not what it invalidates (13.2)

    # The flights

    def _join_flight(self, command: do.JoinFlight) -> None:
        node = self._node
        node.hand_round(
            node.flights.join(
                command.key, self, node.now(), since=command.since, background=command.background
            )
        )
        node.watch_flights()

    def _leave_flight(self, _: do.LeaveFlight) -> None:
        self._decline_offer()
        self._node.flights.leave(self)

    def _share_flight(self, command: do.ShareFlight) -> None:
        self._fill.offer(command.entry)
        self._node.hand_round(self._node.flights.share(self, command.entry, self._node.now()))

    def _freshen_flight(self, command: do.FreshenFlight) -> None:
        self._node.hand_round(self._node.flights.freshen(self, command.entry, self._node.now()))

    def _release_flight(self, command: do.ReleaseFlight) -> None:
        node = self._node
        node.hand_round(node.flights.release(self, node.now(), remember=command.remember))

    def _fail_flight(self, command: do.FailFlight) -> None:
        self._fill.fail(command.reason.value)
        notices = self._node.flights.fail(
            *(self, command.reason, self._node.now(), command.error),
            key=command.key,
            hold_seconds=command.hold_seconds,
        )
        self._node.hand_round(notices)

    def _complete_flight(self, command: do.CompleteFlight) -> None:
        node = self._node
        if command.entry is not None:
            self._fill.offer(command.entry)
        node.hand_round(node.flights.complete(self, node.now(), command.entry))

    def _land_flight(self, _: do.LandFlight) -> None:
        self._node.hand_round(self._node.flights.land(self, self._node.now()))

    def _forget_unshareable(self, command: do.ForgetUnshareable) -> None:
        self._node.flights.forget(command.key)

    # The upstream

    def _fetch(self, command: do.Fetch) -> None:
        request = self._showing.request
        body = request.body if command.body and request is not None else None
        self._fill.fetch(command.head, body)

    async def _prepend(self, command: do.Prepend) -> None:
        try:
            await self._fill.prepend(command.extents)
        except BodyMissing:
            self._missing.update(each.entry.body_id for each in command.extents if isinstance(each, Extent))
            raise

    def _cancel_fetch(self, _: do.CancelFetch) -> None:
        self._stop_fetching()

    def _stop_fetching(self) -> None:
        if self._fill.was_asked:
            self._fill.stop()
            self._inbox = deque(event for event in self._inbox if not isinstance(event, FROM_UPSTREAM))

    def _keep(self, command: do.Keep) -> None:
        self._fill.spool(from_start=command.from_start, on_disk=command.on_disk)

    def _inform(self, command: do.Inform) -> None:
        if self._showing.request is not None:
            self._showing.request.inform(command.head)

    def _refresh(self, command: do.Refresh) -> None:
        refreshing = Exchange.refreshing(command.entry, command.request, self._node.policy)
        Conversation(self._node, refreshing).begin()

    # The viewer

    def _is_replaced(self, head: ResponseHead) -> bool:
        """Whether the viewer gets a page in place of this answer. Then it is another conversation's; here it has
        left, and what is worth storing of the answer is stored."""
        page = self._showing.page_instead(head)
        if page is None:
            return False
        left = ev.ViewerLeft(self._node.now(), self._node.flights.followers_of(self), self._fill.received)
        request = self._showing.hand_over()
        assert request is not None
        converse(self._node, page, request)
        self._inbox.append(left)
        return True

    def _respond(self, command: do.Respond) -> None:
        if not self._is_replaced(command.head):
            self._showing.respond(command, self._exchange.account, self._decided_at)

    async def _deliver(self, command: do.Deliver) -> None:
        if self._showing.under_way is None or self._is_replaced(command.head):
            return
        if command.entry.parts:
            await self._deliver_parts(command)
            return
        body = await self._opened(command.entry)
        self._showing.deliver(command, body, self._exchange.account, self._decided_at)

    async def _opened(self, entry: Entry) -> Body:
        try:
            return await self._node.cache.open(entry)
        except BodyMissing:
            self._missing.add(entry.body_id)
            raise

    async def _deliver_parts(self, command: do.Deliver) -> None:
        """From several stored bodies, all of them open before the head goes out."""
        with ExitStack() as opened:
            steps: list[bytes | BodyPart] = []
            for piece in command.pieces:
                if isinstance(piece, Extent):
                    body = opened.enter_context(await self._opened(piece.entry))
                    steps.append(BodyPart(body, piece.start, piece.stop))
                elif isinstance(piece, bytes):
                    steps.append(piece)
            self._showing.deliver_parts(command.head, steps, opened.pop_all(), self._exchange.account)

    def _forward(self, command: do.Forward) -> None:
        spool = self._fill.spool(keep=command.keep)
        answering = self._showing.under_way
        if not self._is_replaced(command.head):
            self._showing.relay(command.head, spool, command.pieces, self._exchange.account)
            if answering is not None and not command.keep and command.pieces != WHOLE:
                answering.done.addCallback(self._viewer_served)
        self._fill.let_go()

    def _follow(self, command: do.Follow) -> None:
        if self._offered is None:
            raise SpoolFailed("no flight's body was offered")
        if not self._is_replaced(command.head):
            self._showing.relay(command.head, self._offered[0], command.pieces, self._exchange.account)
        self._decline_offer()

    def _abort(self, _: do.Abort) -> None:
        self._showing.cut()

    def _done(self, command: do.Done) -> None:
        self._outcome = command.outcome


def converse(node: Machinery, visit: Visit, request: StreamingRequest) -> None:
    """Serve a visit: turn it away, or have the core answer."""
    exchange = Exchange(visit.head, node.policy) if visit.refusal is None else TurnedAway(visit.refusal)
    Conversation(node, exchange, visit.head, request, visit).begin()


CARRY_OUT: dict[type, Callable[[Conversation, Any], Awaitable[None] | None]] = {
    do.LookUp: Conversation._look_up,
    do.Store: Conversation._store,
    do.Freshen: Conversation._freshen,
    do.Drop: Conversation._drop,
    do.Invalidate: Conversation._invalidate,
    do.JoinFlight: Conversation._join_flight,
    do.LeaveFlight: Conversation._leave_flight,
    do.ShareFlight: Conversation._share_flight,
    do.FreshenFlight: Conversation._freshen_flight,
    do.ReleaseFlight: Conversation._release_flight,
    do.FailFlight: Conversation._fail_flight,
    do.CompleteFlight: Conversation._complete_flight,
    do.LandFlight: Conversation._land_flight,
    do.ForgetUnshareable: Conversation._forget_unshareable,
    do.Fetch: Conversation._fetch,
    do.Prepend: Conversation._prepend,
    do.CancelFetch: Conversation._cancel_fetch,
    do.Keep: Conversation._keep,
    do.Inform: Conversation._inform,
    do.Refresh: Conversation._refresh,
    do.Respond: Conversation._respond,
    do.Deliver: Conversation._deliver,
    do.Forward: Conversation._forward,
    do.Follow: Conversation._follow,
    do.Abort: Conversation._abort,
    do.Done: Conversation._done,
}
