"""`pixeledge gallery`."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command()
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
