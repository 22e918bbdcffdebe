"""How each kind of database is spoken to: SQLite in WAL mode, PostgreSQL through psycopg."""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DatabaseError, DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

LOST_RACES = frozenset({"40001", "40P01"})  # PostgreSQL: serialization failure, deadlock
WRITES = "pixeledge_writes"  # execution option: this transaction will write


def make_engine(url: str, *, threads: int, lock_seconds: float, deadline_seconds: float) -> Engine:
    """An engine with a connection per thread and a bound on every wait."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, lock_seconds)
    if parsed.get_backend_name() == "postgresql":
        return _postgresql(parsed, threads, lock_seconds, deadline_seconds)
    raise ValueError(f"catalogue must be sqlite:///… or postgresql+psycopg://…, not {parsed.drivername}://")


def _sqlite(url: URL, lock_seconds: float) -> Engine:
    if url.database is None or url.database in ("", ":memory:"):
        raise ValueError("catalogue must be a file: several threads share it")
    # Two threads at most: one that writes (SQLite has one writer anyway), and those that read.
    engine = create_engine(url, connect_args={"timeout": lock_seconds})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        connection.isolation_level = None  # `begin` below says where transactions begin, not sqlite3
        connection.execute("PRAGMA synchronous=FULL")  # an acknowledged upload survives a power cut
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that starts as a reader and then writes can fail at once, however long we would wait.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write(connection) else "BEGIN")

    return engine


def _postgresql(url: URL, threads: int, lock_seconds: float, deadline_seconds: float) -> Engine:
    milliseconds = {"lock_timeout": lock_seconds, "statement_timeout": deadline_seconds}
    settings = " ".join(f"-c {name}={int(seconds * 1000)}" for name, seconds in milliseconds.items())
    return create_engine(
        url,
        pool_size=threads,
        max_overflow=0,
        pool_pre_ping=True,  # a restarted server costs a reconnect, not an error
        pool_timeout=lock_seconds,
        connect_args={
            "connect_timeout": 2,
            "options": settings,
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "tcp_user_timeout": int(deadline_seconds * 1000),
        },
    )


def is_write(connection: Connection) -> bool:
    """Whether this transaction was opened to write."""
    return bool(connection.get_execution_options().get(WRITES, False))


def prepare_file(engine: Engine) -> None:
    """Make SQLite's folder, and switch the file to write-ahead logging (which the file remembers)."""
    if engine.dialect.name != "sqlite":
        return
    Path(str(engine.url.database)).parent.mkdir(parents=True, exist_ok=True)
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("PRAGMA journal_mode")
        if cursor.fetchone() != ("wal",):
            cursor.execute("PRAGMA journal_mode=WAL")
        cursor.close()
    finally:
        raw.close()


def lost_a_race(error: DBAPIError) -> bool:
    """Whether doing the same again is the cure."""
    return getattr(error.orig, "sqlstate", None) in LOST_RACES


def is_out_of_reach(error: Exception) -> bool:
    """Whether the database, not the statement, is the trouble: gone, locked, full or damaged."""
    if isinstance(error, OperationalError | InterfaceError | DisconnectionError | PoolTimeout | OSError):
        return True
    if isinstance(error, sqlite3.Error):  # from a connection being prepared, not yet SQLAlchemy's
        return True
    return type(error) is DatabaseError  # SQLite: not a database, malformed
