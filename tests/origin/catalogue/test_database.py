"""The database as seen by others: locked, gone, strange, old, new, and used by several processes at once."""

import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
import pytest_twisted
from sqlalchemy import Connection, create_engine, inspect, text
from twisted.internet import reactor
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.threads import deferToThread

from origin.catalogue import Catalogue, CatalogueTooNewError, CatalogueUnavailable, Query, Term
from origin.catalogue.database import Database
from origin.catalogue.migrations import MIGRATIONS, Migration
from origin.catalogue.schema import metadata
from tests.support.drafts import draft, identity
from tests.support.postgres import PostgresServer

NOW = 1_719_307_544.0


@asynccontextmanager
async def opened(url: str, **more: Any) -> AsyncIterator[Catalogue]:
    """A catalogue, closed at the end."""
    catalogue = Catalogue(url, reactor=reactor, **more)
    try:
        yield catalogue
    finally:
        await catalogue.close()


@asynccontextmanager
async def database(url: str, migrations: tuple[Migration, ...]) -> AsyncIterator[Database]:
    """A database of another release."""
    made = Database(url, reactor=reactor, migrations=migrations)
    try:
        yield made
    finally:
        await made.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where SQLite will be."""
    return tmp_path / "state" / "catalogue.db"


@pytest_twisted.ensureDeferred
async def test_a_lock_held_too_long_is_unavailable_and_then_over(file: Path) -> None:
    """Readers do not even notice (WAL); a writer is told soon; afterwards all is well."""
    async with opened(f"sqlite:///{file}", lock_seconds=0.3) as catalogue:
        await catalogue.assets.put(draft("cat"), now=NOW)
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        start = monotonic()
        with pytest.raises(CatalogueUnavailable) as refusal:
            await catalogue.assets.put(draft("dog"), now=NOW)
        assert monotonic() - start < 3
        assert refusal.value.status == 503
        assert "sqlite" not in refusal.value.public.lower()
        assert await catalogue.assets.get(identity("cat")) is not None
        await catalogue.check()
        other.execute("ROLLBACK")
        other.close()
        await catalogue.assets.put(draft("dog"), now=NOW)


@pytest_twisted.ensureDeferred
async def test_sqlite_is_set_to_survive_a_power_cut(file: Path) -> None:
    """WAL for readers beside a writer; synchronous=FULL, since an acknowledged upload is a promise."""
    async with database(f"sqlite:///{file}", MIGRATIONS) as made:

        def pragmas(connection: Connection) -> tuple[object, ...]:
            names = ("journal_mode", "synchronous", "foreign_keys")
            return tuple(connection.execute(text(f"PRAGMA {each}")).scalar() for each in names)

        assert await made.read(pragmas) == ("wal", 2, 1)


@pytest_twisted.ensureDeferred
async def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    """Not a crash; and once it is put right, it is used."""
    (tmp_path / "catalogue.db").write_bytes(b"this is not a database, but long enough to look at" * 50)
    async with opened(f"sqlite:///{tmp_path / 'catalogue.db'}") as catalogue:
        with pytest.raises(CatalogueUnavailable):
            await catalogue.check()
        (tmp_path / "catalogue.db").unlink()
        await catalogue.check()


@pytest_twisted.ensureDeferred
async def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    """Something else has its name."""
    (tmp_path / "state").write_bytes(b"")
    async with opened(f"sqlite:///{tmp_path / 'state' / 'catalogue.db'}") as catalogue:
        with pytest.raises(CatalogueUnavailable):
            await catalogue.check()
        (tmp_path / "state").unlink()
        await catalogue.check()


def test_an_unknown_kind_of_database_is_refused_at_once() -> None:
    """A mistake in the document, told before anything starts."""
    for url in ("mysql://x/y", "sqlite://", "sqlite:///:memory:"):
        with pytest.raises(ValueError):
            Catalogue(url, reactor=reactor)


@pytest_twisted.ensureDeferred
async def test_postgresql_may_go_and_come_back(postgres_server: PostgresServer, postgres_url: str) -> None:
    """Refused soon while it is away; the pool finds it again without a restart."""
    async with opened(postgres_url) as catalogue:
        await catalogue.assets.put(draft("cat"), now=NOW)
        await deferToThread(postgres_server.stop)
        try:
            for _ in range(3):
                start = monotonic()
                with pytest.raises(CatalogueUnavailable):
                    await catalogue.assets.get(identity("cat"))
                with pytest.raises(CatalogueUnavailable):
                    await catalogue.check()
                assert monotonic() - start < 3
        finally:
            await deferToThread(postgres_server.start)
        assert await catalogue.assets.get(identity("cat")) is not None
        await catalogue.assets.put(draft("cat"), now=NOW)


@pytest_twisted.ensureDeferred
async def test_a_lock_in_postgresql_is_not_waited_for_for_ever(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    """Another session holds the row."""
    async with opened(postgres_url, lock_seconds=0.3) as catalogue:
        await catalogue.assets.put(draft("cat"), now=NOW)
        engine = create_engine(postgres_url)
        with engine.connect() as other, other.begin():
            other.execute(text("SELECT * FROM assets FOR UPDATE"))
            start = monotonic()
            with pytest.raises(CatalogueUnavailable):
                await catalogue.assets.put(draft("cat"), now=NOW)
            assert monotonic() - start < 3
        engine.dispose()
        await catalogue.assets.put(draft("cat"), now=NOW)


def add_a_column(connection: Connection) -> None:
    """A step of a later release."""
    connection.exec_driver_sql("ALTER TABLE assets ADD COLUMN moderation TEXT")


LATER = (*MIGRATIONS, Migration(MIGRATIONS[-1].number + 1, add_a_column))


@pytest_twisted.ensureDeferred
async def test_an_older_database_opens_and_is_upgraded(empty_url: str) -> None:
    """With all its rows; and opening it again takes no step twice."""
    async with opened(empty_url) as catalogue:
        stored = await catalogue.assets.put(draft("cat"), now=NOW)
    query = text("SELECT asset_id, moderation FROM assets")
    for _ in range(2):
        async with database(empty_url, LATER) as later:
            rows = await later.read(lambda connection: connection.execute(query).all())
            assert [tuple(row) for row in rows] == [(stored.asset.asset_id, None)]


@pytest_twisted.ensureDeferred
async def test_a_newer_database_is_refused_and_left_as_it_is(empty_url: str) -> None:
    """An old release must not write what it does not understand."""
    async with database(empty_url, LATER) as later:
        await later.check()
    async with opened(empty_url) as catalogue:
        with pytest.raises(CatalogueTooNewError):
            await catalogue.check()
        with pytest.raises(CatalogueTooNewError):
            await catalogue.assets.put(draft("cat"), now=NOW)
    async with database(empty_url, LATER) as later:
        await later.check()


@pytest_twisted.ensureDeferred
async def test_a_step_that_fails_leaves_the_older_schema(empty_url: str) -> None:
    """A migration is one transaction."""

    def fails(connection: Connection) -> None:
        add_a_column(connection)
        raise RuntimeError("a bug in a step")

    async with opened(empty_url) as catalogue:
        await catalogue.check()
    async with database(empty_url, (*MIGRATIONS, Migration(99, fails))) as later:
        with pytest.raises(RuntimeError):
            await later.check()
    async with opened(empty_url) as catalogue:
        await catalogue.assets.put(draft("cat"), now=NOW)


@pytest_twisted.ensureDeferred
async def test_the_migrations_make_what_the_code_sees(empty_url: str) -> None:
    """Names, nullability and order of every column."""
    async with database(empty_url, MIGRATIONS) as made:

        def shape(connection: Connection) -> dict[str, list[tuple[str, bool]]]:
            looking = inspect(connection)
            return {
                name: [(each["name"], bool(each["nullable"])) for each in looking.get_columns(name)]
                for name in metadata.tables
            }

        found = await made.read(shape)
    for name, table in metadata.tables.items():
        seen = [each for each in found[name] if each[0] != "id"]
        assert seen == [(each.name, bool(each.nullable)) for each in table.columns if each.name != "id"]


# Opens the catalogue (perhaps the first to do so) and puts, deletes and claims until told to stop.
WORKER = """
import sys
from twisted.internet import asyncioreactor
asyncioreactor.install()
from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.task import react
from origin.catalogue import Catalogue, Message
from tests.support.drafts import draft
async def main(reactor):
    catalogue = Catalogue(sys.argv[1], reactor=reactor)
    name, rounds = sys.argv[2], int(sys.argv[3])
    for number in range(rounds):
        told = [Message("told", {"by": name, "n": number})]
        revision = f"{name}-{number}"
        stored = await catalogue.assets.put(
            draft("shared", revision=revision, store_key=f"k/{revision}"), now=1000.0, tell=lambda _: told)
        print("put", stored.asset.version, stored.asset.asset_id)
        for entry in await catalogue.outbox.claim(3, now=2000.0, lease_seconds=600, kinds=["told"]):
            print("claimed", entry.payload["by"], entry.payload["n"])
            await catalogue.outbox.done(entry)
    await catalogue.close()
react(lambda reactor: ensureDeferred(main(reactor)))
"""


@pytest_twisted.ensureDeferred
async def test_processes_at_once_open_and_change_one_database(empty_url: str) -> None:
    """No error, one asset, no version twice, each message claimed once, all garbage accounted for."""
    names, rounds = ("a", "b", "c"), 15
    root = Path(__file__).parents[3]
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, empty_url, name, str(rounds)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=root,
        )
        for name in names
    ]
    lines: list[list[str]] = []
    for worker in workers:
        out, err = await deferToThread(worker.communicate)
        assert worker.returncode == 0, err
        lines += [each.split() for each in out.splitlines()]
    puts = [each for each in lines if each[0] == "put"]
    assert sorted(int(each[1]) for each in puts) == list(range(1000, 1000 + rounds * len(names)))
    assert len({each[2] for each in puts}) == 1
    claims = [tuple(each[1:]) for each in lines if each[0] == "claimed"]
    assert len(claims) == len(set(claims))
    async with opened(empty_url) as catalogue:
        left = await catalogue.outbox.claim(1000, now=3000.0, lease_seconds=1, kinds=["told"])
        claims += [(each.payload["by"], str(each.payload["n"])) for each in left]
        assert sorted(claims) == sorted((name, str(number)) for name in names for number in range(rounds))
        removals = await catalogue.outbox.claim(1000, now=3000.0, lease_seconds=1, kinds=["remove-object"])
        shown = await catalogue.assets.get(identity("shared"))
        assert shown is not None
        removed = sorted(each.payload["key"] for each in removals)
        assert sorted([*removed, shown.store_key]) == sorted(
            f"k/{name}-{number}" for name in names for number in range(rounds)
        )


@pytest_twisted.ensureDeferred
async def test_a_cancelled_call_leaves_the_whole_change_or_none(empty_url: str) -> None:
    """And the threads go on serving."""
    async with opened(empty_url) as catalogue:
        await catalogue.check()
        for number in range(20):
            wanted = draft(f"cat{number}")
            putting = Deferred.fromCoroutine(catalogue.assets.put(wanted, now=NOW))
            putting.cancel()
            with pytest.raises(CancelledError):
                await putting
        page = await catalogue.assets.list(Query(cloud="demo", resource_type="image", limit=500))
        for each in page.assets:
            assert await catalogue.assets.get(each.identity) == each


@pytest_twisted.ensureDeferred
async def test_a_closed_catalogue_is_unavailable(empty_url: str) -> None:
    """Late callers of a node that stops get a clean answer; closing twice is no error."""
    async with opened(empty_url) as catalogue:
        await catalogue.check()
        await catalogue.close()
        with pytest.raises(CatalogueUnavailable):
            await catalogue.check()


@pytest_twisted.ensureDeferred
async def test_tags_of_a_catalogue_of_old_are_found_after_its_upgrade(empty_url: str) -> None:
    """Step 3 reads them off the rows there are."""
    async with database(empty_url, MIGRATIONS[:2]) as old:
        statement = text(
            "INSERT INTO assets (asset_id, cloud, resource_type, type, public_id, revision, version, store_key,"
            " bytes, etag, asset_folder, display_name, tags, context, details, created_at, uploaded_at) VALUES"
            " (:id, 'demo', 'image', 'upload', :name, 'r', 1, :name, 1, 'e', '', '', :tags, '{}', '{}', 1, 1)"
        )
        rows = [
            {"id": "1", "name": "one", "tags": '["pet", "f\\u00fcr", "pet"]'},
            {"id": "2", "name": "two", "tags": "[]"},
            {"id": "3", "name": "three", "tags": r'["a\u0000b", "\ud800", "whole", "\udc00c"]'},
        ]
        await old.write(lambda connection: connection.execute(statement, rows))
    async with opened(empty_url) as catalogue:
        for tag, found in (("pet", 1), ("für", 1), ("none", 0), ("whole", 1)):
            page = await catalogue.assets.list(Query(cloud="demo", resource_type="image", term=Term.tag(tag)))
            assert len(page.assets) == found
