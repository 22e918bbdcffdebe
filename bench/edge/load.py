"""Load from the client's core, and what it saw."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile

from attrs import frozen

from bench.measure import CLIENT_CORE, cpu_seconds

CONNECTIONS = 32
UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@frozen
class Burst:
    """One burst: responses by the clock and per second of the server's CPU, and how long they took."""

    rate: float
    per_cpu: float
    p50_ms: float
    """Of `h2load`, which tells no shares: the mean."""
    p99_ms: float


URLS = """
local count, salt, last = 0, "", math.huge
request = function()
  count = count < last and count + 1 or 1
  return wrk.format("GET", wrk.path .. "?" .. salt .. "-" .. count)
end
init = function(arguments)
  salt = arguments[1]
  if arguments[2] then last = tonumber(arguments[2]) end
end
"""


def wrk(
    url: str,
    seconds: int,
    *pids: int,
    connections: int = CONNECTIONS,
    salt: str | None = None,
    urls: int | None = None,
) -> Burst:
    """`wrk` with kept connections, beside the CPU of `pids`; with `salt`, each question for a URL of its own, or for
    one of so many `urls`, in turn. A refused or broken answer ends the run."""
    before = sum(map(cpu_seconds, pids))
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "--latency"]
    if salt is None:
        output = _run(*command, url)
    else:
        with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
            script.write(URLS)
            script.flush()
            more = () if urls is None else (str(urls),)
            output = _run(*command, "-s", script.name, url, "--", salt, *more)
    busy = sum(map(cpu_seconds, pids)) - before
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+)", output)
    if "Non-2xx" in output or (errors and any(map(int, errors.groups()))):
        sys.exit(f"{url} answered errors:\n{output}")
    answered = _found(r"(\d+) requests in", output)
    return Burst(
        rate=_found(r"Requests/sec:\s+([\d.]+)", output),
        per_cpu=answered / busy,
        p50_ms=_milliseconds("50%", output),
        p99_ms=_milliseconds("99%", output),
    )


def h2load(url: str, requests: int, pid: int) -> Burst:
    """`h2load` over TLS: as many connections, ten streams each."""
    before = cpu_seconds(pid)
    output = _run("h2load", "-t1", f"-c{CONNECTIONS}", "-m10", f"-n{requests}", url)
    busy = cpu_seconds(pid) - before
    succeeded = _found(r"(\d+) succeeded", output)
    if succeeded != requests or "Application protocol: h2" not in output:
        sys.exit(f"{url} answered errors:\n{output}")
    took = re.search(r"time for request:\s+\S+\s+\S+\s+([\d.]+)(us|ms|s)", output)
    mean = float(took[1]) * UNITS[took[2]] if took else float("nan")
    return Burst(
        rate=_found(r"finished in [\d.]+m?s, ([\d.]+) req/s", output),
        per_cpu=succeeded / busy,
        p50_ms=mean,
        p99_ms=float("nan"),
    )


def _run(*command: str) -> str:
    ran = subprocess.run(["taskset", "-c", CLIENT_CORE, *command], capture_output=True, text=True, check=True)
    return ran.stdout


def _found(pattern: str, output: str) -> float:
    found = re.search(pattern, output)
    if found is None:
        sys.exit(f"not understood:\n{output}")
    return float(found[1])


def _milliseconds(share: str, output: str) -> float:
    found = re.search(rf"^\s+{share}\s+([\d.]+)(us|ms|s)\s*$", output, re.MULTILINE)
    if found is None:
        sys.exit(f"no latencies:\n{output}")
    return float(found[1]) * UNITS[found[2]]
