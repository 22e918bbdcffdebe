"""What a connection tells of what came in."""

from __future__ import annotations

from attrs import frozen

from wire.http.incoming import Incoming
from wire.http2.frames import Code


@frozen
class RequestArrived:
    """A stream has opened."""

    stream: int
    head: Incoming
    packed_bytes: int = 0
    """What its head came to."""


@frozen
class RequestRefused:
    """A stream has opened with what is no request: to be answered, and then ended."""

    stream: int
    status: int
    sentence: str


@frozen
class DataArrived:
    """More of a request's body. `flow` bytes are to be handed back by `consumed`."""

    stream: int
    data: bytes
    flow: int


@frozen
class BodyEnded:
    """The request's last byte has come (and its trailers, which nobody of ours wants)."""

    stream: int


@frozen
class StreamEnded:
    """The peer, or a rule that it broke, has ended the stream: nothing more can be sent on it."""

    stream: int
    code: Code | int


@frozen
class WindowOpened:
    """More may be sent on a stream, or on all (0)."""

    stream: int


@frozen
class Leaving:
    """The peer opens no more streams."""


@frozen
class Broken:
    """The connection is beyond help: send what there is to send, and close."""

    code: Code
    sentence: str


Event = (
    RequestArrived | RequestRefused | DataArrived | BodyEnded | StreamEnded | WindowOpened | Leaving | Broken
)
