"""Who may ask for a purge, and how: `POST /purge` of an operator, PURGE of a site's own programs; both are told to
every peer."""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any

from attrs import evolve, field, frozen
from treq import content
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.interfaces import IReactorTime
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent

from edge.control.purge import LISTS, Purge
from wire.errors import Forbidden, InvalidRequest, MediaError, MethodNotAllowed
from wire.web.agent import BytesProducer
from wire.web.resource import CoroutineResource
from wire.web.sending import send_json
from wire.web.site import StreamingRequest

BODY_LIMIT = 4 << 20


@frozen
class Fanout:
    """Tells every peer what was purged here."""

    agent: IAgent
    clock: IReactorTime
    peers: tuple[str, ...] = ()
    within_seconds: float = 2.0
    node: str = field(default="edge")

    async def tell(self, purge: Purge) -> dict[str, str]:
        """Each peer's control URL and "ok", or what went wrong. Told at once; none holds up another."""
        telling = [Deferred.fromCoroutine(self._tell_one(peer, purge)) for peer in self.peers]
        answers = await gatherResults(telling)
        return dict(zip(self.peers, answers, strict=True))

    async def _tell_one(self, peer: str, purge: Purge) -> str:
        told = json.dumps(evolve(purge, fanout=False).to_json()).encode()
        asking: Deferred[str] = Deferred.fromCoroutine(self._post(f"{peer.rstrip('/')}/purge", told))
        asking.addTimeout(self.within_seconds, self.clock)
        try:
            return await asking
        except Exception as error:  # noqa: BLE001  the border to a peer: whatever it was, the others go on
            return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__

    async def _post(self, url: str, told: bytes) -> str:
        headers = Headers({"Content-Type": ["application/json"], "User-Agent": [f"pixeledge {self.node}"]})
        response = await self.agent.request(b"POST", url.encode("ascii"), headers, BytesProducer(told))
        body: bytes = await content(response)
        return (
            "ok"
            if response.code == 200
            else f"{response.code} {body[:200].decode('utf-8', 'replace').strip()}"
        )


async def everywhere(
    purge: Purge, *, here: Callable[[Purge], Awaitable[int]], fanout: Fanout
) -> dict[str, Any]:
    """Purge here and, if it is to be fanned out, at every peer: how many it was here, and what each peer said."""
    purged = await here(purge)
    nodes: dict[str, str] = {}
    if purge.fanout and fanout.peers:
        nodes = await fanout.tell(purge)
        # A node that was purged before its parent may have fetched the old object from there since. By now every
        # parent is clean, so a second round leaves nothing behind; what it finds is told in `nodes`.
        purged += await here(purge)
        again = await fanout.tell(purge)
        nodes.update({peer: told for peer, told in again.items() if nodes[peer] == "ok"})
    return {"purged": purged, "nodes": nodes}


Everywhere = Callable[[Purge], Awaitable[dict[str, Any]]]


class PurgeResource(CoroutineResource):
    """`POST /purge`: JSON, or `?url=…`."""

    def __init__(self, everywhere: Everywhere) -> None:
        super().__init__()
        self._everywhere = everywhere

    async def answer(self, request: StreamingRequest) -> None:
        if request.method != b"POST":
            raise MethodNotAllowed("A purge is posted")
        purge = await self._purge_of(request)
        if purge.is_empty:
            raise InvalidRequest(f"Nothing to purge: give {', '.join(LISTS)} or everything")
        send_json(request, 200, await self._everywhere(purge))

    async def _purge_of(self, request: StreamingRequest) -> Purge:
        _, has_query, query = request.uri.decode("latin-1").partition("?")
        if has_query:
            return Purge.from_query(query)
        told = await request.body.read(BODY_LIMIT)
        try:
            return Purge.from_json(json.loads(told))
        except ValueError as error:
            raise InvalidRequest("The body is not JSON") from error

    def explain(self, request: StreamingRequest, error: MediaError) -> None:
        send_json(request, error.status, {"error": {"message": error.public}})


class PurgeMethod(CoroutineResource):
    """`PURGE /path` at the viewers' port, with `Authorization: Bearer <token>` (sheet 20.7). Without a token of the
    site's nobody may, and it is never forwarded. `Soft-Purge: 1` declares stale."""

    def __init__(self, everywhere: Everywhere, token: str) -> None:
        super().__init__()
        self._everywhere = everywhere
        self._token = token.encode()

    async def answer(self, request: StreamingRequest) -> None:
        given = request.getHeader(b"authorization") or b""
        scheme, _, token = given.partition(b" ")
        if (
            not self._token
            or scheme.lower() != b"bearer"
            or not hmac.compare_digest(token.strip(), self._token)
        ):
            raise Forbidden("A purge takes the site's token")
        target = request.uri.decode("latin-1")
        if target.startswith("/"):
            host = (request.getHeader(b"host") or b"").decode("latin-1")
            if not host:
                raise InvalidRequest("Exactly one Host is wanted")
            target = f"{'https' if request.isSecure() else 'http'}://{host}{target}"
        soft = request.getHeader(b"soft-purge") in (b"1", b"true")
        purge = Purge(urls=(target,), soft=soft)
        send_json(request, 200, await self._everywhere(purge))

    def explain(self, request: StreamingRequest, error: MediaError) -> None:
        send_json(request, error.status, {"error": {"message": error.public}})
