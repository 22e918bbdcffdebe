"""The picture of a world as Server-Sent Events (HTML Standard 9.2): to each page that listens, once a second."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IPushProducer
from twisted.internet.task import LoopingCall
from twisted.web.server import Request
from zope.interface import implementer

EVERY_SECONDS = 1.0
RETRY = b"retry: 1000\n\n"  # a page that lost us asks again after so many milliseconds


@implementer(IPushProducer)
class Listener:
    """One page. It is told nothing while it is slower than we are; the next picture tells it all."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._is_keeping_up = True
        request.registerProducer(self, True)

    def tell(self, event: bytes) -> None:
        """Send an event, if the last ones have left."""
        if self._is_keeping_up:
            self._request.write(event)

    def end(self) -> None:
        """There is no more."""
        self._request.unregisterProducer()
        self._request.finish()

    def pauseProducing(self) -> None:
        self._is_keeping_up = False

    def resumeProducing(self) -> None:
        self._is_keeping_up = True

    def stopProducing(self) -> None:
        self._is_keeping_up = False


class Stream:
    """A picture, and who is shown it."""

    def __init__(self, picture: Callable[[], dict[str, Any]], clock: Any) -> None:
        self.picture = picture
        self._listeners: set[Listener] = set()
        self._telling = LoopingCall(self._tell)
        self._telling.clock = clock

    def join(self, request: Request) -> None:
        """The answer to a page that asks for events: the picture now, and again every second until it leaves."""
        request.setHeader(b"Content-Type", b"text/event-stream")
        request.write(RETRY)
        listener = Listener(request)
        self._listeners.add(listener)
        request.notifyFinish().addBoth(lambda _: self._left(listener))
        if self._telling.running:
            listener.tell(self._event())
        else:
            self._telling.start(EVERY_SECONDS)

    def end(self) -> None:
        """Every answer is whole."""
        for listener in tuple(self._listeners):
            listener.end()

    def _left(self, listener: Listener) -> None:
        self._listeners.discard(listener)
        if not self._listeners and self._telling.running:
            self._telling.stop()

    def _tell(self) -> None:
        event = self._event()
        for listener in tuple(self._listeners):
            listener.tell(event)

    def _event(self) -> bytes:
        return b"data: " + json.dumps(self.picture()).encode() + b"\n\n"
