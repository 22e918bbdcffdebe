"""One document, two network namespaces: what stands in one reaches the other by a cable alone, or not at all."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import yaml
from attrs import frozen

from tests.support.machines import Shared, document, minio_at
from tests.support.minio import MinioServer
from tests.support.namespaces import CABLE, Namespace, Viewer, joined, viewer
from tests.support.postgres import running_postgres
from tests.support.world import DEMO, World, command, eventually

ONE, TWO = "10.213.7.1", "10.213.7.2"
FRONT, NEAR, FAR = f"http://{ONE}:8000", f"http://{ONE}:8001", f"http://{TWO}:8002"
CONTROLS = (f"http://{ONE}:9101", f"http://{TWO}:9102")
A_FEW = 20


def told(shared: Shared) -> dict[str, Any]:
    """Nobody else is in there: any ports will do."""
    pool = {
        "region": "east",
        "host": ["one", "two"],
        "instances": 2,
        "listen": "tcp:9001",
        "control": "tcp:9101",
    }
    made = document(ONE, TWO, lambda host: {}, shared, {"main": pool}, far="main")
    made["pops"]["near"] |= {"listen": "tcp:8001", "control": "tcp:8101"}
    made["pops"]["far"] |= {"listen": "tcp:8002", "control": "tcp:8102"}
    made["balancer"] |= {"listen": "tcp:8000", "control": "tcp:8100"}
    return made


@frozen
class Machines:
    """Both namespaces, the part of the world that runs in each, and a viewer who asks from there."""

    file: Path
    one: Namespace
    two: Namespace
    here: Viewer
    there: Viewer

    def rendered(self) -> list[int]:
        """How many questions each instance of the pool has had."""
        return [int(self.here.get(f"{control}/status").json()["requests"]) for control in CONTROLS]


@pytest.fixture
def machines(tmp_path: Path, minio_binary: str) -> Iterator[Machines]:
    """PostgreSQL and MinIO are in the first."""
    with ExitStack() as held:
        one, two = held.enter_context(joined(ONE, TWO))
        here, there = (held.enter_context(viewer(each)) for each in (one, two))
        postgres = held.enter_context(running_postgres(namespace=one))
        minio = MinioServer(minio_binary, tmp_path / "minio", namespace=one)
        held.callback(minio.stop)
        minio.start()
        eventually(lambda: here.get(f"http://{minio.endpoint}/").status == 403, "minio is ready")
        postgres.execute("CREATE DATABASE machines")
        storage = minio_at(minio.endpoint, minio.access_key, minio.secret_key)
        file = tmp_path / "topology.yaml"
        file.write_text(yaml.safe_dump(told(Shared(postgres.url("machines"), storage))))
        for name, namespace in (("one", one), ("two", two)):
            words = ["--ports", "fixed", "--machine", name, "--no-links", "--no-seed"]
            part = World(tmp_path / name, words, file, within=namespace.inside())
            held.callback(part.kill)
            part.start()
        yield Machines(file, one, two, here, there)


def test_two_namespaces_are_one_world_and_outlive_their_cable(machines: Machines, tmp_path: Path) -> None:
    """A file that is uploaded on one machine is shown on the other; and when the cable is pulled, the one with the
    front door, the rows and the objects goes on alone, until the other is back."""
    here, there = machines.here, machines.there
    folder = tmp_path / "pictures"
    folder.mkdir()
    shutil.copy(DEMO / "astronaut-face.jpg", folder / "face.jpg")
    words = ("import", str(folder), "--topology", str(machines.file), "--state", str(tmp_path / "two"))
    subprocess.run(machines.two.inside(*command(), *words), check=True, capture_output=True, timeout=120)

    path = "/demo/image/upload/c_scale,w_90/face.jpg"
    eventually(
        lambda: there.get(FRONT + path, X_Viewer_Region="west").headers["x-pop"] == "far", "far is well"
    )
    shown = there.get(FAR + path)
    assert (shown.status, shown.headers["x-cache"]) == (200, "HIT")
    assert here.get(NEAR + path).body == shown.body

    widths = count(100)

    def ask(region: str) -> int:
        path = f"/demo/image/upload/c_scale,w_{next(widths)}/face.jpg"
        return here.get(FRONT + path, X_Viewer_Region=region).status

    regions = ("east", "west") * A_FEW
    before = machines.rendered()
    assert {ask(region) for region in regions} == {200}
    assert all(after > earlier for after, earlier in zip(machines.rendered(), before, strict=True))

    machines.two.say("ip", "link", "set", CABLE, "down")
    assert there.get(FRONT + path, within_seconds=2.0).status == 0
    assert {ask(region) for region in regions} == {200}
    assert here.get(FRONT + path, X_Viewer_Region="west").headers["x-pop"] == "near"
    machines.two.say("ip", "link", "set", CABLE, "up")
    eventually(
        lambda: here.get(FRONT + path, X_Viewer_Region="west").headers["x-pop"] == "far", "far is back"
    )
    before = machines.rendered()
    assert {ask(region) for region in regions} == {200}
    assert machines.rendered()[1] > before[1]
