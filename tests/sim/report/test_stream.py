"""sim.report.stream: the picture, once a second, to whoever listens."""

import json
from typing import Any, cast

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from sim.report.stream import Stream


@define(eq=False)
class Asked:
    """A request that notes what it is answered."""

    headers: dict[bytes, bytes] = field(factory=dict)
    written: list[bytes] = field(factory=list)
    producer: Any = None
    is_finished: bool = False
    left: Deferred[None] = field(factory=Deferred)

    def setHeader(self, name: bytes, value: bytes) -> None:
        self.headers[name] = value

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        assert streaming
        self.producer = producer

    def unregisterProducer(self) -> None:
        self.producer = None

    def notifyFinish(self) -> Deferred[None]:
        return self.left

    def finish(self) -> None:
        assert self.producer is None
        self.is_finished = True
        self.left.callback(None)

    @property
    def pictures(self) -> list[int]:
        events = [each for each in self.written if each.startswith(b"data: ")]
        assert all(event.endswith(b"\n\n") and event.count(b"\n") == 2 for event in events)
        return [json.loads(event.removeprefix(b"data: "))["n"] for event in events]


def counting() -> tuple[Stream, Clock]:
    """A world whose picture is how often it was asked for."""
    clock, shown = Clock(), iter(range(100))
    return Stream(lambda: {"n": next(shown)}, clock), clock


def joined(stream: Stream) -> Asked:
    asked = Asked()
    stream.join(cast(Any, asked))
    return asked


def test_a_page_is_shown_the_world_at_once_and_every_second() -> None:
    stream, clock = counting()
    asked = joined(stream)
    assert asked.headers == {b"Content-Type": b"text/event-stream"}
    assert asked.pictures == [0]
    clock.pump([1.0, 1.0])
    assert asked.pictures == [0, 1, 2]


def test_the_picture_is_made_once_for_all_who_listen() -> None:
    stream, clock = counting()
    one, other = joined(stream), joined(stream)
    assert (one.pictures, other.pictures) == ([0], [1])
    clock.advance(1.0)
    assert (one.pictures[-1], other.pictures[-1]) == (2, 2)


def test_one_that_is_slow_misses_pictures_and_gets_the_newest() -> None:
    """What it has not read does not pile up here."""
    stream, clock = counting()
    slow = joined(stream)
    slow.producer.pauseProducing()
    clock.pump([1.0, 1.0])
    assert slow.pictures == [0]
    slow.producer.resumeProducing()
    clock.advance(1.0)
    assert slow.pictures == [0, 3]


def test_nothing_is_done_for_nobody() -> None:
    stream, clock = counting()
    asked = joined(stream)
    asked.left.errback(ConnectionError())
    assert clock.getDelayedCalls() == []
    assert joined(stream).pictures == [1]


def test_at_the_end_each_answer_is_whole() -> None:
    stream, clock = counting()
    pages = [joined(stream), joined(stream)]
    stream.end()
    assert all(page.is_finished for page in pages)
    assert clock.getDelayedCalls() == []
