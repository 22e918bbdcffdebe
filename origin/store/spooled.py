"""Objects copied to a spool: hashed as they come, one after the other if they are several."""

from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import cast

from twisted.internet.defer import CancelledError
from twisted.internet.interfaces import IConsumer, IProducer, IPushProducer
from zope.interface import implementer

from origin.api.spooling import FileSpool, SpooledFile
from origin.store.interface import ObjectStore
from wire.errors import MediaError


async def gathered(
    store: ObjectStore, keys: Iterable[str], folder: Path, filename: str | None
) -> SpooledFile:
    """The objects one after the other as one file, now the caller's to move or remove."""

    async def send(sink: IConsumer) -> None:
        for key in keys:
            await store.send(key, sink)

    return await spooled(send, folder, filename)


async def spooled(
    send: Callable[[IConsumer], Awaitable[None]], folder: Path, filename: str | None
) -> SpooledFile:
    """What `send` writes to the consumer it is given, as a file; nothing is left in `folder` when this raises."""
    spool = FileSpool(folder)
    sink = _Sink(spool)
    try:
        try:
            await send(sink)
        except CancelledError:
            if sink.error is None:
                raise
        if sink.error is not None:
            raise sink.error
        return spool.finish(filename)
    except BaseException:
        spool.discard()
        raise


@implementer(IConsumer)
class _Sink:
    """Writes at once, so it never asks for a pause; what the disk refuses stops whoever sends."""

    def __init__(self, spool: FileSpool) -> None:
        self.error: MediaError | None = None
        self._spool = spool
        self._producer: IPushProducer | None = None

    def registerProducer(self, producer: IProducer, streaming: bool) -> None:
        """Remember whom to stop."""
        self._producer = cast(IPushProducer, producer)

    def unregisterProducer(self) -> None:
        """No more will come."""
        self._producer = None

    def write(self, data: bytes) -> None:
        """Take bytes."""
        if self.error is not None:
            return
        try:
            self._spool.write(data)
        except MediaError as error:
            self.error = error
            if self._producer is not None:
                self._producer.stopProducing()
