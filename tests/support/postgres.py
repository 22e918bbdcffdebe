"""A real PostgreSQL for tests.

`postgres_server` (session): a cluster in a temporary folder on a free loopback port, run as user `postgres`
when we are root. `postgres_url` (function): the SQLAlchemy URL of a fresh, empty database in it. Binaries
come from PATH or /usr/lib/postgresql/*/bin; without them tests are skipped, or fail with
PIXELEDGE_REQUIRE_SERVERS=1.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from attrs import define, field

from tests.support.namespaces import Namespace
from tests.support.servers import absent, free_port, wait_until

# The tests ask whether we commit, not whether PostgreSQL survives a power cut.
SETTINGS = ("fsync=off", "full_page_writes=off")


@define
class PostgresServer:
    """A `postgres` process and its cluster; everybody on loopback is trusted."""

    binaries: Path
    folder: Path
    account: str | None = None  # whom to be, when we are root
    settings: tuple[str, ...] = SETTINGS
    port: int = field(factory=free_port)
    namespace: Namespace | None = None
    """Where it runs, unless here; whoever is on that network is trusted."""
    process: "subprocess.Popen[bytes] | None" = None

    def url(self, database: str) -> str:
        """For SQLAlchemy."""
        return f"postgresql+psycopg://pixeledge@{self.host}:{self.port}/{database}"

    @property
    def host(self) -> str:
        """Where it listens; it does at a socket in its folder besides, which is here wherever it runs."""
        return self.namespace.address if self.namespace is not None else "127.0.0.1"

    def execute(self, statement: str) -> None:
        """As superuser, outside any transaction."""
        address = f"host={self.folder} port={self.port} user=pixeledge dbname=postgres connect_timeout=2"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement.encode())

    def create(self) -> None:
        """Make the cluster."""
        command = [str(self.binaries / "initdb"), "-D", str(self.folder / "data"), "-U", "pixeledge"]
        command += ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self.folder, **self._as_whom())
        if self.namespace is not None:
            with (self.folder / "data" / "pg_hba.conf").open("a") as rules:
                rules.write("host all all samenet trust\n")

    def start(self) -> None:
        """Run it and return when it serves."""
        where = (f"listen_addresses={self.host}", f"unix_socket_directories={self.folder}")
        options = [f"-c{each}" for each in (*self.settings, *where)]
        whom = self._as_whom()
        command = [
            str(self.binaries / "postgres"),
            "-D",
            str(self.folder / "data"),
            "-p",
            str(self.port),
            *options,
        ]
        if self.namespace is not None:
            command, whom = [*self.namespace.inside(*command, account=self.account or "")], {}
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder, **whom)
        wait_until(self._is_ready, "postgres to be ready")

    def stop(self) -> None:
        """Let it go down at once, as a crash would; its data stay."""
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait()
            self.process = None

    def _as_whom(self) -> dict[str, Any]:
        if self.account is None:
            return {}
        group = pwd.getpwnam(self.account).pw_gid
        return {"user": self.account, "group": group, "extra_groups": [group]}

    def _is_ready(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise RuntimeError((self.folder / "log").read_text())
        try:
            self.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True


def find_postgres() -> Path | None:
    """The folder of the newest installed binaries."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda each: float(each.parts[-3]))
    return found[-1].parent if found else None


@contextmanager
def running_postgres(
    settings: tuple[str, ...] = SETTINGS, namespace: Namespace | None = None
) -> Iterator[PostgresServer]:
    """A cluster that is gone afterwards."""
    binaries = find_postgres() or absent("no PostgreSQL (initdb on PATH or in /usr/lib/postgresql/*/bin)")
    folder = Path(tempfile.mkdtemp(prefix="pixeledge-postgres-"))  # pytest's own is closed to others
    account = None
    if os.getuid() == 0:
        account = "postgres"  # PostgreSQL refuses to run as root
        try:
            shutil.chown(folder, account, account)
        except LookupError:
            absent("running as root, and there is no user `postgres`")
    server = PostgresServer(binaries, folder, account, settings, namespace=namespace)
    try:
        server.create()
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One cluster for the whole session."""
    with running_postgres() as server:
        yield server


@contextmanager
def fresh_database(server: PostgresServer, *, like: str = "template1") -> Iterator[str]:
    """The URL of a new database, empty or like another that nobody uses; dropped afterwards."""
    name = f"test_{uuid4().hex}"
    server.execute(f"CREATE DATABASE {name} TEMPLATE {like}")
    yield server.url(name)
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """An empty database, dropped afterwards."""
    with fresh_database(postgres_server) as url:
        yield url
