"""What must still be told or done for changes already made: at least once, whoever dies meanwhile."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen
from sqlalchemy import ColumnElement, Connection, Select, delete, func, insert, select, update

from origin.catalogue.database import Database
from origin.catalogue.hearers import addressed
from origin.catalogue.messages import REMOVE_OBJECT, Message, dumped, garbage, removal
from origin.catalogue.schema import outbox

__all__ = ["REMOVE_OBJECT", "Message", "Outbox", "OutboxEntry", "dumped", "enqueue", "garbage", "removal"]


@frozen
class OutboxEntry:
    """A message as claimed: ours until the lease ends."""

    id: int
    kind: str
    payload: Mapping[str, Any]
    attempts: int  # this one included
    created_at: float
    leased_until: float
    lane: str


def enqueue(connection: Connection, messages: Sequence[Message], now: float) -> None:
    """Add messages within a running transaction; an EVENT as one for everyone who listens."""
    rows = [
        {
            "kind": each.kind,
            "payload": dumped(each.payload),
            "attempts": 0,
            "created_at": now,
            "due_at": now + each.delay_seconds,
            "lane": each.lane,
        }
        for each in addressed(connection, messages, now)
    ]
    if rows:
        connection.execute(insert(outbox), rows)


@frozen
class Rooms:
    """How many entries of a lane may be under way at once, and how many are."""

    each: int
    taken: Mapping[str, int] = field(factory=dict)

    @property
    def full(self) -> tuple[str, ...]:
        """Lanes that take no more."""
        return tuple(lane for lane in self.taken if self.left(lane) <= 0)

    def left(self, lane: str) -> int:
        """How many more a lane takes."""
        return self.each - self.taken.get(lane, 0)


class Outbox:
    """Entries are claimed under a lease, then done or put off; a claim nobody ends comes back by itself."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, messages: Sequence[Message], *, now: float) -> None:
        """Queue messages that belong to no other change."""
        if messages:
            await self._database.write(lambda connection: enqueue(connection, messages, now))

    async def instead(self, kind: str, lane: str, messages: Sequence[Message], *, now: float) -> None:
        """Queue these in the place of what waits in that lane; nothing where that was told already."""
        await self._database.write(lambda connection: _instead(connection, kind, lane, messages, now))

    async def claim(
        self, limit: int, *, now: float, lease_seconds: float, kinds: Sequence[str] | None = None
    ) -> tuple[OutboxEntry, ...]:
        """Up to `limit` due entries, oldest first, hidden from every other claim until the lease ends."""
        return await self._database.write(
            lambda connection: _claim(connection, limit, now, lease_seconds, kinds)
        )

    async def claim_lanes(
        self, kind: str, limit: int, rooms: Rooms, *, now: float, lease_seconds: float
    ) -> tuple[OutboxEntry, ...]:
        """The same of one kind, a few of each lane: however much waits in one of them, the others are served."""
        return await self._database.write(
            lambda connection: _claim_lanes(connection, kind, limit, rooms, now, now + lease_seconds)
        )

    async def has_due(self, kind: str, *, now: float, full: Sequence[str] = ()) -> bool:
        """Whether there is anything to claim but of those lanes; costs no write."""
        due = _due(now).where(outbox.c.kind == kind, outbox.c.lane.not_in(full)).limit(1)
        return await self._database.read(lambda connection: connection.execute(due).first() is not None)

    async def done(self, *entries: OutboxEntry) -> None:
        """Forget entries that were told; one already forgotten is no error."""
        ids = [each.id for each in entries]
        if ids:
            await self._database.write(
                lambda connection: connection.execute(delete(outbox).where(outbox.c.id.in_(ids)))
            )

    async def follow(self, entry: OutboxEntry, messages: Sequence[Message], *, now: float) -> None:
        """Forget an entry and queue what follows from it, at once; neither if somebody else has claimed it."""

        def work(connection: Connection) -> None:
            if connection.execute(delete(outbox).where(_is_still(entry))).rowcount:
                enqueue(connection, messages, now)

        await self._database.write(work)

    async def later(self, entry: OutboxEntry, when: float) -> None:
        """Put an entry off until `when`; without effect once somebody else has claimed it."""
        await self._database.write(
            lambda connection: connection.execute(update(outbox).where(_is_still(entry)).values(due_at=when))
        )

    async def give_back(self, entry: OutboxEntry, *, now: float) -> None:
        """Undo a claim, as though nobody had made it."""
        undone = update(outbox).where(_is_still(entry)).values(due_at=now, attempts=entry.attempts - 1)
        await self._database.write(lambda connection: connection.execute(undone))

    async def waiting(self, *kinds: str) -> int:
        """How many entries are still to be told, claimed ones included: of these kinds, or all."""
        count = select(func.count()).select_from(outbox)
        if kinds:
            count = count.where(outbox.c.kind.in_(kinds))
        return await self._database.read(lambda connection: connection.execute(count).scalar_one())


def _instead(connection: Connection, kind: str, lane: str, messages: Sequence[Message], now: float) -> None:
    waiting = delete(outbox).where(outbox.c.kind == kind, outbox.c.lane == lane)
    if connection.execute(waiting).rowcount:
        enqueue(connection, messages, now)


def _is_still(entry: OutboxEntry) -> ColumnElement[bool]:
    return (outbox.c.id == entry.id) & (outbox.c.attempts == entry.attempts)


def _claim(
    connection: Connection, limit: int, now: float, lease_seconds: float, kinds: Sequence[str] | None
) -> tuple[OutboxEntry, ...]:
    due = _due(now).limit(limit)
    if kinds is not None:
        due = due.where(outbox.c.kind.in_(kinds))
    return _leased(connection, due, now + lease_seconds)


def _claim_lanes(
    connection: Connection,
    kind: str,
    limit: int,
    rooms: Rooms,
    now: float,
    until: float,
) -> tuple[OutboxEntry, ...]:
    lanes = (
        select(outbox.c.lane)
        .where(outbox.c.kind == kind, outbox.c.due_at <= now, outbox.c.lane.not_in(rooms.full))
        .group_by(outbox.c.lane)
        .order_by(func.min(outbox.c.due_at))
        .limit(limit)
    )
    found: list[OutboxEntry] = []
    for lane in connection.execute(lanes).scalars().all():
        mine = _due(now).where(outbox.c.kind == kind, outbox.c.lane == lane)
        found += _leased(connection, mine.limit(min(rooms.left(lane), limit - len(found))), until)
        if len(found) == limit:
            break
    return tuple(found)


def _due(now: float) -> Select[Any]:
    return select(outbox).where(outbox.c.due_at <= now).order_by(outbox.c.due_at, outbox.c.id)


def _leased(connection: Connection, due: Select[Any], until: float) -> tuple[OutboxEntry, ...]:
    # PostgreSQL: two claims at once pass over each other's rows. SQLite: one writer at a time anyway.
    rows = connection.execute(due.with_for_update(skip_locked=True)).all()
    if not rows:
        return ()
    connection.execute(
        update(outbox)
        .where(outbox.c.id.in_([row.id for row in rows]))
        .values(due_at=until, attempts=outbox.c.attempts + 1)
    )
    return tuple(
        OutboxEntry(
            id=row.id,
            kind=row.kind,
            payload=json.loads(row.payload),
            attempts=row.attempts + 1,
            created_at=row.created_at,
            leased_until=until,
            lane=row.lane,
        )
        for row in rows
    )
