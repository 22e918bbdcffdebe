"""A world started as a user starts it: the `pixeledge up` command, a ready file, and clients that time out."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import urllib3
import yaml
from attrs import define, field

ROOT = Path(__file__).parent.parent.parent
DEMO = ROOT / "sim" / "demo"
PHOTOGRAPHS = sorted(path for path in DEMO.iterdir() if path.suffix in {".jpg", ".png", ".webp", ".gif"})
PATIENCE_SECONDS = 90.0
SMALL: dict[str, Any] = {
    "origins": {"main": {"region": "na-east", "instances": 1, "workers": 1}},
    "pops": {"ashburn": {"region": "na-east", "upstream": "main", "disk": "1GiB"}},
    "links": {},
}
"""What replaces that of the shipped topology where a node of each kind is enough."""


def command() -> list[str]:
    """The installed `pixeledge`, else the module behind it."""
    installed = Path(sys.executable).parent / "pixeledge"
    return [str(installed)] if installed.exists() else [sys.executable, "-m", "sim"]


def eventually(condition: Callable[[], object], what: str, within_seconds: float = PATIENCE_SECONDS) -> None:
    """Ask until it holds. The pause between two questions is politeness; no verdict hangs on its length."""
    deadline = time.monotonic() + within_seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {within_seconds:.0f} s"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def children_of(pid: int) -> set[int]:
    """Every descendant of a process."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rsplit(")", 1)[1].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    found: set[int] = set()
    fresh = {pid}
    while fresh:
        fresh = {child for child, parent in parents.items() if parent in fresh} - found
        found |= fresh
    return found


@define
class World:
    """One `pixeledge up`, its state folder and the document it wrote when it was ready."""

    state: Path
    arguments: list[str] = field(factory=list)
    topology: Path = ROOT / "topology.yaml"
    within: tuple[str, ...] = ()
    """What stands before the command: `nsenter …`, say."""
    process: "subprocess.Popen[bytes] | None" = None
    http: urllib3.PoolManager = field(
        factory=lambda: urllib3.PoolManager(num_pools=50, maxsize=64, timeout=60.0, retries=False)
    )

    @property
    def ready_file(self) -> Path:
        return self.state / "ready.json"

    @property
    def ready(self) -> dict[str, Any]:
        """The ready file as it is now: pids change when a node is restarted."""
        document: dict[str, Any] = json.loads(self.ready_file.read_text())
        return document

    def start(self) -> None:
        self.state.mkdir(parents=True, exist_ok=True)
        self.ready_file.unlink(missing_ok=True)
        with (self.state / "up.log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *self.within, *command(), "up", str(self.topology), "--state", str(self.state), "--ports", "auto",
                    "--ready-file", str(self.ready_file), *self.arguments,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.state,
                env={**os.environ, "COLUMNS": "120"},
            )  # fmt: skip
        eventually(self._is_ready, f"the world is ready ({self.state / 'up.log'})")

    def _is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.state / "up.log").read_text()[-4000:]
        return self.ready_file.exists()

    def stop(self, sign: signal.Signals = signal.SIGTERM) -> int:
        """End it as Ctrl-C or a service manager would; the exit code, after checking nothing is left behind."""
        assert self.process is not None
        family = children_of(self.process.pid)
        self.process.send_signal(sign)
        code = self.process.wait(timeout=15)
        left = {pid for pid in family if is_alive(pid)}
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        assert not left, f"left behind: {left}"
        return code

    def kill(self) -> None:
        """After a failed test: leave no process, whatever state it is in."""
        if self.process is not None and self.process.poll() is None:
            family = children_of(self.process.pid)
            self.process.kill()
            self.process.wait(timeout=15)
            for pid in family:
                if is_alive(pid):
                    os.kill(pid, signal.SIGKILL)

    # --- asking it ---

    def edges(self) -> dict[str, str]:
        """Name → base URL of every edge."""
        return {each["name"]: each["url"] for each in self.ready["edges"]}

    def nodes(self) -> dict[str, int]:
        """Name → pid of every node a test may kill."""
        ready = self.ready
        named = [*ready["edges"], *ready["shields"], *ready["origins"]]
        return {each["name"]: each["pid"] for each in named} | {"balancer": ready["balancer"]["pid"]}

    def get(self, base: str, path: str, **headers: str) -> urllib3.BaseHTTPResponse:
        """GET `base` + `path`; header names with `_` for `-`. Raises when the body is cut short."""
        response = self.http.request(
            "GET", base + path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )
        length = response.headers.get("Content-Length")
        assert length is None or int(length) == len(response.data)
        return response

    def answers(self, url: str, *statuses: int) -> bool:
        """Whether anything comes back; with `statuses`, one of these."""
        try:
            status = self.http.request("GET", url).status
        except urllib3.exceptions.HTTPError:
            return False
        return not statuses or status in statuses

    def status(self, control_url: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.http.request("GET", control_url + "/status").json()
        return answer

    def environment(self) -> dict[str, str]:
        """What `pixeledge env` would export, for a process that uses the official SDK."""
        ready = self.ready
        return {
            **os.environ,
            "CLOUDINARY_URL": (
                f"cloudinary://{ready['api_key']}:{ready['api_secret']}@{ready['cloud_name']}"
                f"?upload_prefix={ready['api_url']}"
            ),
        }


@contextmanager
def world(state: Path, *arguments: str, **overrides: Any) -> Iterator[World]:
    """A running world; `overrides` replace top-level keys of the shipped topology."""
    topology = ROOT / "topology.yaml"
    if overrides:
        document = yaml.safe_load(topology.read_text("utf-8")) | overrides
        state.mkdir(parents=True, exist_ok=True)
        topology = state / "topology.yaml"
        topology.write_text(yaml.safe_dump(document), "utf-8")
    running = World(state, list(arguments), topology)
    try:
        running.start()
        yield running
    finally:
        running.kill()
