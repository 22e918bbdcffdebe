"""The serving end of an HTTP/2 connection: bytes in, events out, bytes out. Knows no clock, socket or request.

A rule that is broken ends the stream where that is enough, else the connection (RFC 9113 §5.4). Server push and
priorities do not exist here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from wire.http.incoming import Refused
from wire.http.lines import Line
from wire.http2 import frames
from wire.http2.blocks import HeaderBlocks, Section
from wire.http2.events import (
    BodyEnded,
    Broken,
    DataArrived,
    Event,
    Leaving,
    RequestArrived,
    RequestRefused,
    StreamEnded,
    WindowOpened,
)
from wire.http2.frames import FRAME_BYTES, Code, ConnectionFault, Kind, Setting, StreamFault
from wire.http2.limits import Limits
from wire.http2.patience import Bucket
from wire.http2.reading import FrameReader
from wire.http2.requests import check_trailers, read
from wire.http2.sending import FAREWELL, INITIAL_WINDOW, Sender
from wire.http2.stream import Stream

TABLE_BYTES = 4096  # of compression, at most


class Connection(Sender):
    """One connection: `receive` what comes."""

    def __init__(self, limits: Limits = Limits()) -> None:  # noqa: B008  a frozen value
        super().__init__(limits)
        self._reader = FrameReader()
        self._blocks = HeaderBlocks(limits)
        self._initial_window = INITIAL_WINDOW
        self._has_settings = self._is_broken = False
        self._receive_window = limits.connection_window
        self._resets, self._chores = Bucket(*limits.resets), Bucket(*limits.chores)
        self._now = 0.0
        self._events: list[Event] = []
        self._out.append(frames.settings_frame(limits.told()))
        self._out.append(frames.window_frame(0, limits.connection_window - INITIAL_WINDOW))

    @property
    def is_amid_head(self) -> bool:
        """Whether a header block has begun and not ended."""
        return self._blocks.is_open

    # Receiving

    def receive(self, data: bytes, now: float) -> Iterator[Event]:
        """What these bytes tell; `now` in seconds. After `Broken` nothing more is read.

        A frame is read when what the one before it tells was heard, so that whoever hears of a stream finds it as
        it was then: what ends it may be among the same bytes.
        """
        if self._is_broken:
            return
        self._reader.feed(data)
        self._now = now
        try:
            while (frame := self._reader.next_frame()) is not None:
                self._frame(*frame)
                if self._events:
                    yield from self._told()
        except ConnectionFault as fault:
            self._is_broken = True
            self._out.append(frames.goaway_frame(self.highest, fault.code, str(fault)))
            self._events.append(Broken(fault.code, str(fault)))
            yield from self._told()

    def _told(self) -> list[Event]:
        events, self._events = self._events, []
        return events

    def _frame(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        if not self._has_settings:
            if kind != Kind.SETTINGS or flags & frames.ACK:
                raise ConnectionFault(Code.PROTOCOL_ERROR, "the first frame is SETTINGS")
            self._has_settings = True
        if self._blocks.is_open and (kind != Kind.CONTINUATION or stream != self._blocks.stream):
            raise ConnectionFault(Code.PROTOCOL_ERROR, "a header block is not interrupted")
        handle = _HANDLERS.get(kind)
        if handle is None:
            self._chore()  # of a kind that nobody here knows (§5.5)
            return
        if (stream == 0) is not (kind in _OF_CONNECTION) and kind != Kind.WINDOW_UPDATE:
            raise ConnectionFault(Code.PROTOCOL_ERROR, f"{Kind(kind).name} on stream {stream}")
        try:
            handle(self, flags, stream, payload)
        except StreamFault as fault:
            self._fault(stream, fault.code)

    def _fault(self, stream: int, code: Code) -> None:
        """End a stream whose peer broke a rule; whoever works on it is told."""
        self._spend(self._resets, "too many streams that come to no end")
        if stream in self.streams:
            self._events.append(StreamEnded(stream, code))
        self.reset(stream, code)

    def _chore(self) -> None:
        self._spend(self._chores, "too many frames that ask for nothing")

    def _spend(self, bucket: Bucket, sentence: str) -> None:
        if not bucket.takes(self._now):
            raise ConnectionFault(Code.ENHANCE_YOUR_CALM, sentence)

    def _must_be_known(self, stream: int, kind: Kind) -> None:
        """Nothing but HEADERS and PRIORITY comes on a stream that was not opened (§5.1)."""
        if stream > self.highest or stream % 2 == 0:
            raise ConnectionFault(Code.PROTOCOL_ERROR, f"{kind.name} on a stream that is not open")

    def _data(self, flags: int, stream: int, payload: bytes) -> None:
        self._must_be_known(stream, Kind.DATA)
        flow = len(payload)
        self._receive_window -= flow
        if self._receive_window < 0:
            raise ConnectionFault(
                Code.FLOW_CONTROL_ERROR, "more DATA than the connection's window has room for"
            )
        if self._receive_window <= self._limits.connection_window // 2:
            self._out.append(frames.window_frame(0, self._limits.connection_window - self._receive_window))
            self._receive_window = self._limits.connection_window
        data, is_last = frames.unpadded(payload, flags), bool(flags & frames.END_STREAM)
        if not data and not is_last:
            self._chore()
        known = self.streams.get(stream)
        if known is None:
            if stream not in self._reset:
                raise ConnectionFault(Code.STREAM_CLOSED, "DATA on a closed stream")
            return
        known.take(len(data), flow, is_last=is_last)
        if flow:
            self._events.append(DataArrived(stream, data, flow))
        if is_last:
            self._ended_by_peer(known)

    def _ended_by_peer(self, stream: Stream) -> None:
        self._events.append(BodyEnded(stream.number))
        self._forget_closed(stream)

    def _headers(self, flags: int, stream: int, payload: bytes) -> None:
        if stream % 2 == 0:
            raise ConnectionFault(Code.PROTOCOL_ERROR, "clients open streams with odd numbers")
        block, is_last = frames.block_in(payload, flags), bool(flags & frames.END_STREAM)
        if flags & frames.END_HEADERS:
            self._section(stream, self._blocks.unpacked(block), is_last)
        else:
            self._blocks.begin(stream, is_last=is_last)
            self._blocks.add(block)

    def _continuation(self, flags: int, stream: int, payload: bytes) -> None:
        if not self._blocks.is_open:
            raise ConnectionFault(Code.PROTOCOL_ERROR, "CONTINUATION of nothing")
        self._blocks.add(payload)
        if flags & frames.END_HEADERS:
            self._section(stream, self._blocks.end(), self._blocks.is_last)

    def _section(self, stream: int, section: Section, is_ended: bool) -> None:
        known = self.streams.get(stream)
        if known is not None:
            self._trailers(known, section.lines, is_ended)
        elif stream > self.highest:
            self.highest = stream
            self._open(stream, section, is_ended)
        elif stream not in self._reset:
            raise ConnectionFault(Code.STREAM_CLOSED, "HEADERS on a closed stream")

    def _trailers(self, stream: Stream, lines: list[Line], is_ended: bool) -> None:
        if stream.is_ended_by_peer:
            raise StreamFault(Code.STREAM_CLOSED, "HEADERS after END_STREAM")
        try:
            check_trailers(lines)
        except Refused as refused:
            raise StreamFault(Code.PROTOCOL_ERROR, refused.sentence) from None
        if not is_ended:
            raise StreamFault(Code.PROTOCOL_ERROR, "trailers end a message")
        stream.end()
        self._ended_by_peer(stream)

    def _open(self, number: int, section: Section, is_ended: bool) -> None:
        if self.is_leaving or len(self.streams) >= self._limits.streams:
            raise StreamFault(Code.REFUSED_STREAM, "not now")
        stream = Stream(number, self._initial_window, self._limits.stream_window, is_ended_by_peer=is_ended)
        self.streams[number] = stream
        head = section.request if is_ended else None
        if head is None:
            try:
                head = read(section.lines, is_ended=is_ended, limits=self._limits)
            except Refused as refused:
                self._spend(self._resets, "too many requests that are none")
                self._events.append(RequestRefused(number, refused.status, refused.sentence))
                return
            if is_ended:
                section.request = head
        stream.expected = head.length
        self._events.append(RequestArrived(number, head, section.packed_bytes))

    def _rst_stream(self, flags: int, stream: int, payload: bytes) -> None:
        code = frames.word_in(payload, "RST_STREAM")
        self._must_be_known(stream, Kind.RST_STREAM)
        known = self.streams.pop(stream, None)
        if known is not None:
            self._remember(stream)
            self._events.append(StreamEnded(stream, code))
            self._spend(self._resets, "too many streams that come to no end")

    def _settings(self, flags: int, stream: int, payload: bytes) -> None:
        self._chore()
        if flags & frames.ACK:
            if payload:
                raise ConnectionFault(Code.FRAME_SIZE_ERROR, "an acknowledgement has no settings")
            return
        for name, value in frames.settings_in(payload):
            self._setting(name, value)
        self._out.append(frames.frame(Kind.SETTINGS, frames.ACK, 0))

    def _setting(self, name: int, value: int) -> None:
        """One of the peer's (§6.5.2)."""
        if name == Setting.HEADER_TABLE_SIZE:
            size = min(value, TABLE_BYTES)
            if size != self._encoder.header_table_size:  # told the same twice, hpack forgets to pass it on
                self._encoder.header_table_size = size
        elif name == Setting.ENABLE_PUSH and value > 1:
            raise ConnectionFault(Code.PROTOCOL_ERROR, "ENABLE_PUSH is 0 or 1")
        elif name == Setting.INITIAL_WINDOW_SIZE:
            if value > frames.MOST:
                raise ConnectionFault(Code.FLOW_CONTROL_ERROR, "a window is below 2^31")
            change, self._initial_window = value - self._initial_window, value
            for stream in self.streams.values():
                self._widen(stream, change)
            self._events.append(WindowOpened(0))
        elif name == Setting.MAX_FRAME_SIZE and not FRAME_BYTES <= value < 1 << 24:
            raise ConnectionFault(Code.PROTOCOL_ERROR, "a frame's size is 2^14 to 2^24-1")

    def _widen(self, stream: Stream, change: int) -> None:
        stream.send_window += change
        if stream.send_window > frames.MOST:
            raise ConnectionFault(Code.FLOW_CONTROL_ERROR, "a window is below 2^31")

    def _ping(self, flags: int, stream: int, payload: bytes) -> None:
        if len(payload) != 8:
            raise ConnectionFault(Code.FRAME_SIZE_ERROR, "PING has eight bytes")
        self._chore()
        if not flags & frames.ACK:
            self._out.append(frames.frame(Kind.PING, frames.ACK, 0, payload))
        elif payload == FAREWELL and not self.is_leaving:
            self.leave()

    def _goaway(self, flags: int, stream: int, payload: bytes) -> None:
        if len(payload) < 8:
            raise ConnectionFault(Code.FRAME_SIZE_ERROR, "GOAWAY has eight bytes at least")
        self._events.append(Leaving())

    def _window_update(self, flags: int, stream: int, payload: bytes) -> None:
        increment = frames.word_in(payload, "WINDOW_UPDATE") & frames.MOST
        if stream == 0:
            self.window += increment
            if not increment or self.window > frames.MOST:
                code = Code.FLOW_CONTROL_ERROR if increment else Code.PROTOCOL_ERROR
                raise ConnectionFault(code, "a window grows by something, to below 2^31")
            self._events.append(WindowOpened(0))
            return
        self._must_be_known(stream, Kind.WINDOW_UPDATE)
        known = self.streams.get(stream)
        if known is None:
            return  # it was on its way when the stream closed
        if not increment:
            raise StreamFault(Code.PROTOCOL_ERROR, "a window grows by something")
        known.send_window += increment
        if known.send_window > frames.MOST:
            raise StreamFault(Code.FLOW_CONTROL_ERROR, "a window is below 2^31")
        self._events.append(WindowOpened(stream))

    def _priority(self, flags: int, stream: int, payload: bytes) -> None:
        self._chore()
        if len(payload) != 5:
            raise ConnectionFault(Code.FRAME_SIZE_ERROR, "PRIORITY has five bytes")

    def _push_promise(self, flags: int, stream: int, payload: bytes) -> None:
        raise ConnectionFault(Code.PROTOCOL_ERROR, "clients push nothing")


_OF_CONNECTION = frozenset({Kind.SETTINGS, Kind.PING, Kind.GOAWAY})
_HANDLERS: dict[int, Callable[[Connection, int, int, bytes], None]] = {
    Kind.DATA: Connection._data,
    Kind.HEADERS: Connection._headers,
    Kind.PRIORITY: Connection._priority,
    Kind.RST_STREAM: Connection._rst_stream,
    Kind.SETTINGS: Connection._settings,
    Kind.PUSH_PROMISE: Connection._push_promise,
    Kind.PING: Connection._ping,
    Kind.GOAWAY: Connection._goaway,
    Kind.WINDOW_UPDATE: Connection._window_update,
    Kind.CONTINUATION: Connection._continuation,
}
