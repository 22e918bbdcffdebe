"""A process that behaves like a node as far as a supervisor can tell: `python -m tests.support.fake_node PORT HOW`.

well: answers /readyz and ends on SIGTERM. broken: says why and ends. deaf: ready, but ignores SIGTERM.
sick: answers 503. parent: well, and has a child of its own that ignores SIGTERM.
telling: well, and writes what it finds itself to be as a line of JSON.
"""

from __future__ import annotations

import gc
import json
import os
import random
import signal
import ssl
import subprocess
import sys
import threading
import uuid
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


class Probe(BaseHTTPRequestHandler):
    """Answers anything."""

    status, body = 200, b'{"ready":true}'

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def prepare(*words: str) -> None:
    """With a word, it cannot be prepared."""
    if words:
        raise ValueError(words)


def itself() -> dict[str, Any]:
    """What must be a process's own, and what it must not have of another."""
    return {
        "chance": [random.random(), uuid.uuid4().hex, ssl.RAND_bytes(8).hex()],
        "arguments": sys.argv[1:],
        "files": sorted(os.readlink(f"/proc/self/fd/{name}") for name in fds() if int(name) > 2),
        "threads": threading.active_count(),
        "handlers": str([signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]),
        "collects": gc.isenabled(),
        "folder": os.getcwd(),
        "mark": os.environ.get("MARK"),
        "parent": os.getppid(),
    }


def fds() -> list[str]:
    """Open before and after the folder was read."""
    return [name for name in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{name}")]


def main(arguments: list[str]) -> int:
    from sim.supervise import leash

    port, behaviour = int(arguments[0]), arguments[1]
    if behaviour == "telling":
        print(json.dumps(itself()), flush=True)
    leash.wear()
    if behaviour == "broken":
        print("cannot start: the moon is in the wrong house", file=sys.stderr)
        return 3
    if behaviour == "parent":
        orphan = "import signal,time; signal.signal(15, signal.SIG_IGN); time.sleep(60)"
        subprocess.Popen([sys.executable, "-c", orphan])
    signal.signal(signal.SIGTERM, signal.SIG_IGN if behaviour == "deaf" else lambda *_: sys.exit(0))
    if behaviour == "sick":
        Probe.status, Probe.body = 503, b'{"ready":false,"reasons":["store out of reach"]}'
    HTTPServer(("127.0.0.1", port), Probe).serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
