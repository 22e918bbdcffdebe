"""A remote body on its way to disk: decoded, counted, cut off when it is too long."""

from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web.client import ResponseDone
from twisted.web.http import PotentialDataLoss

from origin.api.spooling import FileSpool
from origin.remote.decoding import Damaged, Decoding
from wire.errors import MediaError


class TooMuch(Exception):
    """More than the reader takes."""


class CutShort(Exception):
    """The connection ended before the body did."""


class Receiver(Protocol):
    """Reads a response's body into a spool. `finished` fires when all is there; its cancelling ends the
    connection."""

    transport: Any  # the client's proxy of its transport, itself a push producer

    def __init__(self, spool: FileSpool, decoding: Decoding, most: int) -> None:
        self.finished: Deferred[None] = Deferred(lambda _: self._end(CancelledError()))
        self._spool = spool
        self._decoding = decoding
        self._left = most
        self._has_ended = False

    def dataReceived(self, data: bytes) -> None:
        """Some more."""
        if self._has_ended:
            return
        try:
            for piece in self._decoding.feed(data):
                self._left -= len(piece)
                if self._left < 0:
                    raise TooMuch
                self._spool.write(piece)
        except (TooMuch, Damaged, MediaError) as error:
            self._end(error)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """No more will come."""
        if self._has_ended:
            return
        if not reason.check(
            ResponseDone, PotentialDataLoss
        ):  # the second: the end of the connection is the end
            self._end(CutShort(reason.getErrorMessage()))
            return
        try:
            self._decoding.finish()
        except Damaged as error:
            self._end(error)
            return
        self._has_ended = True
        self.finished.callback(None)

    def _end(self, error: Exception) -> None:
        if self._has_ended:
            return
        self._has_ended = True
        if self.transport is not None:
            self.transport.stopProducing()
        self.finished.errback(error)
