"""Streaming profiles that a cloud made, or made of a predefined one (admin-api §15)."""

import json
from collections.abc import Callable
from typing import Any

from attrs import field, frozen
from sqlalchemy import Row, delete, insert, select

from origin.catalogue.database import Database
from origin.catalogue.schema import streaming_profiles
from origin.catalogue.values import storable


@frozen(kw_only=True)
class Profile:
    """One profile: a chain for each of its renditions, from the best to the least."""

    cloud: str = field(validator=storable)
    name: str = field(validator=storable)
    external_id: str  # a UUID
    display_name: str = field(validator=storable)
    representations: tuple[str, ...] = ()


Change = Callable[[Profile | None], Profile | None]
"""What becomes of the stored profile of a name, if any: another, or none. Pure; may run more than once."""


class Profiles:
    """The streaming profiles of every cloud, the predefined ones only where they were changed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, cloud: str) -> tuple[Profile, ...]:
        """All of a cloud, by name."""
        wanted = select(streaming_profiles).filter_by(cloud=cloud).order_by(streaming_profiles.c.name)
        rows = await self._database.read(lambda connection: connection.execute(wanted).all())
        return tuple(map(_profile_of, rows))

    async def get(self, cloud: str, name: str) -> Profile | None:
        """The stored profile of that name."""
        wanted = select(streaming_profiles).filter_by(cloud=cloud, name=name)
        row = await self._database.read(lambda connection: connection.execute(wanted).one_or_none())
        return _profile_of(row) if row is not None else None

    async def change(self, cloud: str, name: str, change: Change) -> Profile | None:
        """Make, change or remove a profile in one transaction; returns what is stored now."""

        def work(connection: Any) -> Profile | None:
            key = {"cloud": cloud, "name": name}
            wanted = select(streaming_profiles).filter_by(**key).with_for_update()
            row = connection.execute(wanted).one_or_none()
            new = change(_profile_of(row) if row is not None else None)
            connection.execute(delete(streaming_profiles).filter_by(**key))
            if new is not None:
                connection.execute(insert(streaming_profiles).values({**_columns_of(new), **key}))
            return new

        return await self._database.write(work)


def _columns_of(profile: Profile) -> dict[str, Any]:
    return {
        "external_id": profile.external_id,
        "display_name": profile.display_name,
        "representations": json.dumps(profile.representations),
    }


def _profile_of(row: Row[Any]) -> Profile:
    return Profile(
        cloud=row.cloud,
        name=row.name,
        external_id=row.external_id,
        display_name=row.display_name,
        representations=tuple(json.loads(row.representations)),
    )
