"""A balancer node, wired: two ports, checks of everything behind it, and an orderly end."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from random import Random
from typing import Any

from prometheus_client import CollectorRegistry
from twisted.application.service import MultiService
from twisted.internet.defer import Deferred, gatherResults, maybeDeferred
from twisted.internet.interfaces import IListeningPort, IProtocolFactory
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.web.client import Agent
from twisted.web.resource import IResource

from edge.balancer.adjust import Adjust
from edge.balancer.express.channel import FrontSite
from edge.balancer.express.lane import Lane
from edge.balancer.figures import Figures
from edge.balancer.front import Front
from edge.balancer.loads import Loads
from edge.balancer.names.responder import make_responder
from edge.balancer.names.server import NameServer
from edge.balancer.place import Whereabouts
from edge.balancer.resource import FrontResource
from edge.balancer.routing import Routing
from edge.balancer.settings import Pop, Settings, Upstream
from edge.control.members import Members
from edge.settings import Limits
from edge.tls.listening import tls_factory
from edge.upstream.checks import Checks
from edge.upstream.lines import Lines
from edge.upstream.pool import Pool
from edge.upstream.retries import RetryBudget
from edge.upstream.standings import Standings
from edge.upstream.upstreams import Upstreams
from wire.clock import RIGHT, Clock
from wire.web.afar import FarFrom
from wire.web.agent import ConnectFactory, PlainConnect
from wire.web.draining import InFlight
from wire.web.listening import host_and_port, listen
from wire.web.metrics import RequestMetrics
from wire.web.places import Places
from wire.web.probes import ControlSite, MoreFigures, Probes
from wire.web.site import StreamingSite

FLUSH_SECONDS = 1.0
UNLIMITED = 1 << 62  # nothing is stored here, so no body is too large

log = Logger()


class BalancerNode(MultiService):
    """The front door. Stops in three breaths: no new viewers, the running ones finish, then the checks."""

    def __init__(
        self,
        settings: Settings,
        reactor: Any,
        connect: ConnectFactory,
        commands: Mapping[bytes, IResource] | None = None,
        afar: FarFrom | None = None,
        more: MoreFigures | None = None,
        clock: Clock = RIGHT,
    ) -> None:
        super().__init__()
        self.settings = settings
        self.standings = Standings(
            now=reactor.seconds,
            outlier_errors=settings.outlier_errors,
            away={origin.url for origin in settings.origins if origin.standby},
            fall=settings.fall,
            rise=settings.rise,
            slow_return_seconds=settings.slow_return_seconds,
        )
        self._reactor = reactor
        self._clock = clock
        self._in_flight = InFlight()
        self._pool = Lines(
            reactor,
            connect,
            connect_seconds=settings.connect_seconds,
            concurrency=settings.concurrency,
        )
        # A call that may not be repeated must not be sent down a connection that may have just been closed.
        self._fresh = Lines(
            reactor,
            connect,
            connect_seconds=settings.connect_seconds,
            idle_per_upstream=0,
            concurrency=settings.concurrency,
        )
        self._registry = CollectorRegistry()
        watched: tuple[Pop | Upstream, ...] = (*settings.pops, *settings.origins)
        for upstream in watched:
            self.standings.watch([upstream.url], is_probed=bool(upstream.control))
        self.checks = Checks(
            self.standings,
            {
                upstream.url: upstream.control.rstrip("/") + "/readyz"
                for upstream in watched
                if upstream.control
            },
            agent := Agent.usingEndpointFactory(reactor, connect),
            reactor,
            interval_seconds=settings.check_interval_seconds,
            timeout_seconds=settings.check_timeout_seconds,
        )
        self.checks.on_silent = self._pool.on_missing = self._fresh.on_missing = self._went_silent
        self.checks.setServiceParent(self)
        is_in_between = settings.mode == "proxy"
        rng = Random()  # noqa: S311  what is left to chance is no secret
        self.routing = Routing(
            settings, self.standings, rng, running=self._pool.running if is_in_between else None
        )
        self.checks.on_passed = self.routing.measures.answered
        if settings.route == "least-busy" and not is_in_between:
            self._loads(agent).setServiceParent(self)
        whereabouts = Whereabouts.of(settings.regions, settings.region)
        self.names: NameServer | None = None
        if settings.dns is not None:
            responder = make_responder(settings, settings.dns, whereabouts, self.routing)
            self.names = NameServer(responder, settings.dns.listen, reactor)
            self.names.setServiceParent(self)
        self.front = Front(
            settings,
            whereabouts,
            self.standings,
            self.routing,
            self._upstreams(self._pool),
            self._upstreams(self._fresh),
            reactor,
            RequestMetrics(self._registry, settings.name),
            self._in_flight,
            Counter(),
            afar,
        )
        resource = FrontResource(self.front)
        limits = settings.viewers
        places = Places(limits.connections, limits.connections_per_address)
        self._site = FrontSite(lambda request: resource, reactor=reactor, limits=limits, places=places)
        self._secure_site = FrontSite(
            lambda request: resource, reactor=reactor, scheme="https", limits=limits, places=places
        )
        if settings.mode != "redirect":
            for site in self._sites:
                site.lane = Lane(self.front, site.scheme, limits)
        probes = Probes(not_ready=self.not_ready, status=self.status, registry=self._registry, more=more)
        self._registry.register(
            Figures(settings.name, self.routing, self.names.responder if self.names else None)
        )
        every: dict[bytes, IResource] = {
            b"/adjust": Adjust(self.routing, self.status),
            b"/members": Members((origin.url for origin in settings.origins), self.standings),
            **(commands or {}),
        }
        self._control_site = StreamingSite(ControlSite(probes, every).resource_for, reactor=reactor)
        self.port: IListeningPort | None = None
        self.tls_port: IListeningPort | None = None
        self.control_port: IListeningPort | None = None
        self._started_at = 0.0
        self._is_stopping = False

    def _went_silent(self, url: str) -> None:
        """Who waits there for an answer is helped elsewhere, if there is an elsewhere."""
        told = self.settings
        among = ((told.pops, self._pool), (told.origins, self._fresh))
        for others, pool in among:
            urls = [other.url for other in others]
            if url in urls and any(self.standings.is_up(other) for other in urls if other != url):
                pool.hang_up(url)

    def _upstreams(self, pool: Pool) -> Upstreams:
        told = self.settings
        limits = Limits(
            connect_seconds=told.connect_seconds,
            first_byte_seconds=told.first_byte_seconds,
            between_bytes_seconds=told.between_bytes_seconds,
            resume_seconds=told.resume_seconds,
            send_seconds=told.send_seconds,
            object_bytes=UNLIMITED,
        )
        return Upstreams(
            (),
            pool,
            self.standings,
            self._reactor,
            self._reactor.seconds,
            limits,
            budget=RetryBudget(told.retry_share),
        )

    def _loads(self, agent: Agent) -> Loads:
        told = self.settings
        return Loads(
            {pop.url: pop.control.rstrip("/") + "/status" for pop in told.pops if pop.control},
            self.routing.measures.told,
            agent,
            self._reactor,
            interval_seconds=told.check_interval_seconds,
            timeout_seconds=told.check_timeout_seconds,
        )

    def startService(self) -> None:
        self._started_at = self._reactor.seconds()
        self.control_port = self._listen(self.settings.control, self._control_site)
        self.port = self._listen(self.settings.listen, self._site)
        if self.settings.tls.listen:
            factory = tls_factory(self.settings.tls, self._secure_site, self._reactor, self._clock.wall)
            self.tls_port = self._listen(self.settings.tls.listen, factory)
        super().startService()

    def stopService(self) -> Deferred[None]:
        return Deferred.fromCoroutine(self._stop())

    async def _stop(self) -> None:
        self._is_stopping = True
        for port in (self.port, self.tls_port):
            if port is not None:
                await maybeDeferred(port.stopListening)
        for site in self._sites:
            site.close_idle()
        await self._in_flight.drained(self._reactor, self.settings.grace_seconds)
        await self._flushed()
        for site in self._sites:
            site.abort_all()
            if site.lane is not None:
                site.lane.stop()
        await gatherResults([Deferred.fromCoroutine(pool.close()) for pool in (self._pool, self._fresh)])
        if self.control_port is not None:
            await maybeDeferred(self.control_port.stopListening)
        self._control_site.abort_all()
        await maybeDeferred(super().stopService)

    async def _flushed(self) -> None:
        """Return when the last answers have left, or their viewers were too slow for them."""
        deadline = self._reactor.seconds() + FLUSH_SECONDS
        while any(site.channels for site in self._sites) and self._reactor.seconds() < deadline:
            await deferLater(self._reactor, 0.02)

    @property
    def _sites(self) -> tuple[FrontSite, ...]:
        return self._site, self._secure_site

    def _listen(self, address: str, site: IProtocolFactory) -> IListeningPort:
        host, port = host_and_port(address)
        return listen(self._reactor, site, port, interface=host)

    # The control endpoint

    def not_ready(self) -> list[str]:
        """Why it should not get viewers; empty when it should."""
        reasons = ["draining"] if self._is_stopping else []
        if not any(self._is_proven(pop.url) for pop in self.settings.pops):
            reasons.append("no healthy PoP")
        if self.settings.origins and not any(self._is_proven(origin.url) for origin in self.settings.origins):
            reasons.append("no healthy origin")
        return reasons

    def _is_proven(self, url: str) -> bool:
        record = self.standings.records[url]
        if url in self.standings.away:
            return False
        return self.standings.is_up(url) and (record.has_passed or not record.is_probed)

    def status(self) -> dict[str, Any]:
        """What the page and `pixeledge` show of it."""
        counted = self.front.counted
        return {
            "name": self.settings.name,
            "role": "balancer",
            "region": self.settings.region,
            "mode": self.settings.mode,
            "route": self.settings.route,
            "cdns": self.routing.vendors,
            "pid": os.getpid(),
            "uptime_seconds": round(self._reactor.seconds() - self._started_at, 3),
            "requests": counted["requests"],
            "errors": counted["errors"],
            "cut": counted["cut"],
            "express": counted["express"],
            "in_flight": self._in_flight.count,
            "pops": [self._told_of(pop) | self.routing.told_of(pop) for pop in self.settings.pops],
            "origins": [self._told_of(origin) for origin in self.settings.origins],
            **({"dns": self.names.responder.status} if self.names is not None else {}),
        }

    def _told_of(self, upstream: Pop | Upstream) -> dict[str, Any]:
        record = self.standings.records[upstream.url]
        return {
            "name": upstream.name,
            "region": upstream.region,
            "url": upstream.url,
            "away": upstream.url in self.standings.away,
            "healthy": self.standings.is_up(upstream.url),
            "standing": record.standing.value,
            "reason": record.reason,
            "requests": record.requests,
            "failures": record.failures,
            "ejections": record.ejections,
        }


def make_service(
    settings: Settings,
    *,
    reactor: Any,
    connect: ConnectFactory | None = None,
    commands: Mapping[bytes, IResource] | None = None,
    afar: FarFrom | None = None,
    more: MoreFigures | None = None,
    clock: Clock = RIGHT,
) -> BalancerNode:
    """A balancer from its settings. `connect` opens what it opens; None: plain TCP, TLS for https. `commands`: what
    else its control port answers, by path; `more`: what else its probes tell. `afar`: who stands between viewers and
    the PoPs that answer them.
    """
    connect = connect or PlainConnect(reactor, settings.connect_seconds)
    return BalancerNode(settings, reactor, connect, commands, afar, more, clock)
