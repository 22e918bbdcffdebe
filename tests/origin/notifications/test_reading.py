"""Waiting for messages, in virtual time."""

from typing import Any

import pytest_twisted
from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from origin.catalogue.channels import Buffered, Place
from origin.notifications.reading import READERS, Reading
from origin.settings import Cloud


@define(eq=False)
class Channels:
    """Holds what it is told to hold; counts looks."""

    found: tuple[Buffered, ...] = ()
    looks: int = 0

    async def claim(self, place: Place, limit: int, **_: float) -> tuple[Buffered, ...]:
        self.looks += 1
        return self.found[:limit]


@define(eq=False)
class World:
    channels: Channels = field(factory=Channels)
    clock: Clock = field(factory=Clock)
    is_ending: bool = False
    reading: Reading = field(init=False)

    def __attrs_post_init__(self) -> None:
        catalogue: Any = self
        self.reading = Reading(
            catalogue=catalogue,
            clouds={"demo": Cloud("k", "s")},
            clock=self.clock,
            now=lambda: 1_700_000_000.5,
            look_seconds=0.5,
            is_ending=lambda: self.is_ending,
        )

    def read(self, wait_seconds: float, most: int = 10) -> "Deferred[list[dict[str, Any]]]":
        return Deferred.fromCoroutine(
            self.reading.messages(Place("demo", "x"), most, wait_seconds=wait_seconds, hidden_seconds=30)
        )


MESSAGE = Buffered("r", "b", "k", '{"signature_key":"k"}')


@pytest_twisted.ensureDeferred
async def test_a_reader_is_answered_once_there_is_something_or_his_time_is_over() -> None:
    world = World()
    served, idle = world.read(20.0, 1), world.read(0.7)
    world.clock.advance(0.5)
    assert (served.called, idle.called, world.channels.looks) == (False, False, 4)
    world.clock.advance(0.2)
    assert await idle == []
    world.channels.found = (MESSAGE, MESSAGE)
    world.clock.advance(0.3)
    (message,) = await served
    assert message == {
        "receipt_handle": "r",
        "batch_id": "b",
        "payload": {"signature_key": "k"},
        "signed_payload": "eyJzaWduYXR1cmVfa2V5IjoiayJ9",
        "signature": message["signature"],
        "timestamp": "1700000000",
    }
    assert world.clock.getDelayedCalls() == []


@pytest_twisted.ensureDeferred
async def test_nobody_is_kept_waiting_by_a_node_that_stops_or_beyond_so_many() -> None:
    world = World()
    waiting = [world.read(50.0) for _ in range(READERS)]
    assert await world.read(50.0) == []
    left = waiting.pop()
    left.addErrback(lambda _: None)
    left.cancel()  # a reader who hangs up makes room
    waiting.append(world.read(50.0))
    assert not waiting[-1].called
    looks = world.channels.looks
    world.clock.advance(5.0)  # so many look ever more rarely
    assert world.channels.looks - looks < 2 * READERS
    world.is_ending = True
    world.clock.advance(10.0)
    assert [await each for each in waiting] == [[]] * READERS
    assert world.clock.getDelayedCalls() == []
