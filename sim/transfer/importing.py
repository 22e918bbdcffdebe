"""A folder into a cloud: every file uploaded, several at once, each once however often the import is begun."""

from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

from attrs import evolve, frozen
from twisted.internet.interfaces import IReactorTime

from sim.transfer.cloud import Cloud, TransferError
from sim.transfer.items import MANIFEST, Item, items_of
from sim.transfer.journal import Journal, Stamp
from sim.transfer.working import Outcome, each, tried

Progress = Callable[[str, int], None]
"""Told of every file that is over and done with, and its size in bytes."""


class FolderError(Exception):
    """The folder is not what it should be."""


@frozen
class Import:
    """One import."""

    cloud: Cloud
    folder: Path
    journal: Journal
    clock: IReactorTime
    at_once: int = 4

    async def run(self, items: Sequence[Item], progress: Progress) -> Outcome:
        """Upload what is not there yet. A file that is refused is told, and stops no other."""
        outcome = Outcome()

        async def one(item: Item) -> None:
            await self._one(item, outcome, progress)

        await each(_listed(items), one, at_once=self.at_once)
        return outcome

    async def _one(self, item: Item, outcome: Outcome, progress: Progress) -> None:
        path = self.folder / item.file
        try:
            stamp = Stamp.of(path)
            if self.journal.has(item.file, stamp):
                outcome.skipped += 1
            else:
                await tried(self.clock, lambda: self.cloud.upload(path, item.resource_type, item.params()))
                self.journal.done(item.file, stamp)
                outcome.done += 1
                outcome.bytes += stamp.size
            progress(item.file, stamp.size)
        except (TransferError, OSError) as error:
            outcome.failures.append((item.file, str(error)))
            progress(item.file, 0)


def items_in(folder: Path, *, prefix: str = "", tags: tuple[str, ...] = ()) -> tuple[Item, ...]:
    """What a folder holds: as its manifest says, if an export left one, else as its files are named."""
    manifest = folder / MANIFEST
    if manifest.is_file():
        items = _from_manifest(manifest)
    else:
        walked = (path for path in folder.rglob("*") if path.is_file())
        items = items_of(path.relative_to(folder).as_posix() for path in walked)
    return tuple(_placed(item, prefix.strip("/"), tags) for item in items)


def _from_manifest(manifest: Path) -> tuple[Item, ...]:
    found: dict[str, Item] = {}
    for number, line in enumerate(manifest.read_text("utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            item = Item.from_line(line)
        except ValueError as error:
            raise FolderError(f"{manifest}:{number}: {error}") from error
        if not (manifest.parent / item.file).resolve().is_relative_to(manifest.parent.resolve()):
            raise FolderError(f"{manifest}:{number}: {item.file} is not in the folder")
        found[item.file] = item
    return tuple(found.values())


def _placed(item: Item, prefix: str, tags: tuple[str, ...]) -> Item:
    if prefix:
        folder = f"{prefix}/{item.asset_folder}".rstrip("/")
        item = evolve(item, public_id=f"{prefix}/{item.public_id}", asset_folder=folder)
    return evolve(item, tags=tuple(dict.fromkeys((*item.tags, *tags))))


async def _listed(items: Sequence[Item]) -> AsyncIterator[Item]:
    for item in items:
        yield item
