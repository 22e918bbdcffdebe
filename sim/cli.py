"""`pixeledge …`: run a world, check its file, tell SDKs where it is, or run one edge alone."""

from __future__ import annotations

import json
import shlex
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from sim.commands.machines import this_machine
from sim.commands.running import as_running, hear_ctrl_c, held_or_exit, load, refuse, stop_once
from wire.document import DocumentError

if TYPE_CHECKING:
    from rich.console import Console

    from origin.transform.plan import SourceFacts
    from sim.world import World

T = TypeVar("T")

FILE = click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))


ELSEWHERE = {
    "edge": "edge.edge",
    "export": "transfer.export_folder",
    "fsck": "fsck.fsck",
    "import": "transfer.import_folder",
    "link": "link.link",
    "node": "node.node",
    "prefetch": "edges.prefetch",
    "purge": "edges.purge",
    "run": "run.run",
    "top": "top.top",
    "traffic": "traffic.traffic",
    "trust": "trust.trust",
}
"""Where below `sim.commands` a command is."""


class Commands(click.Group):
    """Loads the command that is asked for and no other: an edge that runs for months keeps what it has loaded."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *ELSEWHERE})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        module, _, name = ELSEWHERE[cmd_name].partition(".")
        command: click.Command = getattr(import_module(f"sim.commands.{module}"), name)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="pixeledge")
def main() -> None:
    """A media cloud that fits on a laptop: a Cloudinary-compatible image origin behind a multi-region CDN.

    Without FILE, commands take ./topology.yaml if there is one, else the topology that comes with pixeledge.
    """


@main.command()
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

    from sim.node import Stdin
    from sim.plainlog import begin_logging
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
    reactor.run()
    return run.exit_code


@main.command()
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


@main.command()
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
        ready = json.loads(ready_file.read_text("utf-8"))
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


def read_with(read: Callable[[str], T]) -> Any:
    """An option's value read by a function that says what is wrong by ValueError."""

    def convert(context: click.Context, parameter: click.Parameter, value: str) -> T:
        try:
            return read(value)
        except ValueError as error:
            raise click.BadParameter(str(error)) from None

    return convert


def source(text: str) -> SourceFacts:
    """The facts that --source tells."""
    from sim.explain import read_source

    return read_source(text)


def deciding_in(file: Path) -> Callable[[str], dict[str, Any]]:
    """What the PoPs of a topology make of a path; what is wrong with the file ends the program."""
    from sim.topology.deciding import deciding

    return partial(deciding, load(file)[1])


@main.command()
@click.argument("question", metavar="URL-OR-CHAIN", required=False)
@click.option(
    "--source",
    "facts",
    callback=read_with(source),
    metavar="WxH[:alpha][:frames=N]",
    default="4000x3000",
    show_default=True,
    help="The stored image that is assumed; also :format=NAME and :orientation=1..8.",
)
@click.option(
    "--layer",
    callback=read_with(source),
    metavar="WxH[:alpha]",
    default="200x200:alpha",
    show_default=True,
    help="What every layer of the chain is assumed to be.",
)
@click.option("--accept", default="", metavar="TYPES", help="The viewer's Accept header, for f_auto.")
@click.option("--save-data", is_flag=True, help="The viewer sends Save-Data: on, for q_auto.")
@click.option("--dpr", default="", metavar="N", help="The viewer's Sec-CH-DPR, for dpr_auto and w_auto.")
@click.option("--width", default="", metavar="N", help="The viewer's Sec-CH-Width, for w_auto.")
@click.option(
    "--named",
    multiple=True,
    metavar="NAME=CHAIN",
    help="A named transformation, for t_NAME. May be given several times.",
)
@click.option(
    "--topology",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="FILE",
    help="Tell besides what its PoPs make of the URL that play CloudFront.",
)
@click.option(
    "--jsonl", is_flag=True, help="Read one URL or chain a line from stdin, answer one JSON a line."
)
def explain(
    question: str | None,
    facts: SourceFacts,
    layer: SourceFacts,
    accept: str,
    save_data: bool,
    dpr: str,
    width: str,
    named: tuple[str, ...],
    topology: Path | None,
    jsonl: bool,
) -> None:
    """Tell what a delivery URL or a chain comes to, as JSON.

    Its components, its canonical text, the plan a renderer would carry out, the output's size and format;
    or the refusal with its status. Exits with 1 when the answer is a refusal (with --jsonl always 0).
    """
    from sim.explain import Question, as_json
    from wire.http.fields import Fields
    from wire.negotiation import classify

    if (question is None) != jsonl:
        raise click.UsageError("give either URL-OR-CHAIN or --jsonl")
    said = (("Accept", accept), ("Save-Data", "on" if save_data else ""), ("Sec-CH-DPR", dpr))
    headers = Fields((name, value) for name, value in (*said, ("Sec-CH-Width", width)) if value)
    definitions = dict(pair.partition("=")[::2] for pair in named)
    edges = deciding_in(topology) if topology is not None else None
    asker = Question(facts, layer, classify(headers), named=definitions, edges=edges)
    if question is not None:
        answer = asker.answer(question.encode("utf-8", "surrogateescape"))
        click.echo(as_json(answer, indent=2))
        sys.exit("error" in answer)
    for line in sys.stdin.buffer:
        sys.stdout.write(as_json(asker.answer(line.rstrip(b"\r\n"))) + "\n")
        sys.stdout.flush()  # whoever asks line by line waits for it


@main.command()
@click.argument(
    "folder", type=click.Path(path_type=Path, file_okay=False), default=Path("docs/gallery"), metavar="[DIR]"
)
def gallery(folder: Path) -> None:
    """Show what every parameter does: write DIR/index.html (docs/gallery if not given).

    Every picture is made by an origin that runs for as long as it takes. Exits with 1 if one is refused.
    """
    from sim.gallery.make import make
    from sim.gallery.studio import StudioError

    try:
        refused = make(folder, click.echo)
    except StudioError as error:
        click.echo(f"pixeledge: {error}", err=True)
        sys.exit(1)
    for each in refused:
        click.echo(f"{each.entry.picture} {each.entry.chain}: {each.shot.refusal}", err=True)
    click.echo(folder / "index.html")
    sys.exit(bool(refused))
