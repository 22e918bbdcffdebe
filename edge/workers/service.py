"""The parent of an edge's workers: it owns the ports, answers operators for all, and stops in the workers' breaths."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from twisted.application.service import MultiService
from twisted.internet.defer import Deferred, gatherResults, maybeDeferred, succeed
from twisted.internet.interfaces import IListeningPort
from twisted.logger import Logger

from edge.control.commands import Posted
from edge.control.forget import Forget, ForgetResource
from edge.control.purge import Purge
from edge.control.purging import Fanout, PurgeResource, everywhere
from edge.settings import Settings
from edge.workers.crew import Crew
from edge.workers.doors import Doors
from edge.workers.figures import merged_metrics, merged_status
from edge.workers.place import Door
from edge.workers.worker import Program, Worker
from wire.clock import RIGHT, Clock
from wire.errors import Unavailable
from wire.web.agent import make_agent
from wire.web.listening import host_and_port, listen, port_of
from wire.web.probes import ControlSite, Probes
from wire.web.resource import JsonResource
from wire.web.sending import send_json, send_text
from wire.web.site import StreamingRequest, StreamingSite

log = Logger()

GOODBYE_SECONDS = 3.0  # beyond the draining, for what a worker closes


class EdgeCrew(MultiService):
    """One edge node of several processes. `ready` fires when all serve for the first time, and fails when one
    cannot start."""

    def __init__(
        self,
        settings: Settings,
        reactor: Any,
        program_at: Callable[[Settings], Program],
        shared: Sequence[str] = (),
        clock: Clock = RIGHT,
    ) -> None:
        super().__init__()
        self._shared = tuple(shared)
        self.settings = settings
        self.ready: Deferred[None] = Deferred()
        self.workers: tuple[Worker, ...] = ()
        self._reactor = reactor
        self._program_at = program_at
        self._agent, self._agents_pool = make_agent(reactor)
        self._doors: Doors
        self._crew: Crew
        self._control: StreamingSite
        self._port: IListeningPort | None = None
        self._now = clock.steady()
        self._started_at = self._now()
        self._next = 0
        self._is_stopping = False

    @property
    def port(self) -> int:
        """The viewers' port."""
        return self._doors.port("listen")

    @property
    def tls_port(self) -> int:
        """The viewers' port over TLS, where there is one."""
        return self._doors.port("tls")

    @property
    def control_port(self) -> int:
        """The operators' port."""
        if self._port is None:
            raise ValueError("not listening")
        return port_of(self._port)

    def startService(self) -> None:
        """Bind all ports at once, so that a taken one is told to who starts us; then start the workers."""
        super().startService()
        settings = self.settings
        where: dict[Door, str] = {"listen": settings.listen}
        if settings.tls.listen:
            where["tls"] = settings.tls.listen
        self._doors = Doors(where, settings.workers)
        self._control = self._control_site()
        host, port = host_and_port(settings.control)
        try:
            self._port = listen(self._reactor, self._control, port, interface=host)
        except BaseException:
            self._doors.close()
            raise
        program, parent = self._program_at(settings), f"http://127.0.0.1:{self.control_port}"
        self.workers = tuple(
            Worker(self._reactor, program, seat, settings.workers, self._doors, parent)
            for seat in range(settings.workers)
        )
        self._crew = Crew(self._reactor, self._agent, self._doors, self.workers, self._now)
        for worker in self.workers:
            worker.start()
        starting = gatherResults([worker.first_ready for worker in self.workers], consumeErrors=True)
        starting.addCallbacks(self._all_ready, self._could_not_start)

    def _all_ready(self, _: object) -> None:
        log.info("{node} serves with {count} workers", node=self.settings.name, count=len(self.workers))
        self.ready.callback(None)

    def _could_not_start(self, _: object) -> None:
        self.ready.errback(Unavailable("a worker cannot start (it said why)", log="a worker cannot start"))

    # The control port

    def _control_site(self) -> StreamingSite:
        probes = Probes(not_ready=self._not_ready, status=self._status, registry=CollectorRegistry())
        settings = self.settings
        within = settings.limits.purge_seconds
        fanout = Fanout(self._agent, self._reactor, settings.peers, within, settings.name)
        commands = {
            b"/metrics": Metrics(self),
            b"/purge": PurgeResource(partial(everywhere, here=self._purge, fanout=fanout)),
            b"/forget": ForgetResource(self._invalidate),
            b"/prefetch": Relay(self, "/prefetch"),
            b"/members": Everyone(self, "/members"),
            **{path.encode(): Everyone(self, path) for path in self._shared},
        }
        site = ControlSite(probes, commands)
        return StreamingSite(site.resource_for, reactor=self._reactor)

    async def _purge(self, purge: Purge) -> int:
        return await self._crew.purge(purge)

    async def _invalidate(self, told: Forget) -> int:
        return await self._crew.invalidate(told.cache_keys, told.tags)

    def _not_ready(self) -> list[str]:
        if self._is_stopping:
            return ["draining"]
        if not self.ready.called:
            return ["the workers are being started"]
        return [] if any(worker.is_ready for worker in self.workers) else ["no worker serves"]

    async def _status(self) -> dict[str, Any]:
        told = merged_status([json.loads(answer) for answer in await self._crew.ask_ready("/status")])
        told |= {
            "name": self.settings.name,
            "pid": os.getpid(),
            "uptime_seconds": round(self._now() - self._started_at, 3),
            "workers": [
                {
                    "pid": worker.pid,
                    "ready": worker.is_ready,
                    "restarts": worker.restarts,
                    "control": self._doors.control_url(worker.seat),
                }
                for worker in self.workers
            ],
        }
        return told

    async def metrics(self) -> bytes:
        """All workers' metrics as one node's."""
        texts = [answer.decode() for answer in await self._crew.ask_ready("/metrics")]
        return merged_metrics(texts, has_disk=bool(self.settings.cache_dir))

    async def relayed(self, path: str, question: Any) -> tuple[int, bytes]:
        """The answer of one worker that serves, each in its turn."""
        serving = [worker for worker in self.workers if worker.is_ready]
        if not serving:
            raise Unavailable("No worker serves")
        self._next += 1
        return await self._crew.ask(serving[self._next % len(serving)], path, question)

    async def shared(self, path: str, question: Any) -> tuple[int, bytes]:
        """The answer of the first worker, when all have given theirs."""
        answers = await self._crew.ask_all(path, question)
        return answers[0]

    # Stopping

    def stopService(self) -> Deferred[None]:
        """Every worker drains by itself; who takes too long is ended. Twice is once."""
        if self._is_stopping:
            return succeed(None)
        self._is_stopping = True
        return Deferred.fromCoroutine(self._stop())

    async def _stop(self) -> None:
        within = self.settings.limits.drain_seconds * 1.25 + GOODBYE_SECONDS
        alarm = self._reactor.callLater(within, self._kill_all)
        await gatherResults([worker.end() for worker in self.workers])
        if alarm.active():
            alarm.cancel()
        self._doors.close()
        if self._port is not None:
            await maybeDeferred(self._port.stopListening)
        self._control.abort_all()
        with suppress(Exception):  # connections to workers that are gone
            await self._agents_pool.closeCachedConnections()
        await maybeDeferred(super().stopService)

    def _kill_all(self) -> None:
        for worker in self.workers:
            worker.kill()


class Metrics(JsonResource):
    """`GET /metrics` for all workers."""

    def __init__(self, crew: EdgeCrew) -> None:
        super().__init__()
        self._crew = crew

    async def answer(self, request: StreamingRequest) -> None:
        send_text(request, 200, (await self._crew.metrics()).decode(), CONTENT_TYPE_LATEST)


class Relay(Posted):
    """A command that any one worker can carry out."""

    def __init__(self, crew: EdgeCrew, path: str) -> None:
        super().__init__()
        self._crew = crew
        self._path = path

    async def answer(self, request: StreamingRequest) -> None:
        status, answer = await self._crew.relayed(self._path, await self.told_by(request))
        send_json(request, status, json.loads(answer))


class Everyone(Posted):
    """A question that one worker answers for all, and a command that all carry out."""

    def __init__(self, crew: EdgeCrew, path: str) -> None:
        super().__init__()
        self._crew = crew
        self._path = path

    async def answer(self, request: StreamingRequest) -> None:
        if request.method in (b"GET", b"HEAD"):
            status, answer = await self._crew.relayed(self._path, None)
        else:
            status, answer = await self._crew.shared(self._path, await self.told_by(request))
        send_json(request, status, json.loads(answer))


def make_service(
    settings: Settings,
    *,
    reactor: Any,
    program_at: Callable[[Settings], Program],
    shared: Sequence[str] = (),
    clock: Clock = RIGHT,
) -> EdgeCrew:
    """The node that these settings describe, as so many processes. `shared`: paths of commands that every worker
    carries out."""
    return EdgeCrew(settings, reactor, program_at, shared, clock)
