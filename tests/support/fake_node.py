"""A process that behaves like a node as far as a supervisor can tell. `python fake_node.py PORT BEHAVIOUR`.

well: answers /readyz and ends on SIGTERM. broken: says why and ends. deaf: ready, but ignores SIGTERM.
sick: answers 503. parent: well, and has a child of its own that ignores SIGTERM.
"""

import signal
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


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


def main(port: int, behaviour: str) -> int:
    from sim.supervise import leash

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
    sys.exit(main(int(sys.argv[1]), sys.argv[2]))
