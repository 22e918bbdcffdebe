"""Upload presets: settings of uploads under a name (admin-api §11)."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve, field, frozen
from sqlalchemy import Row, bindparam, delete, insert, select, update

from origin.catalogue.database import Database
from origin.catalogue.schema import upload_presets
from origin.catalogue.values import is_storable, storable
from wire.errors import InvalidRequest

BY_NAME = select(upload_presets).where(
    upload_presets.c.cloud == bindparam("cloud"), upload_presets.c.name == bindparam("name")
)
BY_NAME_LOCKED = BY_NAME.with_for_update()


@frozen(kw_only=True)
class Preset:
    """One preset. Settings are upload parameters in their text form."""

    cloud: str = field(validator=storable)
    name: str = field(validator=storable)
    external_id: str  # a UUID, for the preset's whole life
    unsigned: bool = False  # whether uploads without a signature may use it
    settings: Mapping[str, str] = field(factory=dict)


Change = Callable[[Preset], Preset]
"""What becomes of a preset; pure, may run more than once."""


class Presets:
    """The upload presets of every cloud."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, cloud: str, name: str) -> Preset | None:
        """The preset of that name."""
        if not is_storable(name):
            return None
        row = await self._database.read(
            lambda connection: connection.execute(BY_NAME, {"cloud": cloud, "name": name}).one_or_none()
        )
        return _preset_of(row) if row is not None else None

    async def list(
        self, cloud: str, *, limit: int, cursor: str | None
    ) -> tuple[tuple[Preset, ...], str | None]:
        """A page of presets, the newest first, and where to go on."""
        wanted = select(upload_presets).where(upload_presets.c.cloud == cloud)
        if cursor:
            wanted = wanted.where(upload_presets.c.id < _place(cursor))
        statement = wanted.order_by(upload_presets.c.id.desc()).limit(limit + 1)
        rows = await self._database.read(lambda connection: connection.execute(statement).all())
        page = rows[:limit]
        return tuple(map(_preset_of, page)), str(page[-1].id) if len(rows) > limit else None

    async def create(self, preset: Preset) -> bool:
        """Whether it was new; a name that is taken keeps its preset."""

        def work(connection: Any) -> bool:
            key = {"cloud": preset.cloud, "name": preset.name}
            if connection.execute(BY_NAME, key).one_or_none() is not None:
                return False
            values = {**key, "external_id": preset.external_id, **_columns_of(preset)}
            connection.execute(insert(upload_presets).values(values))
            return True

        return await self._database.write(work)

    async def change(self, cloud: str, name: str, change: Change) -> Preset | None:
        """Change what a preset holds; None if there is none."""
        if not is_storable(name):
            return None

        def work(connection: Any) -> Preset | None:
            row = connection.execute(BY_NAME_LOCKED, {"cloud": cloud, "name": name}).one_or_none()
            if row is None:
                return None
            changed = evolve(change(_preset_of(row)), cloud=cloud, name=name, external_id=row.external_id)
            mine = update(upload_presets).where(upload_presets.c.id == row.id)
            connection.execute(mine.values(**_columns_of(changed)))
            return changed

        return await self._database.write(work)

    async def delete(self, cloud: str, name: str) -> bool:
        """Whether it was there."""
        if not is_storable(name):
            return False
        gone = delete(upload_presets).filter_by(cloud=cloud, name=name)
        return await self._database.write(lambda connection: connection.execute(gone).rowcount > 0)


def _columns_of(preset: Preset) -> dict[str, Any]:
    return {"unsigned": preset.unsigned, "settings": json.dumps(dict(preset.settings))}


def _preset_of(row: Row[Any]) -> Preset:
    return Preset(
        cloud=row.cloud,
        name=row.name,
        external_id=row.external_id,
        unsigned=row.unsigned,
        settings=json.loads(row.settings),
    )


def _place(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 18):
        raise InvalidRequest("Invalid value for parameter next_cursor")
    return int(cursor)
