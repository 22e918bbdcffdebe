"""A server on loopback in a thread: shows files, and keeps what it was sent."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from attrs import frozen


@frozen
class Posted:
    """One POST, as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes


class Listener(ThreadingHTTPServer):
    """`files` are shown by path, whatever the query; `shown` are the paths asked for, `posted` is what came."""

    def __init__(self, files: dict[str, tuple[str, bytes]]) -> None:
        super().__init__(("127.0.0.1", 0), _Exchange)
        self.files = files  # path → (Content-Type, body)
        self.shown: list[str] = []
        self.posted: list[Posted] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Exchange(BaseHTTPRequestHandler):
    server: Listener

    def do_GET(self) -> None:
        self.server.shown.append(self.path)
        kind, body = self.server.files.get(self.path.partition("?")[0], ("text/plain", b""))
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.server.posted.append(Posted(self.path, dict(self.headers), body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  its name there
        """Quietly."""


@contextmanager
def listening(files: dict[str, tuple[str, bytes]]) -> Iterator[Listener]:
    """A listener while it is needed."""
    with Listener(files) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
