"""What a running edge has loaded: it keeps that for months, and every worker has it again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

LOADED = """
import json, sys
import sim.__main__, sim.cli
sim.cli.main.get_command(None, "edge")
import sim.node, {service}
print(json.dumps(sorted(sys.modules)))
"""
OTHERS = (
    "rich",  # the terminal's
    "sqlalchemy",  # the origin's
    "PIL",
    "numpy",
    "origin.service",
    "origin.settings",
    "origin.render.pillow",
    "edge.balancer",
    "edge.vendors",
    "sim.world",  # the world's
    "sim.up",
    "sim.topology.model",
    "sim.traffic",
    "sim.transfer",
    "sim.report",
    "sim.commands.traffic",
    "sim.commands.top",
    "sim.commands.transfer",
)


@pytest.mark.parametrize("service", ["edge.service", "edge.workers.service"])
def test_an_edge_alone_loads_nothing_of_the_others(service: str) -> None:
    """From the command line to the service, as one process and as the parent of workers."""
    ran = subprocess.run(
        [sys.executable, "-c", LOADED.format(service=service)],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    loaded = json.loads(ran.stdout)
    assert service in loaded
    assert [
        name for name in loaded for other in OTHERS if name == other or name.startswith(f"{other}.")
    ] == []


def test_the_parent_of_workers_serves_no_viewer() -> None:
    """It loads neither the cache nor the way upstream."""
    ran = subprocess.run(
        [sys.executable, "-c", LOADED.format(service="edge.workers.service")],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    loaded = json.loads(ran.stdout)
    rooms = ("edge.http", "edge.wiring", "edge.service", "edge.cache.disk", "diskcache", "brotli", "sqlite3")
    assert [name for name in loaded for room in rooms if name == room or name.startswith(f"{room}.")] == []


BUILT = """
import json, sys
from sim.lean import forgo_tls
forgo_tls()
from edge.settings import Settings
from sim.node import make_service
from sim.nodefile import EdgeNode
from sim.process import install_reactor
reactor = install_reactor()
settings = Settings(upstreams=("http://127.0.0.1:9",), listen="127.0.0.1:0", cache_dir={folder!r})
node = make_service(EdgeNode("edge", settings), reactor)
node.ready.addBoth(lambda _: node.stopService()).addBoth(lambda _: reactor.stop())
reactor.callWhenRunning(node.startService)
reactor.run()
print(json.dumps(sorted(name for name, module in sys.modules.items() if module is not None)))
"""


def test_an_edge_that_speaks_no_tls_runs_without_openssl(tmp_path: Path) -> None:
    """Twisted takes it wherever it finds it: 12 MiB of every process. Nor is HTTP/2 spoken but over TLS."""
    ran = subprocess.run(
        [sys.executable, "-c", BUILT.format(folder=str(tmp_path))],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    loaded = json.loads(ran.stdout)
    assert "edge.cache.disk" in loaded
    rooms = ("OpenSSL", "cryptography", "service_identity", "h2", "hpack")
    assert [name for name in loaded if name.partition(".")[0] in rooms] == []


def test_an_origin_loads_the_store_it_has() -> None:
    """The SDK of MinIO, its HTTP client and its ciphers are for those who store there; nor does it know PoPs."""
    program = LOADED.format(service="origin.service")
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120
    )
    loaded = json.loads(ran.stdout)
    rooms = ("minio", "urllib3", "Crypto", "argon2", "PIL", "edge.balancer", "edge.vendors")
    assert "origin.store.making" in loaded
    assert [name for name in loaded for room in rooms if name == room or name.startswith(f"{room}.")] == []


WORLD = """
import json, sys
import sim.commands.up, sim.report.live, sim.up, sim.world
from sim.topology.read import AT_HOME, read
read(AT_HOME.read_text("utf-8"))
print(json.dumps(sorted(sys.modules)))
"""


def test_who_starts_a_world_loads_nothing_that_its_nodes_work_with() -> None:
    """`up` lives as long as they do, and opens neither catalogue nor store."""
    ran = subprocess.run(
        [sys.executable, "-c", WORLD], capture_output=True, text=True, check=True, timeout=120
    )
    loaded = json.loads(ran.stdout)
    rooms = (
        "sqlalchemy",
        "psycopg",
        "minio",
        "PIL",
        "numpy",
        "diskcache",
        "origin.catalogue",
        "origin.service",
    )
    assert "sim.topology.check.clouds" in loaded
    assert [name for name in loaded for room in rooms if name == room or name.startswith(f"{room}.")] == []
