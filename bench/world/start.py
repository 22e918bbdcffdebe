"""How long `pixeledge up` takes until every node is ready, and what it costs."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from attrs import frozen

from bench.measure import cpu_seconds, family, median, table

REGIONS = {"na-east": [39.0, -77.5], "eu-central": [50.1, 8.7], "se-asia": [1.35, 103.8]}
LONGEST_SECONDS = 180.0


@frozen
class Start:
    """One start of one world."""

    seconds: float
    cpu_seconds: float
    megabytes: float
    """What its processes hold together, shared pages counted in parts (PSS)."""
    processes: int


def topology(nodes: int) -> dict[str, Any]:
    """A world of so many processes: a balancer, one origin in ten, a shield a region, edges."""
    instances = max(1, nodes // 10)
    edges = nodes - 1 - instances - len(REGIONS)
    regions = list(REGIONS)
    pops: dict[str, Any] = {
        f"shield-{region}": {"region": region, "role": "shield", "upstream": "main"} for region in regions
    }
    for number in range(edges):
        region = regions[number % len(regions)]
        pops[f"edge-{number}"] = {"region": region, "parent": f"shield-{region}", "hot": "16MiB"}
    return {
        "clouds": {"demo": {"api_key": "1", "api_secret": "a-secret-of-the-bench"}},
        "storage": {"kind": "filesystem", "path": "media"},
        "catalogue": "sqlite:///catalogue.db",
        "regions": {
            name: {"at": at, "viewers": [f"127.{number}.0.0/16"]}
            for number, (name, at) in enumerate(REGIONS.items(), 1)
        },
        "origins": {"main": {"region": regions[0], "instances": instances, "workers": 1}},
        "pops": pops,
        "balancer": {"mode": "proxy", "route": "nearest"},
        "links": {"default": {"rtt": "by-distance", "rate": "200Mbit"}},
    }


@contextmanager
def world(document: dict[str, Any]) -> Iterator[tuple["subprocess.Popen[bytes]", Path]]:
    """`pixeledge up` of this topology in a folder of its own, and the file that tells that it is ready."""
    with tempfile.TemporaryDirectory(prefix="bench-world-") as name:
        folder = Path(name)
        (folder / "topology.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
        ready = folder / "ready.json"
        words = ["up", "topology.yaml", "--state", "var", "--ports", "auto", "--no-seed"]
        with (folder / "up.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "sim", *words, "--ready-file", str(ready)],
                cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            )  # fmt: skip
        try:
            yield process, ready
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


def measured(nodes: int) -> Start:
    """Start it once, from nothing."""
    began = time.monotonic()
    with world(topology(nodes)) as (process, ready):
        while not ready.exists():
            if process.poll() is not None or time.monotonic() - began > LONGEST_SECONDS:
                sys.exit(f"the world did not start:\n{(ready.parent / 'up.log').read_text()[-2000:]}")
            time.sleep(0.05)
        seconds = time.monotonic() - began
        pids = family(process.pid)
        return Start(seconds, cpu_seconds(process.pid), sum(map(megabytes, pids)), len(pids))


def megabytes(pid: int) -> float:
    """A process's own part of memory, in MiB."""
    told = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
    return int(told["Pss"].split()[0]) / 1024


def compare(nodes: int, rounds: int) -> None:
    """So many starts, one after the other."""
    rows = []
    starts = [measured(nodes) for _ in range(rounds)]
    for what, each in [
        *((str(number), each) for number, each in enumerate(starts, 1)),
        ("median", middle(starts)),
    ]:
        rows.append(
            [
                what,
                f"{each.seconds:.1f}",
                f"{each.cpu_seconds:.1f}",
                f"{each.megabytes:,.0f}",
                str(each.processes),
            ]
        )
    table(
        f"`pixeledge up`, {nodes} nodes, until all are ready",
        ["round", "seconds", "CPU s", "MiB in all", "processes"],
        rows,
    )


def middle(starts: list[Start]) -> Start:
    """Each figure's median."""
    return Start(
        median([each.seconds for each in starts]),
        median([each.cpu_seconds for each in starts]),
        median([each.megabytes for each in starts]),
        round(median([each.processes for each in starts])),
    )
