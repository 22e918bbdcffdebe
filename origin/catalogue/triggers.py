"""Triggers: who hears of which events of a cloud (admin-api.md §17)."""

from collections.abc import Callable

from attrs import frozen
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from origin.catalogue.database import Database
from origin.catalogue.hearers import Destination
from origin.catalogue.schema import triggers
from wire.components import printable
from wire.errors import Conflict, InvalidRequest

MOST = 30
"""Of one cloud: each event is told to them all."""


@frozen
class Trigger:
    """A destination that hears of one type of events, or of all."""

    trigger_id: str  # 32 hex digits
    cloud: str
    event_type: str
    to: Destination
    created_at: float  # unix seconds
    updated_at: float


class Triggers:
    """The triggers of every cloud."""

    def __init__(self, database: Database, *, new_id: Callable[[], str]) -> None:
        self._database = database
        self._new_id = new_id

    async def of(self, cloud: str, event_type: str | None = None) -> tuple[Trigger, ...]:
        """A cloud's triggers, oldest first."""
        wanted = select(triggers).where(triggers.c.cloud == cloud).order_by(triggers.c.id)
        if event_type is not None:
            wanted = wanted.where(triggers.c.event_type == event_type)
        rows = await self._database.read(lambda connection: connection.execute(wanted).all())
        return tuple(map(_trigger_of, rows))

    async def get(self, cloud: str, trigger_id: str) -> Trigger | None:
        """The trigger of that id."""
        wanted = select(triggers).where(triggers.c.cloud == cloud, triggers.c.trigger_id == trigger_id)
        row = await self._database.read(lambda connection: connection.execute(wanted).one_or_none())
        return _trigger_of(row) if row is not None else None

    async def add(self, cloud: str, event_type: str, to: Destination, *, now: float) -> Trigger:
        """A new trigger; `Conflict` where the very same is there, `InvalidRequest` where there are too many."""
        trigger = Trigger(self._new_id(), cloud, event_type, to, now, now)
        await self._database.write(lambda connection: _add(connection, trigger))
        return trigger

    async def redirect(self, cloud: str, trigger_id: str, to: Destination, *, now: float) -> bool:
        """Send what a trigger hears of somewhere else; False where there is none. `Conflict` as above."""
        return await self._database.write(
            lambda connection: _redirect(connection, cloud, trigger_id, to, now)
        )

    async def remove(self, cloud: str, trigger_id: str) -> bool:
        """Forget a trigger; False where there was none. What it already heard of is still delivered."""
        mine = delete(triggers).where(triggers.c.cloud == cloud, triggers.c.trigger_id == trigger_id)
        return await self._database.write(lambda connection: connection.execute(mine).rowcount > 0)


def _add(connection: Connection, trigger: Trigger) -> None:
    _check_free(connection, trigger.cloud, trigger.event_type, trigger.to)
    count = select(func.count()).select_from(triggers).where(triggers.c.cloud == trigger.cloud)
    if connection.execute(count).scalar_one() >= MOST:
        raise InvalidRequest(f"Too many triggers: a cloud has {MOST} at most")
    times = {"created_at": trigger.created_at, "updated_at": trigger.updated_at}
    connection.execute(
        insert(triggers).values(
            trigger_id=trigger.trigger_id,
            cloud=trigger.cloud,
            event_type=trigger.event_type,
            **_columns_of(trigger.to),
            **times,
        )
    )


def _redirect(connection: Connection, cloud: str, trigger_id: str, to: Destination, now: float) -> bool:
    mine = (triggers.c.cloud == cloud) & (triggers.c.trigger_id == trigger_id)
    row = connection.execute(select(triggers).where(mine).with_for_update()).one_or_none()
    if row is None:
        return False
    if row.uri != to.uri:
        _check_free(connection, cloud, row.event_type, to)
        connection.execute(update(triggers).where(mine).values(updated_at=now, **_columns_of(to)))
    return True


def _check_free(connection: Connection, cloud: str, event_type: str, to: Destination) -> None:
    # Two who add the same at once: the loser's insert fails, and its second run finds the other's here.
    same = (triggers.c.cloud == cloud) & (triggers.c.event_type == event_type) & (triggers.c.uri == to.uri)
    if connection.execute(select(triggers.c.id).where(same)).first() is not None:
        raise Conflict(f"A trigger of {event_type} for {printable(to.uri)} already exists")


def _columns_of(to: Destination) -> dict[str, str]:
    return {"uri_type": to.uri_type, "uri": to.uri, "receiver": to.receiver}


def _trigger_of(row: Row[tuple[object, ...]]) -> Trigger:
    to = Destination(row.uri_type, row.uri, row.receiver)
    return Trigger(
        row.trigger_id, row.cloud, row.event_type, to, float(row.created_at), float(row.updated_at)
    )
