"""What a protocol may expect of its transport: Twisted's own, and those that the loop makes.

The loop here is asyncio's; the last test of this module has another process hold the same contract on uvloop.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import pytest_twisted
from twisted.internet import reactor as real_reactor
from twisted.internet.interfaces import (
    IConsumer,
    IPushProducer,
    ITCPTransport,
)
from zope.interface.verify import verifyObject

from tests.support.edge_node import until
from tests.support.transports import (
    MIB,
    Listen,
    a_pair,
)
from wire.web.listening import loop_of


@pytest_twisted.ensureDeferred
async def test_it_is_what_it_says(kind: Listen) -> None:
    """The interfaces, the addresses, the socket's options."""
    async with a_pair(kind) as (served, client, _):
        transport = served.transport
        for interface in (ITCPTransport, IConsumer, IPushProducer):
            assert verifyObject(interface, transport)
        assert transport.getPeer() == client.transport.getHost()
        assert transport.getHost() == client.transport.getPeer()
        transport.setTcpNoDelay(True)
        assert transport.getTcpNoDelay() is True
        transport.setTcpKeepAlive(True)
        assert transport.getTcpKeepAlive() is True
        assert (transport.connected, transport.disconnecting, transport.disconnected) == (True, False, False)


@pytest_twisted.ensureDeferred
async def test_bytes_arrive_in_order_and_whole(kind: Listen) -> None:
    """However they were written."""
    async with a_pair(kind) as (served, client, _):
        client.send(b"what is it?")
        await until(lambda: served.received == b"what is it?")
        served.transport.write(b"one, ")
        served.transport.writeSequence([b"two, ", b"", b"three"])
        served.transport.writeSequence([])
        served.transport.write(b"")
        body = os.urandom(2 * MIB)
        served.transport.write(body)
        await client.until(15 + len(body))
        assert bytes(client.received) == b"one, two, three" + body


@pytest_twisted.ensureDeferred
async def test_only_bytes_can_be_written(kind: Listen) -> None:
    """What may change before it is sent, or is no bytes, is refused at once."""
    async with a_pair(kind) as (served, _, _factory):
        for wrong in ("text", bytearray(b"x")):
            with pytest.raises(TypeError):
                served.transport.write(wrong)
            with pytest.raises(TypeError):
                served.transport.writeSequence([b"", wrong])


@pytest.mark.skipif("uvloop" in type(loop_of(real_reactor)).__module__, reason="this is that run")
def test_uvloop_holds_the_same_contract() -> None:
    """As nodes run it."""
    pytest.importorskip("uvloop")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.support.on_uvloop", "-p", "no:cacheprovider",
         "-p", "no:schemathesis",
         "-k", "not by_twisted", str(Path(__file__).parent)],
        capture_output=True, text=True, cwd=Path(__file__).parents[3], timeout=120, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
