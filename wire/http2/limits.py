"""What a connection allows its peer."""

from __future__ import annotations

from attrs import frozen

from wire.http2.frames import Setting


@frozen
class Limits:
    """Told to the peer where HTTP/2 has words for it, and held to."""

    streams: int = 128
    """Requests under way; further ones are refused, to be sent again (§5.1.2)."""
    stream_window: int = 128 * 1024
    """Bytes of one body that may come before anybody reads them."""
    connection_window: int = 1024 * 1024
    header_bytes: int = 32 * 1024
    """Of a header list as §6.5.2 counts it; a larger one is answered 431."""
    fields: int = 128
    """Header lines of a request; 431 beyond."""
    target_bytes: int = 16 * 1024
    """Of a :path; 414 beyond."""
    body_bytes: int | None = None
    """Of a body that says its length; 413 beyond."""
    too_large: int | None = None
    """The status of a head that is; None: 414 of the path, 431 of the fields."""
    any_body: bool = False
    """Whether a GET or HEAD may come with one: for whoever refuses it in words of its own."""
    resets: tuple[float, float] = (400.0, 33.0)
    """Streams that a peer may open to no end: at once, and a second (CVE-2023-44487, CVE-2025-8671)."""
    chores: tuple[float, float] = (2000.0, 100.0)
    """PING, SETTINGS, PRIORITY and empty frames: at once, and a second (CVE-2019-9512, -9515, -9518)."""

    @property
    def block_bytes(self) -> int:
        """Of a compressed header block. Beyond this, or four times `header_bytes` unpacked, nobody is served."""
        return 2 * self.header_bytes

    @property
    def most_header_bytes(self) -> int:
        """What is still read, to keep the compression's common state."""
        return 4 * self.header_bytes

    def told(self) -> dict[Setting, int]:
        """The first SETTINGS."""
        return {
            Setting.MAX_CONCURRENT_STREAMS: self.streams,
            Setting.INITIAL_WINDOW_SIZE: self.stream_window,
            Setting.MAX_HEADER_LIST_SIZE: self.header_bytes,
            Setting.NO_RFC7540_PRIORITIES: 1,
        }
