"""The reactor of nodes, where uvloop and Twisted have to be told of each other's doings."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest.importorskip("uvloop")

A_RESET_BEHIND_BYTES = """
import socket, struct, uvloop
from twisted.internet.main import installReactor
from sim.uvreactor import UvloopReactor

reactor = UvloopReactor(uvloop.new_event_loop())
installReactor(reactor)
from twisted.internet.protocol import ClientFactory, Protocol

listener = socket.create_server(("127.0.0.1", 0))


class Client(Protocol):
    def connectionMade(self):
        self.transport.pauseProducing()
        reactor.callLater(0, self.lose_peer)

    def lose_peer(self):
        peer, _ = listener.accept()
        peer.setblocking(False)
        try:
            while True:
                peer.send(bytes(1 << 20))
        except BlockingIOError:
            pass
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()
        self.transport.resumeProducing()

    def dataReceived(self, data):
        pass

    def connectionLost(self, reason):
        print("lost", reason.type.__name__)
        reactor.callLater(0, reactor.stop)


factory = ClientFactory()
factory.protocol = Client
factory.noisy = False
reactor.connectTCP("127.0.0.1", listener.getsockname()[1], factory)
reactor.callLater(30, reactor.stop)
reactor.run()
"""


def test_a_reset_behind_unread_bytes_is_heard() -> None:
    """Or a fetch from an upstream that died amid its answer would wait for the time limit."""
    run = subprocess.run(
        [sys.executable, "-c", A_RESET_BEHIND_BYTES], capture_output=True, text=True, timeout=60, check=True
    )
    assert run.stdout == "lost ConnectionLost\n", run.stderr
