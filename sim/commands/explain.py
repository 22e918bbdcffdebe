"""`pixeledge explain`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sim.commands.running import load

if TYPE_CHECKING:
    from origin.transform.plan import SourceFacts

T = TypeVar("T")


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


@click.command()
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
