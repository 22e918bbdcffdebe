"""How much a cloud keeps."""

from attrs import frozen
from sqlalchemy import Connection, exists, func, select

from origin.catalogue.database import Database
from origin.catalogue.derived import MEZZANINE
from origin.catalogue.schema import assets, backups, derived


@frozen
class Holding:
    """Files and their bytes."""

    resources: int
    derived: int
    bytes: int  # of both, of what is kept to make more from, and of versions that no asset shows


class Holdings:
    """Those of every cloud. Counted over all rows: for reports, not for every request."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, cloud: str, *, until: float) -> Holding:
        """What a cloud keeps of what it had at a time."""
        kept = select(func.count(), func.coalesce(func.sum(assets.c.bytes), 0)).where(
            assets.c.cloud == cloud, assets.c.uploaded_at < until
        )
        shown = func.count().filter(derived.c.transformation != MEZZANINE)
        made = (
            select(shown, func.coalesce(func.sum(derived.c.bytes), 0))
            .join_from(derived, assets, derived.c.asset_id == assets.c.asset_id)
            .where(assets.c.cloud == cloud, derived.c.created_at < until)
        )

        is_shown = (assets.c.asset_id == backups.c.asset_id) & (assets.c.store_key == backups.c.store_key)
        objects = (
            select(func.max(backups.c.bytes).label("bytes"))
            .where(backups.c.cloud == cloud, backups.c.created_at < until, ~exists().where(is_shown))
            .group_by(backups.c.store_key)
            .subquery()
        )
        backed_up = select(func.coalesce(func.sum(objects.c.bytes), 0))

        def work(connection: Connection) -> Holding:
            resources, kept_bytes = connection.execute(kept).one()
            others, made_bytes = connection.execute(made).one()
            hidden_bytes = connection.execute(backed_up).scalar_one()
            return Holding(int(resources), int(others), int(kept_bytes) + int(made_bytes) + int(hidden_bytes))

        return await self._database.read(work)

    async def since(self, cloud: str) -> float | None:
        """When a cloud got the oldest asset that it still has; None if it has none."""
        first = select(func.min(assets.c.created_at)).where(assets.c.cloud == cloud)
        return await self._database.read(lambda connection: connection.execute(first).scalar())
