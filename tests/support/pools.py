"""An elastic pool before a real edge: its instances answer on loopback, and their processes are pretended."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from attrs import define, field, frozen
from twisted.internet import reactor as real_reactor
from twisted.internet.error import ProcessDone
from twisted.internet.protocol import ProcessProtocol
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from edge.service import EdgeNode
from sim.scaling.decision import Scaler
from sim.scaling.pool import ElasticPool
from sim.scaling.telling import Asker, Telling
from sim.supervise.child import Child
from sim.supervise.program import Program
from sim.supervise.ready import Health
from sim.supervise.spawning import Alone
from sim.topology.quantities import Address, Duration
from sim.topology.scaling import Instances, Scaling
from sim.topology.settle import Node
from tests.support.edge_node import running_edge
from tests.support.scripted_origin import Asked, Line, ScriptedOrigin, head
from wire.web.agent import make_agent

reactor: Any = real_reactor
NOBODY = 1 << 30  # no process has that number
SCALING = Scaling(up_after=Duration(1.0), down_after=Duration(4.0), drain=Duration(20.0))
EVERY = 0.5


@frozen
class Spawned:
    """A process that there is not."""

    pid: int


@define(eq=False)
class Processes:
    """Runs nothing: whoever spawns gets a number nobody has."""

    clock: Clock
    voices: dict[int, ProcessProtocol] = field(factory=dict)

    def spawnProcess(self, voice: ProcessProtocol, *args: Any, **told: Any) -> Any:
        spawned = Spawned(NOBODY + len(self.voices))
        self.voices[spawned.pid] = voice
        voice.makeConnection(spawned)
        return spawned

    def seconds(self) -> float:
        return self.clock.seconds()

    def callLater(self, *args: Any, **told: Any) -> Any:
        return self.clock.callLater(*args, **told)


@define
class Instance:
    """One of the pool: what its /status says, and its process."""

    origin: ScriptedOrigin
    child: Child
    processes: Processes
    status: dict[str, Any] = field(factory=lambda: {"in_flight": 0, "render": {}})

    def presses(self, *, wait: float = 0.0, used: float = 0.0) -> None:
        """How hard it is pressed from now on."""
        self.status["render"] = {"queue_wait_seconds": wait, "utilisation": used, "waiting": int(wait > 0)}

    def serves(self) -> None:
        """Its process is up."""
        self.child.hear(Health(is_answering=True, is_ready=True))

    def ends(self) -> None:
        """Its process has ended."""
        assert self.child.pid is not None
        self.processes.voices[self.child.pid].processEnded(Failure(ProcessDone(0)))


@define
class PoolStage:
    """The pool, its instances and the edge that asks them."""

    pool: ElasticPool
    instances: list[Instance]
    edge: EdgeNode
    clock: Clock
    said: list[str]

    async def looks(self, count: int = 1) -> None:
        """So many, half a second apart."""
        for _ in range(count):
            self.clock.advance(EVERY)
            await self.pool.look()

    @property
    def there(self) -> list[bool]:
        """Whom the edge would ask."""
        told = self.edge.status()["upstreams"]
        return [told[each.origin.url] != "away" for each in self.instances]

    @property
    def states(self) -> list[str]:
        return [each.child.life.state.value for each in self.instances]


@asynccontextmanager
async def pool_stage(folder: Path, least: int = 1, most: int = 3) -> AsyncIterator[PoolStage]:
    """A pool of which the first `least` instances serve."""
    clock, said = Clock(), list[str]()
    processes = Processes(clock)
    origins = [ScriptedOrigin().listen() for _ in range(most)]
    agent, connections = make_agent(reactor)
    instances, nodes = [], []
    for number, origin in enumerate(origins):
        name = f"main-{number + 1}"
        program = Program(name, ("nothing",), f"{origin.url}/readyz", folder / f"{name}.log", {})
        instance = Instance(
            origin, Child(processes, program, lambda child: None, Alone(processes)), processes
        )
        origin.on("/status", _tells(instance.status))
        address = Address("127.0.0.1", origin.port)
        nodes.append(Node(name, "origin", "here", address, address, {}, pool="main"))
        instances.append(instance)
    urls = [origin.url for origin in origins]
    async with running_edge(*urls, standby=tuple(urls[least:]), balance="hash") as edge:
        asker = Asker("fra", f"http://127.0.0.1:{edge.control_port}/members")
        pool = ElasticPool(
            "main", nodes, {each.child.name: each.child for each in instances},
            Scaler(Instances(least, most), SCALING), Telling((asker,), agent, clock), agent, clock, said.append,
        )  # fmt: skip
        for instance in instances[:least]:
            instance.child.start()
            instance.serves()
        yield PoolStage(pool, instances, edge, clock, said)
    await connections.closeCachedConnections()
    for origin in origins:
        await origin.stop()


def _tells(status: dict[str, Any]) -> Any:
    async def script(asked: Asked, line: Line) -> None:
        body = json.dumps(status).encode()
        line.send(head(200, len(body), Content_Type="application/json") + body)

    return script
