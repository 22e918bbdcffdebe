"""Work that nobody waits for: done after its request was answered, by whichever node is up, once at least.

A job is an entry of the outbox, committed with the change that wants it. Whoever claims it renews the lease while it
works; if that node dies, the lease ends and another begins anew.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from attrs import frozen
from twisted.application.service import Service
from twisted.internet.defer import CancelledError, Deferred, DeferredList
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall, deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure

from origin.catalogue import Message, Outbox, OutboxEntry
from wire.errors import InternalError, MediaError, Unavailable

LEASE_SECONDS = 60.0
EVERY_SECONDS = 1.0
MOST_ATTEMPTS = 10
FIRST_PAUSE_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 300.0
LOOK_SECONDS = 0.05

Payload = Mapping[str, Any]


class Job(Protocol):
    """One kind of work. Done twice it must come to the same."""

    async def run(self, payload: Payload) -> Sequence[Message]:
        """Do it; what is then to be told is queued by the transaction that ends the job."""

    def failed(self, payload: Payload, error: MediaError) -> Sequence[Message]:
        """What to tell when it cannot be done."""


@frozen
class Lull:
    """A moment in which nobody else waits for a render; taken for one after a while, lest it never come."""

    is_crowded: Callable[[], bool]
    clock: IReactorTime
    most_seconds: float = 5.0

    async def __call__(self) -> None:
        """Return when it has come."""
        given_up = self.clock.seconds() + self.most_seconds
        while self.is_crowded() and self.clock.seconds() < given_up:
            await deferLater(self.clock, LOOK_SECONDS)


class Jobs(Service):
    """Runs what waits, `running` at once, each after a moment in which viewers left room (`calm`)."""

    _log = Logger()

    def __init__(
        self,
        *,
        outbox: Outbox,
        kinds: Mapping[str, Job],
        calm: Callable[[], Awaitable[None]],
        clock: IReactorTime,
        now: Callable[[], float],
        running: int = 1,
    ) -> None:
        self._outbox = outbox
        self._kinds = kinds
        self._calm = calm
        self._now = now
        self._most = running
        self._clock = clock
        self._loop = LoopingCall(self._look)
        self._loop.clock = clock
        self._looking: Deferred[None] | None = None
        self._under_way: set[Deferred[None]] = set()
        self.done = 0

    @property
    def under_way(self) -> int:
        """How many run now."""
        return len(self._under_way)

    def startService(self) -> None:
        super().startService()
        self._loop.start(EVERY_SECONDS, now=False).addErrback(
            lambda failure: self._log.failure("while looking for jobs", failure)
        )

    def stopService(self) -> Deferred[Any]:
        """What is under way is dropped and handed over: another node may begin it at once. Where the catalogue does not
        take that any more, the lease brings it back."""
        super().stopService()
        if self._loop.running:
            self._loop.stop()
        under_way = [each for each in (self._looking, *self._under_way) if each is not None]
        gone = DeferredList([_settled(each) for each in under_way])
        for each in under_way:
            each.cancel()
        return gone

    def soon(self) -> None:
        """Something was queued here: look at once."""
        if self.running and self._looking is None:
            self._look()

    def _look(self) -> None:
        if self._looking is None:
            self._looking = Deferred.fromCoroutine(self._begin())
            self._looking.addBoth(self._looked)

    def _looked(self, outcome: object) -> None:
        self._looking = None
        if isinstance(outcome, Failure) and not outcome.check(CancelledError, Unavailable):
            self._log.failure("while looking for jobs", outcome)

    async def _begin(self) -> None:
        while self.running and len(self._under_way) < self._most:
            found = await self._outbox.claim(
                1, now=self._now(), lease_seconds=LEASE_SECONDS, kinds=tuple(self._kinds)
            )
            if not found:
                return
            working = Deferred.fromCoroutine(self._work(found[0]))
            self._under_way.add(working)
            working.addBoth(self._ended, working)

    def _ended(self, outcome: object, working: "Deferred[None]") -> None:
        self._under_way.discard(working)
        if isinstance(outcome, Failure) and not outcome.check(CancelledError, Unavailable):
            self._log.failure("while ending a job", outcome)
        self.soon()

    async def _work(self, entry: OutboxEntry) -> None:
        lease = LoopingCall(self._renew, entry)
        lease.clock = self._clock
        renewing = lease.start(LEASE_SECONDS / 3, now=False)
        try:
            messages = await self._outcome(entry)
        except CancelledError:
            await self._outbox.give_back(entry, now=self._now())
            raise
        finally:
            if lease.running:
                lease.stop()
            await renewing
        if messages is not None:
            await self._outbox.follow(entry, messages, now=self._now())
            self.done += 1

    async def _outcome(self, entry: OutboxEntry) -> Sequence[Message] | None:
        """What to tell of a job that is over; None if it is to be tried again."""
        job = self._kinds[entry.kind]
        try:
            await self._calm()
            return await job.run(entry.payload)
        except MediaError as error:
            trouble = error
        except CancelledError:
            raise
        except Exception:  # noqa: BLE001  the border: a job that fails must not end the others
            self._log.failure("while doing a {kind} job", kind=entry.kind)
            trouble = InternalError("Internal error")
        if trouble.status < 500 or entry.attempts >= MOST_ATTEMPTS:
            self._log.info("a {kind} job failed: {why}", kind=entry.kind, why=str(trouble))
            return job.failed(entry.payload, trouble)
        pause = min(FIRST_PAUSE_SECONDS * 2 ** (entry.attempts - 1), LONGEST_PAUSE_SECONDS)
        await self._outbox.later(entry, self._now() + pause)
        return None

    async def _renew(self, entry: OutboxEntry) -> None:
        try:
            await self._outbox.later(entry, self._now() + LEASE_SECONDS)
        except Unavailable as error:
            self._log.info("a lease was not renewed: {why}", why=str(error))


def _settled(doing: "Deferred[None]") -> "Deferred[None]":
    """Fires when it is over, whatever came of it."""
    settled: Deferred[None] = Deferred()

    def over(outcome: object) -> object:
        settled.callback(None)
        return outcome

    doing.addBoth(over)
    return settled
