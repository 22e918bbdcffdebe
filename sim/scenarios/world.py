"""A running world as a scenario has it: its nodes, how they are, and what operators do to them."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen, TimeoutExpired
from typing import Any

from attrs import define, frozen
from twisted.internet.defer import CancelledError
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread
from twisted.web.client import Agent

from sim.scenarios.steps.step import StepError
from sim.supervise.ready import get
from sim.traffic.send import FAILURES
from wire import jsontext
from wire.web.agent import post_json

LOOK_SECONDS = 0.1


@frozen
class Standing:
    """A node of the world: what it is and where it answers."""

    name: str
    kind: str
    region: str
    control_url: str


@define
class RunningWorld:
    """What is known of it: the file that it wrote when it was ready, and its folder."""

    reactor: Any
    agent: Agent
    ready_file: Path
    state: Path

    @property
    def ready(self) -> dict[str, Any]:
        """The ready file, as it is now. Raises StepError when the world has ended, which takes it along."""
        try:
            document: dict[str, Any] = jsontext.read(self.ready_file.read_text("utf-8"))
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
            raise StepError(f"{action} {node}: {jsontext.sentence_of(body)}")

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
