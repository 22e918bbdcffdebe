"""`pixeledge purge` and `pixeledge prefetch`: what an operator tells edges that run."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import click

from sim.commands.nodes import CONTROL, READY_FILE, TOPOLOGY, call, controls_of

PATIENCE_SECONDS = 60.0
ALL = ("edges", "shields")

POPS = click.option(
    "--pop", "pops", multiple=True, metavar="NAME", help="This PoP alone. May be given several times."
)


@click.command()
@click.argument("urls", nargs=-1, metavar="[URL]...")
@click.option("--key", "keys", multiple=True, metavar="KEY", help="All that carries this surrogate key.")
@click.option("--prefix", "prefixes", multiple=True, metavar="URL", help="All whose URL, or path, begins so.")
@click.option("--host", "hosts", multiple=True, metavar="HOST", help="All of this host.")
@click.option("--everything", is_flag=True, help="All there is.")
@click.option(
    "--soft", is_flag=True, help="Declare it stale: it may still be validated or stand in for errors."
)
@POPS
@CONTROL
@TOPOLOGY
@READY_FILE
def purge(
    urls: tuple[str, ...],
    keys: tuple[str, ...],
    prefixes: tuple[str, ...],
    hosts: tuple[str, ...],
    everything: bool,
    soft: bool,
    pops: tuple[str, ...],
    given: tuple[str, ...],
    file: Path | None,
    ready_file: Path | None,
) -> None:
    """Let every edge and shield forget URLs, keys, prefixes, hosts or everything.

    A URL or prefix that is a bare path means that path whatever the host. One node is told, which tells the
    others; with --pop only those named are. Exits with 1 if a node could not be told.
    """
    told: dict[str, Any] = {"urls": urls, "keys": keys, "prefixes": prefixes, "hosts": hosts}
    told |= {"everything": everything, "soft": soft, "fanout": not pops}
    if not (everything or urls or keys or prefixes or hosts):
        raise click.UsageError("nothing to purge: give URLs, --key, --prefix, --host or --everything")
    controls = meant(controls_of(file, ready_file, given, ALL), given, pops)
    if not pops and not given:
        controls = first_alive(controls)
    answers = tell_all(controls, "/purge", told)
    troubles = [f"{name}: {said}" for name, (status, said) in answers.items() if status != 200]
    for _, said in answers.values():
        if isinstance(said, dict):
            troubles += [f"{peer}: {word}" for peer, word in said.get("nodes", {}).items() if word != "ok"]
    for trouble in troubles:
        click.echo(trouble, err=True)
    reached = sum(1 + len(said.get("nodes", {})) for status, said in answers.values() if status == 200)
    click.echo(
        f"purged at {reached - sum('://' in each for each in troubles)} nodes" if reached else "not purged"
    )
    sys.exit(bool(troubles))


@click.command()
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@click.option(
    "--header", "-H", "headers", multiple=True, metavar="'NAME: VALUE'", help="Ask with this, such as Accept."
)
@POPS
@CONTROL
@TOPOLOGY
@READY_FILE
def prefetch(
    urls: tuple[str, ...],
    headers: tuple[str, ...],
    pops: tuple[str, ...],
    given: tuple[str, ...],
    file: Path | None,
    ready_file: Path | None,
) -> None:
    """Let edges fetch URLs now, so that the first viewer has a hit.

    Every edge does unless --pop names some; a shield holds what the edges behind it asked for. Prints what each
    node has now; exits with 1 if something could not be fetched, or may not be stored.
    """
    pairs = [header.partition(":") for header in headers]
    if not all(colon and name.strip() for name, colon, _ in pairs):
        raise click.BadParameter("a header looks like 'Accept: image/avif'", param_hint="--header")
    told = {"urls": urls, "headers": {name.strip(): value.strip() for name, _, value in pairs}}
    known = controls_of(file, ready_file, given, ALL if pops else ("edges",))
    answers = tell_all(meant(known, given, pops), "/prefetch", told)
    failed = False
    for name, (status, said) in answers.items():
        if status != 200:
            click.echo(f"{name}: {said}", err=True)
            failed = True
            continue
        for url, outcome in said["urls"].items():
            click.echo(f"{name}: {url}: {outcome}")
            failed = failed or outcome not in ("stored", "held", "under way")
    sys.exit(failed)


def meant(known: dict[str, str], given: tuple[str, ...], pops: tuple[str, ...]) -> dict[str, str]:
    """Of all nodes, those that are meant; UsageError for a name that none has."""
    strangers = [name for name in pops if name not in known]
    if strangers and not given:
        raise click.UsageError(f"there is no PoP {', '.join(strangers)}: there is {', '.join(known)}")
    return {name: known[name] for name in pops} if pops and not given else known


def first_alive(controls: dict[str, str]) -> dict[str, str]:
    """One node that answers, to tell the others; or all of them, to say why none does."""
    for name, url in controls.items():
        if call(url, "GET", "/healthz", patience_seconds=PATIENCE_SECONDS)[0] == 200:
            return {name: url}
    return controls


def tell_all(controls: dict[str, str], path: str, told: Any) -> dict[str, tuple[int, Any]]:
    """What each node answers to the same document: (status, JSON), or (0, why not) or (status, its sentence)."""
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(
            lambda url: call(url, "POST", path, told, patience_seconds=PATIENCE_SECONDS), controls.values()
        )
        return dict(zip(controls, answers, strict=True))
