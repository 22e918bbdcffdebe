"""Which job runs next: first come, first served, within bounds of number and of estimated memory. Pure.

What nobody waits for yet runs when nothing else is to be done.
"""

from collections import deque

from attrs import define, field, frozen

from origin.render.errors import RenderQueueFull


@frozen
class Ticket:
    """A job's place in the queue and what it may cost."""

    number: int
    bytes: int
    is_urgent: bool = True  # somebody waits for it


@define
class Backlog:
    """The jobs that run and wait.

    `limit` bounds both together. Running jobs stay within `concurrent_bytes`, but for one: a job that alone
    exceeds it runs when nothing else does, and holds back those behind it, so that it is never starved.
    """

    limit: int
    concurrent_bytes: int
    _waiting: deque[Ticket] = field(factory=deque, init=False)
    _unhurried: deque[Ticket] = field(factory=deque, init=False)
    _running: dict[int, Ticket] = field(factory=dict, init=False)

    @property
    def waiting(self) -> int:
        """How many jobs have not begun."""
        return len(self._waiting) + len(self._unhurried)

    @property
    def running(self) -> int:
        """How many jobs a worker has in hand."""
        return len(self._running)

    def add(self, ticket: Ticket) -> None:
        """Join the end of the queue, or `RenderQueueFull`; what has time leaves room for what has none."""
        limit = self.limit if ticket.is_urgent else self.limit // 4
        if self.waiting + self.running >= limit:
            raise RenderQueueFull
        (self._waiting if ticket.is_urgent else self._unhurried).append(ticket)

    def take(self) -> Ticket | None:
        """The next job for an idle worker, or None if there is none or its memory is not free."""
        line = self._waiting or self._unhurried
        if not line:
            return None
        occupied = sum(each.bytes for each in self._running.values())
        if self._running and occupied + line[0].bytes > self.concurrent_bytes:
            return None
        ticket = line.popleft()
        self._running[ticket.number] = ticket
        return ticket

    def finish(self, number: int) -> None:
        """A running job has ended, well or not."""
        del self._running[number]

    def drop(self, number: int) -> bool:
        """Forget a waiting job. False if it is not waiting (any more)."""
        for line in (self._waiting, self._unhurried):
            for ticket in line:
                if ticket.number == number:
                    line.remove(ticket)
                    return True
        return False
