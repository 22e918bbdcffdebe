"""One request on the express lane: to its channel what is under way, to its upstream who takes the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve
from twisted.python.failure import Failure

from edge.balancer.express.passage import KnownAnswer, Passage
from edge.balancer.front import Journey
from edge.balancer.heads import answered, body_length
from edge.balancer.resource import FrontResource
from edge.upstream.connection import UpstreamConnection
from edge.upstream.failing import UpstreamFailed
from edge.upstream.retold import Retold, Told
from wire.http.fields import ResponseHead
from wire.http.incoming import END_OF_HEAD
from wire.web.body import RequestBody
from wire.web.request import field_lines, head_bytes

if TYPE_CHECKING:
    from edge.balancer.express.channel import FrontChannel
    from edge.balancer.express.lane import Lane


class Ride:
    """From the question to the whole answer, or to where the full machinery takes over."""

    startedWriting = False
    finished = False
    is_gone = False

    def __init__(
        self,
        lane: Lane,
        channel: FrontChannel,
        passage: Passage,
        journey: Journey,
        connection: UpstreamConnection,
    ) -> None:
        self.journey = journey
        self._lane = lane
        self._channel = channel
        self._passage = passage
        self._connection = connection
        self._told: Told | None = None
        self._raw_head: bytes | None = None
        """Of the answer, where it may be known next time."""
        self._answer: KnownAnswer | None = None
        self._data = b""

    # To the viewer's connection

    @property
    def method(self) -> bytes:
        return self._passage.incoming.method

    @property
    def body(self) -> RequestBody:
        return self._channel.no_body

    def cut(self) -> None:
        """Nothing was told, so nothing can be told apart from a whole answer but by a reset."""
        self._channel.abort()

    def connectionLost(self, reason: Failure) -> None:
        self._connection.abort()
        self._lane.abandoned(self)

    # To the upstream's connection: where all that came is behind a head that is known

    def knows(self, data: bytes) -> bool:
        end = data.find(END_OF_HEAD) + len(END_OF_HEAD)
        if end < len(END_OF_HEAD):
            return False
        raw_head = data[:end]
        answer = self._passage.known.get(raw_head)
        if answer is None:
            self._raw_head = raw_head
            return False
        self._answer, self._data = answer, data
        return len(data) - end == answer.length and self._channel.persistent

    def all_arrived(self) -> None:
        answer, data = self._answer, self._data
        if answer is None:
            return
        self._lane.answered(self, answer.status, answer.length)
        if answer.length:
            self._channel.ridden(b"".join((answer.head, memoryview(data)[len(data) - answer.length :])))
        else:
            self._channel.ridden(answer.head)

    # The same, piece by piece

    @property
    def told(self) -> Told:
        """What has come so far."""
        if self._told is None:
            self._told = Told()
        return self._told

    def interim_arrived(self, head: ResponseHead) -> None:
        self.told.interim.append(head)
        self.hand_over()

    def head_arrived(self, head: ResponseHead) -> None:
        self.told.head = head
        length = body_length(self._passage.wanted.head.method, head)
        if length is None or length > self._lane.front.settings.collect_bytes:
            self.hand_over()
        else:
            self._connection.read_on()

    def data_arrived(self, data: bytes) -> None:
        self.told.data.append(data)

    def message_ended(self) -> None:
        told = self.told
        told.is_whole = True
        if told.head is None or not self._channel.persistent:
            self.hand_over()
            return
        answer = self._made_of(told.head)
        if self._raw_head is not None and may_be_known(told.head):
            self._lane.learn(self._passage, self._raw_head, answer)
        self._lane.answered(self, answer.status, answer.length)
        self._channel.ridden(b"".join((answer.head, *told.data)))

    def failed(self, failure: UpstreamFailed) -> None:
        self.told.failure = failure
        self.hand_over()

    def _made_of(self, head: ResponseHead) -> KnownAnswer:
        told = answered(head, self._lane.front.settings.name, self.journey.region)
        text = head_bytes("HTTP/1.1", told, field_lines(told))
        return KnownAnswer(text, head.status, sum(map(len, self.told.data)))

    # To the full machinery

    def hand_over(self) -> None:
        """It goes on there, from where it is."""
        front, pop = self._lane.front, self.journey.pops.first
        begun = Retold(pop.url, self._connection, self.told)
        journey = evolve(self.journey, begun=begun)
        self._channel.carry_on(self._passage.incoming, FrontResource(front, journey))
        self._lane.left(self)


def may_be_known(head: ResponseHead) -> bool:
    """Whether the same bytes mean the same again, a connection that is kept included."""
    return (
        head.version == "1.1" and "connection" not in head.fields and "transfer-encoding" not in head.fields
    )
