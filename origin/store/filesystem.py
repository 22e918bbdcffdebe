"""Objects as files under one folder: `objects/` by key, `incoming/` and `lent/` for what is on its way."""

import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from errno import EISDIR, EMLINK, EOPNOTSUPP, EPERM
from itertools import islice
from pathlib import Path
from stat import S_ISDIR
from typing import Any, TypeVar
from uuid import uuid4

from attrs import frozen
from twisted.internet.interfaces import IConsumer
from twisted.logger import Logger

from origin.store.durable import make_folder, place, remove_older
from origin.store.feeding import CHUNK, feed, span
from origin.store.interface import ObjectInfo, ObjectMissing, StoreUnavailable
from origin.store.keys import checked_key, checked_prefix
from origin.threads import Threads, ThreadsClosedError, TooLateError

log = Logger()

T = TypeVar("T")

LEFTOVER_SECONDS = 3600.0
LINKLESS = (EPERM, EOPNOTSUPP, EMLINK)  # file systems without hard links, or out of them
AT_ONCE = 500  # objects per look into the folder


@frozen
class _Opened:
    """An object being read: all of it when it is small, else what came first and where the rest is."""

    size: int
    start: int
    first: bytes
    descriptor: int | None


class FilesystemStore:
    """Adopts files by rename, so storing costs no copy; readers keep what they opened, whatever goes."""

    def __init__(self, root: Path, *, reactor: Any, threads: int = 8, deadline_seconds: float = 30.0) -> None:
        self._root = root
        self._objects, self._incoming, self._lent = (root / each for each in ("objects", "incoming", "lent"))
        self._threads = Threads(reactor, "store", threads, deadline_seconds)
        self._was_prepared = False

    async def put(self, key: str, source: Path) -> None:
        """Move the file to its key, copied only across devices. After an error `source` may remain."""
        target = self._objects / checked_key(key)

        def work() -> None:
            self._prepare()
            try:
                make_folder(target.parent, self._objects)
                place(source, target, self._incoming)
            except (IsADirectoryError, NotADirectoryError) as nested:
                raise ValueError(f"{key!r} lies within another object's key") from nested

        await self._call(work)

    async def stat(self, key: str) -> ObjectInfo:
        """Size and time of an object, or `ObjectMissing`."""
        path = self._objects / checked_key(key)
        found = await self._call(lambda: self._found(path, lambda: _stat(path)))
        return ObjectInfo(key, found.st_size, found.st_mtime)

    async def send(self, key: str, consumer: IConsumer, start: int = 0, stop: int | None = None) -> None:
        """Write bytes `start..stop` under back-pressure; the file is read on threads."""
        path = self._objects / checked_key(key)
        opened = await self._call(lambda: self._found(path, lambda: _open(path, start)), undo=_close)

        async def read(offset: int, most: int) -> bytes:
            early = offset - opened.start
            if early < len(opened.first):
                return opened.first[early : early + most]
            if opened.descriptor is None:
                return b""
            descriptor = opened.descriptor
            return await self._call(lambda: os.pread(descriptor, most, offset))

        try:
            await feed(consumer, read, *span(opened.size, start, stop))
        finally:
            _close(opened)

    @asynccontextmanager
    async def local(self, key: str) -> AsyncIterator[Path]:
        """The object's file under a name of its own, so that a removal meanwhile does not pull it away."""
        path = self._objects / checked_key(key)
        lent = self._lent / f"{uuid4().hex}{path.suffix}"
        await self._call(lambda: self._found(path, lambda: _lend(path, lent)), undo=_unlink)
        try:
            yield lent
        finally:
            _unlink(lent)

    async def delete(self, key: str) -> None:
        """Forget an object; a missing one is no error."""
        path = self._objects / checked_key(key)

        def work() -> None:
            self._prepare()
            path.unlink(missing_ok=True)

        with suppress(ObjectMissing):
            await self._call(lambda: self._found(path, work))

    async def list(self, prefix: str) -> AsyncIterator[ObjectInfo]:
        """Every object whose key starts with `prefix`, in key order; folders are read as they are reached."""
        walking = _walk(self._objects, "", checked_prefix(prefix))

        def work() -> tuple[ObjectInfo, ...]:
            self._prepare()
            return tuple(islice(walking, AT_ONCE))

        while some := await self._call(work):
            for each in some:
                yield each

    async def check(self) -> None:
        """Return when a file can be written, and remove what killed processes left behind."""

        def work() -> None:
            self._prepare()
            probe = self._incoming / uuid4().hex
            try:
                probe.write_bytes(b"pixeledge")
                now = probe.stat().st_ctime  # the file system's own clock
            finally:
                probe.unlink(missing_ok=True)
            left = sum(remove_older(each, LEFTOVER_SECONDS, now) for each in (self._incoming, self._lent))
            if left:
                log.info("store removed {left} leftovers", left=left)

        await self._call(work)

    async def close(self) -> None:
        """Release the threads."""
        await self._threads.close()

    def _prepare(self) -> None:
        """Make the folders once. Gone later, they are a disk that went, not a store that is empty."""
        if not self._was_prepared:
            for each in (self._objects, self._incoming, self._lent):
                each.mkdir(parents=True, exist_ok=True)
            self._was_prepared = True
        elif not self._objects.is_dir():
            raise StoreUnavailable("Storage is out of reach", log=f"{self._objects} is gone")

    def _found(self, path: Path, look: Callable[[], T]) -> T:
        """What `look` finds, telling a missing object from a missing disk."""
        try:
            return look()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            self._prepare()
            if path.is_file():
                return look()  # it was the folders that were missing
            raise ObjectMissing("Resource not found", log=f"no object at {path}") from None

    async def _call(self, work: Callable[[], T], *, undo: Callable[[T], object] | None = None) -> T:
        try:
            return await self._threads.call(work, undo=undo)
        except (OSError, TooLateError, ThreadsClosedError) as error:
            raise StoreUnavailable("Storage is out of reach", log=f"{self._root}: {error}") from error


def _stat(path: Path) -> os.stat_result:
    found = path.stat()
    if S_ISDIR(found.st_mode):
        raise IsADirectoryError(EISDIR, "a folder is no object", str(path))
    return found


def _lend(path: Path, lent: Path) -> Path:
    _stat(path)
    try:
        os.link(path, lent)
    except OSError as error:
        if error.errno not in LINKLESS:
            raise
        shutil.copyfile(path, lent)
    return lent


def _unlink(lent: Path) -> None:
    lent.unlink(missing_ok=True)


def _close(opened: _Opened) -> None:
    if opened.descriptor is not None:
        os.close(opened.descriptor)


def _open(path: Path, start: int) -> _Opened:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        size = os.fstat(descriptor).st_size
        first = os.pread(descriptor, CHUNK, start)  # a folder ends here, with IsADirectoryError
    except BaseException:
        os.close(descriptor)
        raise
    if start + len(first) < size:
        return _Opened(size, start, first, descriptor)
    os.close(descriptor)
    return _Opened(size, start, first, None)


def _walk(folder: Path, base: str, prefix: str) -> Iterator[ObjectInfo]:
    with os.scandir(folder) as entries:
        names = sorted(f"{each.name}/" if each.is_dir() else each.name for each in entries)
    for name in names:  # with its slash a folder sorts where its keys do
        key = base + name
        if name.endswith("/"):
            if key.startswith(prefix) or prefix.startswith(key):
                yield from _walk(folder / name, key, prefix)
        elif key.startswith(prefix):
            with suppress(FileNotFoundError):
                found = (folder / name).stat()
                yield ObjectInfo(key, found.st_size, found.st_mtime)
