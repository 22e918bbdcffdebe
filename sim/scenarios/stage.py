"""A running world, its viewers, and what steps can do to both."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen, TimeoutExpired
from typing import Any
from urllib.parse import urlsplit

from attrs import define, field, frozen
from twisted.internet.defer import CancelledError, Deferred, gatherResults
from twisted.internet.defer import TimeoutError as TookTooLong
from twisted.internet.endpoints import HostnameEndpoint, connectProtocol
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread
from twisted.web.client import Agent

from sim.scaling.load import Load
from sim.scenarios.dawdler import Dawdler
from sim.scenarios.expect import Figures, Phase
from sim.scenarios.steps.step import StepError
from sim.supervise.ready import get
from sim.traffic.answers import Answered
from sim.traffic.record import Kind, Record
from sim.traffic.send import FAILURES, Sender
from sim.traffic.tally import Tally
from wire.web.agent import post_json

LOOK_SECONDS = 0.1
PATIENCE_SECONDS = 30.0
UNASKED = 10_000_000  # assets from here on are asked for by no viewer of a scenario


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
    pools: dict[str, Load] = field(factory=dict)
    """Origin pools, as they were last seen."""
    colds: Iterator[int] = field(factory=itertools.count)
    """The numbers of what nobody asked for yet."""
    _dawdlers: list[Dawdler] = field(factory=list)
    begun_at: float = 0.0  # when the traffic began, by the reactor's clock
    is_over: bool = False  # viewers ask no more
    _phase: str = ""
    _tally: Tally = field(factory=Tally)
    _phase_at: float = 0.0
    _before: Figures = field(factory=dict)

    def now(self) -> float:
        """Seconds since the traffic began."""
        return float(self.reactor.seconds() - self.begun_at)

    # --- what viewers see ---

    def hear(self, record: Record, at_seconds: float, answer: Answered) -> None:
        """Count an answer of the viewers under the phase that runs."""
        self.answered += 1
        self._tally.add(record, at_seconds, answer)

    def saw(self, pool: str, at_seconds: float, load: Load) -> None:
        """Count a look at an origin pool under the phase that runs."""
        self.pools[pool] = load
        self.sender.tally.saw(pool, at_seconds, load)
        self._tally.saw(pool, at_seconds, load)

    async def begin_phase(self, name: str) -> None:
        """End the phase before and begin this one."""
        figures = await self.figures()
        self.end_phase(figures)
        self._phase, self._tally, self._before = name, Tally(), figures
        self._phase_at = self.now()

    def end_phase(self, figures: Figures) -> None:
        """Keep what the phase came to."""
        if self._phase:
            self.phases[self._phase] = Phase(self._tally, self._phase_at, self._before, figures)

    async def ask(self, path: str, region: str = "") -> Answered:
        """One question of a viewer, outside of what is counted. Raises StepError of a region that is none."""
        if region and region not in self._regions():
            raise StepError(f"no viewers live in {region}: they do in {', '.join(self._regions())}")
        return await self.sender.ask(self._question(path, region or self._regions()[0]))

    async def crowd(self, path: str, count: int) -> int:
        """So many questions at one moment, from all regions in turn, counted as viewers' are; how many failed."""
        regions = itertools.cycle(self._regions())
        begun = self.reactor.seconds()
        asked = [self._question(path, next(regions)) for _ in range(count)]
        asking = [Deferred.fromCoroutine(self.sender.ask(record, begun)) for record in asked]
        answers = await gatherResults(asking, consumeErrors=True)
        for record, answer in zip(asked, answers, strict=True):
            self.hear(record, self.now(), answer)
        return sum(answer.is_failure for answer in answers)

    async def dawdle(self, path: str, count: int) -> int:
        """So many connections on which an answer has begun and nobody reads on; they end with `end`."""
        parts = urlsplit(self.sender.front)
        target = self._question(path, "").path
        door = HostnameEndpoint(self.reactor, parts.hostname or "", parts.port or 80)
        begun = []
        for _ in range(count):
            dawdler = Dawdler(f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode("ascii"))
            await connectProtocol(door, dawdler)
            self._dawdlers.append(dawdler)
            begun.append(dawdler.begun)
        for each in begun:
            each.addTimeout(PATIENCE_SECONDS, self.reactor)
            try:
                await each
            except TookTooLong:
                raise StepError(f"{target}: no answer began within {PATIENCE_SECONDS:g} s") from None
        return count

    def end(self) -> None:
        """Close what dawdlers hold open."""
        for dawdler in self._dawdlers:
            dawdler.give_up()

    def _question(self, path: str, region: str) -> Record:
        targets = self.sender.targets
        picture, other = (targets.of(Record(0, "", Kind.VIEW, UNASKED + number, 333)) for number in (1, 2))
        original = targets.of(Record(0, "", Kind.VIEW, UNASKED))
        for name, asked in (("{picture}", picture), ("{other}", other), ("{original}", original)):
            path = path.replace(name, asked)
        return Record(0, region, Kind.VIEW, 0, path=path)

    async def warm(self, within_seconds: float) -> int:
        """Ask for all of it in every region until an edge has it."""
        for region in self._regions():
            for record in self.records:
                asked = Record(0, region, Kind.VIEW, record.asset, record.width, record.format)

                async def is_hit(asked: Record = asked) -> bool:
                    answer = await self.sender.ask(asked)
                    return answer.status == 200 and answer.verdict.startswith("HIT")

                what = f"{self.sender.targets.of(asked)} is a hit in {region}"
                await self.until(is_hit, what, within_seconds)
        return len(self.records)

    def _regions(self) -> list[str]:
        return list(self.sender.sources)

    # --- what operators do ---

    @property
    def ready(self) -> dict[str, Any]:
        """The ready file, as it is now. Raises StepError when the world has ended, which takes it along."""
        try:
            document: dict[str, Any] = json.loads(self.ready_file.read_text("utf-8"))
        except FileNotFoundError:
            raise StepError(
                "the world has ended by itself; up.log in its folder (--state) says why"
            ) from None
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

    def controls(self, kind: str = "") -> dict[str, str]:
        """Every node that there may be, of that kind or of any, and its control URL."""
        return {
            name: node.control_url
            for name, node in self.nodes().items()
            if node.kind != "minio" and kind in ("", node.kind)
        }

    async def operate(self, node: str, action: str) -> None:
        """An operation of the supervisor. Raises StepError if it was refused."""
        told = {"node": node, "action": action}
        try:
            status, body = await post_json(self.agent, f"{self.ready['page_url']}/operate", told)
        except CancelledError:
            raise
        except FAILURES as error:
            raise StepError(f"{action} {node}: the world does not answer: {error}") from None
        if status != 200:
            raise StepError(f"{action} {node}: {json.loads(body)['error']['message']}")

    async def process_of(self, node: str) -> Mapping[str, Any]:
        """How the supervisor sees its process: `health`, `pid`, `restarts`."""
        _, picture = await get(self.agent, self.reactor, f"{self.ready['page_url']}/state")
        processes: Mapping[str, Any] = picture.get("processes", {}) if isinstance(picture, dict) else {}
        found: Mapping[str, Any] = processes.get(node, {"health": "unknown", "restarts": 0, "pid": None})
        return found

    async def restarts(self, node: str) -> int:
        """How often it was started again."""
        return int((await self.process_of(node))["restarts"])

    async def is_ready(self, node: str) -> bool:
        """Whether it serves."""
        return bool((await self.process_of(node))["health"] == "ready")

    async def is_down(self, node: str) -> bool:
        """Whether it was ended, and stays so."""
        return bool((await self.process_of(node))["health"] == "stopped")

    async def status(self, node: str) -> Any:
        """Its /status; an empty one where it does not answer. Raises StepError for an unknown name."""
        nodes = self.nodes()
        if node not in nodes:
            raise StepError(f"there is no node {node!r}: there is {', '.join(nodes)}")
        return await self._status(nodes[node].control_url)

    async def _status(self, control: str) -> Any:
        code, status = await get(self.agent, self.reactor, f"{control}/status")
        return status if code == 200 and isinstance(status, dict) else {}

    async def figures(self) -> dict[str, Any]:
        """Every node's /status now."""
        return {name: await self._status(control) for name, control in self.controls().items()}

    def processes(self, node: str) -> list[int]:
        """The node's process and those it runs."""
        ready = self.ready
        nodes = [
            *ready["origins"],
            *ready["shields"],
            *ready["edges"],
            {"name": "balancer", **ready["balancer"]},
        ]
        pid = next((each["pid"] for each in nodes if each["name"] == node), None)
        if pid is None:
            raise StepError(f"{node} has no process that this can be done to")
        return [pid, *_children_of(pid)]

    def cache_of(self, node: str) -> Path:
        """Where its disk tier is."""
        return self.state / "nodes" / node / "cache"

    def wiped(self, node: str) -> None:
        """It has nothing of what viewers asked for."""
        self.sender.assets.forget_cache(node)

    async def command(self, arguments: list[str], within_seconds: float) -> str:
        """A `pixeledge` command on this world; what it said. Raises StepError if it failed, or took longer."""
        whole = [sys.executable, "-m", "sim", *arguments, "--ready-file", str(self.ready_file)]
        said = f"pixeledge {' '.join(arguments)}"
        with Popen(
            whole, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, encoding="utf-8", errors="replace"
        ) as running:
            try:
                out, err = await deferToThread(running.communicate, timeout=within_seconds)
            except TimeoutExpired:
                raise StepError(f"{said}: not within {within_seconds:g} s") from None
            finally:
                running.kill()  # broken off, it is not left behind; one that has ended hears nothing
        if running.returncode:
            raise StepError(f"{said}: {(err or out).strip()}")
        return str(out.strip().rpartition("\n")[2])

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
