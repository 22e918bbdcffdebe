"""A whole edge on a table: the real core with a dict for a store, a script for an origin, and time as a
number.

It carries commands out the way a shell must, and no cleverer; so it is also the contract's worked example.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from attrs import Factory, define, evolve, field

from edge.core.bans import Ban, Bans, covers
from edge.core.commands import (
    Abort,
    CancelFetch,
    Command,
    CompleteFlight,
    Deliver,
    Done,
    Drop,
    FailFlight,
    Fetch,
    Follow,
    ForgetUnshareable,
    Forward,
    Freshen,
    FreshenFlight,
    Invalidate,
    JoinFlight,
    Keep,
    LandFlight,
    LeaveFlight,
    LookUp,
    Prepend,
    Refresh,
    ReleaseFlight,
    Respond,
    ShareFlight,
    Store,
)
from edge.core.entry import Entry
from edge.core.events import (
    Event,
    Failure,
    FlightHeadArrived,
    FlightPromoted,
    ResponseBodyCompleted,
    ResponseFailed,
    ResponseHeadArrived,
    StoreAnswered,
    ViewerLeft,
)
from edge.core.exchange import Exchange
from edge.core.flights import Flights, Notice
from edge.core.outcome import Outcome
from edge.core.pieces import WHOLE, Extent, Piece
from edge.core.policy import FlightPolicy, Policy
from edge.core.purges import PurgeLog
from wire.http.dates import format_date
from wire.http.fields import Fields, RequestHead, ResponseHead

Script = Callable[[RequestHead], "tuple[ResponseHead, bytes] | Failure"]
START = 1_800_000_000.0


class Evicted(Exception):
    """The body to be delivered is gone."""


@define(eq=False)
class Spool:
    """The body of one fetch, as far as it came."""

    data: bytes = b""
    state: str = "growing"
    is_kept: bool = False
    """Whether anybody asked for all of it: a viewer's pace may let the rest go by otherwise."""


@define(eq=False)
class Visit:
    """One viewer's request and what became of it."""

    number: int
    exchange: Exchange
    request: RequestHead | None = None
    """None for a refresh."""
    head: ResponseHead | None = None
    outcome: Outcome | None = None
    aborted: bool = False
    answers: int = 0
    fetch: RequestHead | None = None
    """Under way upstream."""
    spool: Spool = Factory(Spool)
    source: Spool | bytes = b""
    pieces: tuple[Piece, ...] = ()
    requested_at: float = 0.0
    mark: int = 0
    generation: int = 0
    received: int = 0

    @property
    def body(self) -> bytes:
        """What the viewer has by now."""
        data = self.source.data if isinstance(self.source, Spool) else self.source
        return b"".join(
            piece if isinstance(piece, bytes) else data[piece.start : piece.stop]
            for piece in self.pieces
            if not isinstance(piece, Extent)
        )

    @property
    def verdict(self) -> str:
        assert self.outcome is not None, "still under way"
        return self.outcome.verdict.value

    def field(self, name: str) -> str | None:
        """A field of the answer."""
        assert self.head is not None
        return self.head.fields.get(name)


@define
class Tabletop:
    """One node. `fetched` has every request that reached the origin."""

    policy: Policy = field(factory=Policy)
    flight_policy: FlightPolicy = field(factory=FlightPolicy)
    now: float = START
    is_cut_off: bool = False
    """What is known of the origin: it may answer all the same."""
    stored: dict[str, dict[str, tuple[Entry, bytes]]] = Factory(dict)
    fetched: list[RequestHead] = Factory(list)
    visits: list[Visit] = Factory(list)
    flights: Flights = Factory(lambda self: Flights(self.flight_policy), takes_self=True)
    purges: PurgeLog = Factory(PurgeLog)
    bans: Bans = Factory(Bans)
    _number: count[int] = Factory(count)
    _spools: dict[str, Spool] = Factory(dict)

    # ---- viewers

    def begin(self, request: RequestHead) -> Visit:
        """A viewer asks; goes as far as it can without the origin."""
        return self._begin(Exchange(request, self.policy), request)

    def ask(self, request: RequestHead, script: Script | None = None) -> Visit:
        """A viewer asks, and the origin answers at once whatever is asked of it."""
        visit = self.begin(request)
        self.answer_all(script)
        return visit

    def leave(self, visit: Visit) -> None:
        """The viewer hangs up."""
        followers = self.flights.followers_of(visit)
        self._tell(visit, ViewerLeft(self.now, followers, visit.received))

    def _begin(self, exchange: Exchange, request: RequestHead | None = None) -> Visit:
        visit = Visit(next(self._number), exchange, request)
        self.visits.append(visit)
        self._carry_out(visit, exchange.start(self.now))
        return visit

    # ---- the origin

    def under_way(self) -> list[Visit]:
        """Those whose fetch waits for the origin."""
        return [visit for visit in self.visits if visit.fetch is not None]

    def answer_all(self, script: Script | None) -> None:
        """Let the origin answer until nothing is under way."""
        while waiting := self.under_way():
            visit = waiting[0]
            assert script is not None, f"nobody expected {visit.fetch}"
            assert visit.fetch is not None
            said = script(visit.fetch)
            if isinstance(said, Failure):
                self.fail(visit, said)
            else:
                asked = visit.fetch
                self.send_head(visit, said[0])
                if visit.fetch is asked:  # else it was cancelled, or asked anew
                    has_body = asked.method != "HEAD" and said[0].status not in (204, 304)
                    self.send_body(visit, said[1] if has_body else b"")

    def send_head(self, visit: Visit, head: ResponseHead) -> None:
        """The head of the answer to this visit's fetch arrives."""
        visit.spool, visit.received = Spool(), 0
        self._tell(visit, ResponseHeadArrived(self.now, head, visit.requested_at))

    def send_body(self, visit: Visit, data: bytes, *, whole: bool = True) -> None:
        """Bytes arrive; `whole` is the end of the message."""
        visit.spool.data += data
        visit.received += len(data)
        if whole:
            visit.spool.state = "complete"
            visit.fetch = None
            self._tell(visit, ResponseBodyCompleted(self.now, visit.received))

    def fail(self, visit: Visit, reason: Failure = Failure.CUT) -> None:
        """The fetch comes to nothing, or breaks off."""
        visit.spool.state = "failed"
        visit.fetch = None
        self._tell(visit, ResponseFailed(self.now, reason, received=visit.received))

    # ---- purges

    def purge(self, key: str) -> None:
        """By key, as the control port would."""
        self.stored.pop(key, None)
        self.purges.purge(keys=(key,))
        self.flights.purge(keys=(key,))

    def purge_tags(self, tags: tuple[str, ...]) -> None:
        """By surrogate key, likewise."""
        for key, variants in list(self.stored.items()):
            kept = {
                name: held for name, held in variants.items() if not set(tags) & set(held[0].surrogate_keys)
            }
            self.stored[key] = kept
        self.purges.purge(tags=tags)
        self.flights.purge(tags=tags)

    def ban(self, *bans: Ban, soft: bool = False) -> None:
        """By generation, likewise."""
        if not soft:
            self.flights.purge(covers=lambda key: covers(bans, key))
        self.bans.add(bans, self.now, soft=soft)

    def soft_purge(self) -> None:
        """Everything stored is stale from now on."""
        for variants in self.stored.values():
            for name, (entry, body) in variants.items():
                variants[name] = entry.expired(self.now), body

    def tick(self) -> None:
        """Time has come for those who waited too long."""
        self._hand_round(self.flights.tick(self.now))

    # ---- the shell

    def _tell(self, visit: Visit, event: Event) -> None:
        self._carry_out(visit, visit.exchange.receive(event))

    def _hand_round(self, notices: list[Notice]) -> None:
        for notice in notices:
            assert isinstance(notice.waiter, Visit)
            event = notice.event
            if notice.waiter.outcome is not None:
                continue  # it drinks, and needs no telling
            if isinstance(event, FlightHeadArrived):
                event = evolve(event, received=len(self._spools[notice.waiter.exchange._flight].data))
            elif isinstance(event, FlightPromoted):
                event = evolve(event, is_cut_off=self.is_cut_off)
            self._tell(notice.waiter, event)

    def _carry_out(self, visit: Visit, commands: list[Command]) -> None:
        for command in commands:
            assert visit.outcome is None, f"after Done: {command}"
            try:
                self._one(visit, command)
            except Evicted:
                self._start_anew(visit)
                return

    def _start_anew(self, visit: Visit) -> None:
        """What was found is no longer there: it is a miss after all, for a fresh exchange."""
        visit.fetch = None
        self._hand_round(self.flights.abandon(visit, self.now))
        assert visit.request is not None
        visit.exchange = visit.exchange.anew()
        self._carry_out(visit, visit.exchange.start(self.now))

    def _one(self, visit: Visit, command: Command) -> None:  # noqa: C901 (one case a command)
        match command:
            case LookUp(key):
                kept = tuple(entry for entry, _ in self.stored.get(key, {}).values())
                self._tell(visit, StoreAnswered(self.now, self.bans.surviving(kept), self.is_cut_off))
            case Store(entry, pieces):
                assert visit.spool.is_kept, f"nobody said to keep {entry}"
                left = self.purges.left(visit.mark, entry)
                if left is not None:
                    self._store(visit, left, pieces)
            case Prepend(extents):
                visit.spool.is_kept = True
                visit.spool.data = self._bytes(extents, b"") + visit.spool.data
            case Freshen(entry):
                variants = self.stored.get(entry.key, {})
                for name, (old, body) in list(variants.items()):
                    if old.body_id == entry.body_id and self.purges.left(visit.mark, entry) is not None:
                        del variants[name]
                        variants[entry.variant] = evolve(entry, generation=visit.generation), body
            case Drop(entry):
                variants = self.stored.get(entry.key, {})
                for name, (old, _) in list(variants.items()):
                    if old.body_id == entry.body_id:
                        del variants[name]
            case Invalidate(keys, tags):
                for key in keys:
                    self.purge(key)
                self.purge_tags(tags)
                visit.mark = self.purges.mark
            case Fetch(head):
                visit.fetch, visit.requested_at, visit.mark = head, self.now, self.purges.mark
                visit.generation = self.bans.generation
                self.fetched.append(head)
            case CancelFetch():
                visit.fetch = None
                visit.spool.state = "failed"
            case Refresh(entry, request):
                self._begin(Exchange.refreshing(entry, request, self.policy))
            case Done(outcome):
                visit.outcome = outcome
            case Abort():
                visit.aborted = True
            case Keep():
                visit.spool.is_kept = True
            case Respond() | Deliver() | Forward() | Follow():
                self._say(visit, command)
            case _:
                self._fly(visit, command)

    def _store(self, visit: Visit, entry: Entry, pieces: tuple[Piece, ...]) -> None:
        try:
            data = self._bytes(pieces, visit.spool.data)
        except Evicted:
            return
        assert visit.spool.state == "complete" or entry.is_part or pieces != WHOLE
        born = [piece.entry.generation for piece in pieces if isinstance(piece, Extent)]
        oldest = min((visit.generation, *born))
        named = evolve(entry, body_id=f"b{next(self._number)}", generation=oldest)
        assert len(data) == entry.size
        self.stored.setdefault(entry.key, {})[entry.variant] = named, data

    def _bytes(self, pieces: tuple[Piece, ...], own: bytes) -> bytes:
        """What the pieces come to, of stored bodies and of one's own."""
        found = b""
        for piece in pieces:
            if isinstance(piece, Extent):
                variants = self.stored.get(piece.entry.key, {}).values()
                bodies = [body for kept, body in variants if kept.body_id == piece.entry.body_id]
                if not bodies:
                    raise Evicted
                found += bodies[0][piece.start : piece.stop]
            else:
                found += piece if isinstance(piece, bytes) else own[piece.start : piece.stop]
        return found

    def _fly(self, visit: Visit, command: Command) -> None:
        match command:
            case JoinFlight(key, since, background):
                self._hand_round(self.flights.join(key, visit, self.now, since=since, background=background))
            case LeaveFlight():
                self.flights.leave(visit)
            case ShareFlight(key, entry):
                self._spools[key] = visit.spool
                visit.spool.is_kept = True
                self._hand_round(self.flights.share(visit, entry, self.now))
            case FreshenFlight(_, entry):
                self._hand_round(self.flights.freshen(visit, entry, self.now))
            case ReleaseFlight(_, remember):
                self._hand_round(self.flights.release(visit, self.now, remember=remember))
            case FailFlight(_, reason, error, hold):
                self._hand_round(self.flights.fail(visit, reason, self.now, error, hold_seconds=hold))
            case CompleteFlight(_, entry):
                self._hand_round(self.flights.complete(visit, self.now, entry))
            case LandFlight():
                self._hand_round(self.flights.land(visit, self.now))
            case ForgetUnshareable(key):
                self.flights.forget(key)
            case _:
                raise AssertionError(command)

    def _say(self, visit: Visit, command: Respond | Deliver | Forward | Follow) -> None:
        match command:
            case Respond(_, body):
                visit.pieces, visit.source = (body,), b""
            case Deliver(entry, _, pieces) if entry.parts:
                visit.pieces, visit.source = (self._bytes(pieces, b""),), b""
            case Deliver(entry, _, pieces):
                variants = self.stored.get(entry.key, {}).values()
                bodies = [body for kept, body in variants if kept.body_id == entry.body_id]
                if not bodies:
                    raise Evicted
                visit.pieces, visit.source = pieces, bodies[0]
            case Forward(_, pieces, keep):
                visit.pieces, visit.source = pieces, visit.spool
                visit.spool.is_kept = visit.spool.is_kept or keep
            case Follow(_, pieces, key):
                visit.pieces, visit.source = pieces, self._spools[key]
        visit.answers += 1
        visit.head = command.head
        length = visit.head.fields.get("content-length")
        assert length is None or length.isdigit()


def answering(status: int = 200, body: bytes = b"0123456789", **fields: str) -> Script:
    """An origin that always says the same, with a right Date and Content-Length unless told otherwise."""
    return lambda _request: (ResponseHead(status, Fields.of(**fields)), body)


def dated(now: float, offset: float = 0.0) -> str:
    """An HTTP-date near `now`."""
    return format_date(now + offset)
