"""A viewer who reads no further than an answer's beginning."""

from __future__ import annotations

from typing import cast

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IPushProducer, ITCPTransport, ITransport
from twisted.internet.protocol import Protocol


class Dawdler(Protocol):
    """A viewer that asks, sees the answer begin, and reads no further."""

    def __init__(self, question: bytes) -> None:
        self.begun: Deferred[None] = Deferred()
        self._question = question

    def connectionMade(self) -> None:
        cast(ITransport, self.transport).write(self._question)

    def dataReceived(self, data: bytes) -> None:
        cast(IPushProducer, self.transport).pauseProducing()
        if not self.begun.called:
            self.begun.callback(None)

    def give_up(self) -> None:
        """Reset the connection, if there still is one."""
        if self.transport is not None:
            cast(ITCPTransport, self.transport).abortConnection()
