"""sim.report.operating: which nodes a command of the page is told to, and what it answers."""

import json
from collections.abc import Awaitable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from attrs import define, field
from treq.testing import RequestTraversalAgent
from twisted.internet.defer import Deferred, fail
from twisted.internet.error import ConnectionRefusedError as Refused
from twisted.internet.task import Clock
from twisted.web.resource import Resource

from sim.links.link import Link
from sim.report.operating import PATIENCE_SECONDS, Operator
from wire.errors import InvalidRequest, MediaError, NotFound, Unavailable

PORTS = {"balancer": 1, "shield": 2, "near": 3, "far": 4}
LINKS = {
    "near": [Link(("near", "us"), ("shield", "us"), ("a:1",))],
    "far": [Link(("far", "eu"), ("shield", "us"), ("a:1",))],
    "shield": [Link(("shield", "us"), ("main", "eu"), ("b:1",))],
}
CUT = {"ends": ["eu", "us"], "terms": {"cut": True}}


class Control(Resource):
    """The control port of a node: notes what is posted, and answers the same to all of it."""

    isLeaf = True

    def __init__(self, status: int = 200, answer: Any = None) -> None:
        super().__init__()
        self.status, self.answer = status, answer
        self.posted: list[tuple[str, Any]] = []

    def render_POST(self, request: Any) -> bytes:
        self.posted.append((request.path.decode(), json.loads(request.content.read())))
        request.setResponseCode(self.status)
        return json.dumps(self.answer).encode()


@define
class Nodes:
    """A world of control ports. One that is None refuses connections; a frozen one never answers."""

    controls: Mapping[str, Control | None]
    down: tuple[str, ...] = ()
    frozen: tuple[str, ...] = ()
    clock: Clock = field(factory=Clock)
    _agents: list[RequestTraversalAgent] = field(factory=list)

    def request(self, method: bytes, url: bytes, headers: Any, body: Any) -> Any:
        name = next(name for name, port in PORTS.items() if f":{port}/" in url.decode())
        control = self.controls[name]
        if name in self.frozen:
            return Deferred()
        if control is None:
            return fail(Refused())
        self._agents.append(agent := RequestTraversalAgent(control))
        return agent.request(method, url, headers, body)

    def tell(self, command: str, told: Any) -> Any:
        """What the command answers; raises what it raises."""
        nodes: Any = tuple(
            SimpleNamespace(
                name=name,
                kind=name if name in ("balancer", "shield") else "edge",
                control=SimpleNamespace(url=f"http://127.0.0.1:{port}"),
                links=LINKS.get(name, ()),
            )
            for name, port in PORTS.items()
        )
        children: Any = {name: SimpleNamespace(pid=None if name in self.down else 7) for name in PORTS}
        agent: Any = self
        operator = Operator(nodes, children, agent, self.clock)
        return self._outcome(operator.commands[command](told))

    def _outcome(self, doing: Awaitable[Any]) -> Any:
        outcome: list[Any] = []
        coroutine: Any = doing
        Deferred.fromCoroutine(coroutine).addBoth(outcome.append)
        for _ in range(len(PORTS)):  # one node after the other may be asked
            for agent in tuple(self._agents):
                agent.flush()
        self.clock.advance(PATIENCE_SECONDS)
        (came,) = outcome
        if hasattr(came, "raiseException"):
            came.raiseException()
        return came


def every(status: int = 200, answer: Any = None) -> dict[str, Control]:
    return {name: Control(status, answer) for name in PORTS}


def test_a_change_of_links_is_told_to_every_node_that_has_one_of_them() -> None:
    controls = every(answer={"changed": 2, "links": []})
    answer = Nodes(controls).tell("links", CUT)
    assert answer == {"changed": 4, "nodes": {"shield": "ok", "far": "ok"}}
    assert [controls[name].posted for name in ("shield", "far")] == [[("/links", CUT)]] * 2
    assert controls["balancer"].posted == controls["near"].posted == []


def test_who_could_not_be_told_is_named_with_the_reason() -> None:
    controls = {**every(answer={"changed": 1}), "far": None}
    answer = Nodes(controls, down=("shield",)).tell("links", CUT)
    assert answer == {"changed": 0, "nodes": {"shield": "it does not run", "far": "it does not answer"}}
    answer = Nodes(every(answer={"changed": 1}), frozen=("far",)).tell("links", CUT)
    assert answer == {"changed": 1, "nodes": {"shield": "ok", "far": "it does not answer"}}


def test_a_link_that_nobody_has_is_no_success() -> None:
    with pytest.raises(NotFound, match="no link between eu and asia"):
        Nodes(every()).tell("links", CUT | {"ends": ["eu", "asia"]})


def test_one_node_is_told_to_purge_and_tells_the_others() -> None:
    """By the names of nodes, as the page knows them."""
    told = {"urls": ["/a.jpg"], "keys": ["cats"]}
    controls = every(answer={"purged": 1, "nodes": {"http://127.0.0.1:3": "ok", "http://127.0.0.1:4": "500"}})
    answer = Nodes(controls).tell("purge", told)
    assert answer == {"nodes": {"shield": "ok", "near": "ok", "far": "500"}}
    assert (controls["shield"].posted, controls["near"].posted) == ([("/purge", told)], [])


def test_a_purge_is_told_to_the_next_when_one_does_not_answer() -> None:
    controls = {**every(answer={"nodes": {}}), "near": None}
    assert Nodes(controls, down=("shield",)).tell("purge", {"keys": ["cats"]}) == {"nodes": {"far": "ok"}}
    with pytest.raises(Unavailable):
        Nodes(controls, down=("shield", "far")).tell("purge", {"keys": ["cats"]})


def test_a_purge_that_a_node_cannot_read_is_told_in_its_words() -> None:
    """The others would say the same."""
    controls = every(status=400, answer={"error": {"message": "Not a URL to purge: a.jpg"}})
    with pytest.raises(InvalidRequest, match=r"Not a URL to purge: a\.jpg"):
        Nodes(controls).tell("purge", {"urls": ["a.jpg"]})
    assert controls["near"].posted == []


def test_a_pop_drains_by_the_balancer() -> None:
    controls = every(answer={})
    assert Nodes(controls).tell("adjust", {"pop": "near", "drain": True}) == {"nodes": {"balancer": "ok"}}
    assert controls["balancer"].posted == [("/adjust", {"pop": "near", "drain": True})]
    with pytest.raises(Unavailable, match="balancer: it does not run"):
        Nodes(controls, down=("balancer",)).tell("adjust", {"pop": "near", "drain": True})


def test_what_the_balancer_refuses_is_told_in_its_own_sentence() -> None:
    controls = every(400, {"error": {"message": 'There is no PoP "x"'}})
    with pytest.raises(InvalidRequest, match='There is no PoP "x"'):
        Nodes(controls).tell("adjust", {"pop": "x", "drain": True})


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("operate", None),
        ("operate", {"node": "near"}),
        ("operate", {"node": ["near"], "action": "stop"}),
        ("operate", {"node": "other", "action": "stop"}),
        ("adjust", []),
        ("adjust", {"pop": "near"}),
        ("links", "eu--us"),
        ("links", {"ends": ["eu"]}),
        ("links", {"ends": ["eu", "us"], "terms": {"cut": "yes"}}),
        ("purge", None),
        ("purge", {}),
        ("purge", {"urls": "/a.jpg"}),
        ("purge", {"all": True}),
    ],
)
def test_what_is_no_such_command_is_told_to_nobody(command: str, told: Any) -> None:
    controls = every(answer={"changed": 1, "nodes": {}})
    with pytest.raises(MediaError):
        Nodes(controls).tell(command, told)
    assert all(control.posted == [] for control in controls.values())
