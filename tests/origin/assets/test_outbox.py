"""What must be told is told to every node, in the end, whoever was away meanwhile."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest_twisted
from attrs import define, field
from twisted.internet import reactor
from twisted.internet.defer import maybeDeferred
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request, Site

from origin.assets.purging import PURGE
from origin.catalogue import REMOVE_OBJECT, OutboxEntry
from tests.support.images import ASTRONAUT
from tests.support.origins import RunningOrigin, pause, running_origin
from tests.support.servers import free_port


@define(eq=False)
class ControlPort:
    """A node's control endpoint as far as purges go: remembers what it was told, refuses while `is_away`."""

    number: int
    told: list[dict[str, Any]] = field(factory=list)
    is_away: bool = False
    is_silent: bool = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.number}"

    @property
    def keys(self) -> set[str]:
        return {key for order in self.told for key in order["keys"]}

    def answer(self, request: Request) -> bytes | int:
        assert request.path == b"/purge"
        assert request.content is not None
        assert str(request.getHeader("content-type")).startswith("application/json")
        if self.is_silent:
            return NOT_DONE_YET
        if self.is_away:
            request.setResponseCode(503)
            return b""
        self.told.append(json.loads(request.content.read()))
        return b'{"purged": 1, "nodes": {}}'


class _Purge(Resource):
    isLeaf = True

    def __init__(self, port: ControlPort) -> None:
        super().__init__()
        self._port = port

    def render_POST(self, request: Request) -> bytes | int:
        return self._port.answer(request)


@asynccontextmanager
async def control_ports(*ports: ControlPort) -> AsyncIterator[None]:
    listening = [
        cast(Any, reactor).listenTCP(port.number, Site(_Purge(port)), interface="127.0.0.1") for port in ports
    ]
    try:
        yield
    finally:
        for each in listening:
            await maybeDeferred(each.stopListening)


async def is_told(origin: RunningOrigin) -> bool:
    return await origin.node.catalogue.outbox.waiting() == 0


@pytest_twisted.ensureDeferred
async def test_an_upload_purges_only_when_asked_and_then_before_it_answers(tmp_path: Path) -> None:
    """A purge after the answer would empty what the uploader's first viewers filled. It goes out twice: a node
    emptied before the one it asks may have filled itself with the old again.
    """
    one, two = ControlPort(free_port()), ControlPort(free_port())
    async with (
        control_ports(one, two),
        running_origin(tmp_path, invalidate=(one.url, two.url + "/")) as origin,
    ):
        await origin.upload(str(ASTRONAUT), public_id="a/ü")
        assert await owed(origin, PURGE) == ()
        assert one.told == two.told == []
        await origin.upload(str(ASTRONAUT), public_id="a/ü", invalidate=True)
        assert await owed(origin, PURGE) == ()
        for port in (one, two):
            assert port.keys == {"demo/image/upload/a/%C3%BC"}
            assert len(port.told) == 2
            assert port.told[0]["fanout"] is False


async def owed(origin: RunningOrigin, kind: str) -> tuple[OutboxEntry, ...]:
    """Everything of a kind in the outbox, as it will be claimed one day."""
    return await origin.node.catalogue.outbox.claim(100, now=9e9, lease_seconds=0.0, kinds=(kind,))


@pytest_twisted.ensureDeferred
async def test_a_node_that_was_away_is_told_when_it_is_back_and_all_others_again(tmp_path: Path) -> None:
    near, far = ControlPort(free_port()), ControlPort(free_port(), is_away=True)
    async with control_ports(near, far), running_origin(tmp_path, invalidate=(near.url, far.url)) as origin:
        await origin.upload(str(ASTRONAUT), public_id="waits", invalidate=True)
        await origin.eventually(lambda: near.told, "the near node is told")
        await pause(1.5)  # several rounds
        assert len(near.told) == 1  # what is owed to the far one does not empty the near one again and again
        assert not await is_told(origin)
        far.is_away = False
        near.told.clear()
        await origin.eventually(lambda: is_told(origin), "the outbox is empty")
        assert far.keys == near.keys == {"demo/image/upload/waits"}


@pytest_twisted.ensureDeferred
async def test_a_purge_survives_the_node_that_owed_it(tmp_path: Path) -> None:
    """The message is in the catalogue: whoever runs next delivers it."""
    port = ControlPort(free_port())
    async with running_origin(tmp_path, invalidate=(port.url,)) as origin:
        await origin.upload(str(ASTRONAUT), public_id="owed", invalidate=True)
        assert not await is_told(origin)
    async with control_ports(port), running_origin(tmp_path, invalidate=(port.url,)) as origin:
        await origin.eventually(lambda: is_told(origin), "the outbox is empty")
        assert port.keys == {"demo/image/upload/owed"}


@pytest_twisted.ensureDeferred
async def test_objects_without_rows_are_removed_at_last(tmp_path: Path) -> None:
    """After a destroy the original and what was made of it go, once nobody can be reading them any more."""
    async with running_origin(tmp_path) as origin:
        await origin.upload(str(ASTRONAUT), public_id="gone")
        await origin.get("/demo/image/upload/w_10/gone.jpg")
        objects = [path for path in (tmp_path / "media").rglob("*") if path.is_file()]
        assert len(objects) == 2
        await origin.post("/v1_1/demo/image/destroy", {"public_id": "gone"})
        garbage = await owed(origin, REMOVE_OBJECT)
        assert len(garbage) == 2
        for each in garbage:
            await origin.node.catalogue.outbox.later(each, 0.0)
        await origin.eventually(lambda: is_told(origin), "the outbox is empty")
        assert [path for path in (tmp_path / "media").rglob("*") if path.is_file()] == []


@pytest_twisted.ensureDeferred
async def test_an_answer_does_not_wait_for_a_silent_node(tmp_path: Path) -> None:
    """A node that accepts and says nothing costs an uploader two seconds; the purge is still owed."""
    silent = ControlPort(free_port(), is_silent=True)
    async with control_ports(silent), running_origin(tmp_path, invalidate=(silent.url,)) as origin:
        began = time.monotonic()
        await origin.upload(str(ASTRONAUT), public_id="slow", invalidate=True)
        assert time.monotonic() - began < 4.0
        assert not await is_told(origin)
