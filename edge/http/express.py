"""The express lane: the very bytes that were asked a moment ago get the answer they got, grown older.

The core decided that answer and gave leave to repeat it (`edge.core.express`). The lane keeps it by the request's
raw bytes, writes the seconds of its age anew as they pass, and sees to it that the same variants are still stored.
It parses nothing and decides nothing; what it does not know goes, unread, the full way.
"""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Protocol

from attrs import define, frozen
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from edge.cache.body import FILE_BYTES
from edge.cache.tiered import TieredCache
from edge.control.access_log import AccessLog
from edge.control.tally import Tally
from edge.core.express import Leave, Second
from wire.web.files import SharedFile

log = Logger()

RAW_BYTES = 4096  # longer requests are not worth remembering
LANE_BYTES = 16 << 20  # of all that a lane remembers
TICKET_BYTES = 2048  # a ticket beside its texts, the response's head it may keep alive included
JOINED_BYTES = 64 * 1024  # up to here head and body are one piece


class Learner(ABC):
    """What an answer goes out by, where a lane may learn it."""

    @abstractmethod
    def learn(self, leave: Leave, head: bytes, decided_at: float) -> None:
        """The request under way has this answer, whole, and whoever sends its like may have it again."""


class Aging(Protocol):
    """An answer's head with room for its age."""

    @property
    def joined_bytes(self) -> int:
        """Up to here a body is put behind its head at once."""

    def head_at(self, age: int, ttl: int) -> bytes:
        """The head, with these seconds written in."""


Make = Callable[[bytes, int, int], Aging | None]
"""Makes it from a head that shows this age and ttl; None where it does not, or not in the way ours do."""


@frozen
class Template:
    """A head of HTTP/1, as it is sent."""

    before: bytes
    between: bytes
    after: bytes
    joined_bytes = JOINED_BYTES

    @classmethod
    def of(cls, head: bytes, age: int, ttl: int) -> Template | None:
        """As `Make` says."""
        before, aged, rest = head.partition(b"\r\nAge: %d\r\n" % age)
        start = rest.find(b"Cache-Status: ")
        if not aged or start < 0 or not (start == 0 or rest[:start].endswith(b"\r\n")):
            return None
        end = rest.find(b"\r\n", start)
        member = b"; ttl=%d" % ttl
        if not rest[start:end].endswith(member):
            return None
        return cls(before + b"\r\nAge: ", b"\r\n" + rest[: end - len(member)] + b"; ttl=", rest[end:])

    def head_at(self, age: int, ttl: int) -> bytes:
        return b"%b%d%b%d%b" % (self.before, age, self.between, ttl, self.after)


@define(eq=False)
class Ticket:
    """What the lane knows of one request."""

    leave: Leave
    template: Aging
    weight: int
    has_body: bool


@define(eq=False)
class Hit:
    """An answer, ready to send."""

    pieces: tuple[bytes, ...]
    """Head and body; one piece where they are small."""
    size: int
    """Bytes of the body."""
    ends: float
    """From then on it shows another age."""
    cache_status: str
    """For the log."""
    file: SharedFile | None = None
    """Whence the body is to be sent, behind the head. The lane's, and good for now."""
    copied: int = 0
    """Bytes of it that lie nowhere else in memory."""


class ExpressLane:
    """The tickets of one site's viewers.

    A hit that was looked into stays ready until its second is over, or anything at all is stored or let go: as
    long as nothing changes, one use of a stored response is as good as many, too.
    """

    def __init__(
        self,
        cache: TieredCache,
        tally: Tally,
        now: Callable[[], float],
        log: AccessLog | None = None,
        capacity_bytes: int = LANE_BYTES,
    ) -> None:
        self.now = now
        self._cache = cache
        self._tally = tally
        self._log = log
        self._capacity_bytes = capacity_bytes
        self._tickets: dict[bytes, Ticket] = {}
        self._occupied_bytes = 0
        self._cleared_at = -1.0
        self._hot = cache.hot
        self._changes = -1
        self._ready: dict[bytes, Hit] = {}
        self._copied_bytes = 0

    def __len__(self) -> int:
        """How many requests it knows."""
        return len(self._tickets)

    @property
    def occupied_bytes(self) -> int:
        """What it takes beside the bodies of the cache, about: at most its capacity and a quarter."""
        return self._occupied_bytes + self._copied_bytes

    def learn(
        self, raw: bytes, leave: Leave, head: bytes, decided_at: float, make: Make = Template.of
    ) -> None:
        """The core gave this answer to this request, by what the clock said then, and leave to repeat it."""
        second = leave.second_at(decided_at)
        if second is None or decided_at <= self._cleared_at or len(raw) > RAW_BYTES:
            return
        template = make(head, second.age, second.ttl)
        if template is None:
            return
        self._forget(raw)
        weight = TICKET_BYTES + len(raw) + len(head)
        self._tickets[raw] = Ticket(leave, template, weight, has_body=raw.startswith(b"GET "))
        self._occupied_bytes += weight
        while self._occupied_bytes > self._capacity_bytes:
            self._forget(next(iter(self._tickets)))

    def clear(self) -> None:
        """Ask the core again about everything: what is stored did not change, but what may be served did."""
        self._tickets.clear()
        self._occupied_bytes = 0
        self._cleared_at = self.now()
        self._unready()

    def answer(
        self, raw: bytes, viewer: str, now: float, largest: int = sys.maxsize, *, takes_files: bool = False
    ) -> Hit | None:
        """The answer to these bytes, if there is a ticket and it is good; counted as given.

        None too where the body is larger than `largest`, or in a file that is not to be had in memory unless the
        asker `takes_files`.
        """
        if self._changes != self._hot.changes:
            self._unready()
        hit = self._ready.get(raw)
        if hit is None or now >= hit.ends:
            hit = self._look_into(raw, now)
        if hit is None or hit.size > largest:
            return None
        if hit.file is not None and not (takes_files and hit.file.is_at_hand(0, hit.size)):
            return None
        tally = self._tally
        tally.express_hits += 1
        tally.sent_bytes += hit.size
        if self._log is not None:
            self._log.note_hit(raw, viewer, now, hit.size, hit.cache_status)
        return hit

    def bring(self, raw: bytes) -> Deferred[None] | None:
        """Have brought from disk what the answer to these bytes waits for: ask again when that is done. None where
        there is nothing to wait for.
        """
        ticket = self._tickets.get(raw)
        if ticket is None or not self._cache.may_bring(ticket.leave.entry):
            return None
        key, bringing = ticket.leave.entry.key, Deferred.fromCoroutine(self._bring(raw, ticket.leave))
        return bringing.addErrback(lambda failure: log.failure("while reading for {key}", failure, key=key))

    async def _bring(self, raw: bytes, leave: Leave) -> None:
        await self._cache.bring(leave.entry)
        if self._cache.at_hand(leave.entry.key) != leave.variants:
            self._forget(raw)

    def _look_into(self, raw: bytes, now: float) -> Hit | None:
        """Whether the same is still stored, and how old it is by now."""
        ticket = self._tickets.get(raw)
        if ticket is None:
            return None
        leave = ticket.leave
        found = self._found(ticket)
        second = leave.second_at(now) if found is not None else None
        if found is None or second is None:
            if found is not None or not self._cache.may_bring(leave.entry):
                self._forget(raw)
            return None
        hit = self._ready[raw] = made_of(ticket, second, found)
        self._copied_bytes += hit.copied
        if self._copied_bytes > self._capacity_bytes // 4:
            self._unready()
        return hit

    def _found(self, ticket: Ticket) -> Found | None:
        """The body, if the same variants are stored and it is within reach: a small one in a file is read here, if that
        takes no waiting."""
        cache, leave = self._cache, ticket.leave
        if cache.at_hand(leave.entry.key) != leave.variants:
            return None
        if not ticket.has_body:
            return Found(b"")
        data = cache.held(leave.entry)
        if data is not None:
            return Found(data)
        data = cache.brought(leave.entry)
        if data is not None:
            return Found(data, is_only_copy=True)
        file = cache.lies_open(leave.entry)
        if file is None or file.size > FILE_BYTES:
            return None
        if file.size > JOINED_BYTES:
            return Found(b"", file=file)
        data = file.read_now(0, file.size)
        return None if data is None else Found(data, is_only_copy=True)

    def _unready(self) -> None:
        self._ready.clear()
        self._copied_bytes = 0
        self._changes = self._hot.changes

    def _forget(self, raw: bytes) -> None:
        self._ready.pop(raw, None)
        ticket = self._tickets.pop(raw, None)
        if ticket is not None:
            self._occupied_bytes -= ticket.weight


@frozen
class Found:
    """A body within reach."""

    data: bytes
    is_only_copy: bool = False
    """It lies nowhere else in memory."""
    file: SharedFile | None = None


def made_of(ticket: Ticket, second: Second, found: Found) -> Hit:
    """The answer in that second."""
    head = ticket.template.head_at(second.age, second.ttl)
    status, data = ticket.leave.cache_status(second), found.data
    if found.file is not None:
        return Hit((head,), found.file.size, second.ends, status, found.file)
    is_joined = len(data) <= ticket.template.joined_bytes
    copied = len(data) if is_joined or found.is_only_copy else 0
    return Hit((head + data,) if is_joined else (head, data), len(data), second.ends, status, copied=copied)
