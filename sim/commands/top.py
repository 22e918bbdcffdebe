"""`pixeledge top`."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs
import click
from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from sim.commands.nodes import CONTROL, READY_FILE, call, controls_of, standby_of
from sim.commands.running import FILE
from sim.report.top import Look, Row, row_of, table_of

ANSWER_SECONDS = 1.0


@click.command()
@FILE
@READY_FILE
@CONTROL
@click.option(
    "--interval",
    type=click.FloatRange(0.1, 60),
    default=1.0,
    show_default=True,
    metavar="SECONDS",
    help="How often to look.",
)
@click.option("--once", is_flag=True, help="Look twice, print what happened in between, and exit.")
@click.option("--json", "as_json", is_flag=True, help="One JSON line a look instead of a table.")
def top(
    file: Path | None,
    ready_file: Path | None,
    given: tuple[str, ...],
    interval: float,
    once: bool,
    as_json: bool,
) -> None:
    """Watch the nodes of FILE's running world: requests, hits, latency, caches. Ctrl-C leaves; nothing is changed."""
    nodes = controls_of(file, ready_file, given)
    standby = standby_of(file, ready_file, given)
    console = Console()
    with ThreadPoolExecutor(max_workers=min(32, len(nodes) or 1)) as asking:
        before = _looks(nodes, asking)
        with Live(console=console, auto_refresh=False, screen=console.is_terminal and not once) as live:
            try:
                while True:
                    time.sleep(interval)
                    after = _looks(nodes, asking)
                    there = [name for name in nodes if name not in standby or after[name].status is not None]
                    rows = [row_of(name, before[name], after[name]) for name in there]
                    before = after
                    if as_json:
                        console.print(_line(rows), soft_wrap=True, highlight=False, markup=False)
                    else:
                        hint = Text("" if once else "Ctrl-C leaves", style="dim")
                        live.update(Group(table_of(rows, console.width), hint), refresh=True)
                    if once:
                        return
            except KeyboardInterrupt:
                return


def _looks(nodes: Mapping[str, str], asking: ThreadPoolExecutor) -> dict[str, Look]:
    """All nodes, at the same time: one that hangs must not hold up the others."""
    return dict(zip(nodes, asking.map(look, nodes.values()), strict=True))


def look(control: str) -> Look:
    """One node's `/status` now."""
    code, status = call(control, "GET", "/status", patience_seconds=ANSWER_SECONDS)
    return Look(time.monotonic(), status if code == 200 and isinstance(status, dict) else None)


def _line(rows: list[Row]) -> str:
    return json.dumps({"at": round(time.time(), 3), "nodes": [attrs.asdict(row) for row in rows]})
