"""`pixeledge check`."""

from __future__ import annotations

from pathlib import Path

import click

from sim.commands.running import FILE, load


@click.command()
@FILE
def check(file: Path | None) -> None:
    """Tell everything that is wrong with FILE, with line and path. Exits with 2 if anything is."""
    path, topology, _ = load(file)
    least, most = (
        sum(getattr(origin.instances, bound) for origin in topology.origins.values())
        for bound in ("min", "max")
    )
    instances = f"{least} to {most}" if least < most else f"{least}"
    counts = f"{len(topology.regions)} regions, {instances} origin instances, {len(topology.pops)} PoPs"
    click.echo(f"{path}: {counts}: all is well")
