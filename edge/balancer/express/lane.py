"""The balancer's express lane.

A plain question (GET or HEAD, no body, on a connection that is kept) to a PoP with an idle connection is written there
at once, and its answer, if it comes soon and is taken in whole before the viewer is told anything, goes back in one
write. Who is asked, what heads become and how it is counted is decided by what decides it for every request. Whatever
turns out otherwise goes on in the full machinery, from where it is: nothing is asked twice for that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.balancer.express.passage import KnownAnswer, KnownAnswers, Passage, judged
from edge.balancer.express.ride import Ride
from edge.balancer.front import Front, Journey
from edge.balancer.resource import FrontResource
from wire.errors import MediaError
from wire.web.alarm import Alarm
from wire.web.limits import ConnectionLimits

if TYPE_CHECKING:
    from edge.balancer.express.channel import FrontChannel

RAW_BYTES = 4096  # longer requests are not worth remembering
LANE_BYTES = 8 << 20  # of all requests that a lane remembers, and as much again of answers' heads
PASSAGE_BYTES = 4096  # a passage beside its texts, about
PATIENCE_SECONDS = 0.1  # what takes longer has time for the full machinery, which knows every limit


class Lane:
    """The requests of one site's viewers that travel express."""

    def __init__(
        self, front: Front, scheme: str, limits: ConnectionLimits, capacity_bytes: int = LANE_BYTES
    ) -> None:
        self.front = front
        self.now = front.clock.seconds
        self._scheme = scheme
        self._limits = limits.head
        self._capacity_bytes = capacity_bytes
        self._passages: dict[tuple[bytes, str], Passage] = {}
        self._passage_bytes = 0
        self._known: dict[tuple[str, bytes], KnownAnswers] = {}
        self._known_bytes = 0
        self._riding: dict[Ride, None] = {}
        self._alarm = Alarm(front.clock, self._end_long_rides)

    @property
    def occupied_bytes(self) -> int:
        """What it remembers takes, about."""
        return self._passage_bytes + self._known_bytes

    def board(self, raw: bytes, client: str, channel: FrontChannel) -> bool:
        """Whether the request is taken: then the channel hears what becomes of it."""
        passage = self._passages.get((raw, client)) or self._judge(raw, client)
        if passage is None:
            return False
        front, started = self.front, self.now()
        try:
            pops, is_new = passage.choose(front)
        except MediaError:  # nobody is there: the full way says so
            return False
        pop = pops.first
        journey = Journey(passage.wanted, passage.region, pops, is_new, started)
        connection = None
        if not is_new and self._is_well(pop.url) and not self._is_far(passage.region, pop.name):
            connection = front.pops.pool.take_idle(pop.url)
        if connection is None:
            channel.carry_on(passage.incoming, FrontResource(front, journey))
            return True
        ride = Ride(self, channel, passage, journey, connection)
        self._riding[ride] = None
        front.in_flight.entered()
        if not self._alarm.is_set:
            self._alarm.set(PATIENCE_SECONDS)
        channel.request = ride
        raw_onward, head = passage.asked_of(pop.url)
        if pop.introduce:
            raw_onward = raw_onward[:-2] + channel.introduction(passage.named)
        connection.ask_again(raw_onward, head, ride)
        return True

    def _is_well(self, url: str) -> bool:
        standings = self.front.standings
        return standings.is_up(url) and not standings.breakers.is_open(url)

    def _is_far(self, region: str, pop: str) -> bool:
        afar = self.front.afar
        return afar is not None and afar.is_far(region, pop)

    def left(self, ride: Ride) -> None:
        """It is over, or goes on in the full machinery, which counts it itself."""
        del self._riding[ride]
        self.front.in_flight.left()

    def answered(self, ride: Ride, status: int, sent_bytes: int) -> None:
        """It was answered."""
        self.front.pops.answered(ride.journey.pops.first.url, status)
        self.front.counted["express"] += 1
        self._count(ride, status, sent_bytes)

    def abandoned(self, ride: Ride) -> None:
        """Its viewer left before."""
        self.front.counted["errors"] += 1
        self._count(ride, 200, 0)

    def _count(self, ride: Ride, status: int, sent_bytes: int) -> None:
        front = self.front
        front.pops.budget.asked()
        front.counted["requests"] += 1
        front.metrics.answered("proxied", status, sent_bytes, self.now() - ride.journey.started)
        self.left(ride)

    def stop(self) -> None:
        """The node ends."""
        self._alarm.stop()

    def _end_long_rides(self) -> None:
        latest = self.now() - PATIENCE_SECONDS
        for ride in tuple(self._riding):
            started = ride.journey.started
            if started > latest:
                self._alarm.set(started - latest)
                return
            ride.hand_over()

    # What it remembers

    def _judge(self, raw: bytes, client: str) -> Passage | None:
        found = judged(self.front, raw, client, self._scheme, self._limits)
        if found is None:
            return None
        incoming, wanted = found
        front = self.front
        try:
            region, named = front.region_of(wanted), front.named_region_of(wanted)
        except MediaError:
            return None
        known = self._known.setdefault((region, incoming.method), {})
        onward = wanted.onward(front.settings.name)
        weight = PASSAGE_BYTES + 6 * len(raw)
        passage = Passage(
            incoming, wanted, wanted.path, region, named, front.sticks_to(wanted), onward, known, weight
        )
        self._passages[raw, client] = passage
        self._passage_bytes += weight
        while self._passage_bytes > self._capacity_bytes:
            oldest = next(iter(self._passages))
            self._passage_bytes -= self._passages.pop(oldest).weight
        return passage

    def learn(self, passage: Passage, raw_head: bytes, answer: KnownAnswer) -> None:
        """An upstream's head with these bytes comes to this."""
        self._known_bytes += 256 + len(raw_head) + len(answer.head)
        if self._known_bytes > self._capacity_bytes:
            for known in self._known.values():
                known.clear()
            self._known_bytes = 0
        passage.known[raw_head] = answer
