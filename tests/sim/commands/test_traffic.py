"""`pixeledge traffic`, run as people run it, against a server that is no world but answers like one."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from attrs import define, field
from click.testing import CliRunner

from sim.cli import main
from sim.traffic.record import Kind, Record
from sim.traffic.written import write

HEARS_CTRL_C = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
"""Whoever started us may have been deaf to it, as what shell scripts put in the background is."""
RUN = f"{HEARS_CTRL_C}; from sim.__main__ import main; main()"
SECONDS = 60.0


@define
class Front:
    """A front door: what was asked, and a bell for the nth viewer."""

    url: str = ""
    asked: list[str] = field(factory=list)
    rings_at: int = 0
    bell: Event = field(factory=Event)

    def ask(self, path: str) -> tuple[int, bytes]:
        if path.startswith("/v1_1/"):
            return 200, b'{"resources": []}'
        self.asked.append(path)
        if len(self.asked) == self.rings_at:
            self.bell.set()
        return (404, b"no") if path.startswith("/gone") else (200, b"x" * 10)


@pytest.fixture
def front() -> Iterator[Front]:
    made = Front()

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, body = made.ask(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing: the test says what is amiss."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.daemon_threads = True
    made.url = f"http://127.0.0.1:{server.server_port}"
    serving = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    serving.start()
    yield made
    server.shutdown()
    serving.join()
    server.server_close()


@define
class Command:
    """The command line, in a folder of its own."""

    folder: Path
    front: Front

    def words(self, *words: str) -> list[str]:
        ready = self.folder / "ready.json"
        nobody: dict[str, Any] = {kind: [] for kind in ("edges", "shields", "origins")}
        key = {"cloud_name": "demo", "api_key": "k", "api_secret": "s"}
        ready.write_text(json.dumps({"api_url": self.front.url, **key, **nobody}))
        return [sys.executable, "-c", RUN, "traffic", *words, "--ready-file", str(ready)]

    def run(self, *words: str) -> tuple[int, str, str]:
        done = subprocess.run(self.words(*words), capture_output=True, text=True, timeout=SECONDS)
        return done.returncode, done.stdout, done.stderr

    def trace(self, *paths: str, every_seconds: float = 0.01) -> str:
        file = self.folder / "trace.jsonl"
        records = (
            Record(int(nth * every_seconds * 1e6), "na-east", Kind.VIEW, 0, path=path)
            for nth, path in enumerate(paths)
        )
        file.write_text("".join(write(records)))
        return str(file)


@pytest.fixture
def command(tmp_path: Path, front: Front) -> Command:
    return Command(tmp_path, front)


def test_a_recording_is_asked_for_and_told_of(command: Command) -> None:
    """A refusal of what somebody once asked for is no failure."""
    trace = command.trace("/a", "/b?c=d", "/gone")
    code, said, wrong = command.run("--replay", trace, "--json", str(command.folder / "told.json"))
    assert (code, wrong.strip()) == (0, "")
    assert "3 answers" in said
    assert sorted(command.front.asked) == ["/a", "/b?c=d", "/gone"]
    told = json.loads((command.folder / "told.json").read_text())
    assert (told["all"]["requests"], told["is_whole"], told["month"]["zones"]["us"]["requests"] > 0) == (
        3,
        True,
        True,
    )


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_broken_off_it_tells_what_came_until_then(command: Command, sign: signal.Signals) -> None:
    """As a table, JSON and a page; the rest of a recording of hours is left."""
    result, page = command.folder / "told.json", command.folder / "told.html"
    trace = command.trace(*(f"/{nth}" for nth in range(2000)), every_seconds=0.05)
    command.front.rings_at = 10
    words = command.words("--replay", trace, "--json", str(result), "--report", str(page))
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as it:
        assert command.front.bell.wait(SECONDS)
        it.send_signal(sign)
        began = time.monotonic()
        said, wrong = it.communicate(timeout=SECONDS)
    assert time.monotonic() - began < SECONDS / 2
    assert (it.returncode, wrong.split()) == (130, ["broken", "off"])
    told = json.loads(result.read_text())
    assert 9 <= told["all"]["requests"] < 1000
    assert not told["is_whole"]
    assert (told["all"]["failures"], told["troubles"]) == (0, {})
    assert f"{told['all']['requests']} answers" in said
    assert page.read_text().startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("--to", "nonsense"), 2, "expected a URL like http://127.0.0.1:8000, got 'nonsense'"),
        (("--rate", "1e9"), 2, "1000000000.0 is not in the range 0<x<=10000000.0"),
        (("--rate", "nan"), 2, "nan is not a number"),
        (("--speed", "nan"), 2, "nan is not a number"),
        (("--report", "/nowhere/x.html"), 2, "there is no folder /nowhere"),
        (("--json", "/"), 2, "/ is a folder"),
        (("--write", "/nowhere/x.jsonl"), 2, "there is no folder /nowhere"),
        (("--replay", "mars"), 1, "mars: no such file, and none of web07"),
        (("--replay", "/"), 1, "/ is a folder: name one file in it"),
        (("--duration", "0s"), 2, "duration: a trace lasts longer than nothing"),
        (("--duration", "99999999d"), 2, "duration: 1.7e+14 requests: at most 10,000,000,000"),
        (("--rate", "1e6", "--popularity", "measured"), 2, "measured popularity is for at most 20,000,000"),
    ],
)
def test_what_cannot_be_done_is_said_before_anybody_is_asked(
    command: Command, words: tuple[str, ...], code: int, sentence: str
) -> None:
    ended = CliRunner().invoke(main, command.words(*words)[3:])
    assert (ended.exit_code, ended.stdout) == (code, "")
    assert sentence in " ".join(ended.stderr.split())
    assert command.front.asked == []


def test_a_cloud_without_pictures_is_told_to_get_some(command: Command) -> None:
    code, _, wrong = command.run("--duration", "2s")
    assert code == 1
    assert wrong.strip() == "Error: the cloud demo has no pictures to ask for: upload some"


def test_a_world_that_does_not_run_is_said_to(command: Command) -> None:
    command.front.url = "http://127.0.0.1:1"
    code, _, wrong = command.run("--duration", "2s")
    assert code == 1
    assert "the world at http://127.0.0.1:1 does not tell its pictures: no answer" in wrong
    assert "`pixeledge up` runs one" in wrong
    assert "Traceback" not in wrong
