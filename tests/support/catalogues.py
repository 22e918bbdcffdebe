"""Catalogues for tests, of each kind: copies of a database whose schema was made once.

How a schema is made and upgraded, `tests/origin/catalogue/test_database.py` asks of empty ones.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from attrs import define
from twisted.internet.defer import Deferred

from origin.catalogue import Catalogue
from origin.catalogue.engine import make_engine
from origin.catalogue.migrations import MIGRATIONS, migrate
from tests.support.postgres import PostgresServer, fresh_database

KINDS = ("sqlite", "postgresql")
# A slow moment of the machine is no broken promise.
PATIENCE = {"lock_seconds": 60.0, "deadline_seconds": 120.0}


def _make_schema(url: str) -> None:
    engine = make_engine(url, threads=1, **PATIENCE)
    with engine.begin() as connection:
        migrate(connection, MIGRATIONS)
    engine.dispose()


@define
class Templates:
    """One database of each kind with nothing in it but the schema, made when first copied."""

    request: pytest.FixtureRequest
    folder: Path
    file: Path | None = None
    database: str | None = None

    @contextmanager
    def copied(self, kind: str, folder: Path) -> Iterator[str]:
        """The URL of a copy, which is gone afterwards; SQLite's lies in `folder`."""
        if kind == "sqlite":
            yield self._copied_file(folder / "state" / "catalogue.db")
            return
        server: PostgresServer = self.request.getfixturevalue("postgres_server")
        with fresh_database(server, like=self._of(server)) as url:
            yield url

    def _copied_file(self, target: Path) -> str:
        if self.file is None:
            self.file = self.folder / "schema.db"
            _make_schema(f"sqlite:///{self.file}")
        target.parent.mkdir()
        shutil.copyfile(self.file, target)
        return f"sqlite:///{target}"

    def _of(self, server: PostgresServer) -> str:
        if self.database is None:
            self.database = "schema_only"
            server.execute(f"CREATE DATABASE {self.database}")
            _make_schema(server.url(self.database))
        return self.database


@pytest.fixture(scope="session")
def schemas(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Templates:
    return Templates(request, tmp_path_factory.mktemp("schemas"))


@pytest.fixture
def kept_as() -> dict[str, Any]:
    """How `catalogue` is made; a module that wants it otherwise says so in a fixture of this name."""
    return {}


@pytest.fixture(params=KINDS)
def catalogue(
    request: pytest.FixtureRequest, schemas: Templates, tmp_path: Path, kept_as: dict[str, Any]
) -> Iterator[Catalogue]:
    """An empty catalogue of each kind."""
    from twisted.internet import reactor  # not above: this is read before pytest installs the reactor

    with schemas.copied(request.param, tmp_path) as url:
        made = Catalogue(url, reactor=reactor, **{**PATIENCE, **kept_as})
        yield made
        pytest_twisted.blockon(Deferred.fromCoroutine(made.close()))


@pytest.fixture(params=KINDS)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind, without a schema."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'state' / 'catalogue.db'}"
    return str(request.getfixturevalue("postgres_url"))
