"""A body that lies in a file, on its way to an HTTP/2 viewer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

from wire.web.files import SharedFile

if TYPE_CHECKING:
    from wire.web.http2.stream import StreamChannel

STEP_BYTES = 64 * 1024  # of one reading: what a stream holds before it pauses us


@implementer(IPushProducer)
class FileSource:
    """Reads all of a file for a stream, no further ahead than its viewer takes it, and ends the answer with it.

    Reads wait for the disk where the bytes are not in memory: whoever begins it has looked.
    """

    def __init__(self, stream: StreamChannel, file: SharedFile) -> None:
        self._stream = stream
        self._file = file.share()
        self._at = 0
        self._is_paused = False
        self._is_over = False

    def start(self) -> None:
        """Write what the stream takes."""
        self._stream.registerProducer(self, True)
        self.resumeProducing()

    def pauseProducing(self) -> None:
        self._is_paused = True

    def resumeProducing(self) -> None:
        self._is_paused = False
        while not (self._is_paused or self._is_over):
            self._step()

    def _step(self) -> None:
        data = self._file.read(self._at, min(STEP_BYTES, self._file.size - self._at))
        self._at += len(data)
        if data:
            self._stream.write(data)
        is_all = self._at >= self._file.size
        if is_all or not data:
            self.stopProducing()
            self._stream.unregisterProducer()
            if is_all:
                self._stream.requestDone(self._stream.request)
            else:
                self._stream.cut(framed=True)  # the file has become shorter

    def stopProducing(self) -> None:
        """Nobody wants more. Twice is once."""
        if not self._is_over:
            self._is_over = True
            self._file.close()
