"""The half of a connection that writes: streams under their windows, and frames that wait to be sent."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

import hpack

from wire.http.lines import Line
from wire.http2 import frames
from wire.http2.frames import FRAME_BYTES, Code, Kind
from wire.http2.limits import Limits
from wire.http2.stream import Stream

INITIAL_WINDOW = 65535  # §6.9.2
REMEMBERED = 256  # streams we reset: frames on their way to them are no fault
FAREWELL = b"farewell"


class Sender:
    """Send `take()` after every call that may have written something."""

    def __init__(self, limits: Limits) -> None:
        self.streams: dict[int, Stream] = {}
        self.window = INITIAL_WINDOW
        """What may be sent on all streams together."""
        self.highest = 0
        self.is_leaving = False
        """We have told the peer the last stream that is served."""
        self._limits = limits
        self.waiting = 0
        """Bytes of bodies that wait to be taken."""
        self._out: list[bytes | memoryview] = []
        self._encoder = hpack.Encoder()
        self._reset: OrderedDict[int, None] = OrderedDict()

    def take(self) -> bytes:
        """What is to be sent."""
        data = b"".join(self._out)
        self._out.clear()
        self.waiting = 0
        return data

    def send_head(self, number: int, lines: Iterable[hpack.HeaderTuple | Line], *, is_last: bool) -> int:
        """Field lines in lower case, `:status` first; a 1xx is never the last. How many bytes they came to."""
        block = self._encoder.encode(lines)
        self._send_block(number, block, is_last=is_last)
        return len(block)

    def send_packed_head(self, number: int, block: bytes, *, is_last: bool) -> None:
        """A head that is packed already (`wire.http2.packing`)."""
        if self._encoder.table_size_changes:  # to be told before any block that follows them (RFC 7541 §4.2)
            block = self._encoder.encode(()) + block
        self._send_block(number, block, is_last=is_last)

    def _send_block(self, number: int, block: bytes, *, is_last: bool) -> None:
        flags = frames.END_STREAM if is_last else 0
        kind = Kind.HEADERS
        while len(block) > FRAME_BYTES:
            self._out.append(frames.frame(kind, flags, number, block[:FRAME_BYTES]))
            block, kind, flags = block[FRAME_BYTES:], Kind.CONTINUATION, 0
        self._out += (frames.header(kind, flags | frames.END_HEADERS, number, len(block)), block)
        if is_last:
            self._ended_by_us(self.streams[number])

    def room_for(self, number: int) -> int:
        """How many bytes may be sent on a stream now (§5.2)."""
        return max(0, min(self.streams[number].send_window, self.window))

    def send_data(self, number: int, data: bytes | memoryview, *, is_last: bool) -> None:
        """No more than there is room for, in as many frames as it takes."""
        stream, size = self.streams[number], len(data)
        stream.send_window -= size
        self.window -= size
        self.waiting += size
        if size > FRAME_BYTES:
            data = self._send_full_frames(number, memoryview(data))
        flags = frames.END_STREAM if is_last else 0
        self._out += (frames.header(Kind.DATA, flags, number, len(data)), data)
        if is_last:
            self._ended_by_us(stream)

    def _send_full_frames(self, number: int, data: memoryview) -> memoryview:
        """All but the last frame of it, which is what is returned."""
        head = frames.header(Kind.DATA, 0, number, FRAME_BYTES)
        full = (len(data) - 1) // FRAME_BYTES * FRAME_BYTES
        for start in range(0, full, FRAME_BYTES):
            self._out += (head, data[start : start + FRAME_BYTES])
        return data[full:]

    def send_whole(self, number: int, block: bytes, body: bytes | memoryview) -> bool:
        """A whole answer, its head packed already; False, and nothing sent, where the windows are too small."""
        stream, size = self.streams[number], len(body)
        if size > stream.send_window or size > self.window:
            return False
        self.send_packed_head(number, block, is_last=not size)
        if size:
            self.send_data(number, body, is_last=True)
        return True

    def consumed(self, number: int, flow: int) -> None:
        """So much of a body was read: its sender may go on."""
        stream = self.streams.get(number)
        if stream is None or stream.is_ended_by_peer:
            return
        stream.unreturned += flow
        if stream.unreturned >= self._limits.stream_window // 2:
            self._out.append(frames.window_frame(number, stream.unreturned))
            stream.receive_window += stream.unreturned
            stream.unreturned = 0

    def reset(self, number: int, code: Code) -> None:
        """End a stream at once, both ways."""
        self.streams.pop(number, None)
        self._remember(number)
        self._out.append(frames.reset_frame(number, code))

    def say_farewell(self) -> None:
        """Ask the peer to open no more streams; those that are on their way are still served (§6.8)."""
        self._out.append(frames.goaway_frame(frames.MOST, Code.NO_ERROR))
        self._out.append(frames.frame(Kind.PING, 0, 0, FAREWELL))

    def leave(self, code: Code = Code.NO_ERROR) -> None:
        """Tell the peer which stream was the last."""
        self.is_leaving = True
        self._out.append(frames.goaway_frame(self.highest, code))

    def _ended_by_us(self, stream: Stream) -> None:
        stream.is_ended_by_us = True
        self._forget_closed(stream)

    def _forget_closed(self, stream: Stream) -> None:
        if stream.is_closed:
            self.streams.pop(stream.number, None)

    def _remember(self, number: int) -> None:
        self._reset[number] = None
        if len(self._reset) > REMEMBERED:
            self._reset.popitem(last=False)
