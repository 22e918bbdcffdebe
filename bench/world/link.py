"""A link that is not felt beside none: what it costs in CPU, to who asks over it and to who answers."""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from bench.edge import servers
from bench.edge.load import wrk
from bench.measure import CLIENT_CORE, free_port, median, pinned, table

SIZES = {"1 KB": 1_000, "100 KB": 100_000, "1 MB": 1_000_000}
COLUMNS = ["link", "body", "without, µs each", "with", "added µs each", "added ms per MB"]
LINKED = "--linked"


def compare(seconds: int, rounds: int) -> None:
    """Who asks is another process each time, who answers viewers two that stand side by side; all take turns."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-link-")))
        folder.chmod(0o755)
        rows = _to_nodes(stack, folder, seconds, rounds) + _to_viewers(stack, folder, seconds, rounds)
    table("A link that is not felt, in CPU", COLUMNS, rows)


def _to_nodes(stack: ExitStack, folder: Path, seconds: int, rounds: int) -> list[list[str]]:
    root = folder / "files"
    root.mkdir()
    for size in SIZES.values():
        (root / str(size)).write_bytes(bytes(size))
    origin = servers.files(folder, root)
    stack.enter_context(pinned(origin.command, origin.url(), folder / "origin.out"))

    def burst(size: int, is_linked: bool) -> float:
        command = [sys.executable, "-m", "bench.world.asking", origin.url(f"/{size}"), str(seconds)]
        ran = subprocess.run(
            ["taskset", "-c", CLIENT_CORE, *command, *([LINKED] if is_linked else [])],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        requests, _, busy = ran.stdout.split()
        return float(busy) / int(requests)

    return _rows("to a node that is asked", burst, rounds)


def _to_viewers(stack: ExitStack, folder: Path, seconds: int, rounds: int) -> list[list[str]]:
    sites = {}
    for is_linked in (False, True):
        port = free_port()
        command = [sys.executable, "-m", "bench.world.answering", str(port), *([LINKED] if is_linked else [])]
        url = f"http://127.0.0.1:{port}"
        sites[is_linked] = url, stack.enter_context(pinned(command, f"{url}/1", folder / f"site{port}.out"))

    def burst(size: int, is_linked: bool) -> float:
        url, pid = sites[is_linked]
        return 1 / wrk(f"{url}/{size}", seconds, pid).per_cpu

    return _rows("to viewers who ask", burst, rounds)


def _rows(name: str, burst: Callable[[int, bool], float], rounds: int) -> list[list[str]]:
    """Seconds of CPU for each request, made rows of."""
    rows = []
    for body, size in SIZES.items():
        seen: dict[bool, list[float]] = {False: [], True: []}
        for _ in range(rounds):
            for is_linked, found in seen.items():
                found.append(burst(size, is_linked))
        without, with_it = (median(found) * 1e6 for found in seen.values())
        added = with_it - without
        per_mb = f"{added / 1e3 / (size / 1e6):.2f}" if size >= 100_000 else ""
        rows.append([name, body, f"{without:,.0f}", f"{with_it:,.0f}", f"{added:,.0f}", per_mb])
    return rows
