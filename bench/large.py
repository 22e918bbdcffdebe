"""A large body through an edge: memory, the disk, and ranges of what is still arriving.

`python -m bench.large --size 2GiB` streams one object from an origin that stops half way until ranges of the first
half have been served, to two viewers of whom one reads nothing for as long; then takes it from the disk. Every byte
is checked. Prints the edge's memory.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from attrs import asdict, define

from bench.measure import free_port
from sim.topology.quantities import Size
from wire.http.ranges import parse_ranges, resolve

MIB = 1 << 20
PATIENCE_SECONDS = 600.0


def block(number: int) -> bytes:
    """The MiB of the object with this number: no two are alike."""
    return sha256(b"%d" % number).digest() * (MIB // 32)


def content(start: int, stop: int) -> Iterator[bytes]:
    """The object's bytes `start` up to `stop`, at most a MiB at a time."""
    while start < stop:
        number, offset = divmod(start, MIB)
        part = block(number)[offset : offset + stop - start]
        yield part
        start += len(part)


class Origin(ThreadingHTTPServer):
    """One object of any size; the whole of it stops half way until `go_on` is set."""

    daemon_threads = True

    def __init__(self, size: int) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.size = size
        self.half_way = threading.Event()
        self.go_on = threading.Event()
        self.asked: list[str | None] = []

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A viewer of ours that left is no news."""


class Handler(BaseHTTPRequestHandler):
    """GET, with ranges."""

    protocol_version = "HTTP/1.1"
    server: Origin

    def do_GET(self) -> None:
        """The object, or a part of it."""
        size, wanted = self.server.size, self.headers.get("Range")
        self.server.asked.append(wanted)
        parts = resolve(parse_ranges(wanted), size) if wanted else None
        start, stop = parts[0] if parts else (0, size)
        self.send_response(206 if parts else 200)
        for name, value in (("ETag", '"large"'), ("Cache-Control", "max-age=86400")):
            self.send_header(name, value)
        if parts:
            self.send_header("Content-Range", f"bytes {start}-{stop - 1}/{size}")
        self.send_header("Content-Length", str(stop - start))
        self.end_headers()
        for piece in content(start, stop):
            if start >= size // 2 and not parts and not self.server.half_way.is_set():
                self.server.half_way.set()
                self.server.go_on.wait(PATIENCE_SECONDS)
            self.wfile.write(piece)
            start += len(piece)

    def log_message(self, *args: Any) -> None:
        """Silence."""


@define
class Report:
    """What was seen. Sizes in bytes, times in seconds."""

    size: int
    idle_bytes: int = 0
    """The edge's resident memory before."""
    peak_bytes: int = 0
    """Its highest ever."""
    fill_seconds: float = 0.0
    hit_seconds: float = 0.0
    ranges_while_arriving: int = 0
    upstream_requests: int = 0
    stored: bool = False


def memory(pid: int, name: str) -> int:
    """VmRSS or VmHWM of a process."""
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    (found,) = (line.split()[1] for line in lines if line.startswith(name + ":"))
    return int(found) * 1024


@contextmanager
def edge_before(origin: Origin, folder: Path) -> Iterator[tuple[int, int, int]]:
    """An edge of its own process: pid, port and control port."""
    port, control = free_port(), free_port()
    settings = {
        "upstreams": [f"http://127.0.0.1:{origin.server_address[1]}"],
        "listen": f"127.0.0.1:{port}",
        "control": f"127.0.0.1:{control}",
        "cache_dir": str(folder / "cache"),
        "hot_bytes": 16 * MIB,
        "disk_bytes": 2 * origin.size + 64 * MIB,
        "limits": {
            "object_bytes": origin.size,
            "stall_seconds": PATIENCE_SECONDS,
            "between_bytes_seconds": 600.0,
        },
    }
    (folder / "edge.yaml").write_text(json.dumps(settings))
    command = [sys.executable, "-m", "sim", "edge", "--config", str(folder / "edge.yaml")]
    with (folder / "edge.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            until(lambda: status(control) is not None and process.poll() is None, folder / "edge.log")
            yield process.pid, port, control
        finally:
            process.terminate()
            process.wait(30)


def until(condition: Any, log: Path) -> None:
    """Poll; whoever waits for ever is told what the edge said."""
    deadline = time.monotonic() + 60
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(log.read_text("utf-8", "replace")[-2000:])
        time.sleep(0.05)


def status(control: int) -> dict[str, Any] | None:
    """What the edge tells of itself; None while it does not."""
    connection = HTTPConnection("127.0.0.1", control, timeout=10)
    try:
        connection.request("GET", "/status")
        told: dict[str, Any] = json.loads(connection.getresponse().read())
    except OSError:
        return None
    finally:
        connection.close()
    return told if "cache" in told else None


def asked(port: int, **fields: str) -> HTTPResponse:
    """The answer's head; its body is to be read."""
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    connection.request("GET", "/large", headers=fields)
    return connection.getresponse()


def check(answer: HTTPResponse, start: int, stop: int) -> None:
    """Read the body to its end: exactly these bytes of the object."""
    for piece in content(start, stop):
        if answer.read(len(piece)) != piece:
            raise ValueError(f"wrong bytes after {start}")
        start += len(piece)
    if answer.read(1):
        raise ValueError("more than there is")


def run(size: int, folder: Path) -> Report:
    """Once; ValueError where a byte is wrong."""
    report, origin = Report(size), Origin(size)
    threading.Thread(target=origin.serve_forever, daemon=True).start()
    half = size // 2
    near = half - min(MIB, half)
    try:
        with edge_before(origin, folder) as (pid, port, control):
            report.idle_bytes = memory(pid, "VmRSS")
            begun = time.monotonic()
            first, idle = asked(port), asked(port)  # the second one reads nothing yet
            check_half(first, half)
            for start, stop in (
                (0, 100),
                (near, near + 1000),
                (half // 2, half // 2 + 5 * MIB if half > 12 * MIB else half),
            ):
                answer = asked(port, Range=f"bytes={start}-{stop - 1}")
                if answer.status != 206:
                    raise ValueError(f"status {answer.status}")
                check(answer, start, stop)
                report.ranges_while_arriving += 1
            origin.go_on.set()
            check(first, half, size)
            report.fill_seconds = time.monotonic() - begun
            check(idle, 0, size)
            until(lambda: (status(control) or {})["cache"]["entries"] == 1, folder / "edge.log")
            begun = time.monotonic()
            hit = asked(port)
            report.stored = hit.headers["X-Cache"] == "HIT"
            check(hit, 0, size)
            report.hit_seconds = time.monotonic() - begun
            check(asked(port, Range="bytes=-1000"), size - 1000, size)
            report.upstream_requests = len(origin.asked)
            report.peak_bytes = memory(pid, "VmHWM")
    finally:
        origin.go_on.set()
        origin.shutdown()
        origin.server_close()
    return report


def check_half(answer: HTTPResponse, half: int) -> None:
    """Read the first half alone."""
    start = 0
    for piece in content(0, half):
        if answer.read(len(piece)) != piece:
            raise ValueError(f"wrong bytes after {start}")
        start += len(piece)


def main() -> None:
    """Print a report as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", default="2GiB", type=lambda text: Size.parse(text).bytes)
    with tempfile.TemporaryDirectory(prefix="bench-large-") as folder:
        print(json.dumps(asdict(run(parser.parse_args().size, Path(folder))), indent=2))


if __name__ == "__main__":
    main()
