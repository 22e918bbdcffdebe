"""Sums that all processes add to: what a cloud does in an hour or a day, how often something was changed."""

from collections.abc import Mapping

from attrs import field, frozen
from sqlalchemy import Connection, bindparam, func, select, text

from origin.catalogue.database import Database
from origin.catalogue.schema import tallies

# The one upsert that both databases know; each row is added to where it stands, so no count is ever lost.
ADDED = text(
    "INSERT INTO tallies (cloud, kind, period, amount) VALUES (:cloud, :kind, :period, :amount) "
    "ON CONFLICT (cloud, kind, period) DO UPDATE SET amount = tallies.amount + excluded.amount "
    "RETURNING amount"
)
OF_KIND = select(tallies.c.cloud, func.sum(tallies.c.amount)).where(tallies.c.kind == bindparam("kind"))


@frozen(order=True)
class Tally:
    """What is counted: a kind of thing in one period (an hour's or a day's number) of a cloud."""

    cloud: str
    kind: str
    period: int = field(default=0)


def added(connection: Connection, tally: Tally, amount: int = 1) -> int:
    """Add within a running transaction; the sum that this makes."""
    values = {"cloud": tally.cloud, "kind": tally.kind, "period": tally.period, "amount": amount}
    return int(connection.execute(ADDED, values).scalar_one())


class Tallies:
    """The sums of every cloud."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, tally: Tally, amount: int = 1) -> int:
        """Add to one sum; what it is then."""
        return await self._database.write(lambda connection: added(connection, tally, amount))

    async def first(self, tally: Tally, amount: int) -> int:
        """What the sum is; this amount if nobody has added to it before."""
        known = select(tallies.c.amount).where(
            tallies.c.cloud == tally.cloud, tallies.c.kind == tally.kind, tallies.c.period == tally.period
        )

        def work(connection: Connection) -> int:
            found = connection.execute(known.with_for_update()).scalar()
            return added(connection, tally, amount) if found is None else int(found)

        return await self._database.write(work)

    async def add_all(self, amounts: Mapping[Tally, int]) -> None:
        """Add to several at once."""

        def work(connection: Connection) -> None:
            for tally in sorted(amounts):  # in one order everywhere: two processes never wait for each other
                added(connection, tally, amounts[tally])

        await self._database.write(work)

    async def of_period(self, cloud: str, period: int) -> Mapping[str, int]:
        """All sums of a cloud's period, by kind."""
        wanted = select(tallies.c.kind, tallies.c.amount).where(
            tallies.c.cloud == cloud, tallies.c.period == period
        )
        rows = await self._database.read(lambda connection: connection.execute(wanted).all())
        return {kind: int(amount) for kind, amount in rows}

    async def totals(self, cloud: str, *, since: int = 0) -> Mapping[str, int]:
        """The sums of all periods from one on, by kind."""
        wanted = (
            select(tallies.c.kind, func.sum(tallies.c.amount))
            .where(tallies.c.cloud == cloud, tallies.c.period >= since)
            .group_by(tallies.c.kind)
        )
        rows = await self._database.read(lambda connection: connection.execute(wanted).all())
        return {kind: int(amount) for kind, amount in rows}

    async def by_cloud(self, kind: str) -> Mapping[str, int]:
        """The sums of one kind over all periods, by cloud."""
        wanted = OF_KIND.group_by(tallies.c.cloud)
        rows = await self._database.read(lambda connection: connection.execute(wanted, {"kind": kind}).all())
        return {cloud: int(amount) for cloud, amount in rows}
