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


@frozen
class Leftovers:
    """Spools nobody finished, and files whose rows were never written."""

    trash: Path
    store: diskcache.Cache
    disk: BytesDisk
    spools: Path
    seats: frozenset[str]
    """Whose spools may be in use."""

    def steps(self) -> Iterator[Callable[[], int]]:
        """Each clears some of it away and tells how much; run them one by one, in the background."""
        for folder in sorted(self.spools.glob("*")):
            if folder.name not in self.seats:
                throw_away(folder, self.trash)
        for thrown in sorted(self.trash.glob("*")):
            for folder in sorted(thrown.glob("store/*")):
                yield partial(burn, folder)
            yield partial(burn, thrown)
        for folder in sorted(Path(self.store.directory).glob("[0-9a-f][0-9a-f]")):
            yield partial(self._sweep, folder)

    def _sweep(self, folder: Path) -> int:
        swept = 0
        for path in sorted(folder.rglob("*.val")):  # there were folders within, once
            name = path.relative_to(self.store.directory)
            body_id = "".join(name.with_suffix("").parts)
            if "b:" + body_id in self.store:
                continue
            # A file is moved in and its row written under the lock that we take now: without a row it has no owner.
            with self.store.transact():
                if "b:" + body_id not in self.store and path.exists():
                    self.disk.remove(str(name))
                    swept += 1
        return swept


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
