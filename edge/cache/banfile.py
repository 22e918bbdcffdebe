"""The bans of a node beside its disk tier: what was purged stays purged, whoever opens the folder next."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from twisted.internet.defer import DeferredLock
from twisted.internet.interfaces import IReactorFromThreads
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger

from edge.cache.interface import CacheUnavailable, CacheUnusable
from edge.core.bans import Ban, Bans

NAME = "bans.json"

log = Logger()


class BanFile:
    """`bans` for who looks things up; `add` for who purges."""

    def __init__(self, reactor: IReactorFromThreads, bans: Bans, path: Path | None = None) -> None:
        self.bans = bans
        self._reactor = reactor
        self._path = path
        self._writing = DeferredLock()

    async def add(self, bans: Iterable[Ban], now: float, *, soft: bool = False) -> None:
        """These are in force when this returns, and after any kill; `CacheUnavailable` where that cannot be
        promised (they are in force all the same, for as long as this process lives)."""
        self.bans.add(bans, now, soft=soft)
        if self._path is None:
            return
        await self._writing.acquire()
        try:
            text, path = json.dumps(self.bans.to_json()), self._path
            await deferToThreadPool(self._reactor, self._reactor.getThreadPool(), _write, path, text)  # type: ignore[attr-defined]
        except OSError as error:
            raise CacheUnavailable(f"the purge could not be written down: {error.strerror}") from error
        finally:
            self._writing.release()


def open_bans(reactor: IReactorFromThreads, directory: Path | None, now: float) -> BanFile:
    """The bans kept in a cache's folder. A file that makes no sense bans everything: it may have said so.

    Read once, at a start. CacheUnusable where there is a file that may not be read."""
    if directory is None:
        return BanFile(reactor, Bans())
    path = directory / NAME
    try:
        return BanFile(reactor, Bans.from_json(json.loads(path.read_text("utf-8"))), path)
    except FileNotFoundError:
        return BanFile(reactor, Bans(), path)
    except OSError as error:
        raise CacheUnusable(f"the purges in {path} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError, KeyError, AttributeError):
        log.warn("{path} makes no sense: everything stored counts as purged", path=str(path))
        bans = Bans()
        bans.add((Ban("everything"),), now)
        return BanFile(reactor, bans, path)


def _write(path: Path, text: str) -> None:
    """In place of the old, whole or not at all."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
