"""One database and the few threads that wait for it."""

import sqlite3
from collections.abc import Callable, Sequence
from threading import Lock
from time import sleep
from typing import Any, TypeVar

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from twisted.logger import Logger

from origin.catalogue.engine import WRITES, is_out_of_reach, lost_a_race, make_engine, prepare_file
from origin.catalogue.migrations import MIGRATIONS, Migration, migrate, number_of
from origin.threads import Threads, ThreadsClosedError, TooLateError
from wire.errors import InternalError, Unavailable

log = Logger()

T = TypeVar("T")

ATTEMPTS = 5
"""How often a write that lost a race against another process is run."""


class CatalogueUnavailable(Unavailable):
    """The database is out of reach, locked too long, or cannot write. 503 with Retry-After."""

    def __init__(self, why: str) -> None:
        super().__init__("Catalogue is out of reach", log=f"catalogue: {why}")


class CatalogueTooNewError(InternalError):
    """The database was upgraded by a later release than this one."""


class Database:
    """Reads and writes as functions of a connection, each in one transaction on a thread."""

    def __init__(
        self,
        url: str,
        *,
        reactor: Any,
        threads: int = 4,
        lock_seconds: float = 5.0,
        deadline_seconds: float = 10.0,
        migrations: Sequence[Migration] = MIGRATIONS,
    ) -> None:
        self._engine = make_engine(
            url, threads=threads, lock_seconds=lock_seconds, deadline_seconds=deadline_seconds
        )
        self._migrations = migrations
        self._readers = Threads(reactor, "catalogue", threads, deadline_seconds)
        # SQLite's writers wait for each other by sleeping, up to 100 ms at a time; ours queue for one thread.
        is_sqlite = self._engine.dialect.name == "sqlite"
        self._writers = (
            Threads(reactor, "catalogue writer", 1, deadline_seconds) if is_sqlite else self._readers
        )
        self._opening = Lock()
        self._is_open = False

    async def read(self, work: Callable[[Connection], T]) -> T:
        """What `work` makes of one transaction that changes nothing."""
        return await self._on(self._readers, lambda: self._transact(work, writes=False))

    async def write(self, work: Callable[[Connection], T], *, deadline_seconds: float | None = None) -> T:
        """What `work` returns, committed and on disk. `work` runs again after a lost race: keep it pure.

        `deadline_seconds`: of work that is known to be long; else the database's own.
        """
        return await self._on(
            self._writers, lambda: self._transact(work, writes=True), deadline_seconds=deadline_seconds
        )

    async def check(self) -> None:
        """Return when a row can be read and the schema is ours, else `CatalogueUnavailable`."""
        await self.read(lambda connection: connection.execute(text("SELECT 1")).scalar_one())

    async def close(self) -> None:
        """Let running calls end and release connections."""
        for each in {id(threads): threads for threads in (self._writers, self._readers)}.values():
            await each.close()
        self._engine.dispose()

    async def _on(
        self, threads: Threads, work: Callable[[], T], *, deadline_seconds: float | None = None
    ) -> T:
        try:
            return await threads.call(work, deadline_seconds=deadline_seconds)
        except TooLateError as late:
            raise CatalogueUnavailable(str(late)) from late
        except ThreadsClosedError as closed:
            raise CatalogueUnavailable("closed") from closed

    def _transact(self, work: Callable[[Connection], T], *, writes: bool) -> T:
        try:
            self._open()
            return self._attempt(work, writes=writes)
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            if not is_out_of_reach(error):
                raise
            self._is_open = False  # what comes back may be another, or an empty, database
            raise CatalogueUnavailable(str(error)) from error

    def _attempt(self, work: Callable[[Connection], T], *, writes: bool) -> T:
        for _ in range(ATTEMPTS - 1):
            try:
                return self._once(work, writes=writes)
            except IntegrityError:
                continue  # another process inserted the same row first; the next look finds it
            except DBAPIError as error:
                if not lost_a_race(error):
                    raise
        return self._once(work, writes=writes)

    def _once(self, work: Callable[[Connection], T], *, writes: bool) -> T:
        with self._engine.connect() as raw:
            connection = raw.execution_options(**{WRITES: writes})
            with connection.begin():
                return work(connection)

    def _open(self) -> None:
        if not self._is_open:
            with self._opening:
                if not self._is_open:  # another thread may have done it while we waited
                    self._prepare_file()
                    self._upgrade(self._migrations[-1].number)
                    self._is_open = True

    def _upgrade(self, newest: int) -> None:
        if self._once(lambda connection: number_of(connection) == newest, writes=False):
            return
        reached = self._once(lambda connection: migrate(connection, self._migrations), writes=True)
        if reached > newest:
            why = f"catalogue has schema {reached}, this release knows {newest}"
            raise CatalogueTooNewError("Internal error", log=why)
        log.info("catalogue is at schema {number}", number=newest)

    def _prepare_file(self) -> None:
        for _ in range(50):  # SQLite does not wait for locks while it switches to WAL
            try:
                return prepare_file(self._engine)
            except sqlite3.OperationalError as error:
                if "locked" not in str(error):
                    raise
                sleep(0.02)
        return prepare_file(self._engine)
