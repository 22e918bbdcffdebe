"""An origin node, wired: the only place where its parts meet."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from random import Random, SystemRandom
from typing import Any, cast
from uuid import uuid4

from attrs import asdict, define
from prometheus_client import CollectorRegistry
from twisted.application.service import MultiService
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred, DeferredList, maybeDeferred
from twisted.internet.interfaces import IListeningPort
from twisted.logger import Logger
from twisted.web.iweb import IAgentEndpointFactory

from origin.api.admin.account import MediaLimits
from origin.api.answers import Answers
from origin.api.credentials import Doorkeeper
from origin.api.limits import RateLimits
from origin.api.notifying import Notifiers
from origin.api.presetting import Presetting
from origin.api.resource import Desk
from origin.api.routes import ApiRoutes
from origin.api.search_url import SearchUrls
from origin.api.searching import Searching
from origin.api.upload.archives import ARCHIVE, Archive
from origin.api.upload.archiving import Archiving
from origin.api.upload.background import Derive, Later, TakeIn
from origin.api.upload.explaining import EXPLICIT, Explain, Explaining
from origin.api.upload.sheeting import Sheeting
from origin.api.upload.sheets import SHEET, MakeSheet
from origin.api.upload.taking import DERIVE, Taking
from origin.api.wiring import Parts, endpoints
from origin.archives.choosing import Choosing
from origin.archives.packing import Packing
from origin.assets.analyses import Analyses
from origin.assets.assembly import Assembly
from origin.assets.captions import Captions
from origin.assets.copies import Copies
from origin.assets.destroy import Destroy
from origin.assets.eager import Eager
from origin.assets.editing import Editing
from origin.assets.foldering import Foldering
from origin.assets.ingest import Ingest
from origin.assets.jobs import Jobs, Lull
from origin.assets.orphans import OrphanSweep
from origin.assets.outbox import Courier
from origin.assets.responsive import Responsive
from origin.assets.structured import StripMetadata
from origin.assets.texts import Texts
from origin.catalogue import Catalogue, FolderModes
from origin.catalogue.messages import TAKE_IN
from origin.catalogue.metadata import STRIP_METADATA
from origin.counters import Counters
from origin.delivery.access import Gate
from origin.delivery.baselines import Baselines
from origin.delivery.chains import ChainReader
from origin.delivery.copies import CopyKeeping
from origin.delivery.derive import Derivatives
from origin.delivery.documents import Documents
from origin.delivery.finding import Finder
from origin.delivery.looking import Looks
from origin.delivery.making import Making
from origin.delivery.mapped import MappedAssets
from origin.delivery.mezzanines import Mezzanines
from origin.delivery.pictures import Gallery
from origin.delivery.planning import Planner
from origin.delivery.remote import RemoteAssets
from origin.delivery.resource import DeliveryResource
from origin.delivery.rules import Rulebook
from origin.delivery.shelf import Shelf
from origin.delivery.strict import Strictness
from origin.delivery.tagged import Tagged
from origin.delivery.widths import Widths
from origin.front import Front
from origin.meter import Meter
from origin.notifications.posting import Posting, own_resolver
from origin.notifications.postman import Postman
from origin.notifications.reading import Reading
from origin.readiness import Readiness
from origin.remote.asking import Asker
from origin.remote.loading import Loader
from origin.remote.sources import Sources
from origin.render.pool import RenderPool
from origin.render.providers import Command
from origin.settings import Cloud, Settings
from origin.store.buckets import Buckets
from origin.store.interface import ObjectStore
from origin.store.making import make_stores
from origin.threads import Threads
from wire.errors import Unavailable
from wire.hosts import Hosts
from wire.web.agent import make_agent
from wire.web.draining import InFlight
from wire.web.metrics import RequestMetrics
from wire.web.probes import ControlSite, Probes
from wire.web.site import StreamingSite

log = Logger()

LOOKUPS = 16  # threads for the names of webhooks' hosts


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
    ) -> None:
        super().__init__()
        self.settings = settings
        self.counters = Counters()
        self._reactor = reactor
        self._connect = connect
        self._began = reactor.seconds()
        self._in_flight = InFlight()
        self._ports: list[IListeningPort] = []
        state = Path(settings.state)
        # Instances may share `state`: each has folders of its own, and sweeps there what it left when killed.
        self.spool = state / "spool" / settings.name
        self.scratch = state / "scratch" / settings.name
        self.store = store or make_stores(
            settings.storage,
            {name: cloud.storage for name, cloud in settings.clouds.items() if cloud.storage is not None},
            reactor=reactor,
            scratch=self.scratch,
            connect=connect,
        )
        self._modes = FolderModes(
            _clouds_where(settings, lambda cloud: cloud.folder_mode == "fixed"),
            _clouds_where(settings, lambda cloud: not cloud.auto_create_folders),
        )
        self.catalogue = Catalogue(settings.catalogue, reactor=reactor, modes=self._modes)
        self.rules = Rulebook(self.catalogue, settings.clouds)
        agent, self._pool = make_agent(reactor, connect)
        renders = RenderPool(
            reactor,
            settings.render,
            settings.workers,
            self.scratch,
            {
                name: Command(each.command, each.seconds, each.memory_bytes)
                for name, each in settings.providers.items()
                if each.command
            },
        )
        courier = Courier(
            catalogue=self.catalogue,
            store=self.store,
            agent=agent,
            nodes=settings.invalidate,
            clock=reactor,
            now=_now,
        )
        self._lookups = Threads(reactor, "webhook names", LOOKUPS)
        postman = Postman(
            catalogue=self.catalogue,
            post=Posting(Asker(reactor, own_resolver(self._lookups)), settings.webhooks.seconds).post,
            clouds=settings.clouds,
            settings=settings.webhooks,
            counters=self.counters,
            clock=reactor,
            now=_now,
        )
        self.readiness = Readiness(
            {
                "store": self.store.check,
                "catalogue": self.rules.refresh,  # which it must know before it serves, and keep up with
                "renderer": _StartedOnce(renders).check,
            },
            reactor,
            every_seconds=settings.check_seconds,
            node=settings.name,
        )
        self._copies = CopyKeeping(self.catalogue, settings.clouds, _now)
        sweep = OrphanSweep(
            catalogue=self.catalogue,
            store=self.store,
            clouds=settings.clouds,
            clock=reactor,
            now=_now,
            chores=(self._copies.sweep,),
        )
        for child in (renders, courier, postman, self.readiness, sweep):
            child.setServiceParent(self)
        self._sites = self._wired(renders, courier, rng or SystemRandom())

    def _wired(
        self, renders: RenderPool, courier: Courier, rng: Random
    ) -> tuple[StreamingSite, StreamingSite]:
        settings = self.settings
        chains = ChainReader(self.rules, settings.limits)
        shelf = Shelf(catalogue=self.catalogue, store=self.store, now=_now, new_id=_new_id)
        mezzanines = Mezzanines(
            shelf=shelf,
            store=self.store,
            renders=renders,
            counters=self.counters,
            is_wanted=settings.mezzanines,
        )
        mezzanines.setServiceParent(self)
        meter = Meter(self.catalogue.tallies, clock=self._reactor, now=_now)
        meter.setServiceParent(self)
        derivatives = Derivatives(
            shelf=shelf,
            store=self.store,
            renders=renders,
            mezzanines=mezzanines,
            counters=self.counters,
            meter=meter,
        )
        loader = Loader(self._reactor, self.spool, running=settings.loads, waiting=4 * settings.loads)
        remotes = RemoteAssets(
            catalogue=self.catalogue,
            store=self.store,
            renders=renders,
            loader=loader,
            copies=self._copies,
            clouds=settings.clouds,
            now=_now,
            new_id=_new_id,
        )
        planner = Planner(
            self.catalogue,
            renders,
            settings.limits,
            self.store,
            Looks(self.catalogue, self.store, renders, self.counters),
            remotes,
            {name: each.plugged() for name, each in settings.providers.items()},
        )
        documents = Documents(shelf=shelf, scratch=self.scratch, new_id=_new_id)
        baselines = Baselines(
            chains=chains,
            planner=planner,
            derivatives=derivatives,
            documents=documents,
            renders=renders,
            store=self.store,
        )
        making = Making(chains, baselines, planner)
        analyses = Analyses(self.catalogue, self.store, renders)
        texts = Texts(
            catalogue=self.catalogue,
            store=self.store,
            renders=renders,
            scratch=self.scratch,
            now=_now,
            new_id=_new_id,
        )
        ingest = Ingest(
            catalogue=self.catalogue,
            store=self.store,
            renders=renders,
            planner=planner,
            rng=rng,
            chains=chains,
            analyses=analyses,
            texts=texts,
            now=_now,
            backed_up=_clouds_where(settings, lambda cloud: cloud.backup),
            retaining=_clouds_where(settings, lambda cloud: cloud.retain_on_overwrite),
        )
        desk = Desk(
            doorkeeper=Doorkeeper(settings.clouds, settings.signature_window_seconds),
            presetting=Presetting(self.catalogue.presets, settings.clouds),
            answers=Answers(settings.delivery_url, self._modes.fixed),
            limits=RateLimits(self.catalogue.tallies, settings.clouds, _now),
            rules=self.rules,
            spool=self.spool,
            max_upload_bytes=settings.max_upload_bytes,
            now=_now,
            new_id=_new_id,
        )
        widths = Widths(
            making=making,
            renders=renders,
            store=self.store,
            documents=documents,
            counters=self.counters,
        )
        mapped = MappedAssets(
            rules=self.rules,
            remotes=remotes,
            loader=loader,
            catalogue=self.catalogue,
            store=self.store,
            renders=renders,
            now=_now,
            new_id=_new_id,
        )
        gate = Gate(settings.clouds, _now)
        finder = Finder(self.catalogue, settings.clouds, chains, remotes, gate, mapped)
        tagged = Tagged(self.catalogue, planner, derivatives, chains)
        gallery = Gallery(
            finder=finder,
            strictness=Strictness(settings.clouds, self.rules, chains, self.catalogue),
            derivatives=derivatives,
            documents=documents,
            making=making,
            widths=widths,
            tagged=tagged,
            chains=chains,
            now=_now,
        )
        eager, answers = Eager(derivatives, making), desk.answers
        notifiers, sources = Notifiers(settings.clouds, _now), self._sources()
        taking = Taking(
            answers,
            ingest,
            eager,
            analyses,
            Responsive(eager, widths),
            courier,
            self.counters,
            self.catalogue.outbox,
        )
        editing = Editing(self.catalogue, _now, rng)
        explaining = Explaining(
            editing=editing,
            finder=finder,
            taking=taking,
            texts=texts,
            answers=answers,
            courier=courier,
        )
        copies = Copies(self.catalogue, eager, self.store)
        archiving = Archiving(
            answers=answers,
            choosing=Choosing(self.catalogue, _now),
            packing=Packing(copies, self.store),
            eager=eager,
            ingest=ingest,
            outbox=self.catalogue.outbox,
            spool=self.spool,
            most_bytes=settings.max_file_bytes,
            now=_now,
            new_id=_new_id,
        )
        sheeting = Sheeting(
            tagged=tagged,
            remotes=remotes,
            ingest=ingest,
            store=self.store,
            spool=self.spool,
            chains=chains,
            answers=answers,
            outbox=self.catalogue.outbox,
            now=_now,
            new_id=_new_id,
        )
        parts = Parts(
            catalogue=self.catalogue,
            store=self.store,
            answers=answers,
            ingest=ingest,
            eager=eager,
            analyses=analyses,
            destroy=Destroy(catalogue=self.catalogue, eager=eager, now=_now),
            courier=courier,
            counters=self.counters,
            rng=rng,
            editing=editing,
            foldering=Foldering(self.catalogue, _now),
            explaining=explaining,
            archiving=archiving,
            copies=copies,
            sheeting=sheeting,
            captions=Captions(
                ingest=ingest,
                chains=chains,
                planner=planner,
                renders=renders,
                store=self.store,
                spool=self.spool,
                new_id=_new_id,
            ),
            texts=texts,
            taking=taking,
            sources=sources,
            later=Later(catalogue=self.catalogue, store=self.store, now=_now, new_id=_new_id),
            jobs=self._jobs(taking, explaining, archiving, sheeting, sources, renders),
            assembly=Assembly(
                catalogue=self.catalogue,
                store=self.store,
                spool=self.spool,
                now=_now,
                new_id=_new_id,
                most_bytes=settings.max_file_bytes,
            ),
            notifiers=notifiers,
            searching=Searching(self.catalogue, answers, _now),
            rules=self.rules,
            chains=chains,
            clouds=settings.clouds,
            media_limits=MediaLimits(
                settings.max_upload_bytes,
                round(settings.render.input_megapixels * 1_000_000),
                round(settings.render.frames_megapixels * 1_000_000),
            ),
            now=_now,
            new_id=_new_id,
            reading=Reading(
                catalogue=self.catalogue,
                clouds=settings.clouds,
                clock=self._reactor,
                now=_now,
                look_seconds=settings.webhooks.look_seconds,
                is_ending=lambda: self.readiness.is_draining,
            ),
        )
        hosts = Hosts(settings.hosts)
        registry = CollectorRegistry()
        probes = Probes(not_ready=lambda: self.readiness.reasons, status=self.status, registry=registry)
        front = Front(
            probes=probes,
            api=ApiRoutes(desk, endpoints(parts)),
            searches=SearchUrls(desk, parts.searching, settings.clouds, hosts),
            delivery=lambda: DeliveryResource(
                gallery,
                store=self.store,
                hosts=hosts,
                now=_now,
                new_id=_new_id,
                trusted=settings.trusted_proxies,
                meter=meter,
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

    def _jobs(
        self,
        taking: Taking,
        explaining: Explaining,
        archiving: Archiving,
        sheeting: Sheeting,
        sources: Sources,
        renders: RenderPool,
    ) -> Jobs:
        clouds = self.settings.clouds
        calm = Lull(lambda: renders.is_crowded, self._reactor)
        take_in = TakeIn(taking=taking, sources=sources, store=self.store, spool=self.spool, clouds=clouds)
        derive = Derive(taking=taking, catalogue=self.catalogue, clouds=clouds, calm=calm)
        strip = StripMetadata(self.catalogue.metadata, _now)
        jobs = Jobs(
            outbox=self.catalogue.outbox,
            kinds={
                TAKE_IN: take_in,
                DERIVE: derive,
                EXPLICIT: Explain(explaining=explaining, clouds=clouds),
                STRIP_METADATA: strip,
                SHEET: MakeSheet(sheeting=sheeting, clouds=clouds),
                ARCHIVE: Archive(archiving=archiving, clouds=clouds),
            },
            calm=calm,
            clock=self._reactor,
            now=_now,
        )
        jobs.setServiceParent(self)
        return jobs

    def _sources(self) -> Sources:
        settings = self.settings
        # Loads of their own: uploads of remote files must not take the turns that viewers wait for.
        loads = max(1, settings.loads // 4)
        loader = Loader(self._reactor, self.spool, running=loads, waiting=16 * loads)
        is_s3 = settings.storage.kind == "minio"
        buckets = (
            Buckets(storage=settings.storage, spool=self.spool, reactor=self._reactor, connect=self._connect)
            if is_s3
            else None
        )
        return Sources(loader, buckets, settings.clouds)

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
            host, _, port = address.rpartition(":")
            self._ports.append(
                self._reactor.listenTCP(int(port), site, backlog=1024, interface=host.strip("[]"))
            )
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
        closing = (self.store.close(), self.catalogue.close(), self._lookups.close())
        await DeferredList([self._pool.closeCachedConnections(), *map(Deferred.fromCoroutine, closing)])
        self._ports = []


def make_service(
    settings: Settings, *, reactor: Any, connect: IAgentEndpointFactory | None = None
) -> OriginNode:
    """The node those settings describe; `connect` is its way out (None: plain TCP and TLS)."""
    return OriginNode(settings, reactor=reactor, connect=connect)


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


def _clouds_where(settings: Settings, holds: Callable[[Cloud], bool]) -> frozenset[str]:
    return frozenset(name for name, cloud in settings.clouds.items() if holds(cloud))


def _now() -> float:
    return time.time()


def _new_id() -> str:
    return uuid4().hex
