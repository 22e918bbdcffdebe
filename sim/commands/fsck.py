"""`pixeledge fsck`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.commands.running import FILE, as_running, load, run_once
from sim.topology.quantities import Duration

if TYPE_CHECKING:
    from origin.assets.fsck import Checked, Finding
    from origin.settings import Settings


@click.command()
@FILE
@click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=Path("var"),
    show_default=True,
    help="The folder that `up` was given.",
)
@click.option("--sizes-only", is_flag=True, help="Do not read the objects: compare sizes alone.")
@click.option(
    "--repair", is_flag=True, help="Forget damaged derived files (they are made again); remove orphans."
)
@click.option(
    "--forget-lost", is_flag=True, help="Remove the assets whose original is missing or damaged, too."
)
@click.option(
    "--grace",
    default="1h",
    show_default=True,
    metavar="TIME",
    help="How old an object without a row must be. With no origin running, 0s is right.",
)
def fsck(
    file: Path | None,
    state: Path,
    sizes_only: bool,
    repair: bool,
    forget_lost: bool,
    grace: str,
) -> None:
    """Hold catalogue and store of FILE's world against each other, object by object.

    Tells every object that is missing, of a wrong size or hash, or no asset's. May run beside the world. Exits
    with 0 if all is well or was put right, with 1 if something is left, 3 if store or catalogue are out of reach.
    """
    from origin.assets.fsck import Cure, Mending
    from wire.errors import Unavailable

    settings = settings_of(file, state)
    try:
        seconds = Duration.parse(grace).seconds
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--grace") from None
    left: list[Finding] = []

    def tell(finding: Finding) -> None:
        click.echo(str(finding))
        if finding.cure is Cure.NONE:
            left.append(finding)

    mending = Mending(repair=repair, forget_lost=forget_lost)
    try:
        checked = run_once(lambda reactor: check(reactor, settings, mending, tell, seconds, not sizes_only))
    except Unavailable as error:
        click.echo(f"pixeledge: {error}", err=True)
        sys.exit(3)
    except KeyboardInterrupt:
        sys.exit(130)
    summary = f"{checked.objects} objects, {checked.bytes:,} bytes: "
    summary += f"{checked.found} findings, {checked.cured} put right" if checked.found else "all is well"
    click.echo(summary)
    sys.exit(bool(left))


def settings_of(file: Path | None, state: Path) -> Settings:
    """An origin of that world, as it is told."""
    from sim.nodefile import OriginNode, read

    _, topology, _ = load(file)
    for node in as_running(topology, state).nodes():
        described = read(node.document())
        if isinstance(described, OriginNode):
            return described.settings
    raise click.ClickException("this world has no origin")


async def check(
    reactor: Any, settings: Settings, mending: Any, tell: Any, grace_seconds: float, hashes: bool
) -> Checked:
    """Open what that origin opens, and check it."""
    from origin.assets.fsck import Fsck
    from origin.catalogue import Catalogue
    from origin.store import make_stores

    own = {name: cloud.storage for name, cloud in settings.clouds.items() if cloud.storage is not None}
    scratch = Path(settings.state) / "scratch" / "fsck"
    store = make_stores(settings.storage, own, reactor=reactor, scratch=scratch)
    catalogue = Catalogue(settings.catalogue, reactor=reactor)
    work = Fsck(
        catalogue=catalogue,
        store=store,
        clouds=settings.clouds,
        now=time.time,
        grace_seconds=grace_seconds,
    )
    try:
        return await work.run(mending, tell, hashes=hashes)
    finally:
        await catalogue.close()
        await store.close()
