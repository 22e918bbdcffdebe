"""sim.node: what a supervised process runs, as a process."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.servers import free_port
from tests.support.world import eventually
from wire.http.dates import parse_date

PYTHON = (sys.executable, "-P", "-m", "sim.node")


def document(folder: Path, **told: Any) -> Path:
    """An edge of its own, in front of nothing."""
    settings = {
        "name": "alone",
        "upstreams": ["http://127.0.0.1:1"],
        "listen": f"127.0.0.1:{free_port()}",
        "control": f"127.0.0.1:{free_port()}",
        **told,
    }
    path = folder / "alone.yaml"
    path.write_text(yaml.safe_dump({"kind": "edge", "settings": settings}))
    return path


def is_serving(log: Path) -> bool:
    return "alone serves" in log.read_text()


@pytest.mark.parametrize("how", ["its stdin ends", "SIGTERM"])
def test_a_supervised_node_ends_when(tmp_path: Path, how: str) -> None:
    """The end of stdin means that the supervisor is gone, however it went."""
    log = tmp_path / "log"
    arguments = [*PYTHON, "--supervised", str(document(tmp_path))]
    with (
        log.open("wb") as errors,
        subprocess.Popen(arguments, stdin=subprocess.PIPE, stderr=errors) as process,
    ):
        eventually(lambda: is_serving(log), "it serves", 30)
        assert process.stdin is not None
        if how == "SIGTERM":
            process.terminate()
        else:
            process.stdin.close()
        assert process.wait(10) == 0


def test_ctrl_c_in_the_terminal_is_for_the_supervisor_alone(tmp_path: Path) -> None:
    """A terminal signals its whole process group; a supervised node has left it."""
    log = tmp_path / "log"
    arguments = [*PYTHON, "--supervised", str(document(tmp_path))]
    with (
        log.open("wb") as errors,
        subprocess.Popen(arguments, stdin=subprocess.PIPE, stderr=errors) as process,
    ):
        eventually(lambda: is_serving(log), "it serves", 30)
        assert os.getpgid(process.pid) == process.pid != os.getpgid(0)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_a_nodes_document_says_how_far_its_clock_is_wrong(tmp_path: Path) -> None:
    """What it tells of the time is told by that clock; its log goes by the machine's."""
    log, path = tmp_path / "log", document(tmp_path)
    told = yaml.safe_load(path.read_text())
    path.write_text(yaml.safe_dump(told | {"clock": {"skew_seconds": -7200.0}}))
    with (
        log.open("wb") as errors,
        subprocess.Popen([*PYTHON, str(path)], stderr=errors) as process,
    ):
        eventually(lambda: is_serving(log), "it serves", 30)
        with closing(HTTPConnection(told["settings"]["listen"], timeout=10)) as viewer:
            viewer.request("GET", "/")
            date = parse_date(viewer.getresponse().headers["Date"], time.time())
        process.terminate()
    assert date is not None
    assert 7190 < time.time() - date < 7300


def told_by(arguments: list[str]) -> tuple[int, str]:
    result = subprocess.run([*PYTHON, *arguments], capture_output=True, timeout=60, check=False)
    lines = result.stderr.decode().splitlines()
    return result.returncode, lines[-1] if lines else ""


def test_a_node_that_cannot_start_ends_with_3_and_its_reason_in_the_last_line(tmp_path: Path) -> None:
    """What a supervisor shows is that line."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        code, line = told_by([str(document(tmp_path, listen=where))])
    assert (code, line) == (3, f"cannot start: {where}: Address already in use")


def test_a_wrong_document_is_told_with_its_line(tmp_path: Path) -> None:
    path = document(tmp_path, hot_byte=5)
    code, line = told_by([str(path)])
    assert code == 3
    assert line.endswith(': settings.hot_byte: unknown key (did you mean "hot_bytes"?)')
    assert told_by([str(tmp_path / "none.yaml")])[0] == 3
    assert told_by([])[0] == 2
