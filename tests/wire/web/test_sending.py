"""Bytes never outrun their reader."""

from __future__ import annotations

from pathlib import Path

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IConsumer, IProducer, IPushProducer
from zope.interface import implementer

from wire.web.sending import ConsumerGone, send_bytes, send_from, send_open_file
from wire.web.spool import Spool


@implementer(IConsumer)
class Glass:
    """A consumer that is full after so many writes."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.taken: list[bytes] = []
        self.producer: IPushProducer | None = None

    def registerProducer(self, producer: IProducer, streaming: bool) -> None:
        assert streaming
        assert self.producer is None
        self.producer = IPushProducer(producer)

    def unregisterProducer(self) -> None:
        self.producer = None

    def write(self, data: bytes) -> None:
        self.taken.append(data)
        self.room -= 1
        if self.room <= 0 and self.producer is not None:
            self.producer.pauseProducing()

    def drink(self, room: int) -> None:
        """There is room again."""
        self.room = room
        if self.producer is not None:
            self.producer.resumeProducing()

    @property
    def content(self) -> bytes:
        return b"".join(self.taken)


def test_a_full_consumer_is_waited_for() -> None:
    """No more than one slice beyond what it wanted."""
    glass, data = Glass(2), bytes(500_000)
    sending = Deferred.fromCoroutine(send_bytes(glass, data))
    assert (len(glass.taken), sending.called) == (2, False)
    glass.drink(100)
    assert sending.called
    assert (glass.content, glass.producer) == (data, None)


def test_a_part_of_a_file_is_sent_as_it_is(tmp_path: Path) -> None:
    """Start inclusive, stop exclusive; a file that ends too soon is an error, not a short answer."""
    path = tmp_path / "film"
    path.write_bytes(bytes(range(256)) * 1000)
    glass = Glass(1000)
    with path.open("rb") as film:
        assert Deferred.fromCoroutine(send_open_file(glass, film, 100, 200_000)).called
        assert glass.content == path.read_bytes()[100:200_000]
        failed = Deferred.fromCoroutine(send_open_file(Glass(1000), film, 0, 300_000))
    failed.addErrback(lambda failure: failure.trap(EOFError))
    assert failed.result is EOFError


def test_a_consumer_that_leaves_ends_the_sending() -> None:
    """Whoever sends learns it by an exception; nothing is left registered."""
    glass = Glass(1)
    sending = Deferred.fromCoroutine(send_bytes(glass, bytes(500_000)))
    assert glass.producer is not None
    glass.producer.stopProducing()
    sending.addErrback(lambda failure: failure.trap(ConsumerGone))
    assert sending.result is ConsumerGone
    assert len(glass.taken) == 1


def test_a_growing_source_is_followed() -> None:
    """What comes later is sent later."""
    glass, spool = Glass(1000), Spool()
    sending = Deferred.fromCoroutine(send_from(glass, spool.reader()))
    spool.write(b"one ")
    assert glass.content == b"one "
    spool.write(b"two")
    spool.complete()
    assert (sending.result, glass.content) == (7, b"one two")
