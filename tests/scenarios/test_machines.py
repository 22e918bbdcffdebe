"""One document, two machines: two sets of processes at two addresses, which share PostgreSQL and MinIO alone."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml
from attrs import frozen

from sim.topology.ports import reserve
from tests.support.images import as_bytes, quartered
from tests.support.machines import Shared, document, minio_at
from tests.support.minio import MinioServer
from tests.support.sdk import upload
from tests.support.world import World, command, eventually

ONE, TWO = "127.0.7.1", "127.0.7.2"
SECOND_MACHINE = ("second-1", "far")


@frozen
class Machines:
    """`pixeledge up --machine one`, and on the other machine a process a node, by name."""

    one: World
    two: "dict[str, subprocess.Popen[bytes]]"
    state_of_two: Path

    def seen(self, edge: str, path: str) -> tuple[str, bytes]:
        """What the edge's cache said, and the body."""
        answer = self.one.get(self.one.edges()[edge], path)
        assert answer.status == 200
        return answer.headers["X-Cache"], answer.data


def topology(catalogue: str, minio: MinioServer, held: ExitStack) -> dict[str, Any]:
    """An origin and an edge on each machine, the balancer on the first."""

    def at(host: str) -> dict[str, str]:
        return {side: f"tcp:{reserve(host, 0, held)}" for side in ("listen", "control")}

    origins = {
        "main": {"region": "east", **at(ONE)},
        "second": {"region": "west", "host": "two", **at(TWO)},
    }
    storage = minio_at(minio.endpoint, minio.access_key, minio.secret_key)
    return document(ONE, TWO, at, Shared(catalogue, storage), origins, far="second")


@pytest.fixture
def machines(tmp_path: Path, postgres_url: str, minio_server: MinioServer) -> Iterator[Machines]:
    two: dict[str, subprocess.Popen[bytes]] = {}
    file, state = tmp_path / "topology.yaml", tmp_path / "two"
    arguments = ["--ports", "fixed", "--machine", "one", "--no-links", "--no-seed"]
    one = World(tmp_path / "one", arguments, file)
    with ExitStack() as held:
        file.write_text(yaml.safe_dump(topology(postgres_url, minio_server, held)))
        try:
            for name in SECOND_MACHINE:
                with (tmp_path / f"{name}.log").open("wb") as log:
                    words = ["node", name, "--topology", str(file), "--state", str(state), "--no-links"]
                    two[name] = subprocess.Popen([*command(), *words], stdout=log, stderr=log, cwd=tmp_path)
            one.start()
            for name in SECOND_MACHINE:
                log_of = tmp_path / f"{name}.log"
                eventually(lambda log_of=log_of: f"listens on http://{TWO}" in log_of.read_text(), name)  # type: ignore[misc]
            yield Machines(one, two, state)
        finally:
            one.kill()
            for process in two.values():
                process.kill()
                process.wait()


def test_two_machines_are_one_world(machines: Machines) -> None:
    one = machines.one
    first, other = (as_bytes(quartered(width, 10), "PNG") for width in (20, 30))
    upload(one, first, public_id="shared")
    path = "/demo/image/upload/c_scale,w_8/shared.png"
    old = machines.seen("near", path)[1]
    assert machines.seen("far", path) == ("MISS", old)  # from the other origin, which was told nothing
    assert [machines.seen(edge, path) for edge in ("near", "far")] == [("HIT", old)] * 2

    upload(one, other, public_id="shared", invalidate=True)
    for edge in ("near", "far"):
        eventually(lambda edge=edge: machines.seen(edge, path)[1] != old, f"{edge} is told of the purge")  # type: ignore[misc]
    assert machines.seen("near", path)[1] == machines.seen("far", path)[1]

    def shown() -> dict[str, tuple[str, bool]]:
        nodes = one.http.request("GET", f"{one.ready['page_url']}/state").json()["nodes"]
        return {node["name"]: (node["health"], node["pid"] is not None) for node in nodes}

    whole = {
        name: ("ready", name not in SECOND_MACHINE)
        for name in ("main-1", "near", "balancer", *SECOND_MACHINE)
    }
    eventually(lambda: shown() == whole, "the page of one machine shows both")
    folders = {each.name for each in (one.state / "nodes").iterdir() if each.is_dir()}
    assert folders == {"main-1", "near", "balancer"}
    assert {each.name for each in (machines.state_of_two / "nodes").iterdir() if each.is_dir()} == set(
        SECOND_MACHINE
    )

    for process in machines.two.values():
        process.terminate()
    assert [process.wait(30) for process in machines.two.values()] == [0, 0]
    eventually(lambda: shown()["far"][0] == "no answer", "what is gone from the other machine is missed")
    assert machines.seen("near", path)[0] == "HIT"
    assert one.stop() == 0
