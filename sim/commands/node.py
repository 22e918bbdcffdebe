"""`pixeledge node`: one node of a world, alone."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

import click

from sim.commands.running import as_running, hear_ctrl_c, held_or_exit, load, refuse
from wire.document import DocumentError


@click.command()
@click.argument("name", metavar="NAME")
@click.option("--topology", "file", type=click.Path(path_type=Path, dir_okay=False), help="The world's file.")
@click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("var"),
    show_default=True,
    help="Folder of everything that outlives a run; several nodes of a machine may share it.",
)
@click.option(
    "--links/--no-links",
    default=True,
    show_default=True,
    help="Make traffic between regions take the time and rate of its link.",
)
def node(name: str, file: Path | None, state: Path, links: bool) -> NoReturn:
    """Run one node of the world that FILE describes, until Ctrl-C or SIGTERM: it finishes what is under way.

    For service managers and containers, which start it again when it falls and keep what it says on stderr.
    Every node of the world must have ports of its own in FILE. Exits with 0 when it was asked to end, 1 when the
    state folder cannot be used, 2 when FILE or NAME is wrong, 3 when the node cannot start.
    """
    from attrs import evolve

    from sim.node import make_service
    from sim.nodefile import read
    from sim.process import run
    from sim.topology.check.findings import unknown
    from sim.topology.ports import loose
    from sim.world import PreparationError, World

    path, topology, document = load(file)
    if problems := loose(topology, document):
        refuse(path, DocumentError(problems))
    world = World(evolve(as_running(topology, state), with_links=links))
    nodes = {each.name: each for each in world.nodes}
    if name not in nodes:
        raise click.UsageError(f"{unknown('node', name, tuple(nodes))}; there are {', '.join(nodes)}")
    found = nodes[name]
    with held_or_exit(state / "nodes" / name, "node.lock"):
        try:
            world.prepare(found)
        except (PreparationError, OSError) as error:
            click.echo(f"pixeledge: {error}", err=True)
            sys.exit(1)
        described = read(found.document())

        def started() -> None:
            places = filter(None, (found.listen.url, world.settlement.secure_url(name)))
            click.echo(f"{name} listens on {' and '.join(places)}")

        hear_ctrl_c()
        sys.exit(run(lambda reactor: make_service(described, reactor), started=started))
