"""Who may ask for a purge, and how: `POST /purge` of an operator, PURGE of a site's own programs; both are told to
every peer."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import Any

from attrs import evolve, field, frozen
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.interfaces import IReactorTime
from twisted.web.iweb import IAgent

from edge.control.commands import Command
from edge.control.purge import LISTS, Purge
from wire.errors import Forbidden, InvalidRequest
from wire.web.agent import post_json
from wire.web.resource import JsonResource
from wire.web.sending import send_json
from wire.web.site import StreamingRequest


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
        url, told = f"{peer.rstrip('/')}/purge", evolve(purge, fanout=False).to_json()
        asking = Deferred.fromCoroutine(post_json(self.agent, url, told, sender=f"pixeledge {self.node}"))
        asking.addTimeout(self.within_seconds, self.clock)
        try:
            status, answer = await asking
        except Exception as error:  # noqa: BLE001  the border to a peer: whatever it was, the others go on
            return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        return "ok" if status == 200 else f"{status} {answer[:200].decode('utf-8', 'replace').strip()}"


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


class PurgeResource(Command):
    """`POST /purge`: JSON, or `?url=…`."""

    limit_bytes = 4 << 20

    def __init__(self, everywhere: Everywhere) -> None:
        super().__init__()
        self._everywhere = everywhere

    async def told_by(self, request: StreamingRequest) -> Any:
        _, has_query, query = request.uri.decode("latin-1").partition("?")
        if has_query and request.method == b"POST":
            return Purge.from_query(query)
        return Purge.from_json(await super().told_by(request))

    async def carry_out(self, told: Purge) -> dict[str, Any]:
        if told.is_empty:
            raise InvalidRequest(f"Nothing to purge: give {', '.join(LISTS)} or everything")
        return await self._everywhere(told)


class PurgeMethod(JsonResource):
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
