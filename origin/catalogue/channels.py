"""Notifications that wait to be read: claimed by a reader, then acknowledged or seen again (admin-api.md §17)."""

from collections.abc import Callable, Sequence
from typing import Any

from attrs import frozen
from sqlalchemy import ColumnElement, Connection, Row, and_, delete, select, update

from origin.catalogue.database import Database
from origin.catalogue.hearers import ANONYMOUS
from origin.catalogue.schema import buffered


@frozen
class Place:
    """What a reader drains: a channel by its name, or what was sent to nobody in particular by its batch."""

    cloud: str
    channel: str = ANONYMOUS
    batch_id: str | None = None

    def here(self) -> ColumnElement[bool]:
        """The messages that lie there."""
        place = and_(buffered.c.cloud == self.cloud, buffered.c.channel == self.channel)
        return place if self.batch_id is None else and_(place, buffered.c.batch_id == self.batch_id)


@frozen
class Buffered:
    """A message as claimed. Whoever knows the receipt may acknowledge it."""

    receipt: str
    batch_id: str
    api_key: str  # whose secret signs it
    body: str  # JSON, ASCII


class Channels:
    """The buffers of every cloud."""

    def __init__(self, database: Database, *, new_id: Callable[[], str]) -> None:
        self._database = database
        self._new_id = new_id

    async def claim(
        self, place: Place, limit: int, *, now: float, hidden_seconds: float
    ) -> tuple[Buffered, ...]:
        """Up to `limit` messages, oldest first, that no other claim sees until so many seconds have passed.

        Where there are none it costs one read.
        """
        waiting = (
            select(buffered)
            .where(place.here(), buffered.c.visible_at <= now)
            .order_by(buffered.c.id)
            .limit(limit)
        )
        if not await self._database.read(lambda connection: connection.execute(waiting.limit(1)).all()):
            return ()
        claimed = waiting.with_for_update(skip_locked=True)
        return await self._database.write(
            lambda connection: tuple(
                self._hidden(connection, row, now + hidden_seconds)
                for row in connection.execute(claimed).all()
            )
        )

    async def acknowledge(self, cloud: str, receipts: Sequence[str]) -> frozenset[str]:
        """Forget messages; returns the receipts that named one."""
        mine = (buffered.c.cloud == cloud) & buffered.c.receipt.in_([each for each in receipts if each])
        gone = delete(buffered).where(mine).returning(buffered.c.receipt)
        return await self._database.write(
            lambda connection: frozenset(connection.execute(gone).scalars().all())
        )

    async def expire(self, before: float) -> None:
        """Forget what is older, read or not."""
        old = buffered.c.created_at < before
        if await self._database.read(
            lambda connection: connection.execute(select(buffered.c.id).where(old).limit(1)).all()
        ):
            await self._database.write(lambda connection: connection.execute(delete(buffered).where(old)))

    def _hidden(self, connection: Connection, row: Row[Any], until: float) -> Buffered:
        receipt = self._new_id()
        hidden = update(buffered).where(buffered.c.id == row.id).values(receipt=receipt, visible_at=until)
        connection.execute(hidden)
        return Buffered(receipt, row.batch_id, row.api_key, row.body)
