"""What the page may have a running world do. Each command takes the JSON that was posted and answers in JSON."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from attrs import frozen
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.interfaces import IReactorTime
from twisted.web.iweb import IAgent

from edge.balancer.adjust import Change as Adjustment
from edge.control.purge import Purge
from sim.links.change import Change
from sim.supervise.child import Child
from sim.supervise.operations import operate
from sim.supervise.ready import SILENCE
from sim.topology.settle import Node
from wire import jsontext
from wire.errors import InvalidRequest, NotFound, Unavailable
from wire.web.agent import post_json

PATIENCE_SECONDS = 10.0
CACHES = ("shield", "edge")
DONE = "ok"


@frozen
class Operator:
    """Tells the processes and the nodes of one world."""

    nodes: tuple[Node, ...]
    children: Mapping[str, Child]
    agent: IAgent
    clock: IReactorTime

    @property
    def commands(self) -> dict[str, Callable[[Any], Awaitable[dict[str, Any]]]]:
        """By the name under which they are posted."""
        return {"operate": self.operate, "adjust": self.adjust, "links": self.links, "purge": self.purge}

    async def operate(self, told: Any) -> dict[str, Any]:
        """`{"node": NAME, "action": stop | die | crash | start | restart | freeze | thaw}`."""
        if not isinstance(told, dict) or not all(
            isinstance(told.get(key), str) for key in ("node", "action")
        ):
            raise InvalidRequest('A command looks like {"node": "frankfurt-a", "action": "restart"}')
        child = operate(self.children, told["node"], told["action"])
        return {"node": child.name, "state": child.life.state.value, "pid": child.pid}

    async def adjust(self, told: Any) -> dict[str, Any]:
        """`{"pop": NAME, "drain": true}`, or a weight: what the balancer's `/adjust` takes."""
        Adjustment.parse(told)
        balancer = next(node for node in self.nodes if node.kind == "balancer")
        status, said = await self._tell(balancer, "/adjust", told)
        if status != 200:
            raise InvalidRequest(said) if status == 400 else Unavailable(f"{balancer.name}: {said}")
        return {"nodes": {balancer.name: DONE}}

    async def links(self, told: Any) -> dict[str, Any]:
        """`{"ends": [A, B], "terms": {"cut": true}}` and the rest of `sim.links.change`, told to every node that
        has such a link: how many were changed, and what became of it at each. NotFound if there is none."""
        change = Change.parse(told)
        concerned = [node for node in self.nodes if any(map(change.means, node.links))]
        if not concerned:
            raise NotFound(f"There is no link between {change.ends[0]} and {change.ends[1]}")
        answers = await self._tell_all(concerned, "/links", told)
        changed = sum(said["changed"] for status, said in answers.values() if status == 200)
        return {"changed": changed, "nodes": _outcomes(answers)}

    async def purge(self, told: Any) -> dict[str, Any]:
        """`{"urls": […], "keys": […]}` and the rest of `edge.control.purge`: one node is told, which tells all
        others. Unavailable if none answers."""
        if Purge.from_json(told).is_empty:
            raise InvalidRequest("Nothing to purge: give urls, keys, prefixes, hosts or everything")
        names = {node.control.url: node.name for node in self.nodes}
        for node in self._caches():
            status, said = await self._tell(node, "/purge", told)
            if status == 400:
                raise InvalidRequest(said)
            if status == 200:
                others = {names.get(url, url): outcome for url, outcome in said["nodes"].items()}
                return {"nodes": {node.name: DONE, **others}}
        raise Unavailable("No edge and no shield took the purge")

    def _caches(self) -> list[Node]:
        return [node for node in self.nodes if node.kind in CACHES]

    async def _tell_all(self, nodes: Iterable[Node], path: str, told: Any) -> dict[str, tuple[int, Any]]:
        nodes = tuple(nodes)
        telling = [Deferred.fromCoroutine(self._tell(node, path, told)) for node in nodes]
        answers = await gatherResults(telling)
        return dict(zip((node.name for node in nodes), answers, strict=True))

    async def _tell(self, node: Node, path: str, told: Any) -> tuple[int, Any]:
        """Its status and JSON, or the sentence it refuses with; (0, why) of one that does not answer."""
        child = self.children.get(node.name)
        if child is None or child.pid is None:
            return 0, "it does not run"
        asking = Deferred.fromCoroutine(post_json(self.agent, f"{node.control.url}{path}", told))
        try:
            status, body = await asking.addTimeout(PATIENCE_SECONDS, self.clock)
        except SILENCE:
            return 0, "it does not answer"
        return status, jsontext.read(body) if status == 200 else jsontext.sentence_of(body)


def _outcomes(answers: Mapping[str, tuple[int, Any]]) -> dict[str, str]:
    return {name: DONE if status == 200 else str(said) for name, (status, said) in answers.items()}
