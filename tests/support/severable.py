"""A way out on which single places can be cut off: calls to those are neither taken nor refused."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from attrs import define, field, frozen
from twisted.internet import reactor as real_reactor
from twisted.internet.defer import Deferred
from twisted.web.client import URI

from edge.upstream.lines import Lines
from wire.web.agent import PlainConnect

reactor: Any = real_reactor


@define
class Severable:
    """Plain TCP, as far as it is not cut."""

    calls_in_vain: int = 0
    _cut: set[int | None] = field(factory=set)

    def cut(self, *urls: str) -> None:
        """From now on."""
        self._cut |= {urlsplit(url).port for url in urls}

    def endpointForURI(self, uri: URI) -> Any:
        return _Call(self, uri) if uri.port in self._cut else PlainConnect(reactor).endpointForURI(uri)

    def never(self) -> Deferred[Any]:
        """What comes of a call."""
        self.calls_in_vain += 1
        return Deferred()


@frozen
class _Call:
    way: Severable
    uri: URI

    def connect(self, factory: Any) -> Deferred[Any]:
        return self.way.never()


def missed_by(pool: Lines) -> list[str]:
    """The upstreams that a pool takes to have gone, as it comes to that: after whatever it does of it."""
    missing: list[str] = []
    do = pool.on_missing

    def note(upstream: str) -> None:
        do(upstream)
        missing.append(upstream)

    pool.on_missing = note
    return missing
