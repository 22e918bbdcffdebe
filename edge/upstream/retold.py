"""A question that was put already, for whoever takes it over: what came of it is told again, what comes as it comes."""

from __future__ import annotations

from attrs import define, field

from edge.upstream.connection import Receiver, UpstreamConnection
from edge.upstream.failing import UpstreamFailed
from wire.http.fields import ResponseHead


@define
class Told:
    """What has come of a question so far."""

    interim: list[ResponseHead] = field(factory=list)
    head: ResponseHead | None = None
    data: list[bytes] = field(factory=list)
    is_whole: bool = False
    failure: UpstreamFailed | None = None


@define(eq=False)
class Retold:
    """To a fetch, its first connection. Once the answer is over, one way or the other, the connection is no longer
    its own.
    """

    upstream: str
    connection: UpstreamConnection
    told: Told
    _receiver: Receiver | None = field(default=None, init=False)

    @property
    def is_used(self) -> bool:
        """As the connection's; so are all that follow."""
        return self.connection.is_used

    @property
    def is_hung_up(self) -> bool:
        return self.connection.is_hung_up

    @property
    def answer_has_begun(self) -> bool:
        return self.connection.answer_has_begun

    def tell(self, receiver: Receiver) -> None:
        """All up to the head; the body is held until `read_on`."""
        told, self._receiver = self.told, receiver
        if not self._is_over:
            self.connection.hand_to(receiver)
        for head in told.interim:
            receiver.interim_arrived(head)
        if told.head is not None:
            receiver.head_arrived(told.head)
        elif told.failure is not None:
            receiver.failed(told.failure)

    def read_on(self) -> None:
        receiver, told = self._receiver, self.told
        if receiver is None:
            return
        for data in told.data:
            receiver.data_arrived(data)
        if not self._is_over:
            self.connection.read_on()
        elif told.failure is not None:
            receiver.failed(told.failure)
        else:
            receiver.message_ended()

    def pause(self) -> None:
        if not self._is_over:
            self.connection.pause()

    def resume(self) -> None:
        if not self._is_over:
            self.connection.resume()

    def abort(self) -> None:
        if not self._is_over:
            self.connection.abort()

    @property
    def _is_over(self) -> bool:
        return self.told.is_whole or self.told.failure is not None
