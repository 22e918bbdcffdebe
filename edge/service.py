"""One edge or shield: the wiring of its parts, and the order in which they stop."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from twisted.application.service import MultiService
from twisted.internet.defer import CancelledError, Deferred, gatherResults, maybeDeferred, succeed
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IListeningPort, IProtocolFactory
from twisted.logger import Logger
from twisted.web.iweb import IAgentEndpointFactory
from twisted.web.resource import IResource

from edge.cache.interface import CacheUnusable
from edge.cache.opening import open_cache
from edge.cache.tiered import TieredCache
from edge.chores import Chores
from edge.control.figures import Figures
from edge.control.forget import Forget, ForgetResource
from edge.control.members import Members
from edge.control.prefetching import PrefetchResource
from edge.control.purge import Purge, carry_out
from edge.control.purging import Everywhere, Fanout, PurgeMethod, PurgeResource, everywhere
from edge.control.returning import Returning
from edge.control.siblings import Siblings
from edge.control.tally import Tally
from edge.core.forwarders import Forwarders
from edge.http.express import ExpressLane
from edge.http.machinery import Machinery
from edge.http.site import EdgeResource, ViewersSite
from edge.personality.played import cautions
from edge.settings import Settings
from edge.upstream.lines import Lines
from edge.wiring.health import make_health
from edge.wiring.machinery import make_machinery
from edge.workers.place import Door, Place
from wire.clock import RIGHT, Clock
from wire.errors import Unavailable
from wire.web.afar import Afar
from wire.web.agent import PlainConnect, make_agent
from wire.web.listening import LoopPort, host_and_port, loop_of, port_of, reserved
from wire.web.places import Places
from wire.web.probes import ControlSite, MoreFigures, Probes
from wire.web.site import StreamingRequest, StreamingSite

log = Logger()

FLUSH_SECONDS = 1.0  # lines of the access log
TIDY_SECONDS = 5.0  # what was evicted takes room for so long, where it lies open


class EdgeNode(MultiService):
    """One cache node. Stops in three breaths: no new work, finish the old, then the parts.

    `ready` fires when the cache is open and viewers are listened for, and fails, with a sentence that
    `/readyz` repeats, when the cache cannot be opened.
    """

    def __init__(
        self,
        settings: Settings,
        reactor: Any,
        connect: IAgentEndpointFactory | None = None,
        place: Place | None = None,
        commands: Mapping[bytes, IResource] | None = None,
        afar: Afar | None = None,
        more: MoreFigures | None = None,
        clock: Clock = RIGHT,
    ) -> None:
        super().__init__()
        self._afar = afar
        self._figures_beside = more
        self._place = place or Place()
        self._more = dict(commands or {})
        self.settings = settings
        self.tally = Tally()
        self.machinery: Machinery | None = None
        self.ready: Deferred[None] = Deferred()
        self._reactor = reactor
        self._now = clock.steady()
        connect = connect or PlainConnect(reactor, settings.limits.connect_seconds, settings.upstream_ca)
        self._agent, self._agents_pool = make_agent(reactor, connect)
        self._pool = Lines(
            reactor,
            connect,
            connect_seconds=settings.limits.connect_seconds,
            concurrency=settings.concurrency,
        )
        self._pool.on_missing = self._went_missing
        health, checks = make_health(settings, self._now, self._agent, reactor)
        if checks is not None:
            checks.on_silent = self._went_silent
            checks.setServiceParent(self)
        self.health = health
        self.figures = Figures(
            settings, self.tally, self._pool, health, now=self._now, viewers=self._count_of_viewers
        )
        parent = self._place.parent
        self._siblings = Siblings(self._agent, reactor, parent) if parent else None
        self._cache: TieredCache | None = None
        self._resource: IResource
        self._places = Places(settings.limits.connections, settings.limits.connections_per_address)
        self._viewers: ViewersSite
        self._secure: ViewersSite | None = None
        self._control: StreamingSite
        self._trouble = "the cache is being opened"
        self._ports: list[IListeningPort] = []
        self._starting: Deferred[None] | None = None
        self._chores = Chores(reactor)
        self._is_stopping = False

    # Where it can be reached

    @property
    def port(self) -> int:
        """The viewers' port."""
        return port_of(self._ports[1])

    @property
    def tls_port(self) -> int:
        """The viewers' port over TLS, where there is one."""
        return port_of(self._ports[2])

    @property
    def control_port(self) -> int:
        """The operators' port."""
        return port_of(self._ports[0])

    # Starting

    def startService(self) -> None:
        """Bind all endpoints at once, so that a taken port is told to who starts us; then open the cache, and then the
        viewers' ports: until then they are refused, and whoever sent them asks another."""
        super().startService()
        probes = Probes(
            not_ready=self._not_ready,
            status=self.status if self._place.is_alone else self.figures.shared_status,
            registry=self.figures.registry,
            more=self._figures_beside,
        )
        self._control = StreamingSite(
            lambda request: ControlSite(probes, self._commands()).resource_for(request), reactor=self._reactor
        )
        self._viewers = self._viewers_site("http")
        self._reserve("control", self.settings.control, self._control)
        self._reserve("listen", self.settings.listen, self._viewers)
        if self.settings.tls.listen:
            from edge.tls.listening import tls_factory  # which loads OpenSSL

            self._secure = self._viewers_site("https")
            factory = tls_factory(self.settings.tls, self._secure, self._reactor, self._now)
            self._reserve("tls", self.settings.tls.listen, factory)
        self._ports[0].startListening()
        self._starting = Deferred.fromCoroutine(self._start())
        self._starting.addErrback(self._could_not_start)

    async def _start(self) -> None:
        settings = self.settings
        directory = Path(settings.cache_dir) if settings.cache_dir else None
        self._cache = await open_cache(
            self._reactor,
            hot_bytes=settings.hot_bytes // self._place.seats,
            disk_bytes=settings.disk_bytes,
            directory=directory,
            eviction=settings.eviction,
            verify_all=settings.checksums == "all",
            seat=self._place.seat,
            seats=self._place.seats,
        )
        if self._is_stopping:
            return
        self.machinery = make_machinery(
            settings,
            self._place,
            self._cache,
            self._pool,
            self.health,
            self.tally,
            self._siblings,
            reactor=self._reactor,
            now=self._now,
        )
        self.figures.opened(self._cache, self.machinery)
        await self._catch_up()
        purging = PurgeMethod(self._everywhere(), settings.purge_token)
        self._resource = EdgeResource(self.machinery, Forwarders.of(settings.trusted_proxies), purging)
        for site in self._viewers_sites:
            self._open_lanes(site, self._cache, self.machinery)
        if self.machinery.access_log is not None:
            self._chores.every(FLUSH_SECONDS, self.machinery.access_log.flush)
        if self._cache.disk is not None:
            self._chores.every(TIDY_SECONDS, self._cache.tidy)
        for port in self._ports[1:]:
            port.startListening()
        log.info(
            "{node} serves {listen} for {upstreams}",
            node=settings.name,
            listen=settings.listen,
            upstreams=settings.asked,
        )
        for caution in cautions(settings):
            log.warn("{node}: {caution}", node=settings.name, caution=caution)
        self.ready.callback(None)
        if self._cache.disk is not None and self._place.seat == 0:
            await self._cache.disk.sweep()

    async def _catch_up(self) -> None:
        """Hear what was purged while this node was away. Where that cannot be had, all that is stored is stale."""
        settings = self.settings
        if not settings.purges:
            return
        self._trouble = "asking what was purged meanwhile"
        within = settings.limits.catch_up_seconds
        returning = Returning(self._agent, self._reactor, settings.purges, settings.name, within)
        if not await returning.is_caught_up():
            await self._forgotten_here(Purge(everything=True, soft=True))

    def _open_lanes(self, site: ViewersSite, cache: TieredCache, machinery: Machinery) -> None:
        """Those of each site: over TLS, and there over HTTP/2, the same bytes are another request."""
        site.lane = ExpressLane(cache, self.tally, self._now, machinery.access_log)
        machinery.lanes.append(site.lane)
        if site.scheme == "https":
            site.http2_lane = ExpressLane(cache, self.tally, self._now, machinery.access_log)
            machinery.lanes.append(site.http2_lane)

    def _could_not_start(self, failure: Any) -> None:
        if self._is_stopping and failure.check(CancelledError):
            return
        if self.ready.called:
            log.failure("while tidying the cache", failure)
            return
        if failure.check(CacheUnusable, CannotListenError):
            log.critical(
                "{node} cannot start: {reason}", node=self.settings.name, reason=failure.getErrorMessage()
            )
        else:
            log.failure("{node} cannot start", failure, node=self.settings.name)
        self._trouble = failure.getErrorMessage()
        self.ready.errback(failure)

    def _commands(self) -> dict[bytes, Any]:
        """What an operator may ask beside the probes, once there is something to ask it of."""
        # early too: a parent waits until we can
        early = {
            b"/forget": ForgetResource(self._forget),
            b"/members": Members(self.settings.asked, self.health),
            **self._more,
        }
        if self.machinery is None:
            return early
        return {
            **early,
            b"/purge": PurgeResource(self._everywhere()),
            b"/prefetch": PrefetchResource(self.machinery, self.settings.host or self.settings.listen),
        }

    def _everywhere(self) -> Everywhere:
        settings = self.settings
        within = settings.limits.purge_seconds
        fanout = Fanout(self._agent, self._reactor, settings.peers, within, settings.name)
        return partial(everywhere, here=self._forgotten_here, fanout=fanout)

    async def _forgotten_here(self, purge: Purge) -> int:
        """By all processes of this node."""
        return await (self._siblings.purge(purge) if self._siblings is not None else self._purge(purge))

    async def _purge(self, purge: Purge, at: float | None = None) -> int:
        if self.machinery is None:
            raise Unavailable("Starting")
        return await carry_out(purge, self.machinery, at)

    async def _forget(self, told: Forget) -> int:
        """What the parent has all its workers do."""
        purged = await self._purge(told.purge, told.at) if told.purge is not None else 0
        if self.machinery is None:
            raise Unavailable("Starting")
        return purged + await self.machinery.forget(told.cache_keys, told.tags)

    def _viewers_resource(self, _: StreamingRequest) -> IResource:
        return self._resource

    def _viewers_site(self, scheme: str) -> ViewersSite:
        limits = self.settings.limits.for_viewers(as_cloudfront=self.settings.personality == "cloudfront")
        site = ViewersSite(
            self._viewers_resource, reactor=self._reactor, scheme=scheme, limits=limits, places=self._places
        )
        site.refused = self.tally.refused
        site.afar = self._afar
        return site

    @property
    def _viewers_sites(self) -> tuple[ViewersSite, ...]:
        return (self._viewers,) if self._secure is None else (self._viewers, self._secure)

    def _reserve(self, door: Door, where: str, site: IProtocolFactory) -> None:
        lent = self._place.sockets.get(door)
        loop = loop_of(self._reactor)
        if lent is not None and loop is not None:
            self._ports.append(LoopPort(loop, site, lent))
            return
        host, port = host_and_port(where)
        self._ports.append(reserved(self._reactor, site, port, interface=host))

    def _went_silent(self, url: str) -> None:
        """Who waits there is helped elsewhere; where nobody else is left, who has a stored answer goes on with that."""
        self._pool.hang_up(url, validations_only=self.health.are_silent(self.settings.asked))

    def _went_missing(self, url: str) -> None:
        """Who waits there is helped elsewhere, where somebody else is as good. In a group, the group says when."""
        if self.machinery is None or self.machinery.upstreams.group is not None:
            return
        others = (other for other in self.health.here(self.settings.asked) if other != url)
        if any(self.health.ejected_until(other) <= self._now() for other in others):
            self._pool.hang_up(url)

    # What it tells of itself

    def _not_ready(self) -> list[str]:
        if self._is_stopping:
            return ["draining"]
        return [] if self.ready.called and self.machinery is not None else [self._trouble]

    def status(self) -> dict[str, Any]:
        """The node in figures, for /status."""
        return self.figures.status()

    def _count_of_viewers(self) -> int:
        return sum(len(site.channels) for site in self._viewers_sites)

    # Stopping

    def stopService(self) -> Deferred[None]:
        """No new viewers, let the running ones end, then close what they used. Twice is once."""
        if self._is_stopping:
            return succeed(None)
        return Deferred.fromCoroutine(self._stop())

    async def _stop(self) -> None:
        self._is_stopping = True
        if self._starting is not None and self._cache is None:
            await self._starting  # a cache half open cannot be closed
        elif self._starting is not None and not self.ready.called:
            self._starting.cancel()
        for port in self._ports[1:]:
            await maybeDeferred(port.stopListening)
        within = self.settings.limits.drain_seconds
        await gatherResults([Deferred.fromCoroutine(site.drain(within)) for site in self._viewers_sites])
        if self.machinery is not None:  # what runs without a viewer: fills, refreshes
            await self.machinery.in_flight.drained(self._reactor, self.settings.limits.drain_seconds / 4)
            self.machinery.stop()
        for port in self._ports[:1]:
            await maybeDeferred(port.stopListening)
        self._control.abort_all()
        await self._pool.close()
        await self._agents_pool.closeCachedConnections()
        self._chores.stop()
        if self.machinery is not None and self.machinery.access_log is not None:
            self.machinery.access_log.close()
        if self._cache is not None:
            await self._cache.close()
        await maybeDeferred(super().stopService)


def make_service(
    settings: Settings,
    *,
    reactor: Any,
    connect: IAgentEndpointFactory | None = None,
    place: Place | None = None,
    commands: Mapping[bytes, IResource] | None = None,
    afar: Afar | None = None,
    more: MoreFigures | None = None,
    clock: Clock = RIGHT,
) -> EdgeNode:
    """The node that these settings describe, or one worker of it. `connect` is the way out: None for plain TCP and
    TLS. `commands`: what else its control port answers, by path; `more`: what else its probes tell. `afar`: who stands
    before viewers that are far away.
    """
    return EdgeNode(settings, reactor, connect, place, commands, afar, more, clock)
