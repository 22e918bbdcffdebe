"""Files packed as they are read from the store, at the pace of whoever takes the archive. Never more than a chunk of
it is in memory."""

from collections.abc import Callable, Sequence
from typing import cast

from attrs import define, field, frozen
from twisted.internet.interfaces import IConsumer, IProducer, IPushProducer
from zope.interface import implementer

from origin.archives.formats import Archive
from origin.archives.naming import Names
from origin.assets.copies import Copies
from origin.assets.eager import EagerWish
from origin.catalogue import Asset
from origin.store.feeding import Pace, release
from origin.store.interface import ObjectStore
from wire.errors import InvalidRequest


@frozen
class Member:
    """One file that an archive is to hold."""

    asset: Asset
    wish: EagerWish


@implementer(IPushProducer)
@define(eq=False)
class _Gate(Pace):
    """One producer for a whole archive: what its consumer says reaches the file under way, and holds the next."""

    inner: IPushProducer | None = field(init=False, default=None)

    def pauseProducing(self) -> None:
        Pace.pauseProducing(self)
        if self.inner is not None:
            self.inner.pauseProducing()

    def resumeProducing(self) -> None:
        Pace.resumeProducing(self)
        if self.inner is not None:
            self.inner.resumeProducing()

    def stopProducing(self) -> None:
        Pace.stopProducing(self)
        if self.inner is not None:
            self.inner.stopProducing()


@implementer(IConsumer)
@frozen(eq=False)
class _Entry:
    """Takes a file's bytes, and gives on the archive's."""

    archive: Archive
    consumer: IConsumer
    gate: _Gate

    def registerProducer(self, producer: IProducer, streaming: bool) -> None:
        """From now on it is the one that is held back."""
        self.gate.inner = cast(IPushProducer, producer)

    def unregisterProducer(self) -> None:
        """The file is over."""
        self.gate.inner = None

    def write(self, data: bytes) -> None:
        """Some of the file."""
        _write(self.consumer, self.archive.feed(data))


@frozen
class Packing:
    """Packs archives."""

    copies: Copies
    store: ObjectStore

    async def pack(
        self,
        members: Sequence[Member],
        archive: Archive,
        names: Names,
        consumer: IConsumer,
        *,
        begins: Callable[[], None] = lambda: None,
        most_bytes: int | None = None,
    ) -> None:
        """Write the archive to `consumer`; `begins` is called once its first file is certain to be there.

        What raises after that has left an archive without its end: the consumer must be cut off.
        """
        gate, packed = _Gate(), 0
        first = await self.copies.of(members[0].asset, members[0].wish)
        begins()
        consumer.registerProducer(gate, True)
        try:
            for number, each in enumerate(members):
                file = await self.copies.of(each.asset, each.wish) if number else first
                packed += file.size
                if most_bytes is not None and packed > most_bytes:
                    raise InvalidRequest(f"The archive would be too large. Maximum is {most_bytes} bytes.")
                name = names.name(each.asset, each.wish.chain, file.format)
                await gate.ready()
                _write(consumer, archive.begin(name, file.size, file.modified))
                await self.store.send(file.key, _Entry(archive, consumer, gate), 0, file.size)
                _write(consumer, archive.end())
            _write(consumer, archive.finish())
        finally:
            release(consumer)


def _write(consumer: IConsumer, data: bytes) -> None:
    if data:
        consumer.write(data)
