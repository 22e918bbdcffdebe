"""A cloud into a folder: every original as it was stored, and a manifest of what was said of it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from attrs import define, field
from twisted.internet.interfaces import IReactorTime

from sim.transfer.cloud import Cloud, TransferError, TryAgain
from sim.transfer.importing import Progress
from sim.transfer.items import MANIFEST, Item, file_name
from sim.transfer.working import Outcome, each, tried

RESOURCE_TYPES = ("image", "raw", "video")
UPLOADED = ("upload", "private", "authenticated")  # the rest comes from elsewhere and can be had again


@define
class Export:
    """One export. What the folder's manifest names already, in its size, is not fetched again."""

    cloud: Cloud
    folder: Path
    clock: IReactorTime
    at_once: int = 4
    _files: dict[tuple[str, str, str], str] = field(factory=dict, init=False)

    async def run(self, progress: Progress) -> Outcome:
        """Fetch everything, several at once."""
        outcome, items = Outcome(), list[Item]()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._recall()
        with (self.folder / MANIFEST).open("a", encoding="utf-8") as manifest:

            async def one(asset: dict[str, Any]) -> None:
                item = self._item(asset)
                try:
                    fresh = await self._fetched(asset, self.folder / item.file)
                except (TransferError, OSError) as error:
                    outcome.failures.append((_name(asset), str(error)))
                    return
                manifest.write(item.to_line() + "\n")  # the last line of a file counts
                manifest.flush()
                items.append(item)
                outcome.done += fresh
                outcome.skipped += not fresh
                outcome.bytes += int(asset["bytes"]) * fresh
                progress(item.file, int(asset["bytes"]))

            await each(self._assets(), one, at_once=self.at_once)
        if not outcome.failures:
            self._settle_manifest(items)
        return outcome

    def _settle_manifest(self, items: list[Item]) -> None:
        """One line a file, in order, and none for what the cloud has no more."""
        whole = self.folder / f".{uuid4().hex}"
        lines = (item.to_line() + "\n" for item in sorted(items, key=lambda item: item.file))
        whole.write_text("".join(lines), "utf-8")
        whole.replace(self.folder / MANIFEST)

    def _recall(self) -> None:
        """Where an earlier run put things."""
        manifest = self.folder / MANIFEST
        if not manifest.is_file():
            return
        for line in manifest.read_text("utf-8", "replace").splitlines():
            try:
                item = Item.from_line(line)
            except ValueError:
                continue  # cut short
            self._files[item.resource_type, item.type, item.public_id] = item.file

    async def _assets(self) -> AsyncIterator[dict[str, Any]]:
        for resource_type in RESOURCE_TYPES:
            async for asset in self.cloud.assets(resource_type):
                if asset["type"] in UPLOADED:
                    yield asset

    def _item(self, asset: dict[str, Any]) -> Item:
        key = (asset["resource_type"], asset["type"], asset["public_id"])
        file = self._files.get(key)
        if file is None:
            file = self._files[key] = file_name(asset, self._files.values())
        return Item(
            file=file,
            public_id=asset["public_id"],
            resource_type=asset["resource_type"],
            type=asset["type"],
            tags=tuple(asset.get("tags", ())),
            context=asset.get("context", {}).get("custom", {}),
            metadata=asset.get("metadata", {}),
            asset_folder=asset.get("asset_folder", ""),
            display_name=asset.get("display_name", ""),
        )

    async def _fetched(self, asset: dict[str, Any], target: Path) -> bool:
        """Whether it had to be fetched."""
        if target.is_file() and target.stat().st_size == asset["bytes"]:
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        await tried(self.clock, lambda: self._fetch(asset, target))
        return True

    async def _fetch(self, asset: dict[str, Any], target: Path) -> None:
        arriving = target.with_name(f".{uuid4().hex}")
        try:
            came = await self.cloud.download(asset["secure_url"], arriving)
            if came.size != asset["bytes"]:
                raise TryAgain(f"{came.size} bytes came of {asset['bytes']}")
            if came.etag != came.md5:
                raise TryAgain("the bytes that came are not those that were stored")
            arriving.replace(target)
        finally:
            arriving.unlink(missing_ok=True)


def _name(asset: dict[str, Any]) -> str:
    return f"{asset['resource_type']}/{asset['type']}/{asset['public_id']}"
