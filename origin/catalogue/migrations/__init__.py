"""How a database comes to the schema of today, step by step. A step once released is never edited."""

from collections.abc import Callable, Sequence

from attrs import frozen
from sqlalchemy import Column, Connection, Integer, MetaData, Table, func, insert, inspect, select, text

from origin.catalogue.migrations import m0001_assets, m0002_sights, m0003_tags, m0004_edits, m0005_search

LOCK = 0x70697865  # "pixe": PostgreSQL's advisory lock of whoever upgrades

steps = Table("schema_steps", MetaData(), Column("number", Integer, primary_key=True))


@frozen
class Migration:
    """One step: its number, and the statements for either database."""

    number: int
    upgrade: Callable[[Connection], None]


MIGRATIONS: tuple[Migration, ...] = (
    Migration(1, m0001_assets.upgrade),
    Migration(2, m0002_sights.upgrade),
    Migration(3, m0003_tags.upgrade),
    Migration(4, m0004_edits.upgrade),
    Migration(5, m0005_search.upgrade),
)


def number_of(connection: Connection) -> int:
    """The last step this database has seen; 0 for an empty one."""
    if not inspect(connection).has_table(steps.name):
        return 0
    return connection.execute(select(func.max(steps.c.number))).scalar() or 0


def migrate(connection: Connection, migrations: Sequence[Migration]) -> int:
    """Take every missing step within one transaction; returns the number reached, or found when higher.

    Several processes may try at once: SQLite's BEGIN IMMEDIATE and the advisory lock let one do it.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    if not inspect(connection).has_table(steps.name):
        steps.create(connection)
    reached = number_of(connection)
    for each in migrations:
        if each.number > reached:
            each.upgrade(connection)
            connection.execute(insert(steps).values(number=each.number))
            reached = each.number
    return reached
