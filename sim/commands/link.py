"""`pixeledge link`: the links of a running world, listed and changed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import click

from sim.commands.edges import tell_all
from sim.commands.nodes import READY_FILE, TOPOLOGY, call, controls_of
from sim.links.link import ACCESS
from sim.links.way import OF_LINES
from sim.links.words import lines_of
from sim.topology.quantities import Duration, Rate, Share

PATIENCE_SECONDS = 15.0
F = TypeVar("F", bound=Callable[..., Any])
KINDS = ("shields", "edges", "balancer")
NOW = "now"


def measured(read: Callable[[object], Any]) -> Callable[[click.Context, click.Parameter, str | None], Any]:
    """An option in the units of the topology."""

    def convert(context: click.Context, parameter: click.Parameter, value: str | None) -> Any:
        try:
            return read(value) if value not in (None, NOW) else value
        except ValueError as error:
            raise click.BadParameter(str(error)) from None

    return convert


def seconds(written: object) -> float:
    """Of a time as a topology has it, like `80ms`; ValueError says what is wrong with it."""
    return Duration.parse(written).seconds


def bits(written: object) -> float:
    """Per second, of a rate like `20Mbit`."""
    return Rate.parse(written).bits_per_second


def part(written: object) -> float:
    """0 to 1, of a share like `5%`."""
    return Share.parse(written).part


def term(
    name: str, field: str, read: Callable[[object], Any], metavar: str, says: str, **more: Any
) -> Callable[[F], F]:
    """An option that sets a field of `sim.links.way.Way`."""
    return click.option(name, field, callback=measured(read), metavar=metavar, help=says, **more)


@click.command()
@click.argument("ends", required=False, metavar="[A--B]")
@term("--rtt", "rtt_seconds", seconds, "TIME", "There and back takes so long.")
@term("--jitter", "jitter_seconds", seconds, "TIME", "And up to so much more or less, each way.")
@term("--rate", "bits_per_second", bits, "RATE", "So fast: 10Mbit.")
@term("--loss", "loss", part, "SHARE", "So many segments must be sent again: 2%.")
@term(
    "--stall", "stall_seconds", seconds, "TIME", "Nothing is sent for so long; with --every, again and again."
)
@term("--every", "every_seconds", seconds, "TIME", "How often it stalls.")
@term("--slow-close", "slow_close_seconds", seconds, "TIME", "The end of a stream comes so much later.")
@term(
    "--reset",
    "reset_seconds",
    seconds,
    "[AGE]",
    "Reset all connections now, or each that is so old.",
    is_flag=False,
    flag_value=NOW,
)
@click.option(
    "--sigma",
    type=click.FloatRange(0, 3),
    metavar="N",
    help="Of viewers' lines: each connection's --rtt is drawn from a lognormal law; 0: all have the median.",
)
@click.option(
    "--slow-start/--no-slow-start",
    default=None,
    help="Of viewers' lines: a new connection sends a window, waits for its word, and sends twice as much.",
)
@click.option("--cut", is_flag=True, help="Nothing passes, and nobody is told.")
@click.option("--heal", is_flag=True, help="First, all is as the topology says again.")
@click.option("--toward", metavar="END", default="", help="Only on the way to this end.")
@click.option("--json", "as_json", is_flag=True, help="List as JSON.")
@TOPOLOGY
@READY_FILE
def link(
    ends: str | None,
    cut: bool,
    heal: bool,
    toward: str,
    as_json: bool,
    file: Path | None,
    ready_file: Path | None,
    **options: Any,
) -> None:
    """List the links of the running world, or change those between A and B.

    A and B are PoPs, origins, instances, regions or the viewers of one (viewers.se-asia): `pixeledge link
    eu-central--na-east --cut` means every link between the two regions, viewers.se-asia--access the line by which
    each viewer there is online. What is not said stays; a node that is started again finds its links as they were.
    Exits with 1 if a node could not be told, with 2 if there is no such link.
    """
    change = change_of(options, cut=cut, heal=heal)
    controls = controls_of(file, ready_file, kinds=KINDS)
    if ends is None:
        if change or toward:
            raise click.UsageError("which link? `pixeledge link` alone lists them")
        answers = ask_all(controls)
    else:
        both = ends_of(ends, toward)
        if not change:
            raise click.UsageError("nothing to change: --cut, --heal, --reset, --rtt, --rate, --loss, …")
        if OF_LINES & change["terms"].keys() and ACCESS not in both:
            said = f"--sigma and --slow-start are of viewers' own lines, like viewers.se-asia--{ACCESS}"
            raise click.UsageError(said)
        answers = tell_all(controls, "/links", {"ends": both, "toward": toward, **change})
    troubles = [f"{name}: {said}" for name, (status, said) in answers.items() if status != 200]
    for trouble in troubles:
        click.echo(trouble, err=True)
    told = [said for status, said in answers.values() if status == 200]
    links = [each for said in told for each in said["links"]]
    if ends is None and (links or not troubles):
        show(links, as_json=as_json)
    elif ends is not None:
        changed = sum(said["changed"] for said in told)
        if not changed and not troubles:
            raise click.UsageError(f"there is no link {ends}: there are {', '.join(names_of(links))}")
        click.echo(f"{changed} link{'s' if changed != 1 else ''} changed")
    sys.exit(bool(troubles))


def change_of(options: Mapping[str, Any], *, cut: bool, heal: bool) -> dict[str, Any]:
    """What `sim.links.change.Change` is told beside the ends; empty: nothing is to be changed."""
    terms = {name: value for name, value in options.items() if value is not None and value != NOW}
    if "every_seconds" in terms and "stall_seconds" not in terms:
        raise click.UsageError("--every says how often a stall comes: give --stall, too")
    if "stall_seconds" in terms:
        terms.setdefault("every_seconds", 0.0)
        if 0 < terms["every_seconds"] <= terms["stall_seconds"]:
            raise click.UsageError("--every must be longer than --stall")
    terms |= {"cut": True} if cut else {}
    change = {"heal": heal, "terms": terms, "reset": options["reset_seconds"] == NOW}
    return change if any(change.values()) else {}


def ends_of(written: str, toward: str) -> tuple[str, str]:
    """The two ends of a link by its name."""
    one, joined, other = written.partition("--")
    if not (one and joined and other):
        raise click.UsageError("a link is named after its two ends, like eu-central--na-east")
    if toward not in ("", one, other):
        raise click.UsageError(f"--toward is one of the two ends: {one} or {other}")
    return one, other


def ask_all(controls: Mapping[str, str]) -> dict[str, tuple[int, Any]]:
    """What each node lists."""
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(
            lambda url: call(url, "GET", "/links", patience_seconds=PATIENCE_SECONDS), controls.values()
        )
        return dict(zip(controls, answers, strict=True))


def names_of(links: list[dict[str, Any]]) -> list[str]:
    """What links are called, each once: of nodes, then of regions."""
    lines = lines_of(links)
    return list(dict.fromkeys([name for name, _, _ in lines] + [regions for _, regions, _ in lines]))


def show(links: list[dict[str, Any]], *, as_json: bool) -> None:
    """One a line."""
    if as_json:
        click.echo(json.dumps(links, indent=2))
        return
    lines = lines_of(links)
    widths = [max((len(line[column]) for line in lines), default=0) for column in (0, 1)]
    if not lines:
        click.echo("this world has no links (up --no-links)")
    for name, regions, said in lines:
        click.echo(f"{name:{widths[0]}}  {regions if regions != name else '':{widths[1]}}  {said}")
