"""What a conversation brings home: its fetch, the spool that the body goes to, and who may drink from it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing

from attrs import evolve
from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from edge.cache.interface import Body, BodyMissing, CacheUnavailable
from edge.core import events as ev
from edge.core.entry import Entry
from edge.core.key import policy_for
from edge.core.oddities import oddities_of
from edge.core.pieces import WHOLE, Extent, Piece, Span
from edge.http.machinery import Machinery
from edge.upstream.coding import CodedFetching
from edge.upstream.failing import UpstreamFailed
from edge.upstream.fetch import Fetching
from wire.http.fields import RequestHead, ResponseHead
from wire.web.body import RequestBody
from wire.web.spool import Reader, Spool, SpoolFailed, State

log = Logger()

COPY_BYTES = 256 * 1024


class Fill:
    """At most one fetch at a time. What the upstream does is told to `hear`, as events of the core."""

    def __init__(self, machinery: Machinery, hear: Callable[[ev.Event], None]) -> None:
        self._node = machinery
        self._hear = hear
        self._fetching: Fetching | CodedFetching | None = None
        self._target = ""
        self._spool: Spool | None = None
        self._start: Reader | None = None
        self._shared = 0
        self._prepending: Deferred[None] | None = None
        self._mark = machinery.purges.mark
        self._generation = machinery.bans.generation

    # Asking

    def fetch(self, head: RequestHead, body: RequestBody | None) -> None:
        """Put the question; a purge from now on beats the answer."""
        self.stop()
        self.outlive_purges()
        self._node.tally.upstream_requests += 1
        self._target = head.target
        self._fetching = self._fetching_of(head, body)
        self._fetching.start()

    def _fetching_of(self, head: RequestHead, body: RequestBody | None) -> Fetching | CodedFetching:
        policy, upstreams = policy_for(head.target, self._node.policy), self._node.upstreams
        if not policy.stores:
            upstreams = upstreams.for_nothing_kept
        if policy.compression.codings:
            return CodedFetching(upstreams, head, self, policy.compression, body)
        return Fetching(upstreams, head, self, body)

    def outlive_purges(self) -> None:
        """What was purged up to now does not beat the answer under way."""
        self._mark = self._node.purges.mark
        self._generation = self._node.bans.generation

    def stop(self) -> None:
        """Nobody wants the answer: forget the fetch, and fail its spool."""
        fetching, self._fetching = self._fetching, None
        self._stop_prepending()
        self.let_go()
        spool, self._spool = self._spool, None
        if fetching is not None:
            fetching.cancel()
        if spool is not None:
            spool.close()

    def _stop_prepending(self) -> None:
        prepending, self._prepending = self._prepending, None
        if prepending is not None and not prepending.called:
            prepending.cancel()

    def settle(self) -> None:
        """The core has said all it had to say of the head: the body goes where that was, or falls."""
        if self._fetching is None or not self._fetching.awaits_decision:
            return
        if self._prepending is not None and not self._prepending.called:
            self._prepending.addCallback(lambda _: self.settle())
        else:
            self._fetching.proceed(self._spool)

    @property
    def was_asked(self) -> bool:
        """Whether an upstream had a part in this."""
        return self._fetching is not None

    @property
    def received(self) -> int:
        """Body bytes so far."""
        return self._fetching.received if self._fetching is not None else 0

    @property
    def was_held_back(self) -> bool:
        """Whether the upstream had to wait for who reads."""
        return self._spool is not None and self._spool.was_held_back

    # The body

    def spool(self, *, keep: bool = True, from_start: bool = False, on_disk: bool = True) -> Spool:
        """Where the body of the current fetch goes; `from_start`: hold its first byte until it is asked for again;
        not `on_disk`: in memory, as much of it as that takes."""
        if self._spool is None:
            self._spool = self._node.spool(keep=keep, on_disk=on_disk)
        if not on_disk and self._fetching is not None:
            self._fetching.gather_at_most(self._node.spool_fallback_bytes)
        if from_start:
            self._start = self._spool.reader()
        return self._spool

    def let_go(self) -> None:
        """Whoever wants the first byte has a reader of his own by now."""
        if self._start is not None:
            self._start.close()
            self._start = None

    def offer(self, prospect: Entry) -> None:
        """Let others drink: they find the spool by the prospect."""
        self._node.spools.pop(self._shared, None)
        self._shared = id(prospect)
        self._node.spools[self._shared] = self.spool()

    def fail(self, sentence: str) -> None:
        """Whoever drinks is cut off."""
        if self._spool is not None:
            self._spool.fail(SpoolFailed(sentence))

    def end(self) -> None:
        """The conversation is over; nobody is held by it any more, for a collection of garbage to find."""
        self._stop_prepending()
        self._fetching = None
        self._hear = deaf
        self._node.spools.pop(self._shared, None)
        self.let_go()
        if self._spool is not None:
            self._spool.close()

    # The store, unless a purge beat us (sheet 20.5)

    async def store(self, entry: Entry, pieces: tuple[Piece, ...] = WHOLE) -> None:
        """Insert the whole body, or a part; with `pieces` what they come to."""
        node, spool, left = self._node, self._spool, self._node.purges.left(self._mark, entry)
        if spool is None or not spool.is_kept or left is None:
            return
        if spool.state is State.GROWING and (entry.is_part or pieces != WHOLE):
            spool.fail(SpoolFailed("broken off"))  # what is there by now is a part
        parts = [piece.entry.generation for piece in pieces if isinstance(piece, Extent)]
        generation = min((self._generation, *parts))
        entry = left if left.generation == generation else evolve(left, generation=generation)
        try:
            if pieces == WHOLE:
                stored = await self._insert(entry, spool)
            else:
                with closing(node.spool()) as together:
                    await self._copy(pieces, together)
                    together.complete()
                    stored = await self._insert(entry, together) if together.is_kept else None
        except (BodyMissing, SpoolFailed):
            return  # a part was evicted, or there is no room for it: as if it had not been there
        except (
            OSError
        ) as error:  # the file has gone from under us; the viewers have their answer all the same
            log.warn("could not store {key}: {error}", key=entry.key, error=error)
            return
        node.stored(entry.key)
        if stored is not None:
            await self._purged_meanwhile(stored)

    async def _purged_meanwhile(self, stored: Entry) -> None:
        """A purge that came while it was written finds it now."""
        left = self._node.purges.left(self._mark, stored)
        if left is None:
            await self.drop(stored)
        elif left is not stored:
            await self._node.cache.update(stored.key, left)

    async def _insert(self, entry: Entry, spool: Spool) -> Entry | None:
        content = spool.content(broken_off=entry.is_part)
        body = content if content is not None else spool.give_away(broken_off=entry.is_part)
        return await self._node.cache.insert(entry.key, entry, body)

    async def _copy(self, pieces: tuple[Piece, ...], spool: Spool) -> None:
        """Bytes of stored bodies, and of our own, one after the other."""
        for piece in pieces:
            if isinstance(piece, Extent):
                with await self._node.cache.open(piece.entry) as body:
                    await copy_body(body, piece, spool)
            elif isinstance(piece, Span) and self._spool is not None:
                stop = self._spool.size if piece.stop is None else piece.stop
                for at in range(piece.start, stop, COPY_BYTES):
                    spool.write(self._spool.read_at(at, min(COPY_BYTES, stop - at)))

    async def prepend(self, extents: tuple[Piece, ...]) -> None:
        """These stored bytes go into the spool before the fetch's own. `BodyMissing` before any does."""
        with ExitStack() as opened:
            steps = [
                (opened.enter_context(await self._node.cache.open(piece.entry)), piece)
                for piece in extents
                if isinstance(piece, Extent)
            ]
            self._prepending = Deferred.fromCoroutine(self._prepend(steps, self.spool(), opened.pop_all()))
        self._prepending.addErrback(self._not_prepended)

    async def _prepend(self, steps: list[tuple[Body, Extent]], spool: Spool, opened: ExitStack) -> None:
        with opened:
            for body, extent in steps:
                await copy_body(body, extent, spool)

    def _not_prepended(self, failure: Failure) -> None:
        """Half of the beginning is there: nobody gets more."""
        if failure.check(CancelledError):
            return
        fetching, self._fetching = self._fetching, None
        if fetching is not None:
            fetching.cancel()
            self.fetch_failed(UpstreamFailed(ev.Failure.CUT, f"stored bytes: {failure.getErrorMessage()}"))

    async def freshen(self, entry: Entry) -> None:
        """Renew a stored head."""
        left = self._node.purges.left(self._mark, entry)
        if left is not None:
            await self._node.cache.update(entry.key, evolve(left, generation=self._generation))

    async def drop(self, entry: Entry) -> None:
        """Forget a stored response."""
        try:
            await self._node.cache.drop(entry)
        except CacheUnavailable as error:
            log.warn("could not drop {key}: {error}", key=entry.key, error=error)

    # What the upstream says (Listener)

    def interim_arrived(self, head: ResponseHead) -> None:
        self._hear(ev.InterimArrived(self._node.now(), head))

    def head_arrived(self, head: ResponseHead, requested_at: float) -> None:
        for oddity in oddities_of(head.fields):
            log.info("of the answer to {target}, {oddity}", target=self._target, oddity=oddity)
        self._hear(ev.ResponseHeadArrived(self._node.now(), head, requested_at))

    def body_outgrew(self) -> None:
        if self._spool is not None:
            self._spool.pass_on()
        self._hear(ev.ResponseBodyOutgrew(self._node.now()))

    def body_completed(self, size: int) -> None:
        if self._spool is not None:
            self._spool.complete()
        self._hear(ev.ResponseBodyCompleted(self._node.now(), size))

    def fetch_failed(self, failure: UpstreamFailed) -> None:
        log.info("no whole answer: {sentence}", sentence=str(failure))
        self.fail(str(failure))
        now, again_seconds = self._node.now(), failure.again_seconds
        self._hear(ev.ResponseFailed(now, failure.reason, failure.error, self.received, again_seconds))


def deaf(_: ev.Event) -> None:
    """Whoever listened has gone."""


async def copy_body(body: Body, extent: Extent, spool: Spool) -> None:
    """Bytes of a stored body to the end of a spool, a visit to the disk at a time."""
    for at in range(extent.start, extent.stop, COPY_BYTES):
        if not spool.is_kept:
            raise SpoolFailed("no room to put parts together")
        spool.write(await body.read(at, min(at + COPY_BYTES, extent.stop)))
