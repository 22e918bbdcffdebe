"""A site that answers `/SIZE` with so many bytes, to viewers next door or behind a link that is not felt.

python -m bench.world.answering PORT [--linked]
"""

import sys
from functools import lru_cache
from random import Random

from twisted.web.resource import Resource

from bench.world.unfelt import UNFELT
from sim.links.cables import Cables
from sim.links.link import Link, Viewers
from sim.links.roads import DirectRoads, Roads
from sim.process import install_reactor
from wire.http.fields import Fields, ResponseHead
from wire.web.listening import listen
from wire.web.request import StreamingRequest
from wire.web.resource import CoroutineResource
from wire.web.sending import send_bytes
from wire.web.site import StreamingSite

VIEWERS = Viewers({"here": ("127.0.0.0/8",)})


class Bytes(CoroutineResource):
    """What is asked for, head and all in one write where it is small."""

    async def answer(self, request: StreamingRequest) -> None:
        body = body_of(int(request.path[1:] or b"0"))
        head = ResponseHead(200, Fields([("Content-Length", str(len(body)))]))
        if len(body) <= 65536:
            request.begin(head, body)
        else:
            request.begin(head)
            await send_bytes(request, body)
        request.finish()


@lru_cache
def body_of(size: int) -> bytes:
    return bytes(size)


def main(port: str, *more: str) -> None:
    reactor = install_reactor()
    resource: Resource = Bytes()
    site = StreamingSite(lambda _: resource, reactor=reactor)
    if "--linked" in more:
        link = Link(("pop", "there"), ("viewers.here", "here"), out=UNFELT, back=UNFELT, viewers="here")
        roads = Roads(Cables((link,), reactor, Random(1)))
        site.afar = DirectRoads(roads, VIEWERS, "pop")
    listen(reactor, site, int(port), interface="127.0.0.1")
    reactor.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
