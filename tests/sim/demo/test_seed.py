"""sim.demo.seed: a new cloud gets the photographs, a cloud in use is left alone."""

import json
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from multipart import parse_form_data
from treq.client import HTTPClient
from twisted.web.resource import Resource
from twisted.web.server import Site

from sim.demo.photographs import PHOTOGRAPHS
from sim.demo.seed import CloudAccess, Seeding, SeedingError
from wire.signing import verify_api
from wire.web.agent import make_agent


class Cloud(Resource):
    """A cloud that checks signatures and remembers public_ids."""

    isLeaf = True

    def __init__(self) -> None:
        super().__init__()
        self.assets: dict[str, int] = {}
        self.fails_at: int | None = None

    def render_GET(self, request: Any) -> bytes:
        assert request.path == b"/v1_1/demo/resources/image/upload"
        assert (request.getUser(), request.getPassword()) == (b"key", b"secret")
        return json.dumps({"resources": [{"public_id": name} for name in self.assets]}).encode()

    def render_POST(self, request: Any) -> bytes:
        assert request.path == b"/v1_1/demo/image/upload"
        request.content.seek(0)
        environ = {
            "REQUEST_METHOD": "POST",
            "CONTENT_TYPE": request.getHeader("Content-Type"),
            "wsgi.input": request.content,
        }
        form, uploads = parse_form_data(environ, strict=True, mem_limit=1 << 26, part_limit=1 << 26)
        fields = {name: form[name] for name in form}
        signature, key = fields.pop("signature"), fields.pop("api_key")
        assert key == "key"
        assert verify_api(fields, signature, "secret")
        if len(self.assets) == self.fails_at:
            request.setResponseCode(503)
            return b'{"error":{"message":"not now"}}'
        self.assets[fields["public_id"]] = uploads["file"].size
        return b"{}"


async def run(cloud: Resource, folder: Path) -> tuple[list[str], int]:
    """Seed a cloud on a real socket; the files told as progress, and how many there were."""
    from twisted.internet import reactor as global_reactor

    reactor: Any = global_reactor
    port = reactor.listenTCP(0, Site(cloud), interface="127.0.0.1")
    access = CloudAccess(f"http://127.0.0.1:{port.getHost().port}", "demo", "key", "secret")
    agent, pool = make_agent(reactor)
    told: list[str] = []
    seeding = Seeding(HTTPClient(agent), access, folder / "seeding", lambda: 1_700_000_000.0)
    try:
        return told, await seeding.run(lambda number, total, file: told.append(file))
    finally:
        await pool.closeCachedConnections()
        await port.stopListening()


@pytest_twisted.ensureDeferred
async def test_a_new_cloud_gets_every_photograph_signed(tmp_path: Path) -> None:
    cloud = Cloud()
    told, result = await run(cloud, tmp_path)
    assert result == 12
    assert told == [photograph.file for photograph in PHOTOGRAPHS]
    assert cloud.assets == {
        photograph.public_id: len(photograph.open().read_bytes()) for photograph in PHOTOGRAPHS
    }
    assert not (tmp_path / "seeding").exists()


@pytest_twisted.ensureDeferred
async def test_a_cloud_in_use_is_left_as_it_is(tmp_path: Path) -> None:
    """Even if it holds one asset of another's: that is nobody's demo."""
    cloud = Cloud()
    cloud.assets["holiday"] = 1
    assert await run(cloud, tmp_path) == ([], 0)


@pytest_twisted.ensureDeferred
async def test_a_first_run_that_was_interrupted_is_finished_by_the_next(tmp_path: Path) -> None:
    """Five of twelve would otherwise look like a cloud in use, for ever."""
    cloud = Cloud()
    cloud.fails_at = 5
    with pytest.raises(SeedingError, match="status 503"):
        await run(cloud, tmp_path)
    cloud.fails_at = None
    told, result = await run(cloud, tmp_path)
    assert result == len(told) == 7
    assert len(cloud.assets) == 12


@pytest_twisted.ensureDeferred
async def test_a_cloud_that_does_not_let_us_in_is_told(tmp_path: Path) -> None:
    class Closed(Resource):
        isLeaf = True

        def render_GET(self, request: Any) -> bytes:
            request.setResponseCode(401)
            return b"{}"

    with pytest.raises(SeedingError, match="status 401"):
        await run(Closed(), tmp_path)
