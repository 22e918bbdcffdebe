"""A worker's way to the other processes of its node: the parent has all of them forget, itself among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve, frozen
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.web.iweb import IAgent

from edge.cache.interface import CacheUnavailable
from edge.control.purge import Purge
from wire import jsontext
from wire.web.agent import post_json

WITHIN_SECONDS = 25.0  # the parent gives each worker ten, twice


@frozen
class Siblings:
    """All workers of one node, by way of the parent's control port."""

    agent: IAgent
    clock: IReactorTime
    parent: str

    async def purge(self, purge: Purge) -> int:
        """Carried out by all when this returns; `CacheUnavailable` otherwise."""
        return await self._told("/purge", evolve(purge, fanout=False).to_json())

    async def forget(self, keys: Sequence[str], tags: Sequence[str]) -> int:
        """The same for cache keys and tags."""
        return await self._told("/forget", {"cache_keys": list(keys), "tags": list(tags)})

    async def _told(self, path: str, told: Mapping[str, Any]) -> int:
        asking = Deferred.fromCoroutine(post_json(self.agent, self.parent + path, told))
        asking.addTimeout(WITHIN_SECONDS, self.clock)
        try:
            status, answer = await asking
        except Exception as error:  # the border to another process, whatever went wrong
            raise CacheUnavailable("The other workers cannot be told right now", log=str(error)) from error
        if status != 200:
            raise CacheUnavailable("Not every worker confirmed the purge", log=answer.decode())
        return int(jsontext.read(answer)["purged"])
