"""A catalogue of each kind, for whoever holds it to its promises."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred

from origin.catalogue import Catalogue


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'state' / 'catalogue.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def catalogue(url: str) -> Iterator[Catalogue]:
    """A catalogue that nobody used yet: its first call makes the schema."""
    from twisted.internet import reactor  # not above: conftest is read before pytest installs the reactor

    made = Catalogue(url, reactor=reactor)
    yield made
    pytest_twisted.blockon(Deferred.fromCoroutine(made.close()))
