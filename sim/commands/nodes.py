"""The control ports of a running world, for commands that speak to its nodes."""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from sim.commands.running import as_running, load
from wire import jsontext

READY_FILE = click.option(
    "--ready-file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Speak to the world that wrote this file, instead of the one that the topology describes.",
)
TOPOLOGY = click.option(
    "--topology", "file", type=click.Path(path_type=Path, dir_okay=False), help="The running world's file."
)
CONTROL = click.option(
    "--control",
    "given",
    multiple=True,
    metavar="URL",
    help="The control address of an edge, instead of the PoPs of a topology.",
)
KINDS = ("origins", "shields", "edges", "balancer")
OF_CLOUD = ("api_url", "cloud_name", "api_key", "api_secret")


def ready_of(file: Path, *needed: str) -> dict[str, Any]:
    """What a world wrote when it was ready. A file without what is `needed` is another's: refused, exit code 2."""
    try:
        ready = jsontext.read(file.read_text("utf-8"))
    except ValueError:
        ready = None
    except OSError as error:
        raise click.UsageError(f"--ready-file {file}: {error.strerror}") from error
    if not isinstance(ready, dict) or not ready.keys() >= set(needed):
        raise click.UsageError(f"--ready-file {file}: not what `pixeledge up --ready-file` writes")
    return ready


def controls_of(
    file: Path | None, ready_file: Path | None, given: tuple[str, ...] = (), kinds: tuple[str, ...] = KINDS
) -> dict[str, str]:
    """Name → control URL: the given ones alone, else all nodes of these kinds in the order of `KINDS`."""
    if given:
        return {url: url for url in given}
    if ready_file is not None:
        ready = ready_of(ready_file, *(kind for kind in kinds if kind != "balancer"))
        ready["balancer"] = [{"name": "balancer"} | ready["balancer"]] if "balancer" in ready else []
        return {node["name"]: node["control_url"] for kind in KINDS if kind in kinds for node in ready[kind]}
    _, topology, _ = load(file)
    nodes = as_running(topology).nodes()
    return {
        node.name: node.control.url
        for kind in KINDS
        if kind in kinds
        for node in nodes
        if node.kind == kind.removesuffix("s")
    }


def standby_of(file: Path | None, ready_file: Path | None, given: tuple[str, ...] = ()) -> frozenset[str]:
    """The nodes that come and go with the load: those of them that do not answer are not amiss."""
    if given:
        return frozenset()
    if ready_file is not None:
        origins = ready_of(ready_file, "origins")["origins"]
        return frozenset(node["name"] for node in origins if node.get("standby"))
    _, topology, _ = load(file)
    return frozenset(node.name for node in as_running(topology).nodes() if node.is_standby)


def call(
    control: str, method: str, path: str, told: Any = None, *, patience_seconds: float
) -> tuple[int, Any]:
    """What a control port answers: (status, JSON), (status, its sentence), or (0, why there is no answer)."""
    parts = urlsplit(control if "://" in control else f"http://{control}")
    body = json.dumps(told).encode() if told is not None else None
    try:
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=patience_seconds)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        finally:
            connection.close()
    except (OSError, HTTPException, ValueError) as error:
        return 0, f"{control} does not answer: {error}"
    if answer.status != 200:
        return answer.status, jsontext.sentence_of(text)
    try:
        return answer.status, jsontext.read(text)
    except ValueError:
        return answer.status, text.strip()
