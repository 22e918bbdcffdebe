"""What the catalogue's questions cost as it grows, on SQLite and on PostgreSQL.

    python -m bench.catalogue [--sizes 10000,100000,1000000] [--rounds 100]

CPU milliseconds of this process and the database's, through the node's own threads. Starts a PostgreSQL of its own.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import click
from sqlalchemy import create_engine, event
from twisted.internet import asyncioreactor

asyncioreactor.install()

from twisted.internet.defer import ensureDeferred  # noqa: E402
from twisted.internet.task import react  # noqa: E402

from bench.catalogue.loading import load  # noqa: E402
from bench.catalogue.questions import Questions, cost_of  # noqa: E402
from bench.measure import cpu_seconds, table  # noqa: E402
from origin.catalogue import Catalogue  # noqa: E402
from tests.support.postgres import running_postgres  # noqa: E402

SETTINGS = (
    "listen_addresses=127.0.0.1",
    "shared_buffers=1GB",
    "max_wal_size=8GB",
    "maintenance_work_mem=512MB",
)
INSERTS = "insert: rows a second"
Costs = dict[str, float]
Databases = tuple[dict[tuple[str, int], str], int | None]


@contextmanager
def databases(kinds: list[str], folder: Path, sizes: list[int]) -> Iterator[Databases]:
    """URLs of empty databases, one for each kind and size, and the process id of their server."""
    urls = {("sqlite", size): f"sqlite:///{folder / f'{size}.db'}" for size in sizes if "sqlite" in kinds}
    if "postgresql" not in kinds:
        yield urls, None
        return
    with running_postgres(SETTINGS) as server:
        for size in sizes:
            server.execute(f"CREATE DATABASE assets_{size}")
            urls["postgresql", size] = server.url(f"assets_{size}")
        assert server.process is not None
        yield urls, server.process.pid


def fill(url: str, size: int) -> None:
    """Load it, as fast as it goes: nothing is lost with it."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def hurry(connection: Any, _: object) -> None:
            for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-1000000", "temp_store=MEMORY"):
                connection.execute(f"PRAGMA {pragma}")

    load(engine, size)
    engine.dispose()


async def ask(reactor: Any, url: str, size: int, rounds: int, inserts: int, server: int | None) -> Costs:
    """All questions of one catalogue; `server`: the process id of its database."""
    catalogue = Catalogue(url, reactor=reactor, deadline_seconds=60)
    questions, costs = Questions(catalogue, size), {}
    for name, question in questions.all().items():
        costs[name] = await cost_of(rounds, question, lambda: 0.0 if server is None else cpu_seconds(server))
    costs[INSERTS] = await questions.inserted(inserts)
    await catalogue.close()
    return costs


@click.command()
@click.option("--sizes", default="10000,100000,1000000", show_default=True)
@click.option("--rounds", default=100, show_default=True, help="Of each question; the mean counts.")
@click.option("--inserts", default=200, show_default=True)
@click.option("--only", default="sqlite,postgresql", show_default=True)
def main(sizes: str, rounds: int, inserts: int, only: str) -> None:
    """Costs side by side."""
    numbers = [int(each) for each in sizes.split(",")]

    async def run(reactor: Any) -> None:
        found: dict[tuple[str, int], Costs] = {}
        kinds = only.split(",")
        with (
            tempfile.TemporaryDirectory() as folder,
            databases(kinds, Path(folder), numbers) as (urls, server),
        ):
            for (kind, size), url in urls.items():
                began = perf_counter()
                fill(url, size)
                click.echo(f"{kind}: {size:,} assets loaded in {perf_counter() - began:.0f} s", err=True)
                pid = server if kind == "postgresql" else None
                found[kind, size] = await ask(reactor, url, size, rounds, inserts, pid)
                report(found)

    react(lambda reactor: ensureDeferred(run(reactor)))


def report(found: dict[tuple[str, int], Costs]) -> None:
    """The table: a column for each kind and size."""
    heads = [f"{kind}, {size:,}" for kind, size in found]
    first = next(iter(found.values()))
    rows = [
        [
            name,
            *(f"{costs[name]:,.0f}" if name == INSERTS else f"{costs[name]:.2f}" for costs in found.values()),
        ]
        for name in first
    ]
    table("CPU milliseconds a question", ["question", *heads], rows)


if __name__ == "__main__":
    main()
