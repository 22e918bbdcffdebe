"""Consumers for tests: one that takes all, one that takes a little and waits."""

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IConsumer, IProducer
from zope.interface import implementer


@implementer(IConsumer)
@define(eq=False)
class Collector:
    """Keeps what is written; pauses its producer each time `pause_at` further bytes have come."""

    pause_at: int | None = None
    data: bytearray = field(factory=bytearray)
    producer: IProducer | None = None
    registrations: int = 0
    paused: "Deferred[None]" = field(factory=Deferred)
    _since: int = 0

    def registerProducer(self, producer: IProducer, streaming: bool) -> None:
        """From now on bytes may come, pushed."""
        assert self.producer is None
        assert streaming
        self.producer = producer
        self.registrations += 1

    def unregisterProducer(self) -> None:
        """No more come."""
        self.producer = None

    def write(self, data: bytes) -> None:
        """Keep them."""
        self.data += data
        self._since += len(data)
        if self.pause_at is not None and self._since >= self.pause_at and self.producer is not None:
            self.producer.pauseProducing()  # type: ignore[attr-defined]
            if not self.paused.called:
                self.paused.callback(None)

    def resume(self) -> None:
        """Take another `pause_at` bytes."""
        self._since = 0
        self.paused = Deferred()
        assert self.producer is not None
        self.producer.resumeProducing()  # type: ignore[attr-defined]
