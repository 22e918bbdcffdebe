"""What was seen in the pictures of assets: one row for each way of looking, of the revision shown now.

Another page of a file is another way. What is seen of a baseline has no row: its revision is no asset's, and a
node that has forgotten it looks again.
"""

import json

from sqlalchemy import Connection, bindparam, delete, insert, select

from origin.catalogue.database import Database
from origin.catalogue.schema import assets, sights
from origin.catalogue.values import Asset
from origin.transform.sight import Sight

SEEN = select(sights.c.document).where(
    sights.c.asset_id == bindparam("asset_id"),
    sights.c.revision == bindparam("revision"),
    sights.c.algorithm == bindparam("algorithm"),
)


class Sights:
    """What is known of the pictures of every cloud."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, asset: Asset, algorithm: str) -> Sight | None:
        """What was seen in that revision in that way."""
        values = {"asset_id": asset.asset_id, "revision": asset.revision, "algorithm": algorithm}
        text = await self._database.read(
            lambda connection: connection.execute(SEEN, values).scalar_one_or_none()
        )
        return None if text is None else Sight.from_json(json.loads(text))

    async def put(self, asset: Asset, algorithm: str, sight: Sight) -> None:
        """Remember it instead of what was seen in that way before, unless the revision is shown no more."""
        await self._database.write(lambda connection: _put(connection, asset, algorithm, sight))


def forget_sights(connection: Connection, *asset_ids: str) -> None:
    """Within a running transaction: nothing was seen of those assets."""
    connection.execute(delete(sights).where(sights.c.asset_id.in_(asset_ids)))


def _put(connection: Connection, asset: Asset, algorithm: str, sight: Sight) -> None:
    is_shown = (assets.c.asset_id == asset.asset_id) & (assets.c.revision == asset.revision)
    shown = select(assets.c.id).where(is_shown)
    if connection.execute(shown.with_for_update(read=True)).one_or_none() is None:
        return
    row = {"asset_id": asset.asset_id, "algorithm": algorithm}
    connection.execute(delete(sights).filter_by(**row))
    document = json.dumps(sight.to_json())
    connection.execute(insert(sights).values(revision=asset.revision, document=document, **row))
