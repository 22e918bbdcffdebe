"""`pixeledge env`."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from sim.commands.nodes import OF_CLOUD, ready_of
from sim.commands.running import FILE, as_running, load, refuse
from wire.document import DocumentError


@click.command()
@FILE
@click.option(
    "--ready-file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Speak of the world that wrote this file (needed after `up --ports auto`).",
)
def env(file: Path | None, ready_file: Path | None) -> None:
    """Print what the SDKs read from their environment, as shell exports: eval "$(pixeledge env)"."""
    from sim.world import World, exports

    if ready_file is not None:
        ready = ready_of(ready_file, *OF_CLOUD)
        variables = exports(ready["api_url"], ready["cloud_name"], ready["api_key"], ready["api_secret"])
    else:
        path, topology, document = load(file)
        world = World(as_running(topology))
        if not world.settlement.address("balancer").port:
            problem = document.problem(
                ("balancer", "listen"), "any free port: give --ready-file of the running world"
            )
            refuse(path, DocumentError([problem]))
        variables = world.exports()
    for name, value in variables.items():
        click.echo(f"export {name}={shlex.quote(value)}")
