"""The express lane: the very bytes that were asked a moment ago get the answer they got, grown older.

The core decided that answer and gave leave to repeat it (`edge.core.express`). The lane keeps it by the request's
raw bytes, writes the seconds of its age anew as they pass, and sees to it that the same variants are still stored.
It parses nothing and decides nothing; what it does not know goes, unread, the full way.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, frozen

from edge.cache.tiered import TieredCache
from edge.control.tally import AccessLog, Tally
from edge.core.entry import Entry
from edge.core.express import Leave

RAW_BYTES = 4096  # longer requests are not worth remembering
LANE_BYTES = 16 << 20  # of all that a lane remembers
TICKET_BYTES = 2048  # a ticket beside its texts, the response's head it may keep alive included

Hit = tuple[bytes, bytes]
"""A head and a body, ready to send."""


@frozen
class Template:
    """An answer's head with room for its age: `head_at` writes the seconds in."""

    before: bytes
    between: bytes
    after: bytes

    @classmethod
    def of(cls, head: bytes, age: int, ttl: int) -> Template | None:
        """A head that shows this age and ttl; None where it does not, or not in the way ours do."""
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
        """The head, at another age."""
        return b"%b%d%b%d%b" % (self.before, age, self.between, ttl, self.after)


@define(eq=False)
class Ticket:
    """What the lane knows of one request: the leave, and the head that it has written for this second."""

    leave: Leave
    template: Template
    has_body: bool
    weight: int
    variants: tuple[Entry, ...]
    head: bytes = b""
    ends: float = 0.0

    def renew(self, now: float) -> bool:
        """Write the head of this second; False if the leave is over."""
        second = self.leave.second_at(now)
        if second is None:
            return False
        self.head, self.ends = self.template.head_at(second.age, second.ttl), second.ends
        return True


class ExpressLane:
    """The tickets of one site's viewers."""

    def __init__(
        self,
        cache: TieredCache,
        tally: Tally,
        now: Callable[[], float],
        log: AccessLog | None = None,
        capacity_bytes: int = LANE_BYTES,
    ) -> None:
        self._cache = cache
        self._tally = tally
        self._now = now
        self._log = log
        self._capacity_bytes = capacity_bytes
        self._tickets: dict[bytes, Ticket] = {}
        self._occupied_bytes = 0
        self._cleared_at = -1.0

    def __len__(self) -> int:
        """How many requests it knows."""
        return len(self._tickets)

    @property
    def occupied_bytes(self) -> int:
        """What the tickets take, about; never more than the lane's capacity."""
        return self._occupied_bytes

    def learn(self, raw: bytes, leave: Leave, head: bytes, decided_at: float) -> None:
        """The core gave this answer to this request, by what the clock said then, and leave to repeat it."""
        second = leave.second_at(decided_at)
        if second is None or decided_at <= self._cleared_at or len(raw) > RAW_BYTES:
            return
        template = Template.of(head, second.age, second.ttl)
        if template is None:
            return
        self._forget(raw)
        weight = TICKET_BYTES + len(raw) + 2 * len(head)
        has_body = raw.startswith(b"GET ")
        self._tickets[raw] = Ticket(leave, template, has_body, weight, leave.variants)
        self._occupied_bytes += weight
        while self._occupied_bytes > self._capacity_bytes:
            self._forget(next(iter(self._tickets)))

    def clear(self) -> None:
        """Ask the core again about everything: what is stored did not change, but what may be served did."""
        self._tickets.clear()
        self._occupied_bytes = 0
        self._cleared_at = self._now()

    def _forget(self, raw: bytes) -> None:
        ticket = self._tickets.pop(raw, None)
        if ticket is not None:
            self._occupied_bytes -= ticket.weight

    def answer(self, raw: bytes, viewer: str) -> Hit | None:
        """Head and body for these bytes, if there is a ticket and it is good; counted as answered."""
        ticket = self._tickets.get(raw)
        if ticket is None:
            return None
        now = self._now()
        if now >= ticket.ends and not ticket.renew(now):
            self._forget(raw)
            return None
        entry = ticket.leave.entry
        variants = self._cache.at_hand(entry.key)
        if variants is not ticket.variants:
            if not are_same(variants, ticket.variants):
                self._forget(raw)
                return None
            ticket.variants = variants
        body = self._cache.held(entry) if ticket.has_body else b""
        if body is None:
            self._forget(raw)
            return None
        self._tally.express(len(body))
        if self._log is not None:
            self._log.note_hit(raw, viewer, now, len(body))
        return ticket.head, body


def are_same(some: tuple[Entry, ...], others: tuple[Entry, ...]) -> bool:
    """The very same values, not just equal ones."""
    return len(some) == len(others) and all(map(lambda one, other: one is other, some, others))
