"""What a conversation brings home: its fetch, the spool that the body goes to, and who may drink from it."""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve
from twisted.logger import Logger

from edge.cache.interface import CacheUnavailable
from edge.core import events as ev
from edge.core.entry import Entry
from edge.http.machinery import Machinery
from edge.upstream.coding import CodedFetching
from edge.upstream.fetch import Fetching
from wire.http.fields import RequestHead, ResponseHead
from wire.web.body import RequestBody
from wire.web.spool import Spool, SpoolFailed

log = Logger()


class Fill:
    """At most one fetch at a time. What the upstream does is told to `hear`, as events of the core."""

    def __init__(self, machinery: Machinery, hear: Callable[[ev.Event], None]) -> None:
        self._node = machinery
        self._hear = hear
        self._fetching: Fetching | CodedFetching | None = None
        self._spool: Spool | None = None
        self._shared: int | None = None
        self._mark = machinery.purges.mark
        self._generation = machinery.bans.generation

    # Asking

    def fetch(self, head: RequestHead, body: RequestBody | None) -> None:
        """Put the question; a purge from now on beats the answer."""
        self.stop()
        self.outlive_purges()
        self._node.tally.upstream_requests += 1
        self._fetching = self._fetching_of(head, body)
        self._fetching.start()

    def _fetching_of(self, head: RequestHead, body: RequestBody | None) -> Fetching | CodedFetching:
        compression = self._node.policy.compression
        if compression.codings:
            return CodedFetching(self._node.upstreams, head, self, compression, body)
        return Fetching(self._node.upstreams, head, self, body)

    def outlive_purges(self) -> None:
        """What was purged up to now does not beat the answer under way."""
        self._mark = self._node.purges.mark
        self._generation = self._node.bans.generation

    def stop(self) -> None:
        """Nobody wants the answer: forget the fetch, and fail its spool."""
        fetching, self._fetching = self._fetching, None
        spool, self._spool = self._spool, None
        if fetching is not None:
            fetching.cancel()
        if spool is not None:
            spool.close()

    def settle(self) -> None:
        """The core has said all it had to say of the head: the body goes where that was, or falls."""
        if self._fetching is not None and self._fetching.awaits_decision:
            self._fetching.proceed(self._spool)

    @property
    def was_asked(self) -> bool:
        """Whether an upstream had a part in this."""
        return self._fetching is not None

    @property
    def received(self) -> int:
        """Body bytes so far."""
        return self._fetching.received if self._fetching is not None else 0

    # The body

    def spool(self, *, keep: bool = True) -> Spool:
        """Where the body of the current fetch goes."""
        if self._spool is None:
            self._spool = Spool(self._node.spool_folder, keep=keep)
        return self._spool

    def offer(self, prospect: Entry) -> None:
        """Let others drink: they find the spool by the prospect."""
        self._shared = id(prospect)
        self._node.spools[self._shared] = self.spool()

    def fail(self, sentence: str) -> None:
        """Whoever drinks is cut off."""
        if self._spool is not None:
            self._spool.fail(SpoolFailed(sentence))

    def end(self) -> None:
        """The conversation is over."""
        if self._shared is not None:
            self._node.spools.pop(self._shared, None)
        if self._spool is not None:
            self._spool.close()

    # The store, unless a purge beat us (sheet 20.5)

    async def store(self, entry: Entry) -> None:
        """Insert the whole body."""
        node, spool = self._node, self._spool
        if spool is None or not spool.is_kept or node.purges.beats(self._mark, entry):
            return
        entry = evolve(entry, generation=self._generation)
        content = spool.content()
        try:
            stored = await node.cache.insert(
                entry.key, entry, content if content is not None else spool.give_away()
            )
        except (
            OSError
        ) as error:  # the file has gone from under us; the viewers have their answer all the same
            log.warn("could not store {key}: {error}", key=entry.key, error=error)
            return
        node.stored(entry.key)
        if stored is not None and node.purges.beats(self._mark, entry):
            await self.drop(stored)

    async def freshen(self, entry: Entry) -> None:
        """Renew a stored head."""
        if not self._node.purges.beats(self._mark, entry):
            await self._node.cache.update(entry.key, evolve(entry, generation=self._generation))

    async def drop(self, entry: Entry) -> None:
        """Forget a stored response."""
        try:
            await self._node.cache.drop(entry)
        except CacheUnavailable as error:
            log.warn("could not drop {key}: {error}", key=entry.key, error=error)

    # What the upstream says (Listener)

    def head_arrived(self, head: ResponseHead, requested_at: float) -> None:
        self._hear(ev.ResponseHeadArrived(self._node.now(), head, requested_at))

    def body_outgrew(self) -> None:
        if self._spool is not None:
            self._spool.pass_on()
        self._hear(ev.ResponseBodyOutgrew(self._node.now()))

    def body_completed(self, size: int) -> None:
        if self._spool is not None:
            self._spool.complete()
        self._hear(ev.ResponseBodyCompleted(self._node.now(), size))

    def fetch_failed(self, reason: ev.Failure, sentence: str) -> None:
        log.info("no whole answer: {sentence}", sentence=sentence)
        self.fail(sentence)
        self._hear(ev.ResponseFailed(self._node.now(), reason))
