"""Edge hits against nginx `proxy_cache`: responses per second of server CPU, and by the clock.

    python -m bench.edge [--seconds 5] [--rounds 3]

Needs `nginx`, `wrk` and `taskset`. Server on one core, `wrk` with 32 keep-alive connections on another;
the two servers take turns, so a slow moment of the machine falls on both.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import click

from bench.measure import CLIENT_CORE, cpu_seconds, free_port, median, pinned, table

BODIES = {"1 KB": 1_000, "20 KB": 20_000, "1 MB": 1_000_000}
HITS = """
daemon off; worker_processes 1; pid {folder}/{name}.pid; error_log {folder}/{name}.log;
events {{ worker_connections 512; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
  client_body_temp_path {folder}/{name}-body; proxy_temp_path {folder}/{name}-proxy;
  fastcgi_temp_path {folder}/{name}-fastcgi; uwsgi_temp_path {folder}/{name}-uwsgi; scgi_temp_path {folder}/{name}-scgi;
  {extra}
  server {{ listen 127.0.0.1:{port}; {server} }}
}}
"""


def nginx(folder: Path, name: str, port: int, server: str, extra: str = "") -> list[str]:
    path = folder / f"{name}.conf"
    path.write_text(HITS.format(folder=folder, name=name, port=port, server=server, extra=extra))
    return ["nginx", "-e", str(folder / f"{name}.log"), "-c", str(path)]


def wrk(url: str, seconds: int) -> float:
    """Responses per second by the clock; any error ends the run."""
    output = subprocess.run(
        ["taskset", "-c", CLIENT_CORE, "wrk", "-t1", "-c32", f"-d{seconds}s", url],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    if "Non-2xx" in output or "Socket errors" in output:
        sys.exit(f"{url} answered errors:\n{output}")
    found = re.search(r"Requests/sec:\s+([\d.]+)", output)
    if found is None:
        sys.exit(output)
    return float(found.group(1))


@click.command()
@click.option("--seconds", default=5, show_default=True, help="Length of one burst.")
@click.option(
    "--rounds", default=3, show_default=True, help="Bursts per server and body; the median is shown."
)
def main(seconds: int, rounds: int) -> None:
    """Edge hits against nginx proxy_cache."""
    for tool in ("nginx", "wrk", "taskset"):
        if shutil.which(tool) is None:
            sys.exit(f"{tool} is needed and not on PATH")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)
        (folder / "files").mkdir()
        for size in BODIES.values():
            (folder / "files" / f"{size}.bin").write_bytes(bytes(size))
        upstream, peer, edge = free_port(), free_port(), free_port()
        serve = f"root {folder}/files; expires 1h;"
        cached = f"location / {{ proxy_pass http://127.0.0.1:{upstream}; proxy_cache hits; }}"
        zone = f"proxy_cache_path {folder}/cache keys_zone=hits:10m;"
        stack.enter_context(
            pinned(
                nginx(folder, "upstream", upstream, serve), f"http://127.0.0.1:{upstream}/", folder / "u.out"
            )
        )
        pids = {
            "nginx": stack.enter_context(
                pinned(nginx(folder, "peer", peer, cached, zone), f"http://127.0.0.1:{peer}/", folder / "n.out")
            ),
            "pixeledge": stack.enter_context(
                pinned(
                    [
                        str(Path(sys.executable).parent / "pixeledge"), "edge",
                        "--upstream", f"http://127.0.0.1:{upstream}", "--listen", f"127.0.0.1:{edge}",
                        "--cache", str(folder / "edge"),
                    ],
                    f"http://127.0.0.1:{edge}/", folder / "e.out",
                )
            ),
        }  # fmt: skip
        ports = {"nginx": peer, "pixeledge": edge}
        rows = []
        for name, size in BODIES.items():
            clock: dict[str, list[float]] = {server: [] for server in pids}
            per_cpu: dict[str, list[float]] = {server: [] for server in pids}
            for port in ports.values():
                wrk(f"http://127.0.0.1:{port}/{size}.bin", 1)
            for _ in range(rounds):
                for server, port in ports.items():
                    before = cpu_seconds(pids[server])
                    rate = wrk(f"http://127.0.0.1:{port}/{size}.bin", seconds)
                    clock[server].append(rate)
                    per_cpu[server].append(rate * seconds / (cpu_seconds(pids[server]) - before))
            ours, theirs = median(per_cpu["pixeledge"]), median(per_cpu["nginx"])
            rows.append(
                [name, f"{ours:,.0f}", f"{theirs:,.0f}", f"{ours / theirs:.2f}",
                 f"{median(clock['pixeledge']):,.0f}", f"{median(clock['nginx']):,.0f}"]
            )  # fmt: skip
        table(
            "Edge hits, responses per second",
            ["body", "pixeledge / CPU s", "nginx / CPU s", "ratio", "pixeledge / s", "nginx / s"],
            rows,
        )


if __name__ == "__main__":
    main()
