"""A running world, its viewers, and what steps can do to both."""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import define, field, frozen
from twisted.internet.task import deferLater
from twisted.internet.utils import getProcessOutputAndValue
from twisted.web.client import Agent

from sim.scenarios.expect import Figures, Phase
from sim.scenarios.steps.step import StepError
from sim.supervise.ready import get
from sim.traffic.answers import Answered
from sim.traffic.record import Kind, Record
from sim.traffic.send import Sender
from sim.traffic.tally import Tally
from sim.traffic.targets import Targets
from wire.web.agent import post_json

LOOK_SECONDS = 0.1
COMMAND_SECONDS = 60.0


@frozen
class Standing:
    """A node of the world: what it is and where it answers."""

    name: str
    kind: str
    region: str
    control_url: str


@define
class Stage:
    """What steps act on. `records` are all the questions that the scenario's viewers may ask, one of each."""

    reactor: Any
    agent: Agent
    ready_file: Path
    state: Path
    sender: Sender
    records: tuple[Record, ...]
    phases: dict[str, Phase] = field(factory=dict)
    answered: int = 0
    begun_at: float = 0.0  # when the traffic began, by the reactor's clock
    _phase: str = ""
    _tally: Tally = field(factory=Tally)
    _phase_at: float = 0.0
    _before: Figures = field(factory=dict)

    # --- what viewers see ---

    def hear(self, record: Record, at_seconds: float, answer: Answered) -> None:
        """Count an answer of the viewers under the phase that runs."""
        self.answered += 1
        self._tally.add(record, at_seconds, answer)

    async def begin_phase(self, name: str) -> None:
        """End the phase before and begin this one."""
        figures = await self.figures()
        self.end_phase(figures)
        self._phase, self._tally, self._before = name, Tally(), figures
        self._phase_at = self.reactor.seconds() - self.begun_at

    def end_phase(self, figures: Figures) -> None:
        """Keep what the phase came to."""
        if self._phase:
            self.phases[self._phase] = Phase(self._tally, self._phase_at, self._before, figures)

    async def ask(self, path: str, region: str = "") -> Answered:
        """One question of a viewer, outside of what is counted."""
        path = path.format(**dict(zip(("picture", "other"), self._pictures(), strict=False)))
        return await self.sender.ask(Record(0, region or self._regions()[0], Kind.VIEW, 0, path=path))

    async def warm(self, within_seconds: float) -> int:
        """Ask for all of it in every region until an edge has it."""
        for region in self._regions():
            for record in self.records:
                asked = Record(0, region, Kind.VIEW, record.asset, record.width, record.format)

                async def is_hit(asked: Record = asked) -> bool:
                    return (await self.sender.ask(asked)).verdict.startswith("HIT")

                what = f"{self.sender.targets.of(asked)} is a hit in {region}"
                await self.until(is_hit, what, within_seconds)
        return len(self.records)

    def _regions(self) -> list[str]:
        return list(self.sender.sources)

    def _pictures(self) -> list[str]:
        """Two that no viewer of the scenario asks for."""
        targets: Targets = self.sender.targets
        unasked = (Record(0, "", Kind.VIEW, 10_000_000 + number, 333) for number in (1, 2))
        return [targets.of(record) for record in unasked]

    # --- what operators do ---

    @property
    def ready(self) -> dict[str, Any]:
        """The ready file, as it is now."""
        document: dict[str, Any] = json.loads(self.ready_file.read_text("utf-8"))
        return document

    def nodes(self) -> dict[str, Standing]:
        """All of them, by name."""
        ready = self.ready
        found = {
            node["name"]: Standing(node["name"], kind.removesuffix("s"), node["region"], node["control_url"])
            for kind in ("origins", "shields", "edges")
            for node in ready[kind]
        }
        found["balancer"] = Standing("balancer", "balancer", "", ready["balancer"]["control_url"])
        if "minio" in ready:
            found["minio"] = Standing("minio", "minio", "", ready["minio"]["url"])
        return found

    async def operate(self, node: str, action: str) -> None:
        """An operation of the supervisor. Raises StepError if it was refused."""
        told = {"node": node, "action": action}
        status, body = await post_json(self.agent, f"{self.ready['page_url']}/operate", told)
        if status != 200:
            raise StepError(f"{action} {node}: {json.loads(body)['error']['message']}")

    async def picture_of(self, node: str) -> Mapping[str, Any]:
        """How the supervisor sees it."""
        _, picture = await get(self.agent, self.reactor, f"{self.ready['page_url']}/state")
        for each in picture.get("nodes", ()) if isinstance(picture, dict) else ():
            if each["name"] == node:
                found: Mapping[str, Any] = each
                return found
        return {"health": "unknown", "restarts": 0, "pid": None}

    async def restarts(self, node: str) -> int:
        """How often it was started again."""
        return int((await self.picture_of(node))["restarts"])

    async def is_ready(self, node: str) -> bool:
        """Whether it serves."""
        return bool((await self.picture_of(node))["health"] == "ready")

    async def has_come_back(self, node: str, restarts_before: int) -> bool:
        """Whether it serves after one restart more."""
        picture = await self.picture_of(node)
        return bool(picture["restarts"] > restarts_before and picture["health"] == "ready")

    async def status(self, node: str) -> Any:
        """Its /status; an empty one where it does not answer. Raises StepError for an unknown name."""
        nodes = self.nodes()
        if node not in nodes:
            raise StepError(f"there is no node {node!r}: there is {', '.join(nodes)}")
        return await self._status(nodes[node])

    async def _status(self, node: Standing) -> Any:
        code, status = await get(self.agent, self.reactor, f"{node.control_url}/status")
        return status if code == 200 and isinstance(status, dict) else {}

    async def figures(self) -> dict[str, Any]:
        """Every node's /status now."""
        return {name: await self._status(node) for name, node in self.nodes().items() if name != "minio"}

    def processes(self, node: str) -> list[int]:
        """The node's process and those it runs."""
        ready = self.ready
        pid = next(
            each["pid"]
            for kind in ("origins", "shields", "edges")
            for each in ready[kind]
            if each["name"] == node
        )
        return [pid, *_children_of(pid)]

    def cache_of(self, node: str) -> Path:
        """Where its disk tier is."""
        return self.state / "nodes" / node / "cache"

    async def command(self, arguments: list[str]) -> str:
        """A `pixeledge` command on this world; what it said. Raises StepError if it failed."""
        whole = ["-m", "sim", *arguments, "--ready-file", str(self.ready_file)]
        running = getProcessOutputAndValue(sys.executable, whole, env=None, reactor=self.reactor)
        running.addTimeout(COMMAND_SECONDS, self.reactor)
        out, err, code = await running
        if code:
            raise StepError(
                f"pixeledge {' '.join(arguments)}: {(err or out).decode('utf-8', 'replace').strip()}"
            )
        return str(out.decode("utf-8", "replace").strip().rpartition("\n")[2])

    async def until(self, is_so: Callable[[], Awaitable[bool]], what: str, within_seconds: float) -> None:
        """Look until it is so; StepError when it never was."""
        end = self.reactor.seconds() + within_seconds
        while not await is_so():
            if self.reactor.seconds() > end:
                raise StepError(f"{what}: not within {within_seconds:g} s")
            await deferLater(self.reactor, LOOK_SECONDS)


def _children_of(pid: int) -> list[int]:
    try:
        told = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    except OSError:
        return []
    children = [int(child) for child in told]
    return [*children, *(grandchild for child in children for grandchild in _children_of(child))]
