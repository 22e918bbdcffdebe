"""Sends a trace to a running world, each request at its time whether or not those before it were answered.

An open loop: a viewer does not wait until others have their pictures, so a world that is slow is asked as much as one
that is fast, and the wait counts from the moment the request was due (no coordinated omission).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any
from zlib import crc32

from attrs import define, evolve, field, frozen
from twisted.internet.defer import CancelledError, Deferred, DeferredSemaphore
from twisted.internet.error import ConnectError, ConnectingCancelledError, ConnectionClosed, DNSLookupError
from twisted.internet.error import TimeoutError as TookTooLong
from twisted.internet.interfaces import IReactorTCP, IReactorTime
from twisted.internet.protocol import Protocol, connectionDone
from twisted.internet.task import deferLater
from twisted.python.failure import Failure
from twisted.web.client import Agent, HTTPConnectionPool, ResponseDone, ResponseFailed, ResponseNeverReceived
from twisted.web.http_headers import Headers
from twisted.web.iweb import IResponse

from sim.traffic.answers import Answered
from sim.traffic.assets import AssetsAsked, asset_in
from sim.traffic.changing import bursts
from sim.traffic.record import Record
from sim.traffic.tally import Tally
from sim.traffic.targets import Targets, accept_of

FAILURES = (
    ConnectError,
    ConnectingCancelledError,
    DNSLookupError,
    ConnectionClosed,
    TookTooLong,
    ResponseFailed,
    ResponseNeverReceived,
    CancelledError,
)
BOT = "pixeledge-traffic-bot/1"
VIEWER = "pixeledge-traffic/1"


@frozen
class Pace:
    """How a trace is sent."""

    speed: float = 1.0
    """2: twice as fast as recorded."""
    at_once: int = 1000
    """Requests under way; one more waits, and its wait counts."""
    patience_seconds: float = 30.0


@define
class Sender:
    """One run of traffic against one front door."""

    reactor: Any
    front: str
    """Base URL."""
    targets: Targets
    sources: Mapping[str, str]
    """Region → the loopback address its viewers ask from; who has none says the region in a header."""
    pace: Pace = field(factory=Pace)
    change: Callable[[Sequence[Record]], Awaitable[str]] | None = None
    """Carries out overwrites or purges of one moment; returns a word for what it did."""
    tally: Tally = field(factory=Tally)
    heard: Callable[[Record, float, Answered], None] = lambda record, at, answer: None
    """Told of every answer, and how many seconds after the start it ended."""
    assets: AssetsAsked = field(factory=AssetsAsked)
    is_replay: bool = False
    """Targets are what somebody once asked for somewhere: a refusal is no failure."""
    _agents: dict[str, Agent] = field(factory=dict)
    _pools: list[HTTPConnectionPool] = field(factory=list)
    _digests: dict[tuple[str, str], int] = field(factory=dict)
    _is_over: bool = False
    _under_way: set[Deferred[None]] = field(factory=set)
    _bug: Failure | None = None

    async def run(self, records: Iterator[Record]) -> Tally:
        """Send all of it, wait for the last answer. Cancelled, it waits for nothing and closes what it opened. Raises
        what is no answer and no failure of the network either: NoPicturesError among it."""
        clock: IReactorTime = self.reactor
        slots = DeferredSemaphore(self.pace.at_once)
        begun = clock.seconds()
        try:
            for together in bursts(records):
                [record, *_] = together
                due = begun + record.time_us / 1e6 / self.pace.speed
                if (early := due - clock.seconds()) > 0:
                    await deferLater(clock, early)
                self.tally.late_seconds = max(self.tally.late_seconds, clock.seconds() - due)
                if record.is_request:
                    doing = slots.run(self._do, record, due, begun)
                else:
                    doing = Deferred.fromCoroutine(self._changed(together))
                self._under_way.add(doing)
                doing.addBoth(self._done, doing)
                self._raise_bug()
            while self._under_way:
                await _settled(next(iter(self._under_way)))
                self._raise_bug()
        finally:
            self._is_over = True
            for doing in tuple(self._under_way):
                doing.cancel()
            for pool in self._pools:
                await pool.closeCachedConnections()
        return self.tally

    def _done(self, result: object, doing: Deferred[None]) -> None:
        self._under_way.discard(doing)
        if isinstance(result, Failure) and not result.check(CancelledError):
            self._bug = self._bug or result

    def _raise_bug(self) -> None:
        if self._bug is not None:
            self._bug.raiseException()

    def _do(self, record: Record, due: float, begun: float) -> Deferred[None]:
        return Deferred.fromCoroutine(self._answered(record, due, begun))

    async def _answered(self, record: Record, due: float, begun: float) -> None:
        answer = await self.ask(record, due)
        if self._is_over:  # broken off by us
            return
        at = self.reactor.seconds() - begun
        self.tally.add(record, at, answer)
        self.heard(record, at, answer)

    async def _changed(self, together: Sequence[Record]) -> None:
        if self.change is not None:
            self.tally.changes[await self.change(together)] += len(together)
            for record in together:
                self._forget(record)

    async def ask(self, record: Record, due: float | None = None) -> Answered:
        """One question; its time counts from when it was `due`, which is now unless said."""
        due = self.reactor.seconds() if due is None else due
        target = self.targets.of(record)
        asking = self._agent(record.region).request(
            b"GET", (self.front + target).encode("ascii", "backslashreplace"), self._head(record)
        )
        asking.addTimeout(self.pace.patience_seconds, self.reactor, _give_up)
        try:
            response = await asking
            body = _Counted()
            response.deliverBody(body)
            body.whole.addTimeout(self.pace.patience_seconds, self.reactor, lambda *_: body.give_up())
            size, digest = await body.whole
        except FAILURES as error:
            return Answered(0, self.reactor.seconds() - due, why=_why(error))
        answer = _read(response, self.reactor.seconds() - due, size)
        if answer.status != 200:  # the cloud has what is made of its pictures; of a recording, nobody knows
            if self.is_replay and record.path and answer.status < 500:
                return evolve(answer, why="")
            return answer if record.path else evolve(answer, why=answer.why or f"status {answer.status}")
        variant = (target, accept_of(record))
        before = self._digests.setdefault(variant, digest)
        return evolve(answer, is_wrong=before != digest, had_another=self._had_another(answer, variant))

    def _had_another(self, answer: Answered, variant: tuple[str, str]) -> frozenset[str]:
        """The caches on the answer's way that have another variant of its asset."""
        asset = asset_in(variant[0])
        return frozenset(
            lookup.cache
            for _, lookup in answer.asked
            if self.assets.note(lookup.cache, asset, variant, is_absent=lookup.is_absent)
        )

    def _forget(self, change: Record) -> None:
        """An asset was purged, or everything."""
        if change.asset < 0:
            self.assets.forget_all()
        else:
            self.assets.forget(asset_in(self.targets.of(change)))

    def _head(self, record: Record) -> Headers:
        head = {"User-Agent": [BOT if record.kind == "bot" else VIEWER], "Accept": [accept_of(record)]}
        if record.region not in self.sources:
            head["X-Viewer-Region"] = [record.region]
        return Headers(head)

    def _agent(self, region: str) -> Agent:
        agent = self._agents.get(region)
        if agent is None:
            pool = HTTPConnectionPool(self.reactor)
            pool.maxPersistentPerHost = 64
            pool.retryAutomatically = False
            source = self.sources.get(region)
            reactor: IReactorTCP = self.reactor
            agent = Agent(reactor, pool=pool, bindAddress=(source, 0) if source else None)
            self._agents[region] = agent
            self._pools.append(pool)
        return agent


class _Counted(Protocol):
    """Counts a body's bytes, sums them up (CRC-32) and forgets them."""

    def __init__(self) -> None:
        self.whole: Deferred[tuple[int, int]] = Deferred()
        self._size = 0
        self._digest = 0

    def dataReceived(self, data: bytes) -> None:
        self._size += len(data)
        self._digest = crc32(data, self._digest)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if self.whole.called:
            return
        if reason.check(ResponseDone):
            self.whole.callback((self._size, self._digest))
        else:
            self.whole.errback(reason)

    def give_up(self) -> None:
        if self.transport is not None:
            self.transport.abortConnection()  # type: ignore[attr-defined]  # a TCP transport
        raise TookTooLong


def _give_up(_result: object, _seconds: float) -> Any:
    """Whatever was under way when it took too long: the name was looked up, a connection made, an answer read."""
    raise TookTooLong


def _read(response: IResponse, seconds: float, size: int) -> Answered:
    def named(name: str) -> str:
        return ", ".join(response.headers.getRawHeaders(name) or ())

    return Answered(
        response.code, seconds, size, named("Cache-Status"), named("Server-Timing"), named("X-PoP"),
        named("X-Cache"), named("X-Cld-Error"),
    )  # fmt: skip


def _why(error: BaseException) -> str:
    if isinstance(error, ResponseFailed | ResponseNeverReceived) and error.reasons:
        return _why(error.reasons[0].value)
    if isinstance(error, TookTooLong | CancelledError | ConnectingCancelledError):
        return "no answer in time"
    if isinstance(error, ConnectionClosed | ResponseFailed | ResponseNeverReceived):
        return "answer broken off"
    return "no connection"


async def _settled(doing: Deferred[None]) -> None:
    """Wait for it whatever becomes of it, without taking its result."""
    waiting: Deferred[None] = Deferred()

    def seen(result: Any) -> Any:
        waiting.callback(None)
        return result

    doing.addBoth(seen)
    await waiting
