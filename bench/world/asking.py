"""One connection that asks for the same again and again, straight or over a link that is not felt, and what it costs.

    python -m bench.world.asking URL SECONDS [--linked]

Prints requests, bytes of bodies, and seconds of CPU.
"""

import sys
import time
from random import Random
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.protocol import Factory, Protocol
from twisted.web.client import URI

from bench.world.unfelt import UNFELT
from sim.links.cable import Cable
from sim.links.shaped import ShapedEndpoint
from sim.process import install_reactor
from wire.web.agent import PlainConnect

END = b"\r\n\r\n"
WARM = 50  # requests before any is counted


class Asker(Protocol):
    """Puts the question again whenever its answer is whole."""

    transport: Any

    def __init__(self, question: bytes) -> None:
        self.done: Deferred[None] = Deferred()
        self.requests = self.size = self._left = 0
        self.until = float("inf")
        self._question = question
        self._head = b""

    def ask(self) -> None:
        self.transport.write(self._question)

    def dataReceived(self, data: bytes) -> None:
        if not self._left:
            self._head += data
            head, end, data = self._head.partition(END)
            if not end:
                return
            self._head = b""
            lines = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
            self.size = self._left = int(lines[b"content-length"])
        self._left -= len(data)
        if not self._left:
            self.requests += 1
            if time.monotonic() < self.until and self.requests != WARM:
                self.ask()
            else:
                done, self.done = self.done, Deferred()
                done.callback(None)


async def measured(reactor: Any, url: bytes, seconds: float, *, is_linked: bool) -> tuple[int, int, float]:
    """Requests, bytes of their bodies, seconds of CPU."""
    uri = URI.fromBytes(url)
    endpoint: IStreamClientEndpoint = PlainConnect(reactor).endpointForURI(uri)
    if is_linked:
        endpoint = ShapedEndpoint(endpoint, Cable(UNFELT, UNFELT, reactor, Random(1)))
    question = b"GET %b HTTP/1.1\r\nHost: %b\r\n\r\n" % (uri.path, uri.netloc)
    asker: Any = await endpoint.connect(Factory.forProtocol(lambda: Asker(question)))
    warm = asker.done
    asker.ask()
    await warm
    began, asker.until = time.process_time(), time.monotonic() + seconds
    finished = asker.done
    asker.ask()
    await finished
    took, requests = time.process_time() - began, asker.requests - WARM
    asker.transport.abortConnection()
    return requests, requests * asker.size, took


def main(url: str, seconds: str, *more: str) -> None:
    reactor = install_reactor()

    def begin() -> None:
        asking = Deferred.fromCoroutine(
            measured(reactor, url.encode(), float(seconds), is_linked="--linked" in more)
        )
        asking.addCallback(lambda told: print(*told))
        asking.addErrback(lambda failure: sys.stderr.write(failure.getTraceback()))
        asking.addBoth(lambda _: reactor.stop())

    reactor.callWhenRunning(begin)
    reactor.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
