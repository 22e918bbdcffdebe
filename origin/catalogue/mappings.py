"""Upload mappings: folders whose missing assets are loaded from somewhere else (admin-api.md §14)."""

from typing import Any

from attrs import asdict, evolve, field, frozen
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from origin.catalogue.database import Database
from origin.catalogue.schema import mappings
from origin.catalogue.tallies import Tally, added
from origin.catalogue.transformations import RULES
from origin.catalogue.values import storable


@frozen(kw_only=True)
class Mapping:
    """`<folder>/rest` of a cloud is what lies at `<template>rest`."""

    cloud: str = field(validator=storable)
    folder: str = field(validator=storable)
    template: str = field(validator=storable)
    external_id: str  # 32 hex digits
    upload_preset: str | None = field(default=None, validator=storable)
    created_at: float = 0.0


class Mappings:
    """The mappings of every cloud. Each change is counted, so that other processes learn of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, cloud: str, folder: str) -> Mapping | None:
        """The mapping of a folder."""
        wanted = select(mappings).where(_is(cloud, folder))
        row = await self._database.read(lambda connection: connection.execute(wanted).one_or_none())
        return _mapping_of(row) if row is not None else None

    async def all(self, cloud: str) -> tuple[Mapping, ...]:
        """Every mapping of a cloud, by folder."""
        wanted = select(mappings).where(mappings.c.cloud == cloud).order_by(mappings.c.folder)
        rows = await self._database.read(lambda connection: connection.execute(wanted).all())
        return tuple(map(_mapping_of, rows))

    async def page(self, cloud: str, *, limit: int, after: str = "") -> tuple[tuple[Mapping, ...], int]:
        """So many by folder, those behind one; and how many the cloud has."""
        here = mappings.c.cloud == cloud
        wanted = select(mappings).where(here, mappings.c.folder > after)
        wanted = wanted.order_by(mappings.c.folder).limit(limit)
        counted = select(func.count()).select_from(mappings).where(here)

        def work(connection: Connection) -> tuple[tuple[Mapping, ...], int]:
            rows = connection.execute(wanted).all()
            return tuple(map(_mapping_of, rows)), connection.execute(counted).scalar_one()

        return await self._database.read(work)

    async def add(self, mapping: Mapping) -> bool:
        """Whether it is new: a folder has one mapping."""

        def work(connection: Connection) -> bool:
            if _locked(connection, mapping.cloud, mapping.folder) is not None:
                return False
            connection.execute(insert(mappings).values(asdict(mapping)))
            added(connection, Tally(mapping.cloud, RULES))
            return True

        return await self._database.write(work)

    async def change(
        self, cloud: str, folder: str, *, template: str | None, upload_preset: str | None
    ) -> Mapping | None:
        """The mapping with what is not None put in its place; None if the folder has none."""
        told = {"template": template, "upload_preset": upload_preset}
        changes = {name: value for name, value in told.items() if value is not None}

        def work(connection: Connection) -> Mapping | None:
            known = _locked(connection, cloud, folder)
            if known is None or not changes:
                return known
            connection.execute(update(mappings).where(_is(cloud, folder)).values(changes))
            added(connection, Tally(cloud, RULES))
            return evolve(
                known,
                template=changes.get("template", known.template),
                upload_preset=changes.get("upload_preset", known.upload_preset),
            )

        return await self._database.write(work)

    async def delete(self, cloud: str, folder: str) -> bool:
        """Whether there was one."""

        def work(connection: Connection) -> bool:
            gone = connection.execute(delete(mappings).where(_is(cloud, folder))).rowcount > 0
            if gone:
                added(connection, Tally(cloud, RULES))
            return gone

        return await self._database.write(work)


def _locked(connection: Connection, cloud: str, folder: str) -> Mapping | None:
    row = connection.execute(select(mappings).where(_is(cloud, folder)).with_for_update()).one_or_none()
    return _mapping_of(row) if row is not None else None


def _is(cloud: str, folder: str) -> Any:
    return (mappings.c.cloud == cloud) & (mappings.c.folder == folder)


def _mapping_of(row: Row[Any]) -> Mapping:
    return Mapping(**dict(row._mapping))
