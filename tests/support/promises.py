"""Holds a running origin to its OpenAPI document: every answer has the shape, no call reads what it did not declare."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from unittest.mock import patch

import jsonschema_rs
from attrs import define, evolve, field

import origin.service
from origin.api.endpoint import Call, Endpoint, Reply, Stream
from origin.api.openapi.document import SCHEMAS
from origin.api.params import Params
from origin.api.wiring import Parts, endpoints

# What the frame has read already, and the upload parameters that are refused wherever they come.
ALWAYS = {"signature", "api_key", "timestamp", "eval", "on_success", "proxy"}


@cache
def validator(name: str) -> Any:
    """Of one of the schemas."""
    components = json.loads(json.dumps({"schemas": SCHEMAS}))
    schema = {"$ref": f"#/components/schemas/{name}", "components": components}
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


class Watched(dict[str, "str | tuple[str, ...]"]):
    """Parameters that remember who asked for them."""

    def __init__(self, params: Params, asked: set[str]) -> None:
        super().__init__(params)
        self.asked = asked

    def get(self, name: str, default: Any = None) -> Any:
        self.asked.add(name)
        return super().get(name, default)

    def __getitem__(self, name: str) -> Any:
        self.asked.add(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self.asked.add(str(name))
        return super().__contains__(name)


@define
class Watch:
    """What was broken so far, each once."""

    problems: dict[str, None] = field(factory=dict)
    read: dict[Endpoint, set[str]] = field(factory=dict)

    def watched(self, endpoint: Endpoint) -> Endpoint:
        """The same, watched."""
        asked = self.read.setdefault(endpoint, set())

        async def call(made: Call) -> Any:
            answer = await endpoint.call(evolve(made, params=Watched(made.params, asked)))
            self.check(endpoint, answer)
            return answer

        return evolve(endpoint, pattern=endpoint.pattern.text, call=call)

    def check(self, endpoint: Endpoint, answer: Any) -> None:
        """Note what an answer does not keep."""
        if isinstance(answer, Stream):
            if not endpoint.sends:
                self.problems[f"{name_of(endpoint)} sends bytes"] = None
            return
        status = answer.status if isinstance(answer, Reply) else 200
        told = answer.document if isinstance(answer, Reply) else answer
        if status not in endpoint.statuses:
            self.problems[f"{name_of(endpoint)} answers {status}"] = None
        elif endpoint.answer not in SCHEMAS:
            self.problems[f"{name_of(endpoint)} does not say what it answers"] = None
        else:
            for error in validator(endpoint.answer).iter_errors(json.loads(json.dumps(told))):
                self.problems[f"{name_of(endpoint)}: {error.message} at {list(error.instance_path)}"] = None

    @property
    def broken(self) -> list[str]:
        """All of it, undeclared parameters included."""
        undeclared = (
            f"{name_of(endpoint)} reads {sorted(more)}, which it does not declare"
            for endpoint, asked in self.read.items()
            if (more := asked - ALWAYS - {each.name for each in endpoint.takes})
        )
        return [*self.problems, *undeclared]


def name_of(endpoint: Endpoint) -> str:
    """As people know it."""
    return f"{endpoint.method} {endpoint.pattern.text}"


@contextmanager
def watching() -> Iterator[Watch]:
    """Watch the origins that are made meanwhile."""
    watch = Watch()

    def wired(parts: Parts) -> tuple[Endpoint, ...]:
        return tuple(map(watch.watched, endpoints(parts)))

    with patch.object(origin.service, "endpoints", wired):
        yield watch
    if watch.broken:
        raise AssertionError("The OpenAPI document is wrong:\n" + "\n".join(watch.broken))
