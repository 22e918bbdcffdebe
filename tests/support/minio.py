"""A real MinIO for tests.

`minio_server` (session): one `minio server` on a free loopback port, data in a temporary folder. Use a bucket
of your own per test. `own_minio` (function): one you may stop, freeze and start again. The binary is $MINIO,
`minio` on PATH or ~/go/bin/minio; without it tests are skipped, or fail with PIXELEDGE_REQUIRE_SERVERS=1.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest
from attrs import define, field

from tests.support.namespaces import Namespace
from tests.support.servers import absent, free_port, freeze, wait_until

ACCESS_KEY = "pixeledge-tests"
SECRET_KEY = "pixeledge-tests-secret"


@define
class MinioServer:
    """A `minio server` process. `endpoint` is host:port, as `storage.endpoint` wants it."""

    binary: str
    data: Path
    port: int = field(factory=free_port)
    access_key: str = ACCESS_KEY
    secret_key: str = SECRET_KEY
    namespace: Namespace | None = None
    """Where it runs, unless here: then nobody here can ask whether it is ready, and `start` does not wait."""
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def endpoint(self) -> str:
        """Where it listens."""
        return f"{self.namespace.address if self.namespace is not None else '127.0.0.1'}:{self.port}"

    def start(self) -> None:
        """Run it on its data and return when it serves."""
        command = (self.binary, "server", "--quiet", "--address", self.endpoint, str(self.data))
        self.data.mkdir(parents=True, exist_ok=True)
        environment = {
            **os.environ,
            "MINIO_ROOT_USER": self.access_key,
            "MINIO_ROOT_PASSWORD": self.secret_key,
        }
        environment["MINIO_BROWSER"] = "off"
        with (self.data.parent / f"{self.data.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.namespace.inside(*command) if self.namespace is not None else command,
                env=environment,
                stdout=log,
                stderr=log,
            )
        if self.namespace is None:
            wait_until(self._is_ready, "minio to be ready")

    def stop(self) -> None:
        """Kill it; its data stay."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def freeze(self) -> None:
        """Let it hang: connections are accepted, nothing is answered."""
        assert self.process is not None
        freeze(self.process.pid)

    def thaw(self) -> None:
        """Let it go on."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def _is_ready(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise RuntimeError((self.data.parent / f"{self.data.name}.log").read_text())
        try:
            # The health probes answer 200 while requests are still refused as "not initialized".
            with urlopen(f"http://{self.endpoint}/", timeout=2) as answer:
                return bool(answer.status == 200)
        except HTTPError as refused:
            return refused.code == HTTPStatus.FORBIDDEN  # it knows by now whom to let in
        except (URLError, OSError):
            return False


def find_minio() -> str | None:
    """The binary, if there is one."""
    for each in (os.environ.get("MINIO"), shutil.which("minio"), os.path.expanduser("~/go/bin/minio")):
        if each and os.access(each, os.X_OK):
            return each
    return None


@pytest.fixture(scope="session")
def minio_binary() -> str:
    """The path of `minio`, or a skip."""
    return find_minio() or absent("no minio binary ($MINIO, PATH, ~/go/bin)")


@pytest.fixture(scope="session")
def minio_server(minio_binary: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MinioServer]:
    """One server for the whole session."""
    server = MinioServer(minio_binary, tmp_path_factory.mktemp("minio") / "data")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def own_minio(minio_binary: str, tmp_path: Path) -> Iterator[MinioServer]:
    """A server of the test's own, running."""
    server = MinioServer(minio_binary, tmp_path / "minio")
    server.start()
    yield server
    server.stop()
