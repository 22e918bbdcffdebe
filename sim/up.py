"""`pixeledge up`, as a story: start everything, tell the user, watch, and leave nothing behind."""

from __future__ import annotations

import time
from ipaddress import ip_address
from pathlib import Path
from random import Random
from typing import Any

from attrs import define, field
from treq.client import HTTPClient
from twisted.internet.defer import CancelledError, Deferred, maybeDeferred
from twisted.internet.error import CannotListenError
from twisted.internet.task import LoopingCall
from twisted.logger import Logger
from twisted.python.failure import Failure

from sim.demo.seed import CloudAccess, Seeding, SeedingError
from sim.report.audience import Audience
from sim.report.dashboard import make_site
from sim.report.live import Terminal, welcome
from sim.report.operating import Operator
from sim.report.rehearsing import Rehearsing
from sim.report.stream import Stream
from sim.report.watch import Watch
from sim.scaling.pools import Pools, pools_of
from sim.supervise.child import Child
from sim.supervise.lifecycle import State
from sim.supervise.nurseries import Nurseries
from sim.supervise.ready import HttpProbe
from sim.supervise.spawning import Alone
from sim.supervise.supervisor import StartError, Supervisor
from sim.whole import write_whole
from sim.world import World
from wire.web.agent import make_agent

log = Logger()
LATE_SECONDS = 5.0


@define
class Up:
    """One run of one world."""

    reactor: Any
    world: World
    terminal: Terminal
    ready_file: Path | None = None
    with_seed: bool = True
    rng: Random = field(factory=Random)
    supervisor: Supervisor = field(init=False)
    exit_code: int = field(default=0, init=False)
    _pools: Pools = field(init=False)
    _watch: Watch = field(init=False)
    _access: CloudAccess = field(init=False)
    _audience: Audience = field(init=False)
    _rehearsing: Rehearsing = field(init=False)
    _stream: Stream = field(init=False)
    _pool: Any = field(init=False)
    _agent: Any = field(init=False)
    _looking: LoopingCall = field(init=False)
    _page: Any = field(default=None, init=False)
    _is_ready: bool = field(default=False, init=False)
    _story: Deferred[None] | None = field(default=None, init=False)
    _pids: dict[str, int | None] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        self._agent, self._pool = make_agent(self.reactor)
        spawner = Nurseries(self.reactor, Alone(self.reactor))
        probe = HttpProbe(self._agent, self.reactor)
        self.supervisor = Supervisor(self.reactor, probe, spawner, self._changed)
        children, say = self.supervisor.children, self.terminal.say
        self._pools = pools_of(self.world, children, self._agent, self.reactor, say)
        self._watch = Watch(self.world, self.supervisor, self._agent, self.reactor, self._pools)
        topology, cloud = self.world.settlement.topology, self.world.cloud
        key = topology.clouds[cloud].key
        self._access = CloudAccess(self.world.front, cloud, key.api_key, key.api_secret)
        self._audience = Audience(self.reactor, self.world.front, self._access, topology.regions)
        self._rehearsing = Rehearsing(
            self.reactor, self.world.state / "rehearsal", self.world.log_path("rehearsal")
        )
        self._stream = Stream(self._picture, self.reactor)
        self._looking = LoopingCall(self._look)
        self._looking.clock = self.reactor

    def begin(self) -> None:
        """Called when the reactor runs."""
        self._story = Deferred.fromCoroutine(self._tell())
        self._story.addErrback(self._fail)

    async def end(self) -> None:
        """Called before the reactor stops: ends every child."""
        self.terminal.end()
        if self._looking.running:
            self._looking.stop()
        if self._story is not None:
            self._story.cancel()
        if self.supervisor.children:
            self.terminal.say("ending …")
        if self._page is not None:
            await maybeDeferred(self._page.stopListening)
        self._stream.end()
        rehearsed = Deferred.fromCoroutine(self._rehearsing.end())
        await self._audience.end()
        await self._pools.stop()
        await self.supervisor.stop()
        await rehearsed
        await self._pool.closeCachedConnections()
        if self.ready_file is not None and self._is_ready:
            self.ready_file.unlink(missing_ok=True)  # it speaks of processes that are no more

    async def _tell(self) -> None:
        page = self.world.settlement.address("page")
        operator = Operator(self.world.nodes, self.supervisor.children, self._agent, self.reactor)
        rehearsing = self._rehearsing
        rehearsing.clear()
        commands = {**operator.commands, "traffic": self._audience.traffic, "scenario": rehearsing.scenario}
        views = {"scenario": rehearsing.listing, "scenario/report": rehearsing.report}
        site = make_site(self._stream, self.world.fronts, commands, views, page.host)
        self._page = self.reactor.listenTCP(page.port, site, interface=page.host)
        if not ip_address(page.host).is_loopback:
            self.terminal.say(f"the page has no password: whoever reaches {page} may operate this world")
        storage = self.world.storage_programs()
        if storage:
            self.terminal.say("starting minio")
            await self.supervisor.start(storage)
        programs = self.world.node_programs()
        self.terminal.say(f"starting {len(programs)} nodes")
        patience = LoopingCall(self._say_who_is_late)
        patience.clock = self.reactor
        patience.start(LATE_SECONDS, now=False)
        try:
            await self.supervisor.start(programs)
        finally:
            patience.stop()
        self.supervisor.know(self.world.node_programs(standby=True))
        self._pools.start()
        self._is_ready = True
        self._write_ready_file()
        self._looking.start(1.0).addErrback(lambda failure: log.failure("the view ended", failure))
        if self.with_seed and self.world.is_here("balancer"):
            await self._seed()
        welcome(self.terminal.console, self.world)
        self.terminal.begin()

    def _picture(self) -> dict[str, Any]:
        return {
            **self._watch.picture(),
            "pools": self._pools.told(),
            "traffic": self._audience.told(),
            "rehearsal": self._rehearsing.told(),
        }

    def _say_who_is_late(self) -> None:
        for child in self.supervisor.children.values():
            if not child.life.has_been_ready:
                reasons = "; ".join(child.health.reasons) or "no answer yet"
                self.terminal.say(f"waiting for {child.name}: {reasons}")

    async def _seed(self) -> None:
        mark = self.world.state / "seeding"
        seeding = Seeding(HTTPClient(self._agent), self._access, mark, time.time)
        try:
            count = await seeding.run(
                lambda number, total, file: self.terminal.say(f"photograph {number} of {total}: {file}")
            )
        except SeedingError as error:
            self.terminal.say(f"the demo photographs are not (all) there: {error}")
        else:
            self.terminal.say(
                f"{count} photographs uploaded" if count else "the cloud has assets: nothing uploaded"
            )

    def _look(self) -> Deferred[Any]:
        return self._watch.look().addCallback(lambda _: self.terminal.show(self._watch.picture()))

    def _changed(self, child: Child) -> None:
        self.terminal.changed(child)
        if self._is_ready:
            self._write_ready_file()

    def _write_ready_file(self) -> None:
        pids = {
            name: child.pid
            for name, child in self.supervisor.children.items()
            if child.pid is not None or child.life.state is State.STOPPED  # else it soon has another
        }
        if self.ready_file is None or self._pids == (told := {**self._pids, **pids}):
            return
        self._pids = told
        write_whole(self.ready_file, self.world.ready_document(told))

    def _fail(self, failure: Failure) -> None:
        if failure.check(CancelledError):
            return
        self.exit_code = 1
        error = failure.value
        if isinstance(error, StartError):
            self.terminal.say(str(error))
            path = self.world.log_path(error.name)
            self.terminal.say(f"see {path}")
        elif isinstance(error, CannotListenError):
            self.terminal.say(f"the page cannot be served: {error}")
        else:
            log.failure("the world could not be started", failure)
            self.terminal.say(f"the world could not be started: {error}")
        self.reactor.stop()
