"""Hits over TLS by HTTP/2, beside nginx: the same certificate, ten streams on each of 32 connections."""

from __future__ import annotations

import subprocess
import tempfile
from functools import partial
from pathlib import Path

from bench.edge import servers
from bench.edge.load import Burst, h2load
from bench.edge.stage import stage
from bench.measure import median, table

BODIES = {"1 KB": (1_000, 20_000), "20 KB": (20_000, 10_000), "1 MB": (1_000_000, 640)}
COLUMNS = ["body", "server", "responses / CPU s", "of nginx", "responses / s", "mean ms"]


def compare(rounds: int) -> None:
    """As many requests as a few seconds take."""
    made = {f"{size}.bin": bytes(size) for size, _ in BODIES.values()}
    with tempfile.TemporaryDirectory() as folder:
        pair = certificate(Path(folder))
        makes = [partial(servers.ours, tls=pair), partial(servers.nginx, tls=pair)]
        rows: list[list[str]] = []
        with stage(made, makes) as (_, running):
            for name, (size, requests) in BODIES.items():
                bursts: dict[str, list[Burst]] = {each.server.name: [] for each in running}
                for number in range(rounds + 1):
                    for each in running:
                        burst = h2load(each.server.tls_url(f"/{size}.bin"), requests, each.pid)
                        if number:  # the first warms it
                            bursts[each.server.name].append(burst)
                rows += _rows(name, bursts)
    table("Hits over HTTP/2", COLUMNS, rows)


def _rows(name: str, bursts: dict[str, list[Burst]]) -> list[list[str]]:
    per_cpu = {server: median([burst.per_cpu for burst in seen]) for server, seen in bursts.items()}
    rows = []
    for server, seen in bursts.items():
        rate, mean = (median([getattr(burst, what) for burst in seen]) for what in ("rate", "p50_ms"))
        ratio = f"{per_cpu[server] / per_cpu['nginx']:.2f}"
        rows.append([name, server, f"{per_cpu[server]:,.0f}", ratio, f"{rate:,.0f}", f"{mean:.1f}"])
    return rows


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that vouches for itself, and its key."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-keyout", str(key), "-out", str(cert), "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"],
        check=True, capture_output=True,
    )  # fmt: skip
    return cert, key
