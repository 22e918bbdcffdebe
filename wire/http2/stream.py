"""What both ends know of one open stream (RFC 9113 §5.1)."""

from __future__ import annotations

from attrs import define

from wire.http2.frames import Code, StreamFault


@define
class Stream:
    """Open, or half closed on either side; a closed one is forgotten."""

    number: int
    send_window: int
    receive_window: int
    expected: int | None = None
    """The bytes of the body as announced; None: not announced."""
    received: int = 0
    is_ended_by_peer: bool = False
    is_ended_by_us: bool = False
    unreturned: int = 0
    """Bytes read whose window is not handed back yet."""

    def take(self, size: int, flow: int, *, is_last: bool) -> None:
        """Data has come (§6.1, §6.9.1, §8.1.1)."""
        if self.is_ended_by_peer:
            raise StreamFault(Code.STREAM_CLOSED, "DATA after END_STREAM")
        self.receive_window -= flow
        if self.receive_window < 0:
            raise StreamFault(Code.FLOW_CONTROL_ERROR, "more DATA than the window has room for")
        self.received += size
        if self.expected is not None and self.received > self.expected:
            raise StreamFault(Code.PROTOCOL_ERROR, "the body is longer than its Content-Length")
        if is_last:
            self.end()

    def end(self) -> None:
        """The peer's side is complete."""
        self.is_ended_by_peer = True
        if self.expected is not None and self.received != self.expected:
            raise StreamFault(Code.PROTOCOL_ERROR, "the body is shorter than its Content-Length")

    @property
    def is_closed(self) -> bool:
        return self.is_ended_by_peer and self.is_ended_by_us
