"""Concurrent signed uploads of 200 KB photographs: how many a second, how long each takes, what memory stays.

    python -m bench.upload [--uploads 2000] [--clients 8] [--storage filesystem] [--storage minio]

One origin with one render worker on one core; the clients (and `minio`, found as the tests find it) on the other.
Needs `taskset`. Memory is the resident set of the origin's own process, sampled ten times over the run.
"""

import hashlib
import io
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import click
import urllib3
import yaml
from attrs import frozen
from PIL import Image

from bench.measure import CLIENT_CORE, cpu_seconds, free_port, pinned, table

KEY, SECRET = "1234", "abcd"
PHOTOGRAPHS, BYTES = 16, 200_000
SAMPLES = 10
MINIO_KEYS: dict[str, Any] = {"access_key": "benchbench", "secret_key": "benchbench"}
STORAGES = ("filesystem", "minio")


@frozen
class Measured:
    """One run."""

    seconds: float
    cpu_seconds: float
    latencies: list[float]  # seconds, shortest first
    memory: list[float]  # MiB, over the run

    def row(self, storage: str) -> list[str]:
        """As the table shows it."""
        uploads = len(self.latencies)
        return [
            storage,
            f"{uploads:,}",
            f"{uploads / self.seconds:.1f}",
            f"{self._at(0.5):.0f}",
            f"{self._at(0.99):.0f}",
            f"{1000 * self.cpu_seconds / uploads:.1f}",
            *(f"{each:.0f}" for each in (self.memory[0], self.memory[-1], max(self.memory))),
        ]

    def _at(self, share: float) -> float:
        return 1000 * self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))]


def photographs() -> list[bytes]:
    """Pictures that nobody's cache knows, each within a percent or two of 200 KB."""
    return [_photograph(Random(number)) for number in range(PHOTOGRAPHS)]


def _photograph(rng: Random) -> bytes:
    coarse = Image.frombytes("RGB", (80, 60), rng.randbytes(80 * 60 * 3))
    picture = coarse.resize((1600, 1200), Image.Resampling.BICUBIC)
    low, high = 1, 95
    data = b""
    while low <= high:
        quality = (low + high) // 2
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality)
        data = out.getvalue() if len(out.getvalue()) <= BYTES or not data else data
        low, high = (quality + 1, high) if len(out.getvalue()) <= BYTES else (low, quality - 1)
    return data + bytes(max(0, BYTES - len(data)))  # what follows the end of a JPEG is nobody's


def upload(http: urllib3.PoolManager, base: str, photograph: bytes) -> float:
    """One signed upload; its seconds."""
    timestamp = str(int(time.time()))
    signature = hashlib.sha1(f"timestamp={timestamp}{SECRET}".encode(), usedforsecurity=False).hexdigest()
    fields: dict[str, Any] = {"timestamp": timestamp, "api_key": KEY, "signature": signature}
    fields["file"] = ("photo.jpg", photograph)
    began = time.perf_counter()
    answer = http.request("POST", f"{base}/v1_1/demo/image/upload", fields=fields)
    took = time.perf_counter() - began
    if answer.status != 200:
        sys.exit(f"an upload was answered with {answer.status}: {answer.data[:300]!r}")
    return took


def measured(base: str, pid: int, uploads: int, clients: int) -> Measured:
    """Send them all, `clients` at once."""
    http = urllib3.PoolManager(maxsize=clients, timeout=120.0, retries=False)
    pictures = photographs()
    for picture in pictures:
        upload(http, base, picture)
    latencies: list[float] = []
    numbers, memory = count(), [_memory(pid)]
    began, spent = time.perf_counter(), cpu_seconds(pid)
    with ThreadPoolExecutor(clients) as threads:
        for share in range(SAMPLES):
            some = uploads * (share + 1) // SAMPLES - uploads * share // SAMPLES
            work = (pictures[next(numbers) % len(pictures)] for _ in range(some))
            latencies += threads.map(lambda picture: upload(http, base, picture), work)
            memory.append(_memory(pid))
    return Measured(time.perf_counter() - began, cpu_seconds(pid) - spent, sorted(latencies), memory)


def _memory(pid: int) -> float:
    """MiB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@contextmanager
def origin(folder: Path, storage: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """A fresh one; its URL and process."""
    port = free_port()
    settings = {
        "name": "origin",
        "listen": f"127.0.0.1:{port}",
        "control": f"127.0.0.1:{free_port()}",
        "state": str(folder / "state"),
        "clouds": {"demo": {"api_key": KEY, "api_secret": SECRET}},
        "storage": storage,
        "catalogue": f"sqlite:///{folder / 'catalogue.db'}",
        "workers": 1,
    }
    document = folder / "origin.yaml"
    document.write_text(yaml.safe_dump({"kind": "origin", "settings": settings}))
    command = [sys.executable, "-m", "sim.node", str(document)]
    base = f"http://127.0.0.1:{port}"
    with pinned(command, f"{base}/readyz", folder / "origin.log") as pid:
        yield base, pid


@contextmanager
def storage_of(kind: str, folder: Path) -> Iterator[dict[str, Any]]:
    """What an origin's settings say of it; a server of its own where it is one."""
    if kind == "filesystem":
        yield {"kind": kind, "path": str(folder / "media")}
        return
    from tests.support.minio import MinioServer, find_minio

    binary = find_minio() or sys.exit("no minio binary ($MINIO, PATH, ~/go/bin)")
    server = MinioServer(binary, folder / "minio", **MINIO_KEYS)
    server.start()
    assert server.process is not None
    subprocess.run(
        ["taskset", "-a", "-c", "-p", CLIENT_CORE, str(server.process.pid)], capture_output=True, check=True
    )
    try:
        yield {"kind": kind, "endpoint": server.endpoint, **MINIO_KEYS}
    finally:
        server.stop()


@click.command()
@click.option("--uploads", default=2000, show_default=True, help="Photographs per storage.")
@click.option("--clients", default=8, show_default=True, help="Uploads at once.")
@click.option(
    "--storage", "storages", multiple=True, default=STORAGES, type=click.Choice(STORAGES), show_default=True
)
def main(uploads: int, clients: int, storages: tuple[str, ...]) -> None:
    """Concurrent signed uploads of 200 KB photographs."""
    os.sched_setaffinity(0, {int(CLIENT_CORE)})
    rows = []
    for kind in storages:
        with (
            tempfile.TemporaryDirectory(prefix="bench-") as name,
            storage_of(kind, Path(name)) as storage,
            origin(Path(name), storage) as (base, pid),
        ):
            rows.append(measured(base, pid, uploads, clients).row(kind))
    table(
        f"Signed uploads of 200 KB photographs, {clients} at once",
        [
            "storage",
            "uploads",
            "per second",
            "p50 ms",
            "p99 ms",
            "CPU ms each",
            "MiB before",
            "after",
            "most",
        ],
        rows,
    )


if __name__ == "__main__":
    main()
