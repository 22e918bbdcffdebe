"""What a killed process leaves in the cache's folder, and how it is cleared away while viewers are served."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from uuid import uuid4

import diskcache
from attrs import frozen

from edge.cache.bytesdisk import BytesDisk
from edge.cache.index import Index

PAGE = 500  # index rows looked at in one step


@frozen
class Leftovers:
    """Spools nobody finished, files whose rows were never written, index rows whose bodies were not."""

    trash: Path
    store: diskcache.Cache
    disk: BytesDisk
    index: Index
    opened_at: float
    """When this life began, in the file system's own time: what it dates later is nobody's leftover."""

    def steps(self) -> Iterator[Callable[[], int]]:
        """Each clears some of it away and tells how much; run them one by one, in the background."""
        for thrown in sorted(self.trash.glob("*")):
            for folder in sorted(thrown.glob("store/*")):
                yield partial(burn, folder)
            yield partial(burn, thrown)
        for folder in sorted(Path(self.store.directory).glob("[0-9a-f][0-9a-f]")):
            yield partial(self._sweep, folder)
        last_use, after = self.index.last_use_at_opening, ""
        while batch := self.index.page(after, last_use, PAGE):
            yield partial(self._forget_bodiless, batch)
            after = batch[-1]

    def _sweep(self, folder: Path) -> int:
        swept = 0
        for path in folder.glob("*/*.val"):
            body_id = folder.name + path.parent.name + path.stem
            if "b:" + body_id in self.store:
                continue
            try:
                if path.stat().st_ctime < self.opened_at:
                    self.disk.remove(self.disk.filename_of(body_id))
                    swept += 1
            except FileNotFoundError:
                continue  # removed meanwhile, as it should be
        return swept

    def _forget_bodiless(self, body_ids: list[str]) -> int:
        bodiless = [body_id for body_id in body_ids if "b:" + body_id not in self.store]
        if bodiless:
            self.index.forget(bodiless)
        return len(bodiless)


def throw_away(path: Path, trash: Path) -> None:
    """Out of the way at once, however full it is; the steps delete it."""
    if path.exists():
        trash.mkdir(parents=True, exist_ok=True)
        path.rename(trash / uuid4().hex)


def burn(thrown: Path) -> int:
    """Delete a file or a folder with all that is in it."""
    if thrown.is_dir():
        shutil.rmtree(thrown, ignore_errors=True)
    else:
        thrown.unlink(missing_ok=True)
    return 1
