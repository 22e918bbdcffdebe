"""How a database comes to the schema of today, step by step. A step once released is never edited."""

from collections.abc import Callable, Sequence
from importlib import import_module
from pkgutil import iter_modules

from attrs import frozen
from sqlalchemy import Column, Connection, Integer, MetaData, Table, func, insert, inspect, select, text

LOCK = 0x70697865  # "pixe": PostgreSQL's advisory lock of whoever upgrades

steps = Table("schema_steps", MetaData(), Column("number", Integer, primary_key=True))


@frozen
class Migration:
    """One step: its number, and the statements for either database."""

    number: int
    upgrade: Callable[[Connection], None]


def _released() -> tuple[Migration, ...]:
    """The modules beside this one, `m<number>_<what>`, in the order of their numbers."""
    names = sorted(each.name for each in iter_modules(__path__))
    return tuple(Migration(int(name[1:5]), import_module(f"{__name__}.{name}").upgrade) for name in names)


MIGRATIONS = _released()


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
