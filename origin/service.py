"""An origin node: what its wiring put together, started, watched and stopped in order."""

import os
from pathlib import Path
from random import Random
from typing import Any, cast

from attrs import asdict, define
from prometheus_client import CollectorRegistry
from twisted.application.service import MultiService
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred, DeferredList, maybeDeferred
from twisted.internet.interfaces import IListeningPort
from twisted.logger import Logger
from twisted.web.iweb import IAgentEndpointFactory

from origin.api.routes import ApiRoutes
from origin.api.search_url import SearchUrls
from origin.api.wiring import endpoints
from origin.assets.orphans import OrphanSweep
from origin.delivery.resource import DeliveryResource
from origin.front import Front
from origin.readiness import Readiness
from origin.render.pool import RenderPool
from origin.settings import Settings
from origin.store.interface import ObjectStore
from origin.wiring.api import make_desk, make_jobs, make_parts
from origin.wiring.base import make_base, new_id
from origin.wiring.delivery import make_delivery, make_workshop
from origin.wiring.taking import make_intake, make_reception
from origin.wiring.telling import make_telling
from wire.clock import RIGHT, Clock
from wire.errors import Unavailable
from wire.hosts import Hosts
from wire.web.draining import InFlight
from wire.web.listening import host_and_port, listen
from wire.web.metrics import RequestMetrics
from wire.web.probes import ControlSite, Probes
from wire.web.site import StreamingSite

log = Logger()


class OriginNode(MultiService):
    """One origin instance. Stops in three breaths: no new work, finish the old, then the children."""

    def __init__(
        self,
        settings: Settings,
        *,
        reactor: Any,
        connect: IAgentEndpointFactory | None = None,
        store: ObjectStore | None = None,
        rng: Random | None = None,
        clock: Clock = RIGHT,
    ) -> None:
        super().__init__()
        self._base = make_base(
            settings, reactor=reactor, connect=connect, store=store, rng=rng, now=clock.wall
        )
        self.settings = settings
        self.store, self.catalogue, self.rules = self._base.store, self._base.catalogue, self._base.rules
        self.counters, self.spool, self.scratch = self._base.counters, self._base.spool, self._base.scratch
        self._reactor = reactor
        self._began = reactor.seconds()
        self._in_flight = InFlight()
        self._ports: list[IListeningPort] = []
        self._telling = make_telling(self._base)
        self.readiness = Readiness(
            {
                "store": self.store.check,
                "catalogue": self.rules.refresh,  # which it must know before it serves, and keep up with
                "renderer": _StartedOnce(self._base.renders).check,
            },
            reactor,
            every_seconds=settings.check_seconds,
            node=settings.name,
        )
        telling = self._telling
        for child in (self._base.renders, telling.courier, telling.postman, self.readiness):
            child.setServiceParent(self)
        self._sites = self._wired()

    def _wired(self) -> tuple[StreamingSite, StreamingSite]:
        """What answers on the main and on the control endpoint."""
        base, settings, courier = self._base, self.settings, self._telling.courier
        workshop = make_workshop(base)
        reception = make_reception(base, workshop, courier)
        delivery = make_delivery(base, workshop, reception.mapped.take)
        intake = make_intake(base, workshop, reception, delivery, courier)
        jobs = make_jobs(base, intake)
        parts = make_parts(
            base, workshop, intake, courier, jobs, is_ending=lambda: self.readiness.is_draining
        )
        self.sweep = OrphanSweep(
            catalogue=base.catalogue,
            store=base.store,
            clouds=settings.clouds,
            clock=base.reactor,
            now=base.now,
            chores=(workshop.keeping.sweep,),
        )
        for child in (self.sweep, workshop.mezzanines, workshop.meter, jobs):
            child.setServiceParent(self)
        desk, hosts, registry = make_desk(base, intake), Hosts(settings.hosts), CollectorRegistry()
        probes = Probes(not_ready=lambda: self.readiness.reasons, status=self.status, registry=registry)
        front = Front(
            probes=probes,
            api=ApiRoutes(desk, endpoints(parts)),
            searches=SearchUrls(desk, parts.searching, settings.clouds, hosts),
            delivery=lambda: DeliveryResource(
                delivery.gallery,
                store=base.store,
                hosts=hosts,
                now=base.now,
                new_id=new_id,
                trusted=settings.trusted_proxies,
                meter=workshop.meter,
            ),
            counters=self.counters,
            in_flight=self._in_flight,
            metrics=RequestMetrics(registry, settings.name),
            clock=self._reactor,
        )
        return (
            StreamingSite(front.resource_for, reactor=self._reactor),
            StreamingSite(ControlSite(probes).resource_for, reactor=self._reactor),
        )

    def status(self) -> dict[str, Any]:
        """`/status`."""
        settings = self.settings
        return {
            "name": settings.name,
            "role": "origin",
            "region": settings.region,
            "pid": os.getpid(),
            "uptime_seconds": round(self._reactor.seconds() - self._began, 3),
            **asdict(self.counters),
            "in_flight": self._in_flight.count,
            "render": self._rendering(),
        }

    def _rendering(self) -> dict[str, Any]:
        """How hard the render workers are pressed."""
        renders = self._base.renders
        return {
            **asdict(renders.pressure.at(self._reactor.seconds())),
            "running": renders.jobs_running,
            "waiting": renders.jobs_waiting,
            "workers": renders.workers,
        }

    @property
    def addresses(self) -> tuple[str, ...]:
        """host:port of the main and the control endpoint, once started (the port asked for may be 0)."""
        hosts = (cast(IPv4Address, port.getHost()) for port in self._ports)
        return tuple(f"{host.host}:{host.port}" for host in hosts)

    def startService(self) -> None:
        swept = emptied(self.spool) + emptied(self.scratch)
        if swept:
            log.info("{node} removed {count} abandoned files", node=self.settings.name, count=swept)
        for site, address in zip(self._sites, (self.settings.listen, self.settings.control), strict=True):
            host, port = host_and_port(address)
            self._ports.append(listen(self._reactor, site, port, interface=host))
        super().startService()

    def stopService(self) -> Deferred[None]:
        return Deferred.fromCoroutine(self._stop())

    async def _stop(self) -> None:
        self.readiness.is_draining = True
        main, control = self._sites
        main_port, control_port = self._ports
        await maybeDeferred(main_port.stopListening)
        main.close_idle()
        await self._in_flight.drained(self._reactor, self.settings.grace_seconds)
        main.abort_all()
        await maybeDeferred(super().stopService)
        await maybeDeferred(control_port.stopListening)
        control.abort_all()
        closing = (self.store.close(), self.catalogue.close(), self._telling.lookups.close())
        await DeferredList(
            [self._telling.connections.closeCachedConnections(), *map(Deferred.fromCoroutine, closing)]
        )
        self._ports = []


def make_service(
    settings: Settings,
    *,
    reactor: Any,
    connect: IAgentEndpointFactory | None = None,
    clock: Clock = RIGHT,
) -> OriginNode:
    """The node those settings describe; `connect` is its way out (None: plain TCP and TLS)."""
    return OriginNode(settings, reactor=reactor, connect=connect, clock=clock)


@define
class _StartedOnce:
    """Whether a worker has ever been up: one that is being replaced takes no node out of service."""

    pool: RenderPool
    was_ready: bool = False

    async def check(self) -> None:
        self.was_ready = self.was_ready or self.pool.is_ready
        if not self.was_ready:
            raise Unavailable("no worker is up yet")


def emptied(folder: Path) -> int:
    """Remove what a killed process of the same name left; returns how many files."""
    folder.mkdir(parents=True, exist_ok=True)
    left = [path for path in folder.iterdir() if path.is_file()]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)
