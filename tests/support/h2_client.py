"""The `h2` library as a viewer, wired to a channel of ours by function calls: another reading of RFC 9113 than ours."""

from __future__ import annotations

from typing import Any

import h2.config
import h2.connection
import h2.events
from attrs import define, field
from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from wire.http2.limits import Limits
from wire.web.site import StreamingSite


class Pipe:
    """A transport that a test looks at. `is_full`: as a socket that takes no more."""

    def __init__(self) -> None:
        self.written = bytearray()
        self.producer: Any = None
        self.is_closed = self.is_aborted = False

    def write(self, data: bytes) -> None:
        self.written += data

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        self.producer = producer

    def unregisterProducer(self) -> None:
        self.producer = None

    def loseConnection(self) -> None:
        self.is_closed = True

    def abortConnection(self) -> None:
        self.is_aborted = True

    def getPeer(self) -> IPv4Address:
        return IPv4Address("TCP", "127.0.0.1", 1)

    def getHost(self) -> IPv4Address:
        return IPv4Address("TCP", "127.0.0.1", 2)


@define
class Seen:
    """An answer so far."""

    fields: dict[str, str] = field(factory=dict)
    informational: list[str] = field(factory=list)
    body: bytes = b""
    is_whole: bool = False
    reset: int | None = None

    @property
    def status(self) -> int:
        return int(self.fields[":status"])


class Viewer:
    """A client, the channel it talks to, and what it was told."""

    def __init__(self, site: StreamingSite, clock: Clock, *, reads: bool = True, **limits: Any) -> None:
        self.clock = clock
        self.client = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
        self.channel = site.http2_protocol(site, Limits(**limits))
        self.pipe = Pipe()
        self.answers: dict[int, Seen] = {}
        self.goaways: list[h2.events.ConnectionTerminated] = []
        self.reads = reads
        """Whether windows are handed back as data comes."""
        self.channel.makeConnection(self.pipe)
        self.client.initiate_connection()
        self.talk()

    def talk(self) -> None:
        """Let bytes go to and fro until both are silent."""
        while True:
            sent = self.client.data_to_send()
            if sent and not self.pipe.is_closed:
                self.channel.dataReceived(sent)
            self.clock.advance(0)
            came, self.pipe.written = bytes(self.pipe.written), bytearray()
            if came:
                self._hear(came)
            elif not sent:
                return

    def _hear(self, came: bytes) -> None:
        for event in self.client.receive_data(came):
            match event:
                case h2.events.ResponseReceived():
                    self.answers[event.stream_id].fields = dict(event.headers)  # type: ignore[arg-type]
                case h2.events.InformationalResponseReceived():
                    self.answers[event.stream_id].informational.append(dict(event.headers)[":status"])  # type: ignore[index,arg-type]
                case h2.events.DataReceived():
                    self.answers[event.stream_id].body += event.data
                    if self.reads and event.flow_controlled_length:
                        self.client.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                case h2.events.StreamEnded():
                    self.answers[event.stream_id].is_whole = True
                case h2.events.StreamReset():
                    self.answers[event.stream_id].reset = int(event.error_code)
                case h2.events.ConnectionTerminated():
                    self.goaways.append(event)

    def begin(self, path: str, method: str = "GET", *, end: bool = True, **fields: str) -> int:
        """Send a head; the stream's number."""
        stream = self.client.get_next_available_stream_id()
        lines = [(":method", method), (":scheme", "https"), (":authority", "localhost"), (":path", path)]
        lines += [(name.lower().replace("_", "-"), value) for name, value in fields.items()]
        self.answers[stream] = Seen()
        self.client.send_headers(stream, lines, end_stream=end)
        return stream

    def ask(self, path: str, method: str = "GET", body: bytes = b"", **fields: str) -> Seen:
        """A whole request, and what has come back when all is quiet."""
        stream = self.begin(path, method, end=not body, **fields)
        for at in range(0, len(body), 16384):
            self.client.send_data(stream, body[at : at + 16384])
            self.talk()
        if body:
            self.client.end_stream(stream)
        self.talk()
        return self.answers[stream]

    def leave(self) -> None:
        """The connection is gone."""
        self.channel.connectionLost(Failure(ConnectionDone()))
