"""The express lane: the very bytes that were asked a moment ago get the very answer they got.

The core decided that answer: a whole, fresh 200 from memory. It would decide the same for the same request as
long as the same variants are stored and the age it shows, in whole seconds, is the same. So the lane keeps,
for a request's raw bytes, the head that the core made, until that second is over. It parses nothing and
decides nothing; what it does not know goes, unread, the full way, once a second at least.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from attrs import frozen

from edge.cache.tiered import TieredCache
from edge.control.tally import Tally
from edge.core.entry import Entry
from edge.core.outcome import Verdict
from wire.web.site import StreamingChannel

RAW_BYTES = 4096  # longer requests are not worth remembering
TICKETS = 4096
TIMED = (
    b"\r\ncache-control:",
    b"\r\npragma:",
    b"\r\nx-forwarded-proto:",
)  # a request's own demands are measured in fractions of a second; whose word is taken depends on who speaks
FROM = "x-forwarded-for"
JOINED_BYTES = 64 * 1024  # up to here head and body are one write


@frozen
class Ticket:
    """Leave to answer without asking the core."""

    key: str
    entry: Entry
    variants: tuple[Entry, ...]
    """All that was stored under the key when the core decided."""
    head: bytes
    until: float


class ExpressLane:
    """The tickets of one node."""

    def __init__(self, cache: TieredCache, tally: Tally, now: Callable[[], float]) -> None:
        self._cache = cache
        self._tally = tally
        self._now = now
        self._tickets: dict[bytes, Ticket] = {}

    def learn(
        self, raw: bytes, entry: Entry, variants: tuple[Entry, ...], head: bytes, decided_at: float
    ) -> None:
        """The core gave this answer to this request, by what the clock said then."""
        until = second_ends(entry, decided_at)
        if entry.status != 200 or until <= self._now() or any(word in raw.lower() for word in TIMED):
            return
        if any(name == FROM for variant in variants for name, _ in variant.vary):
            return  # the same bytes from elsewhere are another request
        self._tickets.pop(raw, None)
        self._tickets[raw] = Ticket(entry.key, entry, variants, head, until)
        if len(self._tickets) > TICKETS:
            del self._tickets[next(iter(self._tickets))]

    def clear(self) -> None:
        """Ask the core again, whatever it said."""
        self._tickets.clear()

    def answer(self, raw: bytes) -> tuple[bytes, bytes] | None:
        """Head and body for these bytes, if there is a ticket and it is good."""
        ticket = self._tickets.get(raw)
        if ticket is None:
            return None
        if self._now() < ticket.until:
            variants = self._cache.at_hand(ticket.key)
            if len(variants) == len(ticket.variants) and all(map(is_same, variants, ticket.variants)):
                body = self._cache.held(ticket.entry)
                if body is not None:
                    self._tally.express(Verdict.HIT, len(body))
                    return ticket.head, body
        del self._tickets[raw]
        return None


class ExpressChannel(StreamingChannel):
    """A viewer's connection that looks into the lane first."""

    lane: ExpressLane | None = None
    raw: bytes | None = None
    """The bytes of the one request that is being answered, if the lane may learn from it."""

    def dataReceived(self, data: bytes) -> None:
        lane = self.factory.lane  # type: ignore[attr-defined]
        if lane is None or self.requests or self._buffer or not self.line_mode or self.factory.is_closing:
            self.raw = None
            super().dataReceived(data)
            return
        answer = lane.answer(data)
        if answer is None:
            is_plain = (
                len(data) <= RAW_BYTES
                and data.startswith(b"GET ")
                and data.find(b"\r\n\r\n") == len(data) - 4
            )
            self.raw = data if is_plain else None
            super().dataReceived(data)
            return
        self.resetTimeout()
        head, body = answer
        if len(body) <= JOINED_BYTES:
            self.write(head + body)
        else:
            self.writeSequence(answer)


def is_same(one: Entry, other: Entry) -> bool:
    """The very same value, not just an equal one."""
    return one is other


def second_ends(entry: Entry, now: float) -> float:
    """Until when the entry is fresh and shows the same Age and ttl."""
    age = entry.age_at(now)
    ttl = -entry.staleness_at(now)
    if ttl <= 0 or entry.no_cache:
        return now
    return now + min(1 - (age - math.floor(age)), ttl - math.floor(ttl))
