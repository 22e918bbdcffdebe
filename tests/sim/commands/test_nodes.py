"""The control ports of a world, and ready files that are none, told to the commands that read one."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner

from sim.cli import main
from sim.commands.nodes import call


@pytest.mark.parametrize(
    "words", [("link",), ("top", "--once"), ("traffic",), ("env",), ("purge", "--everything")], ids=" ".join
)
@pytest.mark.parametrize("written", ["", "{}", "[1]", '{"edges": ', "[" * 100_000], ids=lambda text: text[:9])
def test_another_file_is_said_to_be_none_of_a_world(
    tmp_path: Path, words: tuple[str, ...], written: str
) -> None:
    ready = tmp_path / "ready.json"
    ready.write_text(written, "utf-8")
    ended = CliRunner().invoke(main, [*words, "--ready-file", str(ready)])
    assert ended.exit_code == 2
    assert "not what `pixeledge up --ready-file` writes" in " ".join(ended.stderr.split())


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, '{"a": 1}', {"a": 1}),
        (200, "well\n", "well"),
        (400, '{"error": {"message": "Not so"}}', "Not so"),
        (500, "[]", "[]"),
        (502, '"x"', '"x"'),
        (503, '{"error": "no"}', '{"error": "no"}'),
        (504, "<p>late</p>\n", "<p>late</p>"),
    ],
)
def test_whatever_a_control_port_answers_is_told(status: int, body: str, said: object) -> None:
    class Port(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Nothing of it."""

    with HTTPServer(("127.0.0.1", 0), Port) as server:
        Thread(target=server.handle_request).start()
        port = server.server_port
        assert call(f"http://127.0.0.1:{port}", "GET", "/status", patience_seconds=60.0) == (status, said)
