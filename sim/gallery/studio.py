"""An origin for a moment: a process of its own on free ports, everything it keeps in a folder that goes with it."""

import base64
import json
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from attrs import frozen

from sim.topology.ports import reserve

KEY, SECRET, CLOUD = "studio", "studio-secret", "demo"
PATIENCE_SECONDS = 90.0
_LOOK_SECONDS = 0.05


class StudioError(Exception):
    """The origin did not start, or would not take a picture."""


@frozen
class Shot:
    """What came back: a picture, or no bytes and the sentence that says why."""

    status: int
    media_type: str
    body: bytes
    refusal: str = ""


@frozen
class Studio:
    """A running origin."""

    url: str
    pid: int

    def keep(
        self, public_id: str, data: bytes, transformation: str = "", resource_type: str = "image"
    ) -> None:
        """Upload a file; a transformation is carried out before it is stored."""
        fields = {"file": "data:;base64," + base64.b64encode(data).decode(), "public_id": public_id}
        if transformation:
            fields["transformation"] = transformation
        credentials = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
        request = urllib.request.Request(  # noqa: S310 - our own loopback
            f"{self.url}/v1_1/{CLOUD}/{resource_type}/upload",
            urllib.parse.urlencode(fields).encode(),
            {"Authorization": f"Basic {credentials}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS):  # noqa: S310
                return
        except urllib.error.HTTPError as error:
            raise StudioError(f"{public_id}: {error.headers.get('X-Cld-Error') or error.read()!r}") from error

    def shoot(self, chain: str, public_id: str, accept: str = "image/webp,*/*") -> Shot:
        """The picture under a chain."""
        path = f"{self.url}/{CLOUD}/image/upload/{chain}/v1/{public_id}"
        request = urllib.request.Request(path, headers={"Accept": accept})  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310
                return Shot(answer.status, answer.headers.get_content_type(), answer.read())
        except urllib.error.HTTPError as error:
            return Shot(error.code, "", b"", error.headers.get("X-Cld-Error", ""))


@contextmanager
def studio(named: Mapping[str, str] | None = None) -> Iterator[Studio]:
    """A studio that knows these named transformations."""
    with tempfile.TemporaryDirectory(prefix="pixeledge-studio-") as name, ExitStack() as held:
        folder = Path(name)
        listen, control = (reserve("127.0.0.1", 0, held) for _ in range(2))
        document = folder / "origin.yaml"  # JSON is YAML
        document.write_text(json.dumps(_document(folder, listen, control, named or {})), "utf-8")
        with (folder / "origin.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "sim.node", str(document)],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        try:
            _wait(process, f"http://127.0.0.1:{control}/readyz", folder / "origin.log")
            yield Studio(f"http://127.0.0.1:{listen}", process.pid)
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _document(folder: Path, listen: int, control: int, named: Mapping[str, str]) -> dict[str, object]:
    settings = {
        "name": "studio",
        "region": "here",
        "listen": f"127.0.0.1:{listen}",
        "control": f"127.0.0.1:{control}",
        "state": str(folder / "state"),
        "clouds": {CLOUD: {"api_key": KEY, "api_secret": SECRET, "transformations": dict(named)}},
        "storage": {"kind": "filesystem", "path": str(folder / "media")},
        "catalogue": f"sqlite:///{folder / 'catalogue.db'}",
        "delivery_url": f"http://127.0.0.1:{listen}",
        "workers": 1,
    }
    return {"kind": "origin", "settings": settings}


def _wait(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE_SECONDS):  # noqa: S310
                return
        except OSError:
            time.sleep(_LOOK_SECONDS)
    raise StudioError(f"the origin did not start: {log.read_text('utf-8', 'replace')[-2000:]}")
