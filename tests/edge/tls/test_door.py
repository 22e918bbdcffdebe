"""The TLS layer of a connection, by function calls: what is written, and in how many pieces it goes out."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from twisted.internet.address import IPv4Address
from twisted.internet.task import Clock
from twisted.web.resource import Resource

from edge.tls.authority import load
from edge.tls.listening import WRITTEN_BYTES, Door, tls_factory
from edge.tls.settings import Tls
from tests.support.h2_client import Pipe
from tests.support.tls import client_context
from wire.web.site import StreamingSite


class CountingPipe(Pipe):
    """Keeps each write."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.writes.append(data)

    def setTcpNoDelay(self, enabled: bool) -> None:
        """As a socket has it."""

    def taken(self) -> list[bytes]:
        writes, self.writes = self.writes, []
        return writes


class Client:
    """A viewer behind memory, its handshake done."""

    def __init__(self, folder: Path) -> None:
        settings = Tls(listen="127.0.0.1:0", authority=str(folder / "authority"))
        site = StreamingSite(lambda _: Resource(), reactor=Clock(), scheme="https")
        door = tls_factory(settings, site, Clock()).buildProtocol(IPv4Address("TCP", "127.0.0.1", 1))
        assert isinstance(door, Door)
        self.door, self.pipe = door, CountingPipe()
        authority = load(folder / "authority")
        assert authority is not None
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = client_context(authority, "h2")
        self._tls = context.wrap_bio(self._in, self._out, server_hostname="localhost")
        door.makeConnection(self.pipe)
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self.exchange()
            else:
                break
        self.exchange()
        self._tls.read(65536)  # the first SETTINGS

    def exchange(self) -> None:
        sent = self._out.read()
        if sent:
            self.door.dataReceived(sent)
        self._in.write(b"".join(self.pipe.taken()))

    def reads(self, size: int, came: list[bytes]) -> bytes:
        """What came, decrypted."""
        self._in.write(b"".join(came))
        read = bytearray()
        while len(read) < size:
            read += self._tls.read(size - len(read))
        return bytes(read)


@pytest.mark.parametrize(
    ("size", "writes"), [(1, 1), (16_385, 1), (WRITTEN_BYTES, 1), (WRITTEN_BYTES * 2 + 5, 3)]
)
def test_what_is_written_at_once_goes_out_at_once(tmp_path: Path, size: int, writes: int) -> None:
    """And whole; what is very large in several pieces, so that no buffer grows with it."""
    client = Client(tmp_path)
    content = bytes(range(256)) * (size // 256) + bytes(size % 256)
    client.door.write(content)
    came = client.pipe.taken()
    assert len(came) == writes
    assert client.reads(size, came) == content


def test_nothing_is_written_when_the_layer_is_gone(tmp_path: Path) -> None:
    """The peer broke TLS: what an answer still has goes nowhere."""
    client = Client(tmp_path)
    client.door.dataReceived(b"\x17\x03\x03\x00\x14" + bytes(20))
    client.pipe.taken()
    client.door.write(b"too late")
    assert client.pipe.taken() == []
    assert client.pipe.is_closed
