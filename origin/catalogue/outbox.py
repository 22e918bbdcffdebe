"""What must still be told or done for changes already made: at least once, whoever dies meanwhile."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen
from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

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


class Outbox:
    """Entries are claimed under a lease, then done or put off; a claim nobody ends comes back by itself."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, messages: Sequence[Message], *, now: float) -> None:
        """Queue messages that belong to no other change."""
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

    async def waiting(self) -> int:
        """How many entries are still to be told, claimed ones included."""
        return await self._database.read(
            lambda connection: connection.execute(select(func.count()).select_from(outbox)).scalar_one()
        )


def _instead(connection: Connection, kind: str, lane: str, messages: Sequence[Message], now: float) -> None:
    waiting = delete(outbox).where(outbox.c.kind == kind, outbox.c.lane == lane)
    if connection.execute(waiting).rowcount:
        enqueue(connection, messages, now)


def _is_still(entry: OutboxEntry) -> ColumnElement[bool]:
    return (outbox.c.id == entry.id) & (outbox.c.attempts == entry.attempts)


def _claim(
    connection: Connection, limit: int, now: float, lease_seconds: float, kinds: Sequence[str] | None
) -> tuple[OutboxEntry, ...]:
    due = select(outbox).where(outbox.c.due_at <= now).order_by(outbox.c.due_at, outbox.c.id).limit(limit)
    if kinds is not None:
        due = due.where(outbox.c.kind.in_(kinds))
    # PostgreSQL: two claims at once pass over each other's rows. SQLite: one writer at a time anyway.
    rows = connection.execute(due.with_for_update(skip_locked=True)).all()
    if not rows:
        return ()
    until = now + lease_seconds
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
        )
        for row in rows
    )
