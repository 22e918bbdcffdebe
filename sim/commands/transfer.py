"""`pixeledge import` and `pixeledge export`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import frozen
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from sim.commands.nodes import OF_CLOUD, READY_FILE, TOPOLOGY, ready_of
from sim.commands.running import as_running, load, run_once
from sim.world import World

if TYPE_CHECKING:
    from sim.transfer.cloud import Cloud
    from sim.transfer.working import Outcome

CLOUD = click.option("--cloud", "cloud_name", help="Which cloud; the first one if not given.")
AT_ONCE = click.option(
    "--jobs", type=click.IntRange(1, 64), default=4, show_default=True, help="Transfers at once."
)


@frozen
class Target:
    """The cloud that is spoken to."""

    url: str
    cloud: str
    api_key: str
    api_secret: str


@click.command("import")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False, exists=True))
@TOPOLOGY
@READY_FILE
@CLOUD
@AT_ONCE
@click.option("--prefix", default="", help="Put everything below this folder.")
@click.option("--tag", "tags", multiple=True, help="A tag for every asset. May be given several times.")
@click.option("--again", is_flag=True, help="Upload what an earlier import has uploaded, too.")
@click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("var"),
    show_default=True,
    help="Where it is remembered what was uploaded.",
)
def import_folder(
    folder: Path,
    file: Path | None,
    ready_file: Path | None,
    cloud_name: str | None,
    jobs: int,
    prefix: str,
    tags: tuple[str, ...],
    again: bool,
    state: Path,
) -> None:
    """Upload every file below DIR into a running world; broken off, it goes on where it was.

    `a/b/cat.jpg` becomes the image `a/b/cat` in the folder a/b; files that are neither pictures nor video become
    raw assets. A folder that `pixeledge export` wrote comes back with its tags, context and metadata.
    Exits with 1 if a file was refused.
    """
    from sim.transfer.importing import FolderError, Import, items_in
    from sim.transfer.journal import Journal

    target = target_of(file, ready_file, cloud_name)
    try:
        items = items_in(folder, prefix=prefix, tags=tags)
    except (FolderError, OSError, UnicodeDecodeError) as error:
        raise click.ClickException(str(error)) from error
    if not items:
        raise click.ClickException(f"{folder} holds no files")
    told = json.dumps([target.url, target.cloud, str(folder.resolve()), prefix])
    path = state / "import" / f"{sha256(told.encode()).hexdigest()[:16]}.jsonl"
    if again:
        path.unlink(missing_ok=True)
    total = sum(_size(folder / item.file) for item in items)

    async def work(reactor: Any, cloud: Cloud, shown: Callable[[str, int], None]) -> Outcome:
        with Journal(path) as journal:
            return await Import(cloud, folder, journal, reactor, jobs).run(items, shown)

    _end("uploaded", transferred(target, work, total))


@click.command("export")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@TOPOLOGY
@READY_FILE
@CLOUD
@AT_ONCE
def export_folder(
    folder: Path, file: Path | None, ready_file: Path | None, cloud_name: str | None, jobs: int
) -> None:
    """Fetch every original of a running world's cloud into DIR; broken off, it goes on where it was.

    DIR/manifest.jsonl says what each file is: `pixeledge import DIR` puts all of it back. Exits with 1 if
    something could not be fetched.
    """
    from sim.transfer.exporting import Export

    async def work(reactor: Any, cloud: Cloud, shown: Callable[[str, int], None]) -> Outcome:
        return await Export(cloud, folder, reactor, jobs).run(shown)

    _end("fetched", transferred(target_of(file, ready_file, cloud_name), work, None))


Work = Callable[[Any, "Cloud", Callable[[str, int], None]], Coroutine[Any, Any, "Outcome"]]


def transferred(target: Target, work: Work, total: int | None) -> Outcome:
    """What the work came to, with a bar while it lasts."""
    from treq.client import HTTPClient

    from sim.demo.seed import CloudAccess
    from sim.transfer.cloud import Cloud, TransferError
    from wire.web.agent import make_agent

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    access = CloudAccess(target.url, target.cloud, target.api_key, target.api_secret)

    async def whole(reactor: Any) -> Outcome:
        agent, pool = make_agent(reactor)
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task("", total=total)

            def shown(name: str, size: int) -> None:
                bar.update(task, advance=size, description=name[-40:])

            try:
                return await work(reactor, Cloud(HTTPClient(agent), access, time.time), shown)
            finally:
                await pool.closeCachedConnections()

    try:
        return run_once(whole)
    except TransferError as error:
        raise click.ClickException(f"{target.url}: {error}") from error
    except KeyboardInterrupt:
        click.echo("broken off: the same command goes on", err=True)
        sys.exit(130)


def target_of(file: Path | None, ready_file: Path | None, cloud_name: str | None) -> Target:
    """The front door, and a key of the cloud."""
    if ready_file is not None and cloud_name is None:
        ready = ready_of(ready_file, *OF_CLOUD)
        return Target(ready["api_url"], ready["cloud_name"], ready["api_key"], ready["api_secret"])
    _, topology, _ = load(file)
    world = World(as_running(topology))
    name = cloud_name or world.cloud
    if name not in topology.clouds:
        raise click.ClickException(f'there is no cloud "{name}": there is {", ".join(topology.clouds)}')
    key = topology.clouds[name].key
    url = ready_of(ready_file, "api_url")["api_url"] if ready_file is not None else world.front
    return Target(url, name, key.api_key, key.api_secret)


def _end(verb: str, outcome: Outcome) -> None:
    for name, why in outcome.failures:
        click.echo(f"{name}: {why}", err=True)
    skipped = f", {outcome.skipped} were there already" if outcome.skipped else ""
    failed = f", {len(outcome.failures)} failed" if outcome.failures else ""
    click.echo(f"{verb} {outcome.done} files ({outcome.bytes:,} bytes){skipped}{failed}")
    sys.exit(bool(outcome.failures))


def _size(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_size
    return 0
