"""`pixeledge up`."""

from __future__ import annotations

import signal
import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from sim import loading
from sim.commands.machines import this_machine
from sim.commands.running import FILE, hear_ctrl_c, held_or_exit, load, refuse, stop_once
from wire.document import DocumentError

if TYPE_CHECKING:
    from rich.console import Console

    from sim.world import World


@click.command()
@FILE
@click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("var"),
    show_default=True,
    help="Folder of everything that outlives a run: images, catalogue, caches, logs.",
)
@click.option(
    "--ports",
    "which_ports",
    type=click.Choice(["fixed", "auto"]),
    default="fixed",
    show_default=True,
    help="fixed: the ports of the file. auto: any free ones, so that several worlds can run.",
)
@click.option(
    "--machine",
    default="",
    metavar="NAME",
    help="Of a world on several machines, run what stands on this one.",
)
@click.option(
    "--ready-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Once every node is ready, write all URLs, process ids and keys there, as JSON.",
)
@click.option(
    "--links/--no-links",
    default=True,
    show_default=True,
    help="Make traffic between regions take the time and rate of its link.",
)
@click.option(
    "--seed/--no-seed",
    default=True,
    show_default=True,
    help="Upload the demo photographs if the cloud has no assets yet.",
)
@click.option("--supervised", is_flag=True, hidden=True, help="End with standard input.")
def up(
    file: Path | None,
    state: Path,
    which_ports: str,
    machine: str,
    ready_file: Path | None,
    links: bool,
    seed: bool,
    supervised: bool,
) -> NoReturn:
    """Run the whole media cloud that FILE describes, until Ctrl-C.

    Every node is a process of its own under a supervisor that starts it again when it falls. Exits with 0
    when it was asked to end, 1 when a node cannot start, 2 when FILE is wrong or a port it names is taken.
    """
    loading.begin()
    from rich.console import Console

    from sim.topology import ports
    from sim.topology.settle import Settlement
    from sim.world import PreparationError, World

    console = Console()
    path, topology, document = load(file)
    machine = this_machine(topology, machine, auto=which_ports == "auto")
    held = ExitStack()  # the state and the ports, for as long as this process runs
    # the state first: another run of it has taken the ports
    held.enter_context(held_or_exit(state, "up.lock"))
    try:
        placement = ports.place(topology, document, held, auto=which_ports == "auto", machine=machine)
    except DocumentError as error:
        refuse(path, error)
    world = World(Settlement(topology, placement, state.resolve(), with_links=links), machine)
    if ready_file is not None:
        ready_file = ready_file.absolute()
        ready_file.unlink(missing_ok=True)
    try:
        world.prepare()
        world.storage_programs()
    except (PreparationError, OSError) as error:
        click.echo(f"pixeledge: {error}", err=True)
        sys.exit(1)
    if world.unvouched:
        hosts = ", ".join(world.unvouched)
        click.echo(
            f"pixeledge: the local authority was not made for {hosts}: `pixeledge trust --new`", err=True
        )
    with held:
        sys.exit(run_world(world, console, ready_file, with_seed=seed, supervised=supervised))


def run_world(
    world: World, console: Console, ready_file: Path | None, *, with_seed: bool, supervised: bool
) -> int:
    """Run the reactor until the world has ended; the exit code."""
    from twisted.internet.asyncioreactor import AsyncioSelectorReactor
    from twisted.internet.defer import Deferred
    from twisted.internet.main import installReactor
    from twisted.internet.stdio import StandardIO

    from sim.plainlog import begin_logging
    from sim.process import Stdin
    from sim.supervise import leash

    reactor: Any = AsyncioSelectorReactor()
    installReactor(reactor)
    log = world.log_path("up")
    log.parent.mkdir(parents=True, exist_ok=True)
    begin_logging(log.open("a", encoding="utf-8"))

    from sim.report.live import Terminal
    from sim.up import Up

    run = Up(reactor, world, Terminal(console), ready_file, with_seed)
    reactor.addSystemEventTrigger("before", "shutdown", lambda: Deferred.fromCoroutine(run.end()))
    reactor.callWhenRunning(run.begin)
    hear_ctrl_c()
    if supervised:
        leash.wear()
        reactor.callWhenRunning(StandardIO, Stdin(partial(stop_once, reactor)), reactor=reactor)
    if hasattr(signal, "SIGHUP"):  # the terminal was closed
        reactor.callWhenRunning(
            signal.signal, signal.SIGHUP, lambda *_: reactor.callFromThread(stop_once, reactor)
        )
    loading.end()
    reactor.run()
    return run.exit_code
