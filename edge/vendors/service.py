"""The node of the vendors' control APIs: one listener for both, and the usual control endpoint."""

from __future__ import annotations

import os
from pathlib import Path
from random import SystemRandom
from typing import Any

from prometheus_client import CollectorRegistry
from twisted.application.service import Service
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import IListeningPort
from twisted.internet.task import deferLater
from twisted.web.resource import IResource

from edge.vendors.akamai.resource import FastPurgeResource
from edge.vendors.cloudfront.records import Book, Record
from edge.vendors.cloudfront.resource import InvalidationResource
from edge.vendors.pending import Pending
from edge.vendors.returning import ReturnedResource
from edge.vendors.settings import Settings
from edge.vendors.telling import Telling
from wire.clock import RIGHT, Clock
from wire.errors import NotFound
from wire.web.agent import ConnectFactory, make_agent
from wire.web.listening import host_and_port, listen, port_of
from wire.web.probes import ControlSite, Probes, Refusal
from wire.web.site import StreamingRequest, StreamingSite


class VendorsNode(Service):
    """Takes what clients of both vendors want forgotten, and has the edges do it."""

    def __init__(
        self,
        settings: Settings,
        reactor: Any,
        connect: ConnectFactory | None = None,
        clock: Clock = RIGHT,
    ) -> None:
        self.settings = settings
        self._reactor = reactor
        self._now = clock.steady()
        agent, self._agents_pool = make_agent(reactor, connect)
        state = Path(settings.state) if settings.state else None
        self.telling = Telling(
            agent,
            reactor,
            settings.controls,
            settings.purge_seconds,
            Pending(state / "pending.jsonl" if state is not None else None),
            settings.name,
        )
        self.book = Book(SystemRandom(), settings.limits, state / "invalidations.jsonl" if state else None)
        invalidations = InvalidationResource(settings, self.book, self._now, self._started)
        fast_purge = FastPurgeResource(settings, self.telling, self._now)
        self._apis: dict[bytes, IResource] = {b"/2020-05-31/": invalidations, b"/ccu/v3/": fast_purge}
        self._nothing = Refusal(NotFound("There is no such API here"))
        probes = Probes(not_ready=list, status=self.status, registry=CollectorRegistry())
        commands = {b"/returned": ReturnedResource(self.telling)}
        self._sites = (
            StreamingSite(ControlSite(probes, commands).resource_for, reactor=reactor),
            StreamingSite(self._resource_for, reactor=reactor),
        )
        self._ports: list[IListeningPort] = []

    @property
    def port(self) -> int:
        """Of the APIs."""
        return port_of(self._ports[1])

    @property
    def control_port(self) -> int:
        """The operators' port."""
        return port_of(self._ports[0])

    def startService(self) -> None:
        super().startService()
        for where, site in zip((self.settings.control, self.settings.listen), self._sites, strict=True):
            host, port = host_and_port(where)
            self._ports.append(listen(self._reactor, site, port, interface=host))
        self.telling.start()
        for record in tuple(self.book.in_progress):
            self._started(record)

    def stopService(self) -> Deferred[None]:
        return Deferred.fromCoroutine(self._stop())

    async def _stop(self) -> None:
        self.telling.stop()
        for port in self._ports:
            await maybeDeferred(port.stopListening)
        for site in self._sites:
            site.abort_all()
        await self._agents_pool.closeCachedConnections()
        await maybeDeferred(super().stopService)

    def status(self) -> dict[str, Any]:
        """For /status."""
        return {
            "name": self.settings.name,
            "role": "vendors",
            "pid": os.getpid(),
            "distributions": sorted(self.settings.distributions),
            "properties": sorted(self.settings.properties),
            "invalidations_in_progress": sum(1 for _ in self.book.in_progress),
            "purges": {
                "confirmed": self.telling.confirmed,
                "slowest_seconds": round(self.telling.slowest_seconds, 3),
                "pending": {pop: len(self.telling.pending.of(pop)) for pop in self.telling.pending.pops},
            },
        }

    def _resource_for(self, request: StreamingRequest) -> IResource:
        found = (api for part, api in self._apis.items() if part in request.path)
        return next(found, self._nothing)

    def _started(self, record: Record) -> None:
        self.telling.in_background(self._invalidate(record))

    async def _invalidate(self, record: Record) -> None:
        """Tell all; who is silent for too long is told when it is back, and holds nothing up."""
        told = self.settings.distributions.get(record.distribution)
        number = await self.telling.tell(record.batch.purge, told.pops if told is not None else ())
        await self.telling.settled(number, self.settings.patience_seconds)
        left = record.created + self.settings.least_seconds - self._now()
        if left > 0:
            await deferLater(self._reactor, left)
        self.book.complete(record)


def make_service(
    settings: Settings, *, reactor: Any, connect: ConnectFactory | None = None, clock: Clock = RIGHT
) -> VendorsNode:
    """The node that these settings describe. `connect` is the way out: None for plain TCP."""
    return VendorsNode(settings, reactor, connect, clock)
