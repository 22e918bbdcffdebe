"""The metadata fields and rules of clouds: a document each, so that every change sees them all."""

from collections.abc import Callable
from typing import Any, TypeVar

from attrs import evolve
from sqlalchemy import Connection, Row, bindparam, insert, select, update

from origin.catalogue.database import Database
from origin.catalogue.outbox import Message, enqueue
from origin.catalogue.schema import assets, metadata_schemas
from origin.catalogue.values import Asset
from origin.catalogue.writing import edit_where
from origin.metadata.schema import NO_FIELDS, Schema

STRIP_METADATA = "strip-metadata"
"""Kind of the entries that have the values of a deleted field removed once more: payload `cloud`, `external_id`."""
LATE_SECONDS = 120.0  # longer than any upload takes from asking for the fields to storing its row

T = TypeVar("T")
Change = Callable[[Schema], tuple[Schema, T]]
"""The schema afterwards, and what to answer. Pure; may run more than once."""

EDITION = select(metadata_schemas.c.edition).where(metadata_schemas.c.cloud == bindparam("cloud"))
DOCUMENT = select(metadata_schemas).where(metadata_schemas.c.cloud == bindparam("cloud"))
DOCUMENT_LOCKED = DOCUMENT.with_for_update()


class MetadataSchemas:
    """The structured metadata of every cloud."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._read: dict[str, tuple[int, Schema]] = {}  # by cloud: the edition parsed last

    async def get(self, cloud: str) -> Schema:
        """The fields and rules of a cloud as they are now; parsed only when they changed."""
        known = self._read.get(cloud)
        found = await self._database.read(lambda connection: _newer(connection, cloud, known))
        if found is None:
            return NO_FIELDS
        self._read[cloud] = found
        return found[1]

    async def change(self, cloud: str, change: Change[T]) -> T:
        """Change them; a refusal raised by `change` leaves everything as it was."""

        def work(connection: Connection) -> T:
            row = connection.execute(DOCUMENT_LOCKED, {"cloud": cloud}).one_or_none()
            old = Schema.from_text(row.document) if row is not None else NO_FIELDS
            new, answer = change(old)
            if new != old:
                _write(connection, cloud, row, new)
            return answer

        return await self._database.write(work)

    async def delete_field(self, cloud: str, external_id: str, *, now: float) -> None:
        """Remove a field with its values on every asset; 404 when there is none.

        Uploads that began before may still store a value: a STRIP_METADATA entry is queued for later.
        """

        def work(connection: Connection) -> None:
            row = connection.execute(DOCUMENT_LOCKED, {"cloud": cloud}).one_or_none()
            old = Schema.from_text(row.document) if row is not None else NO_FIELDS
            _write(connection, cloud, row, old.without_field(external_id))
            later = Message(STRIP_METADATA, {"cloud": cloud, "external_id": external_id}, LATE_SECONDS)
            enqueue(connection, [later], now)
            _strip(connection, cloud, external_id, now)

        await self._database.write(work)

    async def strip(self, cloud: str, external_id: str, *, now: float) -> None:
        """Remove the values of a field that is gone from every asset; done again, it changes nothing."""
        await self._database.write(lambda connection: _strip(connection, cloud, external_id, now))


def _strip(connection: Connection, cloud: str, external_id: str, now: float) -> None:
    bearing = assets.c.metadata.contains(f'"{external_id}":', autoescape=True)
    edit_where(
        connection, (assets.c.cloud == cloud) & bearing, lambda asset: _without(asset, external_id), now
    )


def _without(asset: Asset, external_id: str) -> Asset:
    return evolve(asset, metadata={k: v for k, v in asset.metadata.items() if k != external_id})


def _newer(connection: Connection, cloud: str, known: tuple[int, Schema] | None) -> tuple[int, Schema] | None:
    edition = connection.execute(EDITION, {"cloud": cloud}).scalar_one_or_none()
    if edition is None or (known is not None and known[0] == edition):
        return known if edition is not None else None
    row = connection.execute(DOCUMENT, {"cloud": cloud}).one()
    return row.edition, Schema.from_text(row.document)


def _write(connection: Connection, cloud: str, row: Row[Any] | None, schema: Schema) -> None:
    values = {"edition": 1 if row is None else row.edition + 1, "document": schema.to_text()}
    if row is None:
        connection.execute(insert(metadata_schemas).values(cloud=cloud, **values))
    else:
        connection.execute(update(metadata_schemas).filter_by(cloud=cloud).values(values))
