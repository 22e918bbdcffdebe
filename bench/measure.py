"""Servers pinned to a core, their CPU time, and tables of ratios."""

import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

SERVER_CORE, CLIENT_CORE = "0", "1"
_TICK = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def family(pid: int) -> list[int]:
    """A process and all its descendants."""
    found = [pid]
    for each in found:
        for children in Path(f"/proc/{each}/task").glob("*/children"):
            found.extend(int(child) for child in children.read_text().split())
    return found


def cpu_seconds(pid: int) -> float:
    """User plus system time of a process family, ended children included."""
    total = 0
    for each in family(pid):
        fields = Path(f"/proc/{each}/stat").read_text().rsplit(")", 1)[1].split()
        total += sum(int(fields[index]) for index in (11, 12, 13, 14))
    return total / _TICK


@contextmanager
def pinned(command: Sequence[str], answers_at: str, log: Path) -> Iterator[int]:
    """A server on the server core, ready when `answers_at` answers anything; its pid."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            ["taskset", "-c", SERVER_CORE, *command], stdout=output, stderr=output, stdin=subprocess.PIPE
        )
    try:
        deadline = time.monotonic() + 90
        while not _answers(answers_at):
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"{command[0]} did not start; see {log}\n{log.read_text()[-2000:]}")
            time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=2).close()
    except urllib.error.HTTPError as error:
        return error.code != 503  # it is starting
    except OSError:
        return False
    return True


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table that a terminal and a Markdown file can both show; the first column is words."""
    widths = [max(map(len, each)) for each in zip(columns, *rows, strict=True)]
    print(f"\n{title}\n")
    for row in (columns, ["-" * (width - 1) + ":" for width in widths], *rows):
        cells = [
            row[0].ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)),
        ]
        print(f"| {' | '.join(cells)} |")
