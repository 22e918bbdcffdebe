"""Purging: forget what is stored, here first, then at every peer; nothing under way may bring it back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from attrs import field, frozen
from treq import content
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.interfaces import IReactorTime
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent

from edge.core.entry import Entry
from edge.core.key import BadRequest, key_of_url, normal_target
from edge.core.tags import path_tag
from edge.http.machinery import Machinery
from wire.errors import InvalidRequest, MediaError, MethodNotAllowed
from wire.web.agent import BytesProducer
from wire.web.resource import CoroutineResource
from wire.web.sending import send_json
from wire.web.site import StreamingRequest

BODY_LIMIT = 4 << 20


@frozen
class Purge:
    """What is to be forgotten. A URL that is a bare path means that path whatever the host."""

    urls: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    soft: bool = False
    """Declare it stale instead: it may still be validated, or served under stale-* rules."""
    fanout: bool = True

    @classmethod
    def from_json(cls, told: Any) -> Purge:
        """The purge a client's JSON asks for."""
        if not isinstance(told, Mapping):
            raise InvalidRequest("A JSON object is wanted")
        unknown = set(told) - {"urls", "keys", "soft", "fanout"}
        if unknown:
            raise InvalidRequest(f"Unknown: {', '.join(sorted(map(str, unknown)))}")
        for name in ("soft", "fanout"):
            if not isinstance(told.get(name, True), bool):
                raise InvalidRequest(f"{name} must be true or false")
        return cls(
            _texts(told, "urls"), _texts(told, "keys"), told.get("soft", False), told.get("fanout", True)
        )

    @classmethod
    def from_query(cls, query: str) -> Purge:
        """The purge of `?url=…&key=…&soft=1&fanout=0`."""
        pairs = parse_qsl(query, keep_blank_values=True)
        return cls(
            urls=tuple(value for name, value in pairs if name == "url"),
            keys=tuple(value for name, value in pairs if name == "key"),
            soft=("soft", "1") in pairs or ("soft", "true") in pairs,
            fanout=("fanout", "0") not in pairs and ("fanout", "false") not in pairs,
        )

    def to_json(self) -> dict[str, Any]:
        """As a peer is told."""
        return {"urls": list(self.urls), "keys": list(self.keys), "soft": self.soft, "fanout": self.fanout}


async def carry_out(purge: Purge, machinery: Machinery) -> int:
    """Purge here; how many stored responses it was. Raises `CacheUnavailable` if that cannot be promised.

    What is under way is told first: no later request here gets the old object as fresh (sheet 20.5, 20.6).
    """
    policy, cache = machinery.policy.key, machinery.cache
    keys, tags = [], list(purge.keys)
    for url in purge.urls:
        try:
            if url.startswith("/"):
                tags.append(path_tag(normal_target(url, policy)))
            else:
                keys.append(key_of_url(url, policy))
        except BadRequest as refusal:
            raise InvalidRequest(f"Not a URL to purge: {url}") from refusal
    machinery.purges.purge(keys, tags)
    machinery.flights.purge(keys, tags)
    machinery.tally.purges += 1
    if purge.soft:
        return await _expire(machinery, keys, tags)
    removed = 0
    for key in keys:
        removed += await cache.remove(key)
    if tags:
        removed += await cache.purge_tags(tuple(tags))
    return removed


async def _expire(machinery: Machinery, keys: Sequence[str], tags: Sequence[str]) -> int:
    found: dict[str, Entry] = {}
    for key in keys:
        found |= {entry.body_id: entry for entry in await machinery.cache.variants(key)}
    if tags:
        found |= {entry.body_id: entry for entry in await machinery.cache.tagged(tuple(tags))}
    for entry in found.values():
        await machinery.cache.update(entry.key, entry.expired(machinery.now()))
    return len(found)


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
        told = json.dumps(Purge(purge.urls, purge.keys, purge.soft, fanout=False).to_json()).encode()
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


class PurgeResource(CoroutineResource):
    """`POST /purge`: JSON, or `?url=…`."""

    def __init__(self, machinery: Machinery, fanout: Fanout) -> None:
        super().__init__()
        self._machinery = machinery
        self._fanout = fanout

    async def answer(self, request: StreamingRequest) -> None:
        if request.method != b"POST":
            raise MethodNotAllowed("A purge is posted")
        purge = await self._purge_of(request)
        if not purge.urls and not purge.keys:
            raise InvalidRequest("Nothing to purge: give urls or keys")
        purged = await carry_out(purge, self._machinery)
        nodes: dict[str, str] = {}
        if purge.fanout and self._fanout.peers:
            nodes = await self._fanout.tell(purge)
            purged += await self._once_more(purge, nodes)
        send_json(request, 200, {"purged": purged, "nodes": nodes})

    async def _once_more(self, purge: Purge, nodes: dict[str, str]) -> int:
        """A node that was purged before its parent may have fetched the old object from there since.

        By now every parent is clean, so a second round leaves nothing behind; what it finds is told in `nodes`.
        """
        purged = await carry_out(purge, self._machinery)
        again = await self._fanout.tell(purge)
        nodes.update({peer: told for peer, told in again.items() if nodes[peer] == "ok"})
        return purged

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


def _texts(told: Mapping[str, Any], name: str) -> tuple[str, ...]:
    values = told.get(name, ())
    if not isinstance(values, list | tuple) or not all(isinstance(value, str) and value for value in values):
        raise InvalidRequest(f"{name} must be a list of strings")
    return tuple(values)
